//! Steps of browser tests: Playwright, Selenium, Cypress, WebdriverIO, Robot Framework, Cucumber. The selector
//! or the caption names what is typed.

use super::Place;
use super::literal::{REACH, arguments, literals_before, quoted, selector_label};
use crate::Candidate;
use crate::labels::LabelHit;

/// Calls that type, choose or expect a value.
pub(super) const CALLS: &[&str] = &[
    "fill(",
    "Fill(",
    "FillAsync(",
    ".type(",
    "TypeAsync(",
    "sendKeys(",
    "SendKeys(",
    "send_keys(",
    "electOption(",
    "elect_option(",
    "toHaveText(",
    "to_have_text(",
    "toHaveValue(",
    "to_have_value(",
    "ContainText(",
    "contain_text(",
    "setValue(",
    "addValue(",
    "equentially(",
    "enterText(",
    "VisibleText(",
    "visible_text(",
    "have.value'",
    "have.text'",
];
/// `Fill "Doe" into "Last Name"`, `I fill in "Last Name" with "Doe"`.
pub(super) const SENTENCES: &[&str] = &[
    "ill \"",
    "ill '",
    "ype \"",
    "ype '",
    "nter \"",
    "nter '",
    "nters \"",
    "elect \"",
    "ill in \"",
    "ills in \"",
    "box \"",
    "ield \"",
    "nput \"",
    "xpected \"",
    "xpect \"",
    "xpected '",
    "xpect '",
];
/// `Expected name to be "Doe"`, `expect Last Name to equal 'Doe'`.
pub(super) const EXPECTATIONS: &[&str] = &[
    " to be \"",
    " to be '",
    " to equal \"",
    " to equal '",
    " to have value \"",
    " to have value '",
    " to have text \"",
    " to contain \"",
    " to contain '",
    " should be \"",
    " should be '",
    " should equal \"",
    " should equal '",
];
/// `type | id=lastName | Doe`: a recorded step of Selenium.
pub(super) const RECORDED: &[&str] = &[
    "type | ",
    "sendKeys | ",
    "select | ",
    "assertValue | ",
    "verifyValue | ",
    "assertText | ",
    "verifyText | ",
];
/// `Input Text    id=lastName    Doe`.
pub(super) const ROBOT: &[&str] = &["Input Text  ", "Fill Text  ", "Type Text  "];

pub(super) fn call(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let text = place.text;
    let expects = text[..place.end].ends_with('\'');
    let strings = if expects {
        let rest = &text[place.end..];
        let at = place.end + (rest.len() - rest.trim_start_matches([',', ' ']).len());
        quoted(text, at).map(|(start, end, _)| vec![(start, end)]).unwrap_or_default()
    } else {
        arguments(text, place.end - 1)
    };
    let Some(&first) = strings.first() else { return };
    let label = |span: (usize, usize)| selector_label(place.lexicon, &text[span.0..span.1]);
    if let Some(&second) = strings.get(1)
        && let Some(hit) = label(first)
    {
        push(place, hit, second, out);
    } else if let Some(hit) = receiver(place) {
        push(place, hit, first, out);
    }
}

/// What the thing says that is called: `getByLabel('Legal Name')`, `lastNameInput`.
fn receiver(place: &Place<'_>) -> Option<LabelHit> {
    let text = place.text;
    let name = |c: char| c.is_alphanumeric() || c == '_';
    let head = text[..place.start].trim_end_matches(name).trim_end_matches(['\'', '(', ' ']);
    let head = head.strip_suffix(".should").unwrap_or(head).trim_end_matches(['.', ' ', '\n', '?', '!']);
    if head.ends_with(')') {
        let statement = head.rfind(';').map_or(0, |i| i + 1);
        let strings = literals_before(text, head.len());
        let strings = strings.iter().filter(|(start, _)| *start > statement);
        return strings.copied().find_map(|(start, end)| selector_label(place.lexicon, &text[start..end]));
    }
    let own = &head[head.trim_end_matches(name).len()..];
    selector_label(place.lexicon, own)
}

/// Bytes of a caption without quotes at most.
const CAPTION_BYTES_MAX: usize = 48;

