//! Blobs that are bent, cut, put together from others or read under another key: found, wherever it was done.

use crate::sim::{EIO, SimDisk};
use crate::support::{content, data_key, read_blob, write_blob};
use custody_retention::blob::*;
use proptest::prelude::*;
use std::io;
use std::io::Write;

const HEADER: usize = 35;
const SEALED: usize = CHUNK_BYTES + 16;

fn kind(result: io::Result<Vec<u8>>) -> &'static str {
    match result {
        Ok(_) => "read",
        Err(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(BlobError::Damaged { .. }) => "damaged",
            _ => "another error",
        },
    }
}

#[test]
fn a_flipped_bit_and_a_cut_are_found_everywhere() {
    let disk = SimDisk::new();
    let key = data_key(1);
    for size in [0, 1, 300] {
        write_blob(&disk, "x", &key, &content(size));
        let bytes = disk.bytes("x");
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bent = bytes.clone();
                bent[at] ^= 1 << bit;
                disk.put("x", &bent);
                assert_eq!(kind(read_blob(&disk, "x", &key)), "damaged", "{size}: byte {at}, bit {bit}");
            }
            disk.put("x", &bytes[..at]);
            assert_eq!(kind(read_blob(&disk, "x", &key)), "damaged", "{size}: cut at {at}");
            disk.put("x", &[&bytes[..at], &[0], &bytes[at..]].concat());
            assert_eq!(kind(read_blob(&disk, "x", &key)), "damaged", "{size}: one more at {at}");
        }
        disk.put("x", &bytes);
        assert_eq!(kind(read_blob(&disk, "x", &key)), "read");
        assert_eq!(kind(read_blob(&disk, "x", &data_key(2))), "damaged");
        disk.take_away("x");
    }
}

#[test]
fn chunks_that_were_moved_swapped_doubled_or_dropped_are_found() {
    let disk = SimDisk::new();
    let (key, bytes) = (data_key(1), content(4 * CHUNK_BYTES));
    write_blob(&disk, "x", &key, &bytes);
    // Another blob under the same key, which no store makes.
    write_blob(&disk, "y", &key, &bytes);
    let (whole, other) = (disk.bytes("x"), disk.bytes("y"));
    let chunk = |bytes: &[u8], number: usize| {
        bytes[HEADER + number * SEALED..HEADER + (number + 1) * SEALED].to_vec()
    };
    let (header, footer) = (&whole[..HEADER], &whole[HEADER + 4 * SEALED..]);
    let own: Vec<_> = (0..4).map(|number| chunk(&whole, number)).collect();
    let orders: [&[usize]; 6] =
        [&[1, 0, 2, 3], &[0, 1, 1, 3], &[0, 1, 2], &[0, 1, 3], &[0, 1, 2, 3, 3], &[3, 1, 2, 0]];
    for order in orders {
        let chunks: Vec<_> = order.iter().map(|number| own[*number].clone()).collect();
        disk.put("x", &[header, &chunks.concat(), footer].concat());
        assert_eq!(kind(read_blob(&disk, "x", &key)), "damaged", "{order:?}");
    }
    for number in 0..4 {
        let mut chunks = own.clone();
        chunks[number] = chunk(&other, number);
        disk.put("x", &[header, &chunks.concat(), footer].concat());
        assert_eq!(kind(read_blob(&disk, "x", &key)), "damaged", "chunk {number} of another blob");
    }
    disk.put("x", &[header, &own.concat(), &other[HEADER + 4 * SEALED..]].concat());
    assert_eq!(kind(read_blob(&disk, "x", &key)), "damaged", "the footer of another blob");
    disk.put("x", &[header, &own.concat(), footer].concat());
    assert_eq!(kind(read_blob(&disk, "x", &key)), "read");
}

#[test]
fn a_damaged_chunk_is_not_handed_out_and_the_others_are() {
    let disk = SimDisk::new();
    let (key, bytes) = (data_key(1), content(3 * CHUNK_BYTES));
    write_blob(&disk, "x", &key, &bytes);
    let mut bent = disk.bytes("x");
    bent[HEADER + SEALED + 100] ^= 1;
    disk.put("x", &bent);
    let blob = BlobReader::open(&disk, "x", &key).expect("its ends are whole");
    let mut piece = vec![0; 10];
    for offset in [0, CHUNK_BYTES - 10, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES - 10] {
        assert_eq!(blob.read_at(&mut piece, offset as u64).expect("whole"), 10);
        assert_eq!(piece, bytes[offset..offset + 10]);
    }
    for offset in [CHUNK_BYTES - 5, CHUNK_BYTES, 2 * CHUNK_BYTES - 10] {
        piece.fill(0);
        let error = blob.read_at(&mut piece, offset as u64).expect_err("damaged");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let handed_out = piece.iter().zip(&bytes[offset..]).take_while(|(one, other)| one == other).count();
        assert!(handed_out <= CHUNK_BYTES.saturating_sub(offset), "at {offset}");
    }
}

