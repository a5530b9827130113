//! Blobs: what was written is read, anywhere in it; what was bent, cut or moved is not.

use crate::support::{content, data_key, read_blob, store, write_blob};
use custody_retention::blob::{BlobReader, BlobWriter, CHUNK_BYTES};
use std::io::{Read, Seek, SeekFrom, Write};

const SIZES: [usize; 8] = [
    0,
    1,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    2 * CHUNK_BYTES,
    5 * CHUNK_BYTES + 17,
    40 * CHUNK_BYTES,
];

#[test]
fn what_was_written_is_read() {
    let (_folder, disk) = store();
    for size in SIZES {
        let (path, key, bytes) = (format!("{size}.blob"), data_key(size as u64), content(size));
        let stored = write_blob(&disk, &path, &key, &bytes);
        let chunks = size.div_ceil(CHUNK_BYTES).max(1);
        // Header, a tag a chunk, metadata with its tag, its length and the end.
        assert_eq!(stored, (35 + size + 16 * chunks + 19 + 16 + 4 + 8) as u64);
        let blob = BlobReader::open(&disk, &path, &key).expect("opens");
        assert_eq!(blob.size_bytes(), size as u64);
        assert_eq!(blob.metadata(), b"{\"kind\":\"artifact\"}");
        assert!(read_blob(&disk, &path, &key).expect("reads") == bytes);
    }
}

#[test]
fn how_it_was_written_does_not_matter() {
    let (_folder, disk) = store();
    let (key, bytes) = (data_key(1), content(3 * CHUNK_BYTES + 5));
    for (number, piece) in [1000, CHUNK_BYTES, CHUNK_BYTES + 1, bytes.len()].into_iter().enumerate() {
        let path = format!("{number}.blob");
        let mut blob = BlobWriter::create(&disk, &path, &key).expect("made");
        bytes.chunks(piece).for_each(|piece| blob.write_all(piece).expect("written"));
        assert_eq!(blob.content_bytes(), bytes.len() as u64);
        blob.finish(b"").expect("durable");
        assert!(read_blob(&disk, &path, &key).expect("reads") == bytes);
    }
}

#[test]
fn a_reader_seeks() {
    let (_folder, disk) = store();
    let (key, bytes) = (data_key(1), content(2 * CHUNK_BYTES + 5));
    write_blob(&disk, "x.blob", &key, &bytes);
    let blob = BlobReader::open(&disk, "x.blob", &key).expect("opens");
    let mut reader = blob.reader();
    let mut four = [0; 4];
    assert_eq!(reader.seek(SeekFrom::End(-4)).expect("inside"), bytes.len() as u64 - 4);
    reader.read_exact(&mut four).expect("four are left");
    assert_eq!(four, bytes[bytes.len() - 4..]);
    assert_eq!(reader.read(&mut four).expect("the end"), 0);
    reader.seek(SeekFrom::Start(CHUNK_BYTES as u64 - 2)).expect("inside");
    reader.read_exact(&mut four).expect("across chunks");
    assert_eq!(four, bytes[CHUNK_BYTES - 2..CHUNK_BYTES + 2]);
    assert!(reader.seek(SeekFrom::Current(-70_000)).is_err());
    reader.seek(SeekFrom::Start(u64::MAX)).expect("past the end is allowed");
    assert_eq!(reader.read(&mut four).expect("nothing there"), 0);
}

#[test]
fn many_threads_read_one_blob() {
    let (_folder, disk) = store();
    let (key, bytes) = (data_key(1), content(6 * CHUNK_BYTES + 99));
    write_blob(&disk, "x.blob", &key, &bytes);
    let blob = BlobReader::open(&disk, "x.blob", &key).expect("opens");
    std::thread::scope(|scope| {
        for thread in 0..4_usize {
            let (blob, bytes) = (&blob, &bytes);
            scope.spawn(move || {
                for number in 0..60 {
                    let offset = (thread * 104_729 + number * 7_919) % bytes.len();
                    let length = 1 + (number * 2_003) % (CHUNK_BYTES + 700);
                    let mut piece = vec![0; length];
                    let read = blob.read_at(&mut piece, offset as u64).expect("reads");
                    assert_eq!(read, length.min(bytes.len() - offset));
                    assert!(piece[..read] == bytes[offset..offset + read], "thread {thread}, read {number}");
                }
            });
        }
    });
}
