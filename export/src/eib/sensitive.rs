//! Fields that hold special categories of data, told by the words of their sheet, area and label. A field that is not
//! listed may be sensitive all the same; these are refused unless a person says why they are needed.
//!
//! Sources: GDPR (Regulation (EU) 2016/679) Art. 9(1) for origin, opinions, beliefs, union membership, health, sex life and
//! orientation, genetic and biometric data, Art. 87 for national identification numbers; California Civil Code
//! § 1798.140(ae) for government IDs, licences, passports, citizenship and immigration status; 41 CFR 60-300 for veterans.

use crate::template::Template;

/// Words, as they stand in normalised names, and the category that they tell.
const WORDS: [(&str, &str); 47] = [
    ("national id", "national ID"),
    ("national identifier", "national ID"),
    ("social security", "national ID"),
    ("government id", "government ID"),
    ("tax id", "government ID"),
    ("visa", "visa"),
    ("passport", "passport"),
    ("license", "licence"),
    ("licence", "licence"),
    ("immigration", "immigration status"),
    ("citizenship", "citizenship"),
    ("disability", "disability"),
    ("disabilities", "disability"),
    ("disabled", "disability"),
    ("accommodation", "disability"),
    ("health", "health"),
    ("medical", "health"),
    ("pregnancy", "health"),
    ("blood type", "health"),
    ("vaccination", "health"),
    ("vaccinated", "health"),
    ("parental leave", "health"),
    ("maternity", "health"),
    ("sick", "health"),
    ("genetic", "genetic data"),
    ("biometric", "biometric data"),
    ("ethnicity", "ethnic origin"),
    ("ethnic", "ethnic origin"),
    ("race", "ethnic origin"),
    ("racial", "ethnic origin"),
    ("tribal", "ethnic origin"),
    ("hispanic", "ethnic origin"),
    ("religion", "religion"),
    ("religious", "religion"),
    ("sexual orientation", "sexual orientation"),
    ("gender identity", "sexual orientation"),
    ("military", "military service"),
    ("veteran", "military service"),
    ("armed forces", "military service"),
    ("discharge", "military service"),
    ("political", "political opinion"),
    ("union member", "union membership"),
    ("union membership", "union membership"),
    ("trade union", "union membership"),
    ("labor union", "union membership"),
    ("labour union", "union membership"),
    ("criminal", "criminal record"),
];

/// The special category of a column's data, if its names tell one. Keys are no data.
pub fn special_category(template: &Template, sheet: usize, column: usize) -> Option<&'static str> {
    let sheet = template.sheets.get(sheet)?;
    let found = sheet.columns.get(column)?;
    if sheet.groups.iter().any(|group| group.key == Some(column)) {
        return None;
    }
    [&found.label, &found.area, &sheet.name].into_iter().find_map(|name| category(name))
}

/// The special category of what a report's heading names, if it tells one.
pub fn special_heading(heading: &str) -> Option<&'static str> {
    category(heading)
}

fn category(name: &str) -> Option<&'static str> {
    let spaced: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<String> =
        spaced.split_whitespace().map(|word| singular(&word.to_lowercase()).to_owned()).collect();
    let text = format!(" {} ", words.join(" "));
    WORDS
        .iter()
        .find(|(word, _)| text.contains(&format!(" {} ", singular(word))))
        .map(|(_, category)| *category)
}

/// Without the `s` of a plural.
fn singular(word: &str) -> &str {
    if word.ends_with("ss") || word.len() < 3 { word } else { word.strip_suffix('s').unwrap_or(word) }
}

#[cfg(test)]
mod tests {
    use super::category;

    #[test]
    fn words_tell_categories_and_parts_of_words_do_not() {
        for (name, expected) in [
            ("National ID+", Some("national ID")),
            ("Government IDs", Some("government ID")),
            ("Edit Passports and Visas", Some("visa")),
            ("Disability Status Data+", Some("disability")),
            ("Visual Survey Ethnicity", Some("ethnic origin")),
            ("Armed Forces Status", Some("military service")),
            ("License ID+", Some("licence")),
            ("Blood Type", Some("health")),
            ("Religion", Some("religion")),
            ("Trace", None),
            ("Compensation Grade", None),
            ("Advisory Board", None),
            ("Communication Usage Type", None),
        ] {
            assert_eq!(category(name), expected, "{name}");
        }
    }
}
