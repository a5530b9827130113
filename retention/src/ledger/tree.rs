//! The Merkle tree of RFC 6962 (section 2.1) over SHA-256: hashes, and the right edge of a tree that grows.
//! It knows nothing of files or entries, and never keeps more than one hash a level.

use sha2::{Digest, Sha256};

/// A SHA-256 hash: of a leaf, of a node, or of the whole tree.
pub type Hash = [u8; 32];

/// Hashes the bytes of one entry as a leaf.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(entry).finalize().into()
}

/// Hashes two subtrees as a node.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [0x01; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// The right edge of a growing tree: the roots of its complete subtrees, largest first. Enough to append and
/// to tell the root; memory is logarithmic in the number of leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    roots: Vec<Hash>,
    size: u64,
}

impl Frontier {
    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // As many complete subtrees of equal size meet as the size has trailing ones.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.roots.pop() else { break };
            node = node_hash(&left, &node);
        }
        self.roots.push(node);
        self.size += 1;
    }

    /// The tree's root; that of an empty tree is the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else { return Sha256::digest([]).into() };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}
