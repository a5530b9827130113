//! How the entities of labelled cases are called here. Names that are neither ours nor in the table are not
//! claimed.

use crate::{EntityId, RuleSet};

/// The row of secrets, whichever kind they are.
pub(super) const SECRET: &str = "SECRET";

/// Entities that are secrets.
const SECRETS: [&str; 8] = [
    "API_KEY",
    "PASSWORD",
    "PRIVATE_KEY",
    "COOKIE",
    "CONNECTION_STRING",
    "URL_CREDENTIALS",
    "JWT",
    "BASIC_AUTH",
];

/// Other names of our entities, as labelled sets use them.
const OTHER_NAMES: [(&str, &str); 30] = [
    ("PER", "PERSON"),
    ("NAME", "PERSON"),
    ("FULL_NAME", "PERSON"),
    ("FIRST_NAME", "PERSON"),
    ("LAST_NAME", "PERSON"),
    ("PATIENT", "PERSON"),
    ("STAFF", "PERSON"),
    ("ADDRESS", "STREET_ADDRESS"),
    ("EMAIL", "EMAIL_ADDRESS"),
    ("PHONE", "PHONE_NUMBER"),
    ("TELEPHONE_NUMBER", "PHONE_NUMBER"),
    ("SSN", "US_SSN"),
    ("SOCIAL_SECURITY_NUMBER", "US_SSN"),
    ("IBAN", "IBAN_CODE"),
    ("SWIFT", "SWIFT_CODE"),
    ("BIC", "SWIFT_CODE"),
    ("CREDIT_CARD_NUMBER", "CREDIT_CARD"),
    ("CREDITCARD", "CREDIT_CARD"),
    ("IP", "IP_ADDRESS"),
    ("IPV4", "IP_ADDRESS"),
    ("IPV6", "IP_ADDRESS"),
    ("MAC", "MAC_ADDRESS"),
    ("DOB", "DATE_OF_BIRTH"),
    ("BIRTH_DATE", "DATE_OF_BIRTH"),
    ("DATE", "DATE_TIME"),
    ("TIME", "DATE_TIME"),
    ("USERNAME", "USER_NAME"),
    ("PASSPORT_NUMBER", "PASSPORT"),
    ("DRIVER_LICENSE_NUMBER", "DRIVER_LICENSE"),
    ("SALARY", "COMPENSATION"),
];

/// Entities whose findings count for a label of another one as well: a narrower kind, or the general one.
const ALSO: [(&str, &[&str]); 14] = [
    ("PHONE_NUMBER", &["PH_MOBILE_NUMBER", "TR_PHONE_NUMBER"]),
    ("PH_MOBILE_NUMBER", &["PHONE_NUMBER"]),
    ("TR_PHONE_NUMBER", &["PHONE_NUMBER"]),
    ("STREET_ADDRESS", &["UK_POSTCODE", "DE_PLZ"]),
    ("DATE_TIME", &["DATE_OF_BIRTH"]),
    ("URL", &["URL_CREDENTIALS"]),
    ("US_DRIVER_LICENSE", &["DRIVER_LICENSE"]),
    ("UK_DRIVING_LICENCE", &["DRIVER_LICENSE"]),
    ("IT_DRIVER_LICENSE", &["DRIVER_LICENSE"]),
    ("CA_DRIVER_LICENSE", &["DRIVER_LICENSE"]),
    ("KR_DRIVER_LICENSE", &["DRIVER_LICENSE"]),
    ("DE_FUEHRERSCHEIN", &["DRIVER_LICENSE"]),
    ("US_BANK_NUMBER", &["BANK_ACCOUNT"]),
    ("BANK_ACCOUNT", &["US_BANK_NUMBER"]),
];

/// Maps names of labelled cases to the entities of one rule set.
#[derive(Debug, Clone, Copy)]
pub struct EntityNames<'r> {
    rules: &'r RuleSet,
}

impl<'r> EntityNames<'r> {
    /// Names of this rule set.
    pub fn new(rules: &'r RuleSet) -> Self {
        Self { rules }
    }

    /// Our name of an entity, if a recognizer claims it.
    pub fn ours<'a>(&self, name: &'a str) -> Option<&'a str> {
        let other = OTHER_NAMES.iter().find(|(other, _)| *other == name).map(|(_, ours)| *ours);
        let known = |name: &&str| *name == SECRET || self.rules.entity_id(name).is_some();
        Some(name).filter(known).or(other.filter(known))
    }

    /// Entities whose findings count for a label of this one of ours; itself is the first.
    pub fn equal(&self, ours: &str) -> Vec<EntityId> {
        let also = ALSO.iter().find(|(name, _)| *name == ours).map_or(&[][..], |(_, also)| also);
        let secrets = if ours == SECRET { &SECRETS[..] } else { &[] };
        let passport = ours.ends_with("_PASSPORT").then_some("PASSPORT");
        let names = std::iter::once(ours).chain(also.iter().chain(secrets).copied()).chain(passport);
        let mut all: Vec<EntityId> = names.filter_map(|name| self.rules.entity_id(name)).collect();
        if ours == "PASSPORT" {
            let national = |at: &u16| self.rules.entity_name(EntityId(*at)).ends_with("_PASSPORT");
            all.extend((0..self.rules.entities().len() as u16).filter(national).map(EntityId));
        }
        all
    }

    /// The entities an `"only"` restricts the recognizers to.
    pub fn restriction(&self, only: &[String]) -> Vec<EntityId> {
        let one = |name: &String| match self.ours(name) {
            Some(SECRET) => self.equal(SECRET),
            Some(ours) => self.rules.entity_id(ours).into_iter().collect(),
            None => Vec::new(),
        };
        only.iter().flat_map(one).collect()
    }

    /// The name of an entity.
    pub fn name(&self, id: EntityId) -> &'r str {
        self.rules.entity_name(id)
    }
}
