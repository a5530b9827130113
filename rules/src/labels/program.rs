//! Whether a labelled value is a piece of a program or of a description: the quote behind the label closes a
//! string, the value is a format, a literal, a path of names, a sentence. Knows no labels.

use crate::ValueShape;
use crate::names::{is_grammar, is_ordinary, is_term};
use memchr::memrchr;

/// Words a sentence or a description needs before it is one.
const PROSE_WORDS_MIN: usize = 4;
/// First parts of media types (RFC 6838).
const MEDIA: [&str; 9] =
    ["application", "audio", "font", "image", "message", "model", "multipart", "text", "video"];
/// Words of descriptions of programs: a house is described without them.
const TECHNICAL: [&str; 26] = [
    "string",
    "integer",
    "int",
    "address",
    "addresses",
    "network",
    "ip",
    "object",
    "value",
    "field",
    "interface",
    "metadata",
    "optional",
    "bytes",
    "port",
    "host",
    "url",
    "node",
    "server",
    "socket",
    "type",
    "parameter",
    "argument",
    "pointer",
    "memory",
    "returned",
];
/// Words for nothing, and for yes and no, in programs.
const LITERALS: [&str; 9] =
    ["None", "null", "nil", "NULL", "nullptr", "undefined", "True", "False", "NotImplemented"];

/// Whether the quote behind the separator at `at` closes the string the label stands in: `'Password: ', out)`,
/// `"user name:" + user`. `secret`: what is missed there is worse.
pub(super) fn closes_string(text: &str, at: usize, secret: bool) -> bool {
    let rest = text[at + 1..].trim_start_matches(' ');
    let Some(quote) = rest.bytes().next().filter(|b| matches!(b, b'"' | b'\'' | b'`')) else { return false };
    let goes_on = rest[1..].trim_start_matches(' ');
    // Few strings start with a space; but a secret may stand alone behind the string.
    let behind = (!secret && goes_on.len() < rest.len() - 1)
        || goes_on.is_empty()
        || goes_on.starts_with(['+', ',', ')', '%', ';', ']', '}', '`', '.'])
        || goes_on
            .strip_prefix(char::from(quote))
            .is_some_and(|more| !more.starts_with(char::is_alphanumeric));
    behind && opens_string(&text[..at], quote)
}

/// Bytes of a line of a program at most, as far back as a string is looked for: lines of data are longer, and their
/// values are none of programs.
const LINE_BYTES_MAX: usize = 4 << 10;

/// Whether the last of these quotes in `head` opens a string that is still open.
fn opens_string(head: &str, quote: u8) -> bool {
    let near = &head.as_bytes()[head.len().saturating_sub(LINE_BYTES_MAX)..];
    let bytes = match memrchr(b'\n', near) {
        Some(line) => &near[line + 1..],
        None if near.len() == head.len() => near,
        None => return false,
    };
    let Some(open) = memrchr(quote, bytes) else { return false };
    let word =
        |at: Option<usize>| at.is_some_and(|at| bytes[at].is_ascii_alphanumeric() || bytes[at] == b'\\');
    // `b"…`, `f'…`: a letter before a quote is a mark of the string's kind.
    let kind =
        open > 0 && matches!(bytes[open - 1], b'b' | b'f' | b'r' | b'u' | b'L') && !word(open.checked_sub(2));
    let count = bytes.iter().filter(|&&byte| byte == quote).count();
    count % 2 == 1 && (kind || !word(open.checked_sub(1)))
}

/// Whether nothing but places for other values stands in a value: `%s.%s`, `{}/{:?}`, `%d\n`.
pub(crate) fn is_format(value: &str) -> bool {
    let bytes = value.as_bytes();
    let (mut at, mut places) = (0, 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest[0] {
            b'%' => {
                let flags = rest[1..].iter().take_while(|b| b"-+ #0123456789.*lhz".contains(b)).count();
                if !rest.get(flags + 1).is_some_and(|b| b"sdiuvqrxXfgeocpTw".contains(b)) {
                    return false;
                }
                places += 1;
                flags + 2
            }
            b'{' => {
                let inner = rest[1..].iter().position(|&b| b == b'}');
                let Some(inner) = inner.filter(|&len| len <= 1 || rest[1] == b':') else { return false };
                places += 1;
                inner + 2
            }
            b'\\' if rest.len() > 1 && rest[1].is_ascii_alphanumeric() => {
                places += 1;
                2
            }
            byte if byte.is_ascii_alphanumeric() || byte >= 0x80 => return false,
            _ => 1,
        };
    }
    places > 0
}

