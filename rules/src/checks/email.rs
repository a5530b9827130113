//! E-mail addresses: keeps package, asset and unit names with an `@` apart from addresses.
//!
//! Source: RFC 5321 and RFC 1035 for the lengths; the endings are file and unit suffixes that are no
//! top-level domains in use for mail.

const NOT_DOMAINS: [&str; 26] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "css", "js", "ts", "jsx", "tsx", "json", "html",
    "xml", "yaml", "yml", "java", "class", "jar", "service", "socket", "timer", "mount", "target", "slice",
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
    person && local.len() <= 64 && domain.len() <= 253 && labels && !NOT_DOMAINS.contains(&ending.as_str())
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
    }
}
