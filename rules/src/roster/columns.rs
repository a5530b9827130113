//! What the columns of a roster hold, by their headings.

use super::RosterColumn;
use crate::RuleSet;
use crate::labels::{LabelLexicon, normalise_label};

/// Words of headings that speak of another person than the row's.
const OTHERS: [&str; 10] = [
    "manager",
    "supervisor",
    "emergency",
    "spouse",
    "beneficiary",
    "dependent",
    "recruiter",
    "vorgesetzter",
    "vorgesetzte",
    "approver",
];

pub(super) fn column(heading: &str, labels: &LabelLexicon, rules: &RuleSet) -> Option<RosterColumn> {
    let label = normalise_label(heading);
    // Another person than the row's: her manager has a row of his own, and is not to be taken for her.
    if OTHERS.iter().any(|other| label.split(' ').any(|word| word == *other)) {
        return None;
    }
    let last_two =
        label.rsplit(' ').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" ");
    let name = match last_two.as_str() {
        "first name" | "given name" | "vorname" | "prenom" | "nombre" | "forename" | "given names"
        | "first" => Some(RosterColumn::GivenName),
        "middle name" | "zweiter vorname" | "middle" | "middle names" => Some(RosterColumn::MiddleName),
        "last name" | "family name" | "surname" | "nachname" | "familienname" | "nom" | "apellido"
        | "apellidos" | "last" => Some(RosterColumn::FamilyName),
        _ => None,
    };
    if name.is_some() {
        return name;
    }
    let hit = match label.as_str() {
        "name" | "full name" | "worker" | "employee" | "preferred name" | "legal name" => {
            return Some(RosterColumn::FullName);
        }
        _ => labels.lookup(heading)?,
    };
    match rules.entity_name(hit.entity) {
        "PERSON" => Some(RosterColumn::FullName),
        "EMAIL_ADDRESS" => Some(RosterColumn::Email),
        "PHONE_NUMBER" => Some(RosterColumn::Phone),
        "EMPLOYEE_ID" | "NATIONAL_ID" | "BANK_ACCOUNT" | "IBAN_CODE" | "WORKDAY_WID" | "PASSPORT"
        | "DRIVER_LICENSE" => Some(RosterColumn::Id(hit.entity)),
        other if other.len() > 3 && other.as_bytes()[2] == b'_' => Some(RosterColumn::Id(hit.entity)),
        _ => None,
    }
}