/// Whether the bare value at `start..end` is a word for nothing with what closes a call or a list behind it:
/// `None):`.
fn is_literal(value: &str) -> bool {
    let word = &value[..value.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(value.len())];
    LITERALS.contains(&word) && value[word.len()..].starts_with([')', ',', ']', '}', ';'])
}

/// Whether a value is what programs call something: `newNode.Addr`, `eip.public_ip)`, `userReg`. One of its parts
/// is a word of programs or business and no name: `janeDoe` and `jane.doe` are people.
pub(super) fn is_path(value: &str) -> bool {
    let value = value.trim_end_matches([')', '}', ']', ',', ';', ':']);
    let bytes = value.as_bytes();
    let plain = bytes.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.'));
    let hump = |w: &[u8]| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase();
    let member = bytes.windows(2).any(|w| w[0] == b'.' && w[1].is_ascii_uppercase());
    let joined = value.contains('_') && value.contains('.');
    plain
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && (member || joined || bytes.windows(2).any(hump))
        && parts(value).any(|part| part.len() > 2 && is_term(part))
}

/// The words of a name of a program: at full stops, low lines and capitals.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    value.split(['.', '_']).flat_map(|word| {
        let mut from = 0;
        let ends = word.char_indices().skip(1).filter(|(_, c)| c.is_ascii_uppercase()).map(|(at, _)| at);
        ends.chain([word.len()])
            .map(move |end| &word[std::mem::replace(&mut from, end)..end])
            .collect::<Vec<_>>()
    })
}

/// Whether a value is a sentence or a description: small words of a sentence between ordinary ones, and no
/// number of a house.
pub(super) fn is_prose(value: &str) -> bool {
    let (mut small, mut known, mut grammar) = (0, 0, 0);
    for word in value.split(' ') {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        if word.is_empty() || !word.bytes().all(|b| b.is_ascii_lowercase()) {
            continue;
        }
        small += 1;
        let is_small_word = is_grammar(word);
        grammar += usize::from(is_small_word);
        known += usize::from(is_small_word || is_ordinary(word));
    }
    let first = value.split(' ').next().unwrap_or("");
    let article = matches!(first, "A" | "An" | "The" | "Any" | "Either" | "Optional" | "This" | "a" | "an");
    let least = if article { PROSE_WORDS_MIN - 1 } else { PROSE_WORDS_MIN };
    small >= least && (known + 1 >= small || 4 * known >= 3 * small) && (grammar > 0 || article)
}

/// Whether a description speaks of programs.
fn is_technical(value: &str) -> bool {
    value.split(' ').any(|word| TECHNICAL.contains(&word.trim_matches(|c: char| !c.is_alphanumeric())))
}

/// Whether a line of a form is no place: an address of the network, a media type, a piece of a program.
pub(super) fn is_no_place(value: &str, bare: bool) -> bool {
    let scheme = value.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+')
    });
    let media = value.split_once('/').is_some_and(|(kind, _)| MEDIA.contains(&kind) && !value.contains(' '));
    let sum = value.ends_with(" +") || value.starts_with("+ ");
    scheme
        || media
        || is_prose(value) && is_technical(value)
        || bare && (sum || is_literal(value) || is_path(value))
}

