//! What a value of the index is: six bits of its slot. Says how sure a find alone is; knows no entity's number.

/// Given name and surname.
pub(super) const FULL: u8 = 0;
/// A middle or second given name and a surname.
pub(super) const SECONDARY: u8 = 1;
/// An initial and a surname.
pub(super) const INITIAL: u8 = 2;
/// Given name and surname, both of them ordinary words.
pub(super) const COMMON: u8 = 3;
/// An e-mail address.
pub(super) const EMAIL: u8 = 4;
/// The domain of e-mail addresses: no find.
pub(super) const DOMAIN: u8 = 5;
/// A phone.
pub(super) const PHONE: u8 = 6;
/// A whole name in one word, as names in Chinese, Japanese and Korean are written.
pub(super) const WHOLE: u8 = 7;
/// The first kind of IDs: two for each entity, a telling one and a short one.
pub(super) const IDS: u8 = 8;
/// Entities of IDs there can be.
pub(super) const ENTITIES_MAX: usize = 28;

/// How sure a find of this kind alone is.
pub(super) fn score(kind: u8) -> f32 {
    match kind {
        FULL | COMMON | PHONE | WHOLE => 0.9,
        EMAIL => 0.95,
        SECONDARY => 0.6,
        INITIAL => WEAK,
        ids if ids >= IDS && ids % 2 == 0 => 0.9,
        _ => WEAK,
    }
}

/// Too little alone: it takes another field of the same row near.
pub(super) const WEAK: f32 = 0.45;
/// What was too little, with another field of the same row near.
pub(super) const CONFIRMED: f32 = 0.85;
/// What was enough already, with another field of the same row near.
pub(super) const CERTAIN: f32 = 0.98;
/// A given name or surname alone, near another field of the same row.
pub(super) const ALONE: f32 = 0.6;
/// A name with an unknown word in its middle.
pub(super) const UNKNOWN_MIDDLE: f32 = 0.7;
