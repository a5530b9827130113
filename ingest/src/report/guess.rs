//! Finds the type of a column from all of its values and its heading. A column has a type only if every value fits it and
//! none would lose something; where two readings fit, it stays text and says why.

use super::heading::{is_flag, is_identifier, is_money};
use super::value::{Marks, Order, date, moment, number};
use arrow_schema::{DataType, TimeUnit};

/// Digits a decimal column can hold in all.
const PRECISION: u8 = 38;

/// What can be said of a column that its type does not say.
const DATE_ORDER: &str = "date order unclear";
const DECIMAL_SIGN: &str = "decimal sign unclear";
const LEADING_ZEROS: &str = "lead_zeros_possible";
const UTC: &str = "times are in UTC";

/// What the values of a column are, and how they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything.
    Text,
    /// Days.
    Date(Order),
    /// Moments; in UTC where each has a zone.
    Moment {
        /// Whether each has one.
        zoned: bool,
    },
    /// `true` and `false`, or `1` and `0`.
    Truth,
    /// Whole numbers.
    Whole(Marks),
    /// Numbers with so many digits behind the decimal sign.
    Decimal(Marks, u8),
}

impl Kind {
    /// Its type in a table.
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Date(_) => DataType::Date32,
            Self::Moment { .. } => DataType::Timestamp(TimeUnit::Millisecond, None),
            Self::Truth => DataType::Boolean,
            Self::Whole(_) => DataType::Int64,
            Self::Decimal(_, scale) => DataType::Decimal128(PRECISION, scale.cast_signed()),
        }
    }

    /// A value of it, in words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Date(Order::Ymd) => "a date (year, month, day)",
            Self::Date(Order::Mdy) => "a date (month, day, year)",
            Self::Date(Order::Dmy) => "a date (day, month, year)",
            Self::Moment { zoned: false } => "a date and time without a zone",
            Self::Moment { zoned: true } => "a date and time with a zone",
            Self::Truth => "true or false",
            Self::Whole(_) => "a whole number",
            Self::Decimal(..) => "a number with this many digits",
        }
    }
}

const WORDS: u16 = 1;
const BITS: u16 = 1 << 1;
const PLAIN: u16 = 1 << 2;
const COMMA: u16 = 1 << 3;
const POINT: u16 = 1 << 4;
const YMD: u16 = 1 << 5;
const MDY: u16 = 1 << 6;
const DMY: u16 = 1 << 7;
const LOCAL: u16 = 1 << 8;
const ZONED: u16 = 1 << 9;
/// A date in the order month first or day first, whichever.
const EITHER: u16 = 1 << 10;
const NUMBERS: u16 = PLAIN | COMMA | POINT;
const ALL: u16 = (1 << 11) - 1;

/// What is known of a column so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    /// Which readings fit all values.
    fits: u16,
    seen: bool,
    /// Whether a value came as a number: its leading zeros are gone, if there were any.
    came_as_number: bool,
    /// Whether the format itself says that a point is the decimal sign.
    is_plain: bool,
    /// Most digits behind the decimal sign, by [`Marks`].
    scales: [u8; 3],
}

impl Default for Guess {
    fn default() -> Self {
        Self { fits: ALL, seen: false, came_as_number: false, is_plain: false, scales: [0; 3] }
    }
}

impl Guess {
    /// Whether there was a value at all.
    pub(super) fn seen(self) -> bool {
        self.seen
    }

    /// As [`see`](Self::see), of a format in which nothing but a point is the decimal sign.
    pub(super) fn see_plain(&mut self, text: &str, as_number: bool) {
        self.is_plain = true;
        self.see(text, as_number);
    }

