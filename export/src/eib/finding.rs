//! What is wrong, or worth a look, about what a plan would write: a code, a place, and what to do. Never a value.

use serde::Serialize;
use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Workday may reject it, or it may not be meant.
    Warning,
    /// Nothing is built.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One thing about one cell, or one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub code: Code,
    /// Name of the sheet.
    pub sheet: String,
    /// `C17`; the row is the one in the sheet as if one file held all rows. Row 5 stands for the column, none for the
    /// sheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The field's label; empty for a whole sheet.
    pub field: String,
    /// What is wrong; holds counts and labels, no value.
    pub message: String,
    /// What to do.
    pub fix: &'static str,
}

impl Finding {
    /// A finding with its code's own severity and words.
    pub fn new(code: Code, sheet: &str, cell: Option<String>, field: &str) -> Self {
        Self {
            severity: code.severity(),
            code,
            sheet: sheet.to_owned(),
            cell,
            field: field.to_owned(),
            message: code.message().to_owned(),
            fix: code.fix(),
        }
    }

    /// The same with other words; they may hold labels and counts, and no value.
    #[must_use]
    pub fn saying(mut self, message: String) -> Self {
        self.message = message;
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = self.cell.as_deref().unwrap_or("");
        write!(f, "{} {} {}!{cell}", self.severity, self.code, self.sheet)?;
        if !self.field.is_empty() {
            write!(f, " {}", self.field)?;
        }
        write!(f, ": {}; {}", self.message, self.fix)
    }
}

/// Makes the enum, and what each code is called, how bad it is, what it says, and what to do.
macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal, $severity:ident, $message:literal, $fix:literal;)+) => {
        /// What a finding is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $name)] $code,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$code),+];

            /// Its name: `missing-required`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name),+ }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$code => Severity::$severity),+ }
            }

            /// What it says when there is nothing more to say.
            pub fn message(self) -> &'static str {
                match self { $(Self::$code => $message),+ }
            }

            /// What to do.
            pub fn fix(self) -> &'static str {
                match self { $(Self::$code => $fix),+ }
            }
        }
    };
}

