//! Requests: what somebody wants done that takes a confirmation or a second person, written down before it is done.
//! A release of holds, a purge before its time, an erasure. Like a retention plan, a request is a file of IDs without
//! personal data, and its hash is what people confirm and approve.

use crate::hex;
use crate::ledger::{IdKey, Subject, SubjectKind};
use crate::store::StoreError;
use crate::{ContentId, ItemId};
use serde::{Deserialize, Serialize};

/// The form of the file.
pub const SCHEMA: &str = "custody-request/1";
/// Items of one request.
pub const ITEMS_MAX: usize = 100_000;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// Letting go of what a matter holds.
    HoldRelease,
    /// Purging items before they are due.
    Purge,
    /// Purging all that holds one person's data.
    Erase,
}

impl RequestKind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::HoldRelease => "hold-release",
            Self::Purge => "purge",
            Self::Erase => "erase",
        }
    }
}

/// One item of a request, as it was when it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestItem {
    /// The item.
    pub id: ItemId,
    /// Its content.
    pub content: ContentId,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// [`SCHEMA`].
    pub schema: String,
    /// The store's ID, 32 hexadecimal digits.
    pub store: String,
    /// What is asked for.
    pub kind: RequestKind,
    /// Keyed hash of what it is about: the matter, the reason, the person. 64 hexadecimal digits.
    pub about: String,
    /// Roots of units, in order.
    pub items: Vec<RequestItem>,
}

impl Request {
    /// Puts a request together; items in order, each once.
    ///
    /// # Errors
    /// [`StoreError::Refused`] without items, or with too many.
    pub fn new(
        store: &[u8; 16],
        kind: RequestKind,
        about: Subject,
        mut items: Vec<RequestItem>,
    ) -> Result<Self, StoreError> {
        items.sort_unstable();
        items.dedup();
        if items.is_empty() {
            return Err(StoreError::Refused("no item is meant".to_owned()));
        }
        if items.len() > ITEMS_MAX {
            return Err(StoreError::Refused(format!("a request takes {ITEMS_MAX} items at most")));
        }
        Ok(Self {
            schema: SCHEMA.to_owned(),
            store: hex::digits(store),
            kind,
            about: hex::digits(&about.id),
            items,
        })
    }

    /// The file's text: one line of JSON.
    ///
    /// # Errors
    /// Never for a request that was put together by [`Request::new`].
    pub fn to_text(&self) -> Result<String, StoreError> {
        let text = serde_json::to_string(self);
        text.map(|text| text + "\n").map_err(|_| StoreError::Contradiction("a request cannot be written"))
    }

    /// Reads a request's text.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is none, or another store's.
    pub fn parse(text: &str, store: &[u8; 16]) -> Result<Self, StoreError> {
        let refused = |why: &str| StoreError::Refused(format!("the request cannot be used: {why}"));
        let request: Self = serde_json::from_str(text).map_err(|_| refused("it is not one"))?;
        if request.schema != SCHEMA {
            return Err(refused("it was made by another version of custody"));
        }
        if hex::parse(&request.store) != Some(*store) {
            return Err(refused("it is another store's"));
        }
        let ordered = request.items.windows(2).all(|pair| pair[0] < pair[1]);
        if request.items.is_empty() || !ordered || hex::parse::<32>(&request.about).is_none() {
            return Err(refused("it was changed by hand"));
        }
        Ok(request)
    }

    /// What people confirm and approve: the keyed hash of its text.
    ///
    /// # Errors
    /// As [`Request::to_text`].
    pub fn subject(&self, ids: &IdKey) -> Result<Subject, StoreError> {
        Ok(ids.subject(SubjectKind::Plan, self.to_text()?.as_bytes()))
    }
}