    /// Looks at a value that is not blank; `number`: the file says that it is one.
    pub(super) fn see(&mut self, text: &str, as_number: bool) {
        self.seen = true;
        self.came_as_number |= as_number;
        if self.fits == 0 {
            return;
        }
        let text = text.trim_ascii().as_bytes();
        let begins = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b't' | b'T' | b'f' | b'F');
        if !text.first().is_some_and(begins) {
            self.fits = 0;
            return;
        }
        self.keep(WORDS, text.eq_ignore_ascii_case(b"true") || text.eq_ignore_ascii_case(b"false"));
        self.keep(BITS, matches!(text, b"0" | b"1"));
        for (at, (marks, bit)) in Marks::ALL.into_iter().zip([PLAIN, COMMA, POINT]).enumerate() {
            if self.fits & bit != 0 {
                let number = number(text, marks);
                self.keep(bit, number.is_some());
                self.scales[at] = self.scales[at].max(number.map_or(0, |number| number.scale));
            }
        }
        self.see_time(text);
    }

    fn see_time(&mut self, text: &[u8]) {
        if self.fits & YMD != 0 {
            self.keep(YMD, date(text, Order::Ymd).is_some());
        }
        if self.fits & EITHER != 0 {
            let (mdy, dmy) = (date(text, Order::Mdy).is_some(), date(text, Order::Dmy).is_some());
            self.keep(MDY, mdy);
            self.keep(DMY, dmy);
            self.keep(EITHER, mdy || dmy);
        }
        if self.fits & (LOCAL | ZONED) != 0 {
            let moment = moment(text);
            self.keep(LOCAL, moment.is_some_and(|(_, zoned)| !zoned));
            self.keep(ZONED, moment.is_some_and(|(_, zoned)| zoned));
        }
    }

    fn keep(&mut self, bit: u16, fits: bool) {
        if !fits {
            self.fits &= !bit;
        }
    }

    /// The type under this heading, and what it does not say.
    pub(super) fn decide(self, heading: &str) -> (Kind, Option<&'static str>) {
        let identifier = is_identifier(heading);
        let has = |bit: u16| self.seen && self.fits & bit != 0;
        if has(WORDS) {
            return (Kind::Truth, None);
        }
        if has(YMD) {
            return (Kind::Date(Order::Ymd), None);
        }
        match (has(MDY), has(DMY)) {
            (true, false) => return (Kind::Date(Order::Mdy), None),
            (false, true) => return (Kind::Date(Order::Dmy), None),
            _ if has(EITHER) => return (Kind::Text, Some(DATE_ORDER)),
            _ => {}
        }
        if has(LOCAL) {
            return (Kind::Moment { zoned: false }, None);
        }
        if has(ZONED) {
            return (Kind::Moment { zoned: true }, Some(UTC));
        }
        if identifier {
            return (Kind::Text, self.came_as_number.then_some(LEADING_ZEROS));
        }
        if has(BITS) && is_flag(heading) {
            return (Kind::Truth, None);
        }
        self.number(heading)
    }

    /// The plain reading if it fits, unless its points may part thousands; another one only if the third does not.
    fn number(self, heading: &str) -> (Kind, Option<&'static str>) {
        let is_certain = self.is_plain || self.came_as_number;
        let at = match self.fits & NUMBERS {
            _ if !self.seen => return (Kind::Text, None),
            bits if bits & PLAIN != 0 && bits & POINT != 0 && self.scales[0] > 0 && !is_certain => {
                return (Kind::Text, Some(DECIMAL_SIGN));
            }
            bits if bits & PLAIN != 0 => 0,
            COMMA => 1,
            POINT => 2,
            0 => return (Kind::Text, None),
            _ => return (Kind::Text, Some(DECIMAL_SIGN)),
        };
        let (marks, scale) = (Marks::ALL[at], self.scales[at]);
        let decimal = scale > 0 || is_money(heading);
        (if decimal { Kind::Decimal(marks, scale) } else { Kind::Whole(marks) }, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(heading: &str, values: &[&str]) -> (Kind, Option<&'static str>) {
        let mut guess = Guess::default();
        values.iter().for_each(|value| guess.see(value, false));
        guess.decide(heading)
    }

    fn check(heading: &str, values: &[&str], expected: Kind) {
        assert_eq!(guess(heading, values), (expected, None), "{heading}: {values:?}");
    }

    #[test]
    fn kinds() {
        check("Hire Date", &["2024-03-01", "1988-01-03-08:00"], Kind::Date(Order::Ymd));
        check("Hire Date", &["03/13/2024", "03/04/2024"], Kind::Date(Order::Mdy));
        check("Hire Date", &["13/03/2024", "3/4/2024"], Kind::Date(Order::Dmy));
        check("Moment", &["2024-03-01T10:00:00", "2024-03-01"], Kind::Moment { zoned: false });
        check("Active", &["TRUE", "false"], Kind::Truth);
        check("Is Manager", &["0", "1"], Kind::Truth);
        check("FTE", &["0", "1"], Kind::Whole(Marks::Plain));
        check("FTE", &["0.5", "1"], Kind::Decimal(Marks::Plain, 1));
        check("Total Base Pay - Amount", &["50000"], Kind::Decimal(Marks::Plain, 0));
        check("Total", &["1,234.50", "7"], Kind::Decimal(Marks::Comma, 2));
        check("Total", &["1.234,50", "7"], Kind::Decimal(Marks::Point, 2));
        check("Count", &["1,234", "1,234,567"], Kind::Whole(Marks::Comma));
        check("Employee ID", &["21072", "3"], Kind::Text);
        check("Level", &["1", "007"], Kind::Text);
        check("Level", &["1", "A"], Kind::Text);
        check("Level", &["1234567890123456"], Kind::Text);
        check("Level", &[], Kind::Text);
        check("Answer", &["Yes", "No"], Kind::Text);
        check("Level", &["2024-03-01", "7"], Kind::Text);
    }

    #[test]
    fn what_is_unclear_stays_text_and_says_why() {
        assert_eq!(guess("Date", &["03/04/2024"]), (Kind::Text, Some(DATE_ORDER)));
        assert_eq!(guess("Date", &["13/04/2024", "04/13/2024"]), (Kind::Text, Some(DATE_ORDER)));
        assert_eq!(guess("Total", &["1,234"]), (Kind::Text, Some(DECIMAL_SIGN)));
        assert_eq!(guess("At", &["2024-03-01T10:00:00Z"]), (Kind::Moment { zoned: true }, Some(UTC)));
        check("At", &["2024-03-01T10:00:00Z", "2024-03-01T10:00:00"], Kind::Text);
        let mut numbers = Guess::default();
        numbers.see("21072", true);
        assert_eq!(numbers.decide("Employee ID"), (Kind::Text, Some(LEADING_ZEROS)));
        assert_eq!(numbers.decide("Age"), (Kind::Whole(Marks::Plain), None));
    }
}
