//! Connection strings: the password or key in them decides.
//!
//! Source: manuals of ODBC and of storage services.

const KEYS: [&str; 5] = ["password=", "pwd=", "accountkey=", "sharedaccesskey=", "sharedaccesssignature="];

/// Says whether one of its secrets is written out.
pub(super) fn valid(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    KEYS.iter().filter_map(|key| Some(lower.find(key)? + key.len())).any(|at| {
        let value = text[at..].split([';', '&', ' ']).next().unwrap_or("");
        // `user=None, password=None,`: arguments of a call, with what closes them.
        let argument = value.trim_end_matches([',', ')', ':', ']', '}']);
        super::written_out::valid(value) && super::written_out::valid(argument)
    })
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_password_decides() {
        assert!(valid("Server=db.example.org;Password=Ex4mple-7;"));
        assert!(valid("user=hr password=Ex4mple7, host=x") && valid("user=hr password=Nonesuch),"));
        for bad in [
            "Server=db.example.org;Password=${PW};",
            "Server=db.example.org",
            "host=x password=*****",
            "user=None, password=None,",
            "user=None, password=None):",
        ] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
