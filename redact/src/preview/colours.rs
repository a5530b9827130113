//! Which colour an entity has: one for each group of kinds, all of them plain to see on white and on black.

use image::Rgb;

/// Behind sheets.
pub(super) const PAPER: Rgb<u8> = Rgb([250, 250, 251]);
/// Behind every other row.
pub(super) const BAND: Rgb<u8> = Rgb([240, 242, 245]);
/// Words.
pub(super) const INK: Rgb<u8> = Rgb([32, 36, 42]);
/// Headings and captions.
pub(super) const MUTED: Rgb<u8> = Rgb([98, 106, 116]);
/// Lines between things.
pub(super) const RULE: Rgb<u8> = Rgb([208, 213, 219]);
/// Around outlines, and numbers on tags.
pub(super) const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

/// Names and logins.
const PEOPLE: Rgb<u8> = Rgb([29, 105, 222]);
/// How and where somebody is reached.
const CONTACT: Rgb<u8> = Rgb([0, 132, 120]);
/// Pay and accounts.
const MONEY: Rgb<u8> = Rgb([196, 92, 0]);
/// What opens something.
const SECRETS: Rgb<u8> = Rgb([214, 40, 40]);
/// Health, beliefs, dates, ratings: what a file says about somebody.
const PERSONAL: Rgb<u8> = Rgb([200, 44, 140]);
/// Numbers and codes that stand for somebody.
const NUMBERS: Rgb<u8> = Rgb([124, 77, 220]);
/// What nobody could read.
const UNREAD: Rgb<u8> = Rgb([104, 112, 124]);

/// Parts of entities' names, and the colour they have; the first that fits counts.
const GROUPS: [(&[&str], Rgb<u8>); 6] = [
    (&["UNREAD"], UNREAD),
    (
        &["PASSWORD", "KEY", "SECRET", "JWT", "COOKIE", "CREDENTIALS", "CONNECTION", "TOKEN", "EMBEDDED"],
        SECRETS,
    ),
    (
        &[
            "COMPENSATION",
            "IBAN",
            "BANK",
            "CREDIT",
            "SWIFT",
            "ROUTING",
            "SORT_CODE",
            "CLABE",
            "CBU",
            "BSB",
            "IFSC",
            "CRYPTO",
        ],
        MONEY,
    ),
    (&["EMAIL", "PHONE", "MOBILE", "ADDRESS", "POSTCODE", "PLZ", "URL", "GEO", "IMEI", "LOCATION"], CONTACT),
    (
        &[
            "HEALTH_INFO",
            "DISABILITY",
            "RELIGION",
            "ETHNICITY",
            "UNION",
            "SEXUAL",
            "POLITICAL",
            "BLOOD",
            "GENDER",
            "MARITAL",
            "NATIONALITY",
            "IMMIGRATION",
            "MILITARY",
            "PERFORMANCE",
            "TERMINATION",
            "DATE_",
            "AGE",
        ],
        PERSONAL,
    ),
    (&["PERSON", "USER_NAME"], PEOPLE),
];

/// The colour of an entity.
pub(super) fn of(entity: &str) -> Rgb<u8> {
    // Parts that begin a name are whole words of it.
    let has =
        |part: &str| entity.match_indices(part).any(|(at, _)| at == 0 || entity.as_bytes()[at - 1] == b'_');
    let group = GROUPS.iter().find(|(parts, _)| parts.iter().any(|part| has(part)));
    group.map_or(NUMBERS, |(_, colour)| *colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: Rgb<u8>) -> f64 {
        let [r, g, b] = colour.0.map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(a: Rgb<u8>, b: Rgb<u8>) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn outlines_show_on_light_and_dark_pages_and_numbers_on_tags() {
        for colour in [PEOPLE, CONTACT, MONEY, SECRETS, PERSONAL, NUMBERS, UNREAD] {
            for page in [Rgb([255, 255, 255]), Rgb([24, 26, 31])] {
                assert!(contrast(colour, page) >= 3.0, "{colour:?} on {page:?}: {}", contrast(colour, page));
            }
            assert!(contrast(colour, WHITE) >= 4.0, "{colour:?}: {}", contrast(colour, WHITE));
        }
        for colour in [INK, MUTED] {
            assert!(contrast(colour, PAPER).min(contrast(colour, BAND)) >= 4.5, "{colour:?}");
        }
    }

    #[test]
    fn entities_of_one_kind_share_a_colour() {
        for (entity, colour) in [
            ("PERSON", PEOPLE),
            ("EMAIL_ADDRESS", CONTACT),
            ("IP_ADDRESS", CONTACT),
            ("IBAN_CODE", MONEY),
            ("NZ_BANK_ACCOUNT", MONEY),
            ("PRIVATE_KEY", SECRETS),
            ("DATE_OF_BIRTH", PERSONAL),
            ("US_SSN", NUMBERS),
            ("US_PASSPORT", NUMBERS),
            ("UNREAD_REGION", UNREAD),
            ("MADE_UP_KIND", NUMBERS),
        ] {
            assert_eq!(of(entity), colour, "{entity}");
        }
    }
}