codes! {
    /// A required cell is blank.
    MissingRequired = "missing-required", Error, "required, and blank",
        "map the field, give it a value, or leave these rows out";
    /// A group that has to occur at least once does not.
    GroupRequired = "group-required", Error, "this group has to occur at least once",
        "map the group's fields";
    /// Some cells of a conditional group are filled, others are not.
    ConditionalHalf = "conditional-half", Error, "filled beside it is what needs this cell, too",
        "fill all columns of the group, or none";
    /// One of several required columns that may be alternatives is blank.
    RequiredAlternative = "required-alternative", Warning, "required, and blank, while a column beside it is filled",
        "make sure that the columns are alternatives; else map this one, too";
    /// More than one of columns that are alternatives.
    TwoAlternatives = "two-alternatives", Warning, "filled, and so is another column that it is an alternative to",
        "fill one of them in each row";
    /// No day as Workday writes it.
    WrongDate = "wrong-date", Error, "no date as YYYY-MM-DD",
        "sql = \"to_date(...)\" with the report's own order of day and month";
    /// No time as Workday writes it.
    WrongDateTime = "wrong-date-time", Error, "no date with a time as YYYY-MM-DDTHH:MM:SS",
        "sql = \"to_timestamp(...)\"";
    /// No number.
    WrongNumber = "wrong-number", Error, "no plain decimal number",
        "take currency signs, separators of thousands and percent signs out, for instance with replace() in sql";
    /// More digits than the column takes.
    NumberDigits = "number-digits", Error, "more digits than the column takes",
        "round() in sql, or correct the report";
    /// Neither Y nor N.
    WrongYesNo = "wrong-yes-no", Error, "neither Y nor N",
        "sql = \"case when ... then 'Y' else 'N' end\"";
    /// A person's name where a person's ID belongs.
    NameInId = "name-in-id", Error, "looks like a name, and an ID belongs here",
        "map the column that holds the ID, or part = \"id\" for a descriptor";
    /// A name where an ID belongs that may have spaces.
    NameLikeId = "name-like-id", Warning, "looks like a name, and an ID belongs here",
        "use lookup = \"...\" to turn names into reference IDs";
    /// A descriptor where an ID belongs.
    DescriptorInId = "descriptor-in-id", Error, "a descriptor, and an ID belongs here",
        "part = \"id\" takes the ID out of it";
    /// An ID type that the column does not offer.
    UnknownIdType = "unknown-id-type", Error, "no ID type that this reference offers",
        "choose one of the list in row 4";
    /// A Workday ID where another type of ID is chosen.
    IdTypeMismatch = "id-type-mismatch", Warning, "looks like a Workday ID (WID), and another ID type is chosen",
        "id_type = \"WID\", or map the column of the other ID";
    /// A text that is not in the column's list.
    NotInList = "not-in-list", Error, "not in the column's list",
        "use one of the list's words";
    /// An ID that was a number in the report.
    LeadZerosLost = "lead-zeros-lost", Warning, "the report holds these IDs as numbers: zeros in front may be lost",
        "export the column as text, or sql = \"lpad(...)\" if the length is fixed";
    /// Rows of one transaction say different things.
    ConflictingValues = "conflicting-values", Error, "rows of the same key give different values",
        "make the report's rows agree, or add the column that tells them apart to the key";
    /// A row of a transaction without its keys.
    ChildWithoutKey = "child-without-key", Error, "a row without the key of what it belongs to",
        "map fields of sheets that have a key only";
    /// A blank where the report's key stands.
    BlankKey = "blank-key", Error, "the report's key is blank in this row",
        "leave these rows out with the filter, or choose another key";
    /// A sheet has rows though its step is skipped.
    SkippedSheetFilled = "skipped-sheet-filled", Error, "has rows, and the overview skips this step",
        "choose another processing instruction, or map nothing on this sheet";
    /// More than a cell takes.
    TooLong = "too-long", Error, "longer than 32,767 characters",
        "shorten it";
    /// A text whose length says that something cut it.
    TextCut = "text-cut", Warning, "as long as programs cut texts off at (255 or 32,767 characters)",
        "look whether its end is missing";
    /// A character that XML has no place for.
    ForbiddenCharacter = "forbidden-character", Error, "holds a control character that a workbook cannot hold",
        "take it out of the report, or with regexp_replace() in sql";
    /// White space at the beginning or the end.
    OuterSpaces = "outer-spaces", Warning, "begins or ends with white space",
        "sql = \"trim(...)\"";
    /// A space that does not look like another one.
    NonBreakingSpace = "non-breaking-space", Warning, "holds a non-breaking or invisible space",
        "replace it by a space, for instance with replace() in sql";
    /// A line break where one line belongs.
    LineBreak = "line-break", Error, "holds a line break or a tab, and one word belongs here",
        "split = \"\\n\" for several values";
    /// Dates whose day and month change places.
    MixedDateOrders = "mixed-date-orders", Error, "dates with the day first and with the month first in one column",
        "correct the report: no order fits all rows";
    /// A date that says it is before the hire.
    BeforeHire = "before-hire", Error, "before the hire date",
        "correct the date, or leave these rows out";
    /// A day as Excel counts it.
    ExcelSerial = "excel-serial", Error, "a day's number as Excel counts it, and no date",
        "export dates as dates, or sql = \"date '1899-12-30' + ...\"";
    /// No Workday ID.
    WidMalformed = "wid-malformed", Error, "no Workday ID: 32 hexadecimal digits",
        "map the column that holds the WID, or choose another ID type";
    /// The same worker twice.
    DuplicateWorker = "duplicate-worker", Warning, "the same worker as in an earlier transaction of this load",
        "make it one transaction (key = [...]), or leave one of them out";
    /// A name that is not in the lookup table.
    UnknownName = "unknown-name", Error, "not in the lookup table",
        "correct the name, or take in a newer Integration IDs report";
    /// A name that is in the lookup table with several IDs.
    AmbiguousName = "ambiguous-name", Error, "in the lookup table with more than one ID",
        "map the ID, or narrow the lookup by type";
    /// A descriptor without an ID.
    NoDescriptorId = "no-descriptor-id", Error, "no ID in parentheses at the end",
        "map a column that holds the ID";
    /// The word that clears, in the report.
    ClearInData = "clear-in-data", Error, "the report itself holds {empty}, which clears",
        "blank = \"clear\" if it is meant; else correct the report";
    /// Values are cleared.
    Clears = "clears", Error, "clears what Workday holds",
        "--allow-clear if it is meant";
    /// Everything else is replaced or deleted.
    Replaces = "replaces", Error, "drops or deletes what else Workday holds",
        "--allow-replace if it is meant";
    /// Special categories of data.
    Sensitive = "sensitive", Error, "data of a special category",
        "leave it out, or --allow-sensitive FIELD --reason ...";
    /// No row is left.
    NoRows = "no-rows", Error, "no row is left",
        "look at the filter";
    /// More rows than a sheet takes.
    Splits = "splits", Note, "more rows than a sheet takes: several files",
        "load them in their order";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_words_and_there_is_one_a_code() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for name in names {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
        }
    }

    #[test]
    fn findings_are_one_line_and_json_has_the_names() {
        let finding = Finding::new(Code::WrongDate, "Change Job", Some("E17".to_owned()), "Effective Date");
        let line = finding.to_string();
        assert!(
            line.starts_with("error wrong-date Change Job!E17 Effective Date: no date as YYYY-MM-DD; sql")
        );
        let json = serde_json::to_value(&finding).expect("it can be written");
        assert_eq!((&json["code"], &json["severity"]), (&"wrong-date".into(), &"error".into()));
    }
}
