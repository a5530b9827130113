//! What a column's heading says of its values, by its words, and the names that columns get. Looks at no value.

/// Words that make a column one of identifiers: as numbers they would lose leading zeros, and nobody adds them up.
const IDENTIFIERS: &[&str] = &[
    "account",
    "badge",
    "barcode",
    "bic",
    "code",
    "codes",
    "ext",
    "extension",
    "fax",
    "iban",
    "id",
    "identifier",
    "ids",
    "kostenstelle",
    "matricule",
    "mobile",
    "nif",
    "no",
    "nr",
    "nummer",
    "nss",
    "passport",
    "phone",
    "pin",
    "plz",
    "postcode",
    "ref",
    "reference",
    "routing",
    "sin",
    "ssn",
    "tel",
    "telefon",
    "telephone",
    "uid",
    "username",
    "uuid",
    "visa",
    "wid",
    "zip",
];
/// Endings of compound words that do.
const ENDINGS: &[&str] = &["nummer", "code", "schlüssel"];
/// Words at the beginning of a question that is answered with yes or no.
const QUESTIONS: &[&str] = &[
    "allow", "allows", "are", "can", "does", "exclude", "excludes", "has", "include", "includes", "is",
    "requires", "was",
];
/// Words that name a flag wherever they stand.
const FLAGS: &[&str] = &[
    "active",
    "boolean",
    "disabled",
    "eligible",
    "enabled",
    "exempt",
    "flag",
    "inactive",
    "indicator",
    "primary",
    "rehire",
    "retired",
    "terminated",
];
/// Words of money.
const MONEY: &[&str] = &[
    "allowance",
    "amount",
    "amounts",
    "betrag",
    "bonus",
    "budget",
    "costs",
    "earnings",
    "fee",
    "gehalt",
    "lohn",
    "midpoint",
    "pay",
    "price",
    "rate",
    "salaire",
    "salary",
    "salario",
    "wage",
    "wages",
];

/// Whether the values are identifiers: `Employee ID`, `Postal Code`, `Position Number`; not `Number of Dependents`.
pub(super) fn is_identifier(heading: &str) -> bool {
    let words = words(heading);
    words.iter().enumerate().any(|(at, word)| {
        let number = matches!(word.as_str(), "number" | "numbers" | "num" | "#");
        let of = words.get(at + 1).is_some_and(|next| next == "of");
        IDENTIFIERS.contains(&word.as_str())
            || ENDINGS.iter().any(|ending| word.ends_with(ending))
            || (number && !of)
    })
}

/// Whether zeros and ones below it are answers: `Is Manager`, `Active?`, `Eligible for Rehire`, `Home.Is_Primary`.
pub(super) fn is_flag(heading: &str) -> bool {
    let asks = |part: &str| words(part).first().is_some_and(|word| QUESTIONS.contains(&word.as_str()));
    heading.trim_end().ends_with('?')
        || heading.split('.').any(asks)
        || words(heading).iter().any(|word| FLAGS.contains(&word.as_str()))
}

/// Whether the values are sums of money: `Total Base Pay - Amount`, `Bonus Target (USD)`.
pub(super) fn is_money(heading: &str) -> bool {
    let words = words(heading);
    heading.contains(['$', '€', '£', '¥']) || words.iter().any(|word| MONEY.contains(&word.as_str()))
}

/// The words of a heading, lower case, cut where `camelCase` has its humps.
fn words(heading: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(heading.len() + 8);
    let mut was_lower = false;
    for c in heading.chars() {
        if was_lower && c.is_uppercase() {
            spaced.push(' ');
        }
        spaced.extend(c.to_lowercase());
        was_lower = c.is_lowercase();
    }
    let spaced = spaced.replace('#', " # ");
    let parts = spaced.split(|c: char| !c.is_alphanumeric() && c != '#');
    parts.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Names for columns with these headings, in their order: trimmed; a column without one gets its number; one that is there
/// already, upper and lower case being the same, gets ` (2)`.
pub(super) fn names<'a>(headings: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut taken = std::collections::HashSet::new();
    let headings = headings.into_iter().enumerate();
    headings
        .map(|(at, heading)| {
            let wanted = match heading.trim() {
                "" => format!("Column {}", at + 1),
                heading => heading.to_owned(),
            };
            let (mut name, mut number) = (wanted.clone(), 1_u64);
            while !taken.insert(name.to_lowercase()) {
                number += 1;
                name = format!("{wanted} ({number})");
            }
            name
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_say_what_stands_below() {
        for heading in [
            "Employee ID",
            "employee_id",
            "EmployeeID",
            "Postal Code",
            "Position Number",
            "Personalnummer",
            "Zip",
            "Phone",
            "National ID",
            "PO #",
        ] {
            assert!(is_identifier(heading), "{heading}");
        }
        for heading in ["Number of Dependents", "Paid", "Grade", "Valid", "Total Base Pay", "FTE", ""] {
            assert!(!is_identifier(heading), "{heading}");
        }
        for heading in ["Is Manager", "isManager", "On Leave?", "Eligible for Rehire", "Home.Is_Primary"] {
            assert!(is_flag(heading), "{heading}");
        }
        for heading in ["FTE", "Headcount", "Level", "Issue"] {
            assert!(!is_flag(heading), "{heading}");
        }
        assert!(is_money("Total Base Pay - Amount") && is_money("Annual Salary") && is_money("Total (€)"));
        assert!(!is_money("FTE") && !is_money("Payroll Group"));
    }

    #[test]
    fn names_are_unique() {
        let headings = ["Pay", " pay ", "", "Pay", "Pay (2)", "Line\nbreak"];
        let expected = ["Pay", "pay (2)", "Column 3", "Pay (3)", "Pay (2) (2)", "Line\nbreak"];
        assert_eq!(names(headings), expected);
    }
}
