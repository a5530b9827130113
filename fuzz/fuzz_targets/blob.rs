//! Encrypted blobs as somebody else may hand them in: any bytes alone, and laid over a sound blob from either end, so
//! that header, content and footer are all reached.
#![no_main]

use custody_retention::blob::{BlobReader, BlobWriter, CHUNK_BYTES, DataKey};
use libfuzzer_sys::fuzz_target;
use sim::SimDisk;
use std::io::{Read, Write};
use std::sync::LazyLock;

#[path = "../../retention/tests/support/sim.rs"]
mod sim;

const CONTENT: [u8; CHUNK_BYTES + 100] = [7; CHUNK_BYTES + 100];
const METADATA: &[u8] = b"{\"kind\":\"artifact\"}";

fn key() -> DataKey {
    DataKey::new([8; 32])
}

static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let disk = SimDisk::new();
    let mut blob = BlobWriter::create(&disk, "x", &key()).expect("made");
    blob.write_all(&CONTENT).expect("written");
    blob.finish(METADATA).expect("durable");
    disk.bytes("x")
});

/// Puts what is given over the beginning or the end, some bytes away from it.
fn lay_over(data: &[u8]) -> Vec<u8> {
    let mut bytes = SOUND.clone();
    let Some((&[from_end, away], rest)) = data.split_first_chunk() else { return bytes };
    let away = usize::from(away);
    let at = if from_end % 2 == 0 { away } else { bytes.len().saturating_sub(away) };
    bytes.iter_mut().skip(at).zip(rest).for_each(|(byte, new)| *byte = *new);
    bytes
}

fuzz_target!(|data: &[u8]| {
    let disk = SimDisk::new();
    for bytes in [data.to_vec(), lay_over(data)] {
        disk.put("x", &bytes);
        let Ok(blob) = BlobReader::open(&disk, "x", &key()) else { continue };
        assert_eq!(blob.metadata(), METADATA, "another footer passes as this one");
        let mut content = Vec::new();
        if blob.reader().read_to_end(&mut content).is_ok() {
            assert!(content == CONTENT && bytes == *SOUND, "another blob passes as this one");
        }
    }
});