#[test]
fn a_blob_that_was_not_finished_does_not_open() {
    let disk = SimDisk::new();
    let mut blob = BlobWriter::create(&disk, "x", &data_key(1)).expect("made");
    blob.write_all(&content(30 * CHUNK_BYTES)).expect("written");
    drop(blob);
    assert_eq!(kind(read_blob(&disk, "x", &data_key(1))), "damaged");
    assert!(matches!(
        BlobWriter::create(&disk, "x", &data_key(1)),
        Err(BlobError::Io { kind: io::ErrorKind::AlreadyExists, .. })
    ));
}

#[test]
fn a_write_that_failed_is_not_followed_by_another() {
    let disk = SimDisk::new();
    let mut blob = BlobWriter::create(&disk, "x", &data_key(1)).expect("made");
    disk.fail_at(0, EIO);
    let error = blob.write_all(&content(30 * CHUNK_BYTES)).expect_err("the disk failed");
    assert_eq!(error.kind(), io::Error::from_raw_os_error(EIO).kind());
    let calls = disk.calls();
    assert!(blob.write_all(b"more").is_err());
    assert_eq!(blob.finish(b"{}"), Err(BlobError::Poisoned));
    assert_eq!(disk.calls(), calls);
}

#[test]
fn metadata_has_a_limit_and_may_be_empty() {
    let disk = SimDisk::new();
    let key = data_key(1);
    let longest = vec![b'm'; METADATA_BYTES_MAX];
    for (path, metadata) in [("a", vec![]), ("b", longest.clone())] {
        BlobWriter::create(&disk, path, &key).expect("made").finish(&metadata).expect("durable");
        assert_eq!(BlobReader::open(&disk, path, &key).expect("opens").metadata(), metadata);
    }
    let blob = BlobWriter::create(&disk, "c", &key).expect("made");
    assert_eq!(
        blob.finish(&[longest.as_slice(), b"m"].concat()),
        Err(BlobError::TooLarge { what: "metadata" })
    );
}

#[test]
fn the_bytes_on_disk_show_nothing_of_the_content() {
    let disk = SimDisk::new();
    let text = b"Name,Salary\nMustermann,90000\n".repeat(5000);
    for path in ["x", "y"] {
        write_blob(&disk, path, &data_key(1), &text);
    }
    let (one, other) = (disk.bytes("x"), disk.bytes("y"));
    for part in [&b"Mustermann"[..], b"Salary", b"artifact", b"kind"] {
        assert!(!one.windows(part.len()).any(|window| window == part));
    }
    let alike = one.iter().zip(&other).skip(16).filter(|(one, other)| one == other).count();
    assert!(alike < one.len() / 100, "the same content twice looks different: {alike} bytes alike");
    assert!(!format!("{:?}", data_key(1)).chars().any(|letter| letter.is_ascii_digit()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_anywhere_equals_the_whole(
        size in prop_oneof![0usize..300, 0usize..4 * CHUNK_BYTES, Just(CHUNK_BYTES), Just(2 * CHUNK_BYTES)],
        reads in prop::collection::vec((0usize..5 * CHUNK_BYTES, 0usize..2 * CHUNK_BYTES), 1..12),
        pieces in prop::collection::vec(1usize..3 * CHUNK_BYTES, 1..4),
        short in prop::option::of(1usize..100_000),
    ) {
        let disk = SimDisk::new();
        short.into_iter().for_each(|bytes_max| disk.short(bytes_max.max(512)));
        let (key, bytes) = (data_key(size as u64), content(size));
        let mut blob = BlobWriter::create(&disk, "x", &key).expect("made");
        let mut rest = bytes.as_slice();
        for piece in pieces.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at(rest.len().min(*piece));
            blob.write_all(now).expect("written");
            rest = later;
        }
        blob.finish(b"m").expect("durable");
        let blob = BlobReader::open(&disk, "x", &key).expect("opens");
        prop_assert_eq!(blob.size_bytes(), size as u64);
        for (offset, length) in reads {
            let mut read = vec![0; length];
            let count = blob.read_at(&mut read, offset as u64).expect("reads");
            let expected = bytes.get(offset..).unwrap_or_default();
            prop_assert_eq!(count, expected.len().min(length));
            prop_assert!(read[..count] == expected[..count]);
        }
    }
}
