//! A name of which each part stands on a line of its own: `first: …` and `last: …` below `name:`, in YAML and in
//! JSON over several lines; and Workday's `descriptor` below the key of a person.

use super::recent::Recent;
use crate::labels::{LabelHit, NAME_PARTS};
use crate::{Candidate, LabelLexicon, ValueShape};

/// Blanks before a key at most, and bytes of the key.
const INDENT_MAX: usize = 60;
const KEY_BYTES_MAX: usize = 16;

/// Adds the value of a part's key where lines above say that it is part of a name.
pub(super) fn part(
    labels: &LabelLexicon,
    recent: &Recent,
    line: &str,
    name: LabelHit,
    out: &mut Vec<Candidate>,
) {
    let Some((indent, key, at)) = key(line) else { return };
    if !NAME_PARTS.contains(&key) {
        return;
    }
    let above = recent.lines().take_while(|line| !line.is_empty());
    let mut said = false;
    for line in above {
        let Some((other, owner, _)) = self::key(line) else { continue };
        if other < indent {
            said = labels.is_person_key(owner);
            break;
        }
        // `first` beside `last`.
        said |=
            other == indent && key != "descriptor" && owner != "descriptor" && NAME_PARTS.contains(&owner);
    }
    if said && let Some(span) = LabelLexicon::value_behind(line, at, ValueShape::Name) {
        labels.push_value(line, name, span, out);
    }
}

/// The key that a line begins with: blanks before it, itself, and where its colon stands.
fn key(line: &str) -> Option<(usize, &str, usize)> {
    let rest = line.trim_start_matches([' ', '\t', '-']);
    let indent = line.len() - rest.len();
    let open = usize::from(rest.starts_with('"'));
    let end = rest.bytes().take(KEY_BYTES_MAX + 8).position(|b| b == b':')?;
    let key = rest.get(open..end)?.trim_end_matches(['"', ' ']);
    (indent <= INDENT_MAX && !key.is_empty()).then_some((indent, key, indent + end))
}
