//! Where the store key comes from: a file, a passphrase that is asked for, the keyring of the operating system.

use anyhow::Context as _;
use custody_retention::keys::{
    Ask, FileHolder, Kdf, KeyError, KeyHolder, Made, PassphraseHolder, StoreKey, Which,
};
use custody_retention::store::{KeySource, StoreConfig};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// Names the key file of unattended runs.
pub(super) const KEY_FILE_VARIABLE: &str = "CUSTODY_KEY_FILE";
/// What keys are filed under in the keyring.
const SERVICE: &str = "custody";

/// The holder of a store's key.
///
/// # Errors
/// When it cannot be made: no keyring, or a file where none can be.
pub fn holder(config: &StoreConfig, may_ask: bool) -> anyhow::Result<Box<dyn KeyHolder>> {
    new_holder(&config.key, &config.id, may_ask)
}

/// The holder of the key of a store with this ID.
///
/// # Errors
/// As [`holder`].
pub fn new_holder(source: &KeySource, id: &[u8; 16], may_ask: bool) -> anyhow::Result<Box<dyn KeyHolder>> {
    Ok(match source {
        KeySource::File(path) => {
            // What the environment names is for machines on which the file lies elsewhere.
            let named = std::env::var_os(KEY_FILE_VARIABLE).map(PathBuf::from);
            let path = named.unwrap_or_else(|| PathBuf::from(path));
            if !path.parent().is_some_and(|folder| folder.as_os_str().is_empty() || folder.is_dir()) {
                anyhow::bail!("{}: the key file's folder is not there", path.display());
            }
            Box::new(FileHolder::new(&path).with_context(|| path.display().to_string())?)
        }
        KeySource::Passphrase => Box::new(PassphraseHolder::new(move |what| ask(what, may_ask))),
        KeySource::Keyring => Box::new(Keyring { account: id.iter().map(|b| format!("{b:02x}")).collect() }),
    })
}

/// The passphrase of this run: a store that is opened again does not ask again.
static GIVEN: Mutex<Option<Zeroizing<String>>> = Mutex::new(None);

/// Asks for a passphrase on the terminal, unseen; a new one twice. Nothing is asked where nobody is.
fn ask(what: Ask, may_ask: bool) -> Option<Zeroizing<String>> {
    let prompt = |text: &str| rpassword::prompt_password(text).ok().map(Zeroizing::new);
    match what {
        Ask::Current => {
            let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
            if given.is_none() && may_ask {
                *given = prompt("Passphrase of the store: ");
            }
            given.clone()
        }
        Ask::New if !may_ask => None,
        Ask::New => {
            let first = prompt("New passphrase of the store (12 characters or more): ")?;
            let second = prompt("Once more: ")?;
            (*first == *second).then_some(first)
        }
    }
}

/// Where a key file may be made: outside of the store, in a folder that is there.
///
/// # Errors
/// When the path lies in the store, or its folder is not there.
pub fn checked_key_path(path: &Path, store: &Path) -> anyhow::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let folder = path.parent().context("the key file needs a folder")?;
    let folder =
        folder.canonicalize().with_context(|| format!("{}: the key file's folder", folder.display()))?;
    let name = path.file_name().context("the key file needs a name")?;
    let path = folder.join(name);
    if path.starts_with(store) {
        anyhow::bail!(
            "{}: the key file must not lie in the store: whoever copies the store would have both",
            path.display()
        );
    }
    Ok(path)
}

/// Keys in the keyring of the operating system: one entry for the key in use, one for the next during a rotation.
#[derive(Debug)]
struct Keyring {
    account: String,
}

impl Keyring {
    fn entry(&self, which: Which) -> Result<keyring::Entry, KeyError> {
        let account = match which {
            Which::Current => self.account.clone(),
            Which::Next => format!("{}.next", self.account),
        };
        keyring::Entry::new(SERVICE, &account).map_err(|_| KeyError::Holder {
            why: "the keyring of the operating system cannot be reached: is a session with a keyring running? (custody init \
                  --key passphrase or file:PATH works without)",
        })
    }

    /// Forgets an entry; one that is not there is fine.
    fn forget(&self, which: Which) -> Result<(), KeyError> {
        match self.entry(which)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(_) => Err(KeyError::Holder { why: "the keyring does not let go of a key" }),
        }
    }

    fn put(&self, which: Which, key: &StoreKey) -> Result<(), KeyError> {
        // Some keyrings take text only.
        let kept = self.entry(which)?.set_password(&key.expose_hex());
        kept.map_err(|_| KeyError::Holder { why: "the keyring does not take the key: is it locked?" })
    }
}

impl KeyHolder for Keyring {
    fn get(&self, which: Which, _: Option<&Kdf>) -> Result<Option<StoreKey>, KeyError> {
        match self.entry(which)?.get_password() {
            Ok(digits) => {
                let digits = Zeroizing::new(digits);
                let key = StoreKey::parse(&digits)
                    .ok_or(KeyError::Holder { why: "the keyring holds no key of ours" })?;
                Ok(Some(key))
            }
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(_) => Err(KeyError::Holder { why: "the keyring does not give the key: is it locked?" }),
        }
    }

    fn make(&self, which: Which) -> Result<Made, KeyError> {
        if which == Which::Current && self.get(which, None)?.is_some() {
            return Err(KeyError::Holder { why: "the keyring has a key of this store already" });
        }
        let key = StoreKey::random()?;
        self.put(which, &key)?;
        Ok(Made { key, kdf: None })
    }

    fn promote(&self) -> Result<(), KeyError> {
        let Some(next) = self.get(Which::Next, None)? else { return Ok(()) };
        self.put(Which::Current, &next)?;
        self.forget(Which::Next)
    }

    fn forget_next(&self) -> Result<(), KeyError> {
        self.forget(Which::Next)
    }
}
