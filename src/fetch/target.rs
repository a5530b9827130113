//! What may be asked: an address below the environment's own, over HTTPS, with nothing of credentials in it.

use super::FetchError;
use std::fmt;
use url::{Host, Url};

/// Bytes of the longest address.
const ADDRESS_BYTES_MAX: usize = 8 << 10;

/// Where reports of an environment come from: an origin, and the beginning of the path.
#[derive(Clone)]
pub struct AllowedBase {
    base: Url,
}

impl fmt::Debug for AllowedBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllowedBase").finish_non_exhaustive()
    }
}

impl AllowedBase {
    /// Reads the base address of an environment.
    ///
    /// # Errors
    /// When it is no `https:` address of a host.
    pub fn new(text: &str) -> Result<Self, FetchError> {
        let base = parse(text).map_err(FetchError::Address)?;
        if base.query().is_some() {
            return Err(FetchError::Address("a base address has no query"));
        }
        Ok(Self { base })
    }

    /// Checks an address of a report.
    ///
    /// # Errors
    /// When it is not below this base.
    pub fn target(&self, text: &str) -> Result<Target, FetchError> {
        self.checked(text).map(Target).map_err(FetchError::Address)
    }

    /// Where a redirect leads.
    pub(super) fn redirected(&self, from: &Target, location: &str) -> Result<Target, FetchError> {
        let next = from.0.join(location).map_err(|_| FetchError::Redirect("it is no address"))?;
        self.checked(next.as_str()).map(Target).map_err(FetchError::Redirect)
    }

    fn checked(&self, text: &str) -> Result<Url, &'static str> {
        let url = parse(text)?;
        let same = url.host() == self.base.host()
            && url.port_or_known_default() == self.base.port_or_known_default();
        if !same {
            return Err("it is not of the environment's host and port");
        }
        // `/a` allows `/a` and `/a/b`, not `/ab`; dots were resolved, and encoded ones are refused.
        let prefix = self.base.path().trim_end_matches('/');
        let below = url.path().strip_prefix(prefix);
        if !below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return Err("it is not below the environment's base address");
        }
        let path = url.path().to_ascii_lowercase();
        if ["%2e", "%2f", "%5c"].iter().any(|encoded| path.contains(encoded)) {
            return Err("it hides dots or slashes in its path");
        }
        Ok(url)
    }
}

fn parse(text: &str) -> Result<Url, &'static str> {
    if text.len() > ADDRESS_BYTES_MAX {
        return Err("it is too long");
    }
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("it holds spaces, control characters or backslashes");
    }
    let url = Url::parse(text).map_err(|_| "it is no address")?;
    if url.scheme() != "https" {
        return Err("it takes https");
    }
    // `https://@host` has an empty user, which the parser forgets.
    let authority = text.split_once("://").map_or("", |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or("");
    if !url.username().is_empty() || url.password().is_some() || authority.contains('@') {
        return Err("credentials do not stand in an address");
    }
    if !matches!(url.host(), Some(Host::Domain(name)) if !name.is_empty()) {
        return Err("it takes the name of a host");
    }
    if url.fragment().is_some() {
        return Err("it has a fragment");
    }
    Ok(url)
}

/// An address that may be asked.
#[derive(Clone)]
pub struct Target(Url);

impl fmt::Debug for Target {
    /// Shows no address: prompts stand in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").finish_non_exhaustive()
    }
}

impl Target {
    /// The same with one more prompt, encoded.
    ///
    /// # Errors
    /// When a name is empty, stands there already, or the whole becomes too long.
    pub fn with(mut self, name: &str, value: &str) -> Result<Self, FetchError> {
        if name.is_empty() || self.0.query_pairs().any(|(there, _)| there == name) {
            return Err(FetchError::Address("a prompt has no name, or is given twice"));
        }
        self.0.query_pairs_mut().append_pair(name, value);
        if self.0.as_str().len() > ADDRESS_BYTES_MAX {
            return Err(FetchError::Address("it is too long with its prompts"));
        }
        Ok(self)
    }

    /// The format that is asked for.
    pub fn format(&self) -> Option<String> {
        self.0.query_pairs().find(|(name, _)| name == "format").map(|(_, value)| value.into_owned())
    }

    /// The last part of the path: what a report is called where nobody says otherwise.
    pub fn report(&self) -> &str {
        self.0.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or("")
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}
