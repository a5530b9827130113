//! The name in an e-mail address: `jane.doe@…` says that "Jane Doe" and "Doe, Jane" are a person wherever
//! they stand, in headings without a label and in files without a roster too.

use custody_rules::{fold, tokens};

/// Words of mailboxes that belong to no person; one of them is enough.
const ROLE_WORDS: [&str; 74] = [
    "access",
    "account",
    "accounts",
    "admin",
    "alert",
    "alerts",
    "all",
    "api",
    "audit",
    "benefits",
    "billing",
    "bot",
    "careers",
    "center",
    "compensation",
    "contact",
    "customer",
    "data",
    "desk",
    "dev",
    "devops",
    "do",
    "employee",
    "email",
    "finance",
    "global",
    "group",
    "help",
    "helpdesk",
    "hr",
    "hris",
    "human",
    "info",
    "integration",
    "integrations",
    "internal",
    "it",
    "job",
    "jobs",
    "leave",
    "legal",
    "mail",
    "mailbox",
    "master",
    "no",
    "noreply",
    "not",
    "notification",
    "notifications",
    "office",
    "operations",
    "ops",
    "payroll",
    "people",
    "prod",
    "recruiting",
    "relations",
    "reply",
    "report",
    "reports",
    "resources",
    "review",
    "sales",
    "security",
    "service",
    "services",
    "staff",
    "support",
    "svc",
    "system",
    "team",
    "test",
    "user",
    "workday",
];

/// Letters a part of a name has at least: initials alone tell nobody from other words.
const PART_CHARS_MIN: usize = 2;
/// Letters a name has at least.
const NAME_CHARS_MIN: usize = 6;
/// Letters from which on `ae`, `oe` and `ue` may stand for an umlaut.
const DIGRAPH_PART_MIN: usize = 5;
/// Parts a name has at most.
const PARTS_MAX: usize = 5;

/// The name in an address, in both orders, and with the umlauts that a mailbox spells as two letters.
/// Empty where the mailbox is no name of two parts or belongs to a role.
pub(super) fn names(address: &str) -> Vec<String> {
    let Some((mailbox, _)) = address.split_once('@') else { return Vec::new() };
    let mailbox = mailbox.split('+').next().unwrap_or(mailbox).trim_end_matches(|c: char| c.is_ascii_digit());
    let parts: Vec<String> = tokens(mailbox).map(|(start, end)| fold(&mailbox[start..end])).collect();
    let is_part = |part: &String| {
        part.chars().count() >= PART_CHARS_MIN
            && part.chars().all(char::is_alphabetic)
            && !ROLE_WORDS.contains(&part.as_str())
    };
    let long_enough = parts.iter().map(|part| part.chars().count()).sum::<usize>() >= NAME_CHARS_MIN;
    if !(2..=PARTS_MAX).contains(&parts.len()) || !long_enough || !parts.iter().all(is_part) {
        return Vec::new();
    }
    let mut names = orders(&parts);
    let shorter: Vec<String> = parts.iter().map(|part| without_digraphs(part)).collect();
    if shorter != parts {
        names.extend(orders(&shorter));
    }
    names
}

/// "given family", and "family given" with the first or the last part as the given name.
fn orders(parts: &[String]) -> Vec<String> {
    let turned = |by: usize| {
        let mut parts = parts.to_vec();
        parts.rotate_left(by);
        parts.join(" ")
    };
    let mut names = vec![parts.join(" "), turned(1), turned(parts.len() - 1)];
    names.dedup();
    names
}

/// Short parts are names as they are: Doe, Sue.
fn without_digraphs(part: &str) -> String {
    if part.len() < DIGRAPH_PART_MIN {
        return part.to_owned();
    }
    part.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_two_parts_names_a_person() {
        assert_eq!(names("jane.doe@example.com"), ["jane doe", "doe jane"]);
        assert_eq!(
            names("kathe.muller-ludenscheidt7@example.com"),
            ["kathe muller ludenscheidt", "muller ludenscheidt kathe", "ludenscheidt kathe muller"]
        );
        assert!(names("juergen.mueller@example.com").contains(&"jurgen muller".to_owned()));
    }

    #[test]
    fn roles_initials_and_single_words_name_nobody() {
        for address in [
            "no-reply@example.com",
            "hr.operations@example.com",
            "j.doe@example.com",
            "janedoe@example.com",
            "a1.b2c3@example.com",
            "jo.do@example.com",
            "not an address",
        ] {
            assert!(names(address).is_empty(), "{address}");
        }
    }
}