/// Whether the value at `start..end`, of one token, is a piece of a program or a description. `words`: its label
/// is written as words.
pub(super) fn is_no_token(text: &str, (start, end): (usize, usize), bare: bool, words: bool) -> bool {
    let value = &text[start..end];
    if !bare {
        return is_prose(value);
    }
    // `user_name = password = None`, `USER_NAME: Regex = …`, `user_name = path + 1`
    let spaced = text[..start].ends_with(' ');
    let goes_on = spaced && [" = ", " + "].iter().any(|mark| text[end..].starts_with(mark));
    // `@type username: L{bytes}`
    let marked = value.len() == 1 && text[end..].starts_with('{');
    goes_on || marked || !words && is_path(value)
}

/// Whether a value of this shape is none, for what stands in its place in programs.
pub(super) fn refuses(
    text: &str,
    span: (usize, usize),
    (shape, bare, words): (ValueShape, bool, bool),
) -> bool {
    let value = &text[span.0..span.1];
    match shape {
        ValueShape::Line => is_no_place(value, bare),
        ValueShape::Token => is_no_token(text, span, bare, words),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_may_close_the_string_of_the_label() {
        for text in [
            "f('Password: ', stream=None)",
            "`Username:` + user",
            "print(f\"user name:\" % user)",
            "\"Address: \"",
            "wait for \"password:\" prompt",
        ] {
            let at = text.find(':').unwrap_or(0);
            assert!(closes_string(text, at, false), "{text}");
        }
        for text in [
            "'password': 'hunter2'",
            "{\"user\": \"jdoe\", \"password\": \", x9\"}",
            "msg=\"user name: \"jdoe\" is locked\"",
            "it's user name: 'jdoe', he said",
            "Username: \"jdoe\"",
            "echo 'Password: ' hunter2",
        ] {
            let at = text.rfind(": ").unwrap_or(0);
            assert!(!closes_string(text, at, true), "{text}");
        }
        // A line of data: nothing tells how its quotes belong together, so what stands there is a value.
        let text = format!("{{{}\"note\": 'Password: ', out)", "\"a\":1,".repeat(LINE_BYTES_MAX));
        assert!(!closes_string(&text, text.rfind(": ").unwrap_or(0), false));
    }

    #[test]
    fn places_for_values_are_none() {
        for format in ["%s", "%s.%s", "%-20s|%d", "{}", "{0}/{1}", "{:?}", "%s\\n", "\\0"] {
            assert!(is_format(format), "{format}");
        }
        for value in ["", "jdoe", "100%", "%secret9", "{jdoe}", "%2Fhome", "..."] {
            assert!(!is_format(value), "{value}");
        }
    }

    #[test]
    fn sentences_and_pieces_of_programs_are_no_places() {
        for value in [
            "A string or integer representing the network or the",
            "An integer representation of an IPv4 IP address",
            "application/zip",
            "https://",
            "url.Host",
            "eip.public_ip)",
            "None):",
            "relAddress}",
            "nameserver +",
            "The address in the metadata of the image that is used",
        ] {
            assert!(is_no_place(value, true), "{value}");
        }
        for value in [
            "12 Example Street in the town of Sampleton",
            "Am alten Markt bei der Kirche",
            "The Old Mill, Sampleton",
            "Rue de la Paix",
            "st.gallen",
            "the old mill at the end of the road in sampleton",
            "The flat above the bakery in the market square",
            "None Street 5",
            "A house at 5 the green",
            "springfield",
        ] {
            assert!(!is_no_place(value, true), "{value}");
        }
    }

    #[test]
    fn names_of_programs_are_no_names_of_users() {
        let check = |text: &str, value: &str, words: bool| {
            let start = text.rfind(value).unwrap_or(0);
            is_no_token(text, (start, start + value.len()), true, words)
        };
        assert!(check("config.Username = info.User", "info.User", false));
        assert!(check("creds.username = userReg", "userReg", false));
        assert!(!check("User Name = jDoe", "jDoe", true));
        assert!(!check("username = jane.doe", "jane.doe", false));
        for user in ["jdoe", "janeDoe", "jane.Doe", "jDoe"] {
            assert!(!check(&format!("username = {user}"), user, false), "{user}");
        }
        let text = "username = password = None";
        assert!(is_no_token(text, (11, 19), true, false));
    }
}
