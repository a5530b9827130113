//! A store key from a passphrase. Whoever asks the person is the caller's; here is no terminal.

use super::{Kdf, KdfCost, KeyError, KeyHolder, Made, StoreKey, Which};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// Fewest characters of a passphrase.
pub const PASSPHRASE_CHARS_MIN: usize = 12;

/// Which passphrase is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// The one in use.
    Current,
    /// A new one; the person should be asked twice.
    New,
}

type AskFn = dyn Fn(Ask) -> Option<Zeroizing<String>> + Send + Sync;

/// Asks for a passphrase, and makes the store key from it.
pub struct PassphraseHolder {
    ask: Box<AskFn>,
    cost: KdfCost,
    /// The one given last: a new one must differ.
    given: Mutex<Option<Zeroizing<String>>>,
}

impl PassphraseHolder {
    /// Takes the question; it answers `None` when nobody can be asked, or will not say.
    pub fn new(ask: impl Fn(Ask) -> Option<Zeroizing<String>> + Send + Sync + 'static) -> Self {
        Self { ask: Box::new(ask), cost: KdfCost::RECOMMENDED, given: Mutex::new(None) }
    }

    /// Gives new passphrases another cost than the recommended one.
    #[must_use]
    pub fn with_cost(mut self, cost: KdfCost) -> Self {
        self.cost = cost;
        self
    }

    fn asked(&self, what: Ask) -> Result<Zeroizing<String>, KeyError> {
        (self.ask)(what).ok_or(KeyError::Holder { why: "no passphrase was given" })
    }

    fn given(&self) -> std::sync::MutexGuard<'_, Option<Zeroizing<String>>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyHolder for PassphraseHolder {
    fn get(&self, which: Which, kdf: Option<&Kdf>) -> Result<Option<StoreKey>, KeyError> {
        // The next one is in nobody's hands but the person's, and becomes the current one by being asked for.
        if which == Which::Next {
            return Ok(None);
        }
        let kdf = kdf.ok_or(KeyError::Holder { why: "this store is not opened by a passphrase" })?;
        let passphrase = self.asked(Ask::Current)?;
        let key = kdf.derive(&passphrase)?;
        *self.given() = Some(passphrase);
        Ok(Some(key))
    }

    fn make(&self, which: Which) -> Result<Made, KeyError> {
        let passphrase = self.asked(Ask::New)?;
        if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(KeyError::Holder { why: "the passphrase is too short; it takes 12 characters" });
        }
        if which == Which::Next && self.given().as_ref().is_some_and(|given| **given == *passphrase) {
            return Err(KeyError::Holder { why: "this is the passphrase in use; a new one is needed" });
        }
        let kdf = Kdf::random(self.cost)?;
        Ok(Made { key: kdf.derive(&passphrase)?, kdf: Some(kdf) })
    }

    fn promote(&self) -> Result<(), KeyError> {
        Ok(())
    }

    fn forget_next(&self) -> Result<(), KeyError> {
        Ok(())
    }
}

/// Shows nothing of it.
impl fmt::Debug for PassphraseHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PassphraseHolder")
    }
}
