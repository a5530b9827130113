//! Approvals: what one person allows another to do, once. Data and its one encoding; nothing is signed, checked
//! against a store or used up here.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Approved {
    /// A plan of purges.
    Purge,
    /// A plan of purges that takes more than the caps allow.
    CapException,
    /// The release of holds.
    HoldRelease,
    /// What becomes of the artifacts that hold a person, on that person's request.
    Erase,
    /// A plan of an export.
    Export,
}

impl Approved {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Purge, Self::CapException, Self::HoldRelease, Self::Erase, Self::Export];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Purge => "purge",
            Self::CapException => "cap-exception",
            Self::HoldRelease => "hold-release",
            Self::Erase => "erase",
            Self::Export => "export",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }
}

/// One person's consent to one plan, for one purpose, until a time. Its form is checked when it is made or read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Approval(Written);

/// The fields as they are written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    plan: String,
    what: Approved,
    approver: String,
    time_ms: u64,
    expires_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

/// Says why something is no approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
    /// The plan is not named by its hash.
    #[error("an approval names its plan by 64 hexadecimal digits in lower case")]
    Plan,
    /// The approver is not a user ID.
    #[error("an approval names its approver by a user ID: u- and 32 hexadecimal digits in lower case")]
    Approver,
    /// It ends before it begins.
    #[error("an approval expires after it was given")]
    Times,
    /// The signature is no text that a signature can be.
    #[error("a signature is 1 to 1024 printable ASCII characters without spaces")]
    Signature,
}

impl Approval {
    /// What a person approves: the plan by its content hash, 64 hexadecimal digits; the person by the user ID; from
    /// when (inclusive) and until when (exclusive), in milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// An [`ApprovalError`] for what has another form.
    ///
    /// # Examples
    /// ```
    /// use custody_rules::approval::{Approval, Approved};
    /// let (plan, approver) = ("0a".repeat(32), format!("u-{}", "1b".repeat(16)));
    /// let approval = Approval::new(&plan, Approved::Purge, &approver, 1_000..2_000)?;
    /// assert!(approval.allows(&plan, Approved::Purge, 1_999));
    /// assert!(!approval.allows(&plan, Approved::CapException, 1_999));
    /// assert!(!approval.allows(&plan, Approved::Purge, 2_000));
    /// # Ok::<(), custody_rules::approval::ApprovalError>(())
    /// ```
    pub fn new(
        plan: &str,
        what: Approved,
        approver: &str,
        valid_ms: std::ops::Range<u64>,
    ) -> Result<Self, ApprovalError> {
        Self::try_from(Written {
            plan: plan.to_owned(),
            what,
            approver: approver.to_owned(),
            time_ms: valid_ms.start,
            expires_ms: valid_ms.end,
            signature: None,
        })
    }

    /// The same with a signature of [`Self::canonical_bytes`].
    ///
    /// # Errors
    /// [`ApprovalError::Signature`]; whether it is right is not looked at.
    pub fn signed(self, signature: &str) -> Result<Self, ApprovalError> {
        Self::try_from(Written { signature: Some(signature.to_owned()), ..self.0 })
    }

    /// Hash of the plan.
    pub fn plan(&self) -> &str {
        &self.0.plan
    }

    /// What is approved.
    pub fn what(&self) -> Approved {
        self.0.what
    }

    /// User ID of the person who approved.
    pub fn approver(&self) -> &str {
        &self.0.approver
    }

    /// When it was given, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn time_ms(&self) -> u64 {
        self.0.time_ms
    }

    /// When it ends, exclusive.
    pub fn expires_ms(&self) -> u64 {
        self.0.expires_ms
    }

    /// The signature, if there is one.
    pub fn signature(&self) -> Option<&str> {
        self.0.signature.as_deref()
    }

    /// Whether it allows this with this plan now. Whether it was used already, only the store knows.
    pub fn allows(&self, plan: &str, what: Approved, now_ms: u64) -> bool {
        self.plan() == plan && self.what() == what && (self.time_ms()..self.expires_ms()).contains(&now_ms)
    }

    /// The one encoding of all but the signature: what is hashed for its ID, and what is signed. Six lines; no field
    /// can hold an end of line.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let Written { plan, what, approver, time_ms, expires_ms, .. } = &self.0;
        let what = what.name();
        format!("custody-approval 1\n{what}\n{plan}\n{approver}\n{time_ms}\n{expires_ms}\n").into_bytes()
    }
}

impl fmt::Debug for Approval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Approval")
            .field("plan", &self.0.plan)
            .field("what", &self.0.what)
            .field("approver", &self.0.approver)
            .field("time_ms", &self.0.time_ms)
            .field("expires_ms", &self.0.expires_ms)
            .field("signed", &self.0.signature.is_some())
            .finish()
    }
}

