//! The tree against the published vectors of the Certificate Transparency project and against another
//! implementation of RFC 6962.

use super::proof::{consistency_ranges, inclusion_ranges, verify_consistency, verify_inclusion};
use super::tree::{Frontier, Hash, leaf_hash};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use std::ops::Range;

/// The leaves of the vectors of certificate-transparency and transparency-dev/merkle.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
/// From 6 leaves to 8, and from 2 to 5.
const CONSISTENCY: [(u64, u64, &[&str]); 2] = [
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).expect("hex")).collect()
}

fn hash(digits: &str) -> Hash {
    unhex(digits).try_into().expect("32 bytes")
}

fn root_of(leaves: &[Vec<u8>]) -> Hash {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(leaf_hash(leaf)));
    frontier.root()
}

fn proof_of(leaves: &[Vec<u8>], ranges: Vec<Range<u64>>) -> Vec<Hash> {
    ranges.into_iter().map(|range| root_of(&leaves[range.start as usize..range.end as usize])).collect()
}

#[test]
fn roots_are_the_published_ones() {
    let leaves: Vec<_> = LEAVES.iter().map(|leaf| unhex(leaf)).collect();
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(root_of(&leaves[..size]), hash(root), "{size} leaves");
    }
}

#[test]
fn consistency_proofs_are_the_published_ones() {
    let leaves: Vec<_> = LEAVES.iter().map(|leaf| unhex(leaf)).collect();
    for (old, new, hashes) in CONSISTENCY {
        let expected: Vec<_> = hashes.iter().map(|h| hash(h)).collect();
        let proof = proof_of(&leaves[..new as usize], consistency_ranges(old, new));
        assert_eq!(proof, expected, "{old} to {new}");
        let (from, to) = (hash(ROOTS[old as usize]), hash(ROOTS[new as usize]));
        assert!(verify_consistency((old, &from), (new, &to), &proof));
    }
}

fn other(leaves: &[Vec<u8>]) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    leaves.iter().cloned().for_each(|leaf| tree.push(leaf));
    tree
}

/// Compares everything about one tree, one leaf and one older size with the other implementation.
fn check(leaves: &[Vec<u8>], index: u64, old: u64) {
    let (tree, size) = (other(leaves), leaves.len() as u64);
    let root = root_of(leaves);
    assert_eq!(root[..], tree.root().as_bytes()[..]);
    let proof = proof_of(leaves, inclusion_ranges(index, size));
    assert_eq!(proof.concat(), tree.prove_inclusion(index as usize).as_bytes(), "leaf {index} of {size}");
    let leaf = leaf_hash(&leaves[index as usize]);
    assert!(verify_inclusion(&leaf, index, &proof, (size, &root)));
    let old_root = root_of(&leaves[..old as usize]);
    let proof = proof_of(leaves, consistency_ranges(old, size));
    if old > 0 && old < size {
        assert_eq!(
            proof.concat(),
            tree.prove_consistency((size - old) as usize).as_bytes(),
            "{old} to {size}"
        );
    }
    assert!(verify_consistency((old, &old_root), (size, &root), &proof), "{old} to {size}");
}

fn numbered(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|i| i.to_le_bytes().to_vec()).collect()
}

#[test]
fn small_trees_agree_with_another_implementation() {
    for size in 1..=33 {
        let leaves = numbered(size);
        for at in 0..=size {
            check(&leaves, at.min(size - 1), at);
        }
    }
}

#[test]
fn proofs_of_something_else_do_not_verify() {
    let leaves = numbered(13);
    let (root, wrong) = (root_of(&leaves), root_of(&leaves[..12]));
    for index in 0..13 {
        let (leaf, proof) =
            (leaf_hash(&leaves[index as usize]), proof_of(&leaves, inclusion_ranges(index, 13)));
        let verify = |index, proof: &[Hash], size, root| verify_inclusion(&leaf, index, proof, (size, root));
        assert!(verify(index, &proof, 13, &root));
        assert!(!verify(index, &proof, 13, &wrong) && !verify((index + 1) % 13, &proof, 13, &root));
        assert!(!verify(index, &proof[1..], 13, &root) && !verify(index + 13, &proof, 13, &root));
        let longer = [&proof[..], &[root]].concat();
        assert!(!verify(index, &longer, 13, &root));
    }
    for old in 1..13 {
        let (from, proof) =
            (root_of(&leaves[..old as usize]), proof_of(&leaves, consistency_ranges(old, 13)));
        assert!(verify_consistency((old, &from), (13, &root), &proof));
        assert!(!verify_consistency((old, &wrong), (13, &root), &proof) || from == wrong);
        assert!(!verify_consistency((old, &from), (13, &wrong), &proof));
        assert!(!verify_consistency((13, &root), (old, &from), &proof));
        assert!(!verify_consistency((old, &from), (13, &root), &proof[1..]));
        assert!(!verify_consistency((old, &from), (13, &root), &[&proof[..], &[root]].concat()));
    }
    assert!(!verify_consistency((0, &root), (13, &root), &[]));
    assert!(!verify_consistency((13, &wrong), (13, &root), &[]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn trees_agree_with_another_implementation(size in 1_u64..700, at in any::<u64>(), old in any::<u64>()) {
        check(&numbered(size), at % size, old % (size + 1));
    }
}
