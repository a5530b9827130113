//! Hash: a token of the identity, which is BLAKE3 under the run's key: without the key nobody can test
//! guesses against it.

/// `<PERSON_3f2a91c0d4e5>`: 48 bits of the identity.
pub(super) fn token(entity: &str, identity: u128) -> String {
    format!("<{entity}_{:012x}>", identity & 0xffff_ffff_ffff)
}
