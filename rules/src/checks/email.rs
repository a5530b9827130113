//! E-mail addresses: keeps package, asset and unit names with an `@` apart from addresses.
//!
//! Source: RFC 5321 and RFC 1035 for the lengths; the endings are file and unit suffixes that are no
//! top-level domains in use for mail; RFC 4251, section 6, for names of algorithms with an `@`.

const NOT_DOMAINS: [&str; 26] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "css", "js", "ts", "jsx", "tsx", "json", "html",
    "xml", "yaml", "yml", "java", "class", "jar", "service", "socket", "timer", "mount", "target", "slice",
];

/// Parts of names of algorithms: `curve25519-sha256@libssh.org` is what its makers call one.
const ALGORITHMS: [&str; 16] = [
    "sha1",
    "sha2",
    "sha256",
    "sha384",
    "sha512",
    "ecdsa",
    "ed25519",
    "curve25519",
    "nistp256",
    "nistp384",
    "nistp521",
    "poly1305",
    "gcm",
    "etm",
    "hmac",
    "umac",
];

/// Says whether local part and domain can be an address.
pub(super) fn valid(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let ending = domain.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    let labels = domain.split('.').all(|label| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    });
    // `git@host` is how repositories are addressed over SSH.
    let person = !local.eq_ignore_ascii_case("git");
    let mut parts = local.split('-');
    let algorithm = local.contains('-') && parts.any(|part| ALGORITHMS.contains(&part));
    person
        && !algorithm
        && local.len() <= 64
        && domain.len() <= 253
        && labels
        && !NOT_DOMAINS.contains(&ending.as_str())
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn files_and_units_are_no_addresses() {
        assert!(valid("jane.doe@example.org"));
        assert!(!valid("logo@2x.png"));
        assert!(!valid("getty@tty1.service"));
        assert!(!valid("jane@example..org"));
        assert!(!valid("git@code.example.org"));
        assert!(!valid("sk-ssh-ed25519@openssh.com") && !valid("curve25519-sha256@libssh.org"));
        assert!(valid("gcm@example.org") && valid("jane-doe.sha2@example.org"));
    }
}
