//! Values that stand for themselves: no variable, no template, no call, no path to a setting, no filler.
//!
//! Source: the syntax of shells, templates and common programming languages.

use super::high_entropy::changes;
use super::known_token::{WORDS, filler, own};
use super::written_out::{HEADS, listed, name};

/// Says whether a text is neither a reference nor a filler.
pub(super) fn valid(text: &str) -> bool {
    !text.is_empty() && !reference(text) && !filler(text)
}

/// Whether a text points at a value that stands elsewhere: a variable, a template, a call, a path.
pub(super) fn reference(text: &str) -> bool {
    let Some(first) = text.bytes().next() else { return false };
    if b"$<{%[(#@".contains(&first) && text.ends_with(['}', '>', '%', ']', ')']) {
        let inner = text.trim_matches(|c| "${}<>%[]()#@".contains(c));
        return inner.len() < 10 || changes(inner) < 0.3;
    }
    let variable = text.trim_start_matches(['$', '&', '@', '%']);
    let digits = variable.bytes().any(|b| b.is_ascii_digit());
    let all = |kind: fn(&u8) -> bool| variable.bytes().all(|b| b == b'_' || kind(&b));
    let word = all(|b| !b.is_ascii_lowercase())
        || (!digits && (all(u8::is_ascii_lowercase) || variable.contains('_')));
    let head = text.split('(').next().unwrap_or(text);
    let opened = head.len() < text.len();
    let macro_call = opened && head.ends_with('!');
    let head = if opened { head.trim_end_matches('!') } else { head };
    let parts =
        || head.split(['.', '>', ':']).map(|part| part.trim_matches(['-', '?'])).filter(|p| !p.is_empty());
    let dotted = parts().nth(1).is_some();
    let call = opened
        && (macro_call
            || dotted
            || text.ends_with([')', '('])
            || text.contains("()")
            || text.ends_with(");"));
    let member = || parts().next().is_some_and(|first| listed(HEADS, first));
    if subscript(text) || cast(text) || member_type(text) {
        return true;
    }
    let array = text.split_once('[').is_some_and(|(head, _)| name(head)) && text.ends_with([']', '[']);
    ["%(", "${", "{{", "$("].iter().any(|mark| template(text, mark))
        || text.starts_with("ENC[")
        || (variable.len() < text.len() && name(variable) && word)
        || ((call || dotted)
            && parts().all(name)
            && (call || member() || parts().any(|part| own(part, WORDS) < 0.25)))
        || array
}

/// `pw[:-1]`, `auth[2]`, `row["pw"]`: a name of small letters, and the place in it.
pub(super) fn subscript(text: &str) -> bool {
    let Some((head, rest)) = text.split_once('[') else { return false };
    let Some((place, behind)) = rest.split_once(']') else { return false };
    let place = place.trim_matches(['"', '\'', '\\']);
    let part = |part: &str| {
        part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit())
            || part.len() <= 8 && part.bytes().all(|b| b.is_ascii_lowercase())
    };
    let index = place.len() <= 12 && place.split(['-', '+', ':']).all(|p| part(p.trim()));
    let lower = head.bytes().all(|b| b.is_ascii_lowercase() || b"_.".contains(&b));
    let ends = behind.is_empty() || behind.starts_with([')', ',', ';', '.', '[']);
    !head.is_empty() && lower && ends && (index || name(place) && own(place, WORDS) < 0.25)
}

/// `ed25519.Ed25519PrivateKey`: a type of a module.
fn member_type(text: &str) -> bool {
    const ENDS: [&str; 9] = [
        "PrivateKey",
        "PublicKey",
        "SecretKey",
        "AccessKey",
        "ApiKey",
        "AccessToken",
        "AuthToken",
        "SecretString",
        "Credentials",
    ];
    text.rsplit_once('.').is_some_and(|(module, kind)| {
        let lower =
            module.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(&b));
        lower && name(kind) && ENDS.iter().any(|end| kind.ends_with(end))
    })
}

/// `(char*)malloc(len`: a value made to be of a type, from a call.
fn cast(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('(') else { return false };
    let Some((kind, rest)) = inner.split_once(')') else {
        // A value ends before the bracket.
        return inner
            .strip_suffix('*')
            .is_some_and(|kind| !kind.is_empty() && name(kind.trim_end_matches('*')));
    };
    let called = rest.split_once('(').is_some_and(|(head, _)| !head.is_empty() && name(head));
    called && name(kind.trim_end_matches(['*', ' ', '&']))
}

/// `${NAME}` and the like within a text, or cut off at its end.
fn template(text: &str, mark: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || "_.:-${ ".contains(c);
    let rest = text.split_once(mark).map(|(_, rest)| rest.trim_start_matches(inner));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['}', ')']))
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn references_do_not_count() {
        for good in ["T0EXAMPLE/B0EXAMPLE/q8Zt31xxLp02", "q8[Zt31]x", "(x)q8Zt31xx", "hr.Winterkey9"] {
            assert!(valid(good), "{good}");
        }
        for bad in [
            "$HOOK_URL",
            "${A}/b",
            "settings.hook1",
            "core_1.key(leaf.key2",
            "write!(f",
            "self->pw1",
            "T000000/B000000/xxxxxxx",
            "auth[2]",
            "argv[i+1]",
            "ed25519.Ed25519PrivateKey",
            "(WCHAR*)malloc(sizeof(WCHAR)*(len",
            "(WCHAR*",
        ] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
