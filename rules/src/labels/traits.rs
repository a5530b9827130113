//! What the values of a recognizer have in common. Knows no labels.

use crate::checks::{self, Check};
use crate::{RecognizerSyntax, ValueShape};

/// Letters and digits of a code that may be written in groups, at least, and by how many its values may differ.
const LENGTH_MIN: usize = 6;
const LENGTH_SPREAD_MAX: usize = 3;

/// What the values of a recognizer have in common, as its own examples show.
#[allow(clippy::struct_excessive_bools, reason = "each says one thing, and any may hold with any")]
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct ValueTraits {
    /// Digits each of them has, three at most.
    pub(super) digits_min: u8,
    /// Whether it is a secret: then nothing is too strange to be one.
    pub(super) secret: bool,
    /// Whether all values are numbers of machines: none has neither a figure nor a colon.
    pub(super) machine: bool,
    /// Whether they are login names.
    pub(super) login: bool,
    /// Whether they are addresses.
    pub(super) address: bool,
    /// Letters and digits of each, at least and at most, where it is always about as many.
    pub(super) length: Option<(usize, usize)>,
    /// What their shape has to pass.
    pub(super) check: Option<Check>,
}

impl ValueTraits {
    pub(super) fn of(syntax: &RecognizerSyntax) -> Self {
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let digits_min = syntax.positive.iter().map(|example| digits(&example.find)).min().unwrap_or(0);
        let secret =
            matches!(syntax.entity.as_str(), "PASSWORD" | "API_KEY" | "PRIVATE_KEY" | "COOKIE" | "JWT");
        let by_shape = matches!(syntax.value, ValueShape::Token | ValueShape::Code);
        let login = syntax.entity == "USER_NAME";
        let count = |text: &str| text.bytes().filter(u8::is_ascii_alphanumeric).count();
        let counts = || syntax.positive.iter().map(|example| count(&example.find));
        let (min, max) = (counts().min().unwrap_or(0), counts().max().unwrap_or(0));
        let of_groups = by_shape && !secret && !login && syntax.entity != "EMPLOYEE_ID";
        Self {
            digits_min: if by_shape && !secret { digits_min.min(3) as u8 } else { 0 },
            secret,
            machine: matches!(syntax.entity.as_str(), "IP_ADDRESS" | "MAC_ADDRESS" | "IMEI"),
            login,
            address: syntax.entity == "STREET_ADDRESS",
            length: (of_groups && min >= LENGTH_MIN && max - min <= LENGTH_SPREAD_MAX).then_some((min, max)),
            check: syntax.check.as_deref().and_then(checks::by_name),
        }
    }
}