pub(super) fn sentence(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let text = place.text;
    let Some((start, end, behind)) = quoted(text, place.end - 1) else { return };
    let rest = &text[behind..text.floor_char_boundary((behind + REACH).min(text.len()))];
    let line = rest.split('\n').next().unwrap_or(rest);
    let Some(open) = line.find(['"', '\'', '`']) else {
        return named_behind(place, (start, end), line, out);
    };
    let Some((second, second_end, _)) = quoted(text, behind + open) else { return };
    let between = line[..open].trim();
    let (label, value) = if between == "with" {
        ((start, end), (second, second_end))
    } else if ["in", "into", "to", "from", "for", "as", "locator", "getBy"]
        .iter()
        .any(|w| between.contains(w))
    {
        ((second, second_end), (start, end))
    } else {
        return;
    };
    if let Some(hit) = selector_label(place.lexicon, &text[label.0..label.1]) {
        push(place, hit, value, out);
    }
}

/// Adds the value that a caption without quotes behind it names: `expected "Doe" to be visible in Last Name`.
fn named_behind(place: &Place<'_>, (start, end): (usize, usize), line: &str, out: &mut Vec<Candidate>) {
    let caption = [" into ", " in ", " to ", " for ", " as "].iter().find_map(|word| {
        let at = line.rfind(word)?;
        Some(line[at + word.len()..].trim_start_matches("the ").trim_end_matches(['.', ')', ',', ' ', ';']))
    });
    let Some(caption) = caption.filter(|caption| caption.len() <= CAPTION_BYTES_MAX) else { return };
    let caption = caption.strip_suffix(" field").or_else(|| caption.strip_suffix(" box")).unwrap_or(caption);
    if let Some(hit) = place.lexicon.lookup_value(caption, &place.text[start..end]) {
        push(place, hit, (start, end), out);
    }
}

/// `Expected name to be "Doe"`: the words before name the field.
pub(super) fn expectation(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let text = place.text;
    let Some((start, end, _)) = quoted(text, place.end - 1) else { return };
    let floor = text.ceil_char_boundary(place.start.saturating_sub(CAPTION_BYTES_MAX));
    let head = &text[floor..place.start];
    let head = &head[head.rfind(['.', ':', ';', ',', '(', '\n']).map_or(0, |at| at + 1)..];
    let head = head.trim_matches([' ', '"', '\'']);
    let lower = head.to_ascii_lowercase();
    let said =
        ["expected ", "expects ", "expect ", "then ", "the ", "assert ", "value of ", "text of ", "that "];
    let mut from = 0;
    while let Some(word) = said.iter().find(|word| lower[from..].starts_with(**word)) {
        from += word.len();
    }
    let near = &text[text.ceil_char_boundary(place.start.saturating_sub(REACH))..place.end];
    let expects = lower.contains("expect") || lower.contains("assert") || near.contains(" should ");
    let Some(caption) = head.get(from..).filter(|_| expects) else { return };
    let hit = place.lexicon.lookup_value(caption, &text[start..end]).or_else(|| {
        (caption.eq_ignore_ascii_case("name")).then(|| place.lexicon.lookup("full name")).flatten()
    });
    if let Some(hit) = hit {
        push(place, hit, (start, end), out);
    }
}

/// `type | id=lastName | Doe`.
pub(super) fn recorded(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let line = place.text[place.end..].split('\n').next().unwrap_or("");
    let Some((target, rest)) = line.split_once('|') else { return };
    let Some(hit) = selector_label(place.lexicon, target.trim()) else { return };
    let value = rest.split('|').next().unwrap_or(rest);
    let start = place.end + target.len() + 1 + (value.len() - value.trim_start().len());
    push(place, hit, (start, start + value.trim().len()), out);
}

pub(super) fn robot(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let rest = &place.text[place.end..];
    let from = place.end + (rest.len() - rest.trim_start().len());
    let line = place.text[from..].split('\n').next().unwrap_or("");
    let Some(gap) = line.find("  ").or_else(|| line.find('\t')) else { return };
    let Some(hit) = selector_label(place.lexicon, &line[..gap]) else { return };
    let value = line[gap..].trim_start();
    let start = from + line.len() - value.len();
    let len = value.find("  ").unwrap_or(value.len());
    push(place, hit, (start, start + len), out);
}

/// What is typed ends at a key's name: `Doe{enter}`.
fn push(place: &Place<'_>, hit: LabelHit, (start, end): (usize, usize), out: &mut Vec<Candidate>) {
    let value = &place.text[start..end];
    let len = value.find('{').filter(|&len| len > 0).unwrap_or(value.len());
    place.lexicon.push_value(place.text, hit, (start, start + len), out);
}
