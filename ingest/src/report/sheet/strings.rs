//! The texts that cells share, one behind the other in one piece of memory.

use super::tags::{Tags, malformed};
use custody_rules::{Reason, Refusal};
use std::io::Read;

/// The shared texts of a workbook.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    /// One past the last byte of each.
    ends: Vec<u32>,
}

impl Strings {
    /// Reads them all.
    pub(super) fn read(part: Box<dyn Read + Send>, most: usize) -> Result<Self, Refusal> {
        let mut tags = Tags::new(part, most);
        let (mut strings, mut one, mut phonetic) = (Self::default(), String::new(), false);
        let mut sound = false;
        while let Some(tag) = tags.next()? {
            match (tag.name(), tag.closes) {
                (b"si", false) => {
                    one.clear();
                    phonetic = false;
                    if tags.attributes(&mut |_, _| {})? {
                        strings.push("")?;
                    }
                }
                (b"t", false) if !phonetic => tags.text(&mut one)?,
                (b"rPh", closes) => phonetic = !closes,
                (b"si", true) => strings.push(&unescaped(&one))?,
                (b"sst", false) => sound |= tags.attributes(&mut |_, _| {})?,
                (b"sst", true) => sound = true,
                _ => {}
            }
        }
        if !sound {
            return Err(super::tags::cut_off());
        }
        strings.text.shrink_to_fit();
        strings.ends.shrink_to_fit();
        Ok(strings)
    }

    fn push(&mut self, text: &str) -> Result<(), Refusal> {
        self.text.push_str(text);
        let end = u32::try_from(self.text.len())
            .map_err(|_| Refusal::new(Reason::TooLarge, "its shared texts are longer than 4 GiB"))?;
        self.ends.push(end);
        Ok(())
    }

    /// The text with this number.
    pub(super) fn get(&self, number: usize) -> Result<&str, Refusal> {
        let end = *self.ends.get(number).ok_or_else(malformed)? as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        Ok(&self.text[start..end])
    }
}

/// A text whose control characters are written as `_x000D_`.
pub(super) fn unescaped(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains("_x") {
        return text.into();
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let code = rest.get(2..6).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = code.filter(|_| rest.as_bytes().get(6) == Some(&b'_'));
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                rest = &rest[7..];
            }
            None => {
                out.push_str("_x");
                rest = &rest[2..];
            }
        }
    }
    out.push_str(rest);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(text: &str) -> Result<Strings, Refusal> {
        Strings::read(Box::new(Cursor::new(text.as_bytes().to_vec())), 1 << 20)
    }

    #[test]
    fn runs_and_references() {
        let text = "<?xml version=\"1.0\"?><x:sst><x:si><x:t>a &amp; b</x:t></x:si><x:si/><x:si><x:r><x:rPr/><x:t>c</x:t></x:r>\
                    <x:r><x:t xml:space=\"preserve\"> d</x:t></x:r><x:rPh sb=\"0\"><x:t>no</x:t></x:rPh></x:si>\
                    <x:si><x:t><![CDATA[<t>]]>_x000A_<!-- <x:t> --></x:t></x:si></x:sst>";
        let strings = read(text).expect("sound");
        let all: Vec<&str> = (0..4).map(|number| strings.get(number).expect("it is there")).collect();
        assert_eq!(all, ["a & b", "", "c d", "<t>\n"]);
        assert!(strings.get(4).is_err());
    }

    #[test]
    fn what_is_broken_is_refused() {
        assert_eq!(read("<sst><si><t>a").err().map(|r| r.reason), Some(Reason::Truncated));
        assert_eq!(read("<sst><si><t>a</t></si>").err().map(|r| r.reason), Some(Reason::Truncated));
        assert_eq!(read("<sst><si><t>&x;</t></si></sst>").err().map(|r| r.reason), Some(Reason::Malformed));
        assert_eq!(read("<!DOCTYPE a><sst/>").err().map(|r| r.reason), Some(Reason::DocumentType));
    }

    #[test]
    fn escapes() {
        assert_eq!(unescaped("a_x000D_b_x_x00ZZ__x005F_x"), "a\rb_x_x00ZZ__x");
    }
}
