//! Blobs and the key file read by hand, from what their documentation says and the ciphers alone: so could anybody
//! who has the store key, without this program.

use crate::sim::SimDisk;
use crate::support::{content, data_key, item, same, write_blob};
use chacha20poly1305::aead::Aead;
use chacha20poly1305::aead::Payload;
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use custody_retention::blob::{CHUNK_BYTES, DataKey};
use custody_retention::keys::*;

fn open(context: &str, key: &[u8; 32], nonce: [u8; 24], (aad, msg): (&[u8], &[u8])) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(&Key::from(blake3::derive_key(context, key)));
    cipher.decrypt(&XNonce::from(nonce), Payload { msg, aad }).expect("opens")
}

#[test]
fn a_blob_is_what_its_documentation_says() {
    let disk = SimDisk::new();
    for size in [0, 5, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
        let key = [size as u8; 32];
        let path = size.to_string();
        write_blob(&disk, &path, &DataKey::new(key), &content(size));
        let bytes = disk.bytes(&path);
        let (header, rest) = bytes.split_at(35);
        assert_eq!(&header[..16], b"custody-blob 1\n\0");
        let (rest, magic) = rest.split_at(rest.len() - 8);
        assert_eq!(magic, b"blob 1\n\0");
        let (rest, length) = rest.split_at(rest.len() - 4);
        let length = u32::from_le_bytes(length.try_into().expect("four bytes"));
        let (sealed, footer) = rest.split_at(rest.len() - length as usize);

        let mut nonce = [0; 24];
        nonce[..19].copy_from_slice(&header[16..]);
        let aad = [b"custody-blob 1\n\0".as_slice(), &(size as u64).to_le_bytes()].concat();
        let metadata = open("custody 2026 blob footer", &key, nonce, (&aad, footer));
        assert_eq!(metadata, b"{\"kind\":\"artifact\"}");

        let chunks: Vec<_> = sealed.chunks(CHUNK_BYTES + 16).collect();
        let mut read = Vec::new();
        for (number, chunk) in chunks.iter().enumerate() {
            nonce[19..23].copy_from_slice(&(number as u32).to_be_bytes());
            nonce[23] = u8::from(number + 1 == chunks.len());
            read.extend(open("custody 2026 blob content", &key, nonce, (&[], chunk)));
        }
        assert!(read == content(size));
    }
}

#[test]
fn a_key_file_is_what_its_documentation_says() {
    let disk = SimDisk::new();
    let (store_key, store) = ([9; 32], [7; 16]);
    let made = Made { key: StoreKey::new(store_key), kdf: None };
    let secrets = Secrets::random().expect("random");
    let mut keys = KeyFile::create(&disk, StoreId(store), &made, &secrets).expect("made");
    for number in 0..3 {
        keys.add(&item(number), &data_key(number)).expect("added");
    }
    keys.destroy(Slot(1), &item(1)).expect("there");
    let generation = keys.sync().expect("durable");
    let bytes = disk.bytes("keys.custody");
    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    let at = (generation % 2) as usize * 4096;
    assert_eq!(&bytes[at..at + 16], b"custody-keys 1\n\0");
    assert_eq!((number(at + 16), &bytes[at + 24..at + 40]), (generation, store.as_slice()));
    assert!(bytes[at + 40..at + 76].iter().all(|byte| *byte == 0), "epoch 0, a random store key");
    assert_eq!((number(at + 76), number(at + 84)), (64, 3));
    let nonce = bytes[at + 124..at + 148].try_into().expect("24 bytes");
    let opened = open(
        "custody 2026 store secrets",
        &store_key,
        nonce,
        (&bytes[at..at + 124], &bytes[at + 148..at + 228]),
    );
    assert_eq!(opened, [*secrets.id_key(), *secrets.signer_seed()].concat());
    let sum = crc32c::crc32c(&bytes[at..at + 508]).to_le_bytes();
    assert_eq!(bytes[at + 508..at + 512], sum);
    for slot in [0_u64, 2] {
        let bytes = &bytes[8192 + slot as usize * 128..][..128];
        assert_eq!(
            (&bytes[..8], &bytes[8..40]),
            ([1, 0, 0, 0, 0, 0, 0, 0].as_slice(), item(slot).0.as_slice())
        );
        let aad = [store.as_slice(), &[0; 4], &slot.to_le_bytes(), &item(slot).0].concat();
        let nonce = bytes[40..64].try_into().expect("24 bytes");
        let key = open("custody 2026 wrapped data key", &store_key, nonce, (&aad, &bytes[64..112]));
        assert!(same(&DataKey::new(key.try_into().expect("32 bytes")), &data_key(slot)));
        assert_eq!(bytes[124..], crc32c::crc32c(&bytes[..124]).to_le_bytes());
    }
    let destroyed = &bytes[8192 + 128..8192 + 256];
    assert_eq!((destroyed[0], &destroyed[8..40]), (2, item(1).0.as_slice()));
    assert!(destroyed[40..124].iter().all(|byte| *byte == 0), "nothing is left of the key");
    assert_eq!(bytes.len(), 8192 + 64 * 128);
    assert!(bytes[8192 + 3 * 128..].iter().all(|byte| *byte == 0));
}