impl TryFrom<Written> for Approval {
    type Error = ApprovalError;

    fn try_from(written: Written) -> Result<Self, ApprovalError> {
        if !is_hex(&written.plan, 64) {
            return Err(ApprovalError::Plan);
        }
        if !written.approver.strip_prefix("u-").is_some_and(|digits| is_hex(digits, 32)) {
            return Err(ApprovalError::Approver);
        }
        if written.expires_ms <= written.time_ms {
            return Err(ApprovalError::Times);
        }
        let printable = |text: &String| {
            (1..=1_024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !written.signature.as_ref().is_none_or(printable) {
            return Err(ApprovalError::Signature);
        }
        Ok(Self(written))
    }
}

impl From<Approval> for Written {
    fn from(approval: Approval) -> Self {
        approval.0
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> String {
        "0a".repeat(32)
    }

    fn approver() -> String {
        format!("u-{}", "1b".repeat(16))
    }

    fn approval() -> Approval {
        Approval::new(&plan(), Approved::Purge, &approver(), 10..20).expect("its form is right")
    }

    #[test]
    fn it_is_for_one_plan_one_purpose_and_a_time() {
        let approval = approval();
        let allows = |now_ms| approval.allows(&plan(), Approved::Purge, now_ms);
        assert_eq!([9, 10, 19, 20].map(allows), [false, true, true, false]);
        assert!(!approval.allows(&"0b".repeat(32), Approved::Purge, 15));
        for what in Approved::ALL.into_iter().skip(1) {
            assert!(!approval.allows(&plan(), what, 15), "{what:?}");
        }
    }

    #[test]
    fn other_forms_are_refused_made_or_read() {
        let (plan, approver) = (plan(), approver());
        let name = "u-jane.doe".to_owned();
        for (plan, approver, valid_ms, expected) in [
            (&plan[1..], &approver, 10..20, ApprovalError::Plan),
            (&plan.to_uppercase(), &approver, 10..20, ApprovalError::Plan),
            (&plan, &name, 10..20, ApprovalError::Approver),
            (&plan, &approver, 20..20, ApprovalError::Times),
        ] {
            assert_eq!(Approval::new(plan, Approved::Purge, approver, valid_ms), Err(expected));
        }
        for signature in ["", "a b", "a\nb", "ä", &"a".repeat(1_025)] {
            assert_eq!(approval().signed(signature), Err(ApprovalError::Signature));
        }
        let text = serde_json::to_string(&approval()).expect("it can be written");
        for (from, to) in
            [("0a0a", "\\n0a"), ("u-", "x-"), ("20", "5"), ("\"purge\"", "\"all\""), ("}", ",\"x\":1}")]
        {
            assert!(text.contains(from), "{from}");
            assert!(serde_json::from_str::<Approval>(&text.replacen(from, to, 1)).is_err(), "{to}");
        }
    }

    #[test]
    fn it_survives_text_with_and_without_a_signature() {
        for approval in [approval(), approval().signed("ed25519:AbC=").expect("a signature")] {
            let text = serde_json::to_string(&approval).expect("it can be written");
            assert_eq!(serde_json::from_str::<Approval>(&text).expect("its own text"), approval);
        }
    }

    #[test]
    fn every_field_but_the_signature_is_in_the_encoding() {
        let own = approval().canonical_bytes();
        assert_eq!(approval().signed("s").expect("a signature").canonical_bytes(), own);
        let other_user = format!("u-{}", "2c".repeat(16));
        let others = [
            Approval::new(&"0b".repeat(32), Approved::Purge, &approver(), 10..20),
            Approval::new(&plan(), Approved::Export, &approver(), 10..20),
            Approval::new(&plan(), Approved::Purge, &other_user, 10..20),
            Approval::new(&plan(), Approved::Purge, &approver(), 11..20),
            Approval::new(&plan(), Approved::Purge, &approver(), 10..21),
        ];
        for other in others {
            assert_ne!(other.expect("its form is right").canonical_bytes(), own);
        }
        let lines = format!("custody-approval 1\npurge\n{}\n{}\n10\n20\n", plan(), approver());
        assert_eq!(String::from_utf8(own).expect("text"), lines);
    }

    #[test]
    fn names_are_those_of_the_text() {
        for what in Approved::ALL {
            assert_eq!(Approved::parse(what.name()), Some(what));
            assert_eq!(serde_json::to_string(&what).expect("a word"), format!("\"{}\"", what.name()));
        }
    }
}
