//! The oracle: reads outputs with other means than the redaction does and counts what is left of the hidden
//! values and what is gone of the harmless words, cells and pixels.

use super::planted::{Kind, Place, Planted, Truth};
use super::score_pixels;
use super::score_tables;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

/// What became of one kind of artifact.
#[derive(Debug, Clone, Default)]
pub struct Score {
    /// Values that were hidden.
    pub planted: usize,
    /// Those still there.
    pub left: usize,
    /// Harmless words, cells or drawn words.
    pub harmless: usize,
    /// Those that are gone.
    pub removed: usize,
    /// Frames of recordings (times values) that were looked at.
    pub appearances: usize,
    /// Those on which a value can be seen.
    pub appearances_left: usize,
    /// What is left: file, entity, value.
    pub leaks: Vec<String>,
    /// The first look at each value that can be seen in a recording: file, frame, box, word.
    pub looks: Vec<String>,
    /// Harmless things that are gone.
    pub losses: Vec<String>,
    /// Files without an output.
    pub missing: Vec<String>,
}

impl Score {
    /// Share of hidden values that are left, 0 to 1.
    pub fn left_share(&self) -> f64 {
        self.left as f64 / self.planted.max(1) as f64
    }

    /// Share of harmless things that are gone, 0 to 1.
    pub fn removed_share(&self) -> f64 {
        self.removed as f64 / self.harmless.max(1) as f64
    }

    /// Share of the looks at a recording on which a hidden value can be seen, 0 to 1.
    pub fn appearances_left_share(&self) -> f64 {
        self.appearances_left as f64 / self.appearances.max(1) as f64
    }

    pub(super) fn count(&mut self, planted: &Planted, left: bool) {
        self.planted += 1;
        if left {
            self.left += 1;
            self.leaks.push(format!(
                "{}: {} {:?} {:?}",
                planted.file, planted.entity, planted.value, planted.place
            ));
        }
    }

    pub(super) fn lose(&mut self, file: &str, what: &str) {
        self.removed += 1;
        if self.losses.len() < 2000 {
            self.losses.push(format!("{file}: {what:?}"));
        }
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        format!(
            "left {}/{} ({:.2} %), harmless removed {}/{} ({:.2} %), on frames {}/{}, missing {:?}",
            self.left,
            self.planted,
            100.0 * self.left_share(),
            self.removed,
            self.harmless,
            100.0 * self.removed_share(),
            self.appearances_left,
            self.appearances,
            self.missing
        )
    }
}

/// Scores the output of a ticket by kind of artifact. A file without an output leaks nothing and loses all.
pub fn score(truth: &Truth, input: &Path, output: &Path) -> BTreeMap<Kind, Score> {
    let mut scores: BTreeMap<Kind, Score> = BTreeMap::new();
    let outputs = files_below(output);
    for file in &truth.files {
        let Some(kind) = truth.in_file(file).find(|p| p.kind != Kind::Path).map(|p| p.kind) else { continue };
        let score = scores.entry(kind).or_default();
        let Some(found) = output_of(truth, &outputs, file) else {
            score.missing.push(file.clone());
            missing(truth, (input, file), kind, score);
            continue;
        };
        let paths = (&*input.join(file), &*output.join(found));
        match kind {
            Kind::Text => text(truth, file, paths, score),
            Kind::Table => score_tables::table(truth, file, paths, score),
            Kind::Picture => score_pixels::picture(truth, file, paths, score),
            Kind::Recording => score_pixels::recording(truth, file, paths, score),
            Kind::Path => {}
        }
    }
    let paths = scores.entry(Kind::Path).or_default();
    for planted in truth.planted.iter().filter(|p| p.kind == Kind::Path) {
        let left = outputs.iter().any(|p| p.to_string_lossy().contains(&planted.value));
        paths.count(planted, left);
    }
    scores
}

/// Counts a file that has no output: nothing is left, every harmless thing is gone.
fn missing(truth: &Truth, (input, file): (&Path, &str), kind: Kind, score: &mut Score) {
    score.planted += truth.in_file(file).filter(|p| p.kind == kind).count();
    let gone = match kind {
        Kind::Text => {
            let (_, text) = decoded(&input.join(file));
            text.split_whitespace().count()
        }
        Kind::Table => score_tables::cells(&input.join(file)).len(),
        _ => {
            let drawn = truth.pictures.get(file).or_else(|| truth.recordings.get(file));
            drawn.map_or(0, |words| words.iter().filter(|w| w.value.is_none()).count())
        }
    };
    score.harmless += gone;
    score.removed += gone;
}

/// Files below a folder, as paths relative to it, in order.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(relative) = path.strip_prefix(folder) {
                files.push(relative.to_owned());
            }
        }
    }
    files.sort();
    files
}

/// The output of an input file: of the same path, or the one in the same folder with the same ending that
/// belongs to no other input, because its name was redacted.
fn output_of<'a>(truth: &Truth, outputs: &'a [PathBuf], file: &str) -> Option<&'a PathBuf> {
    let file = Path::new(file);
    let mut others = outputs.iter().filter(|o| {
        let taken = truth.files.iter().any(|f| Path::new(f) == o.as_path());
        !taken && o.parent() == file.parent() && o.extension() == file.extension()
    });
    outputs.iter().find(|o| *o == file).or_else(|| others.next())
}

/// Decodes UTF-8, UTF-16 with a byte order mark, or else Windows-1252; says whether it was UTF-8.
pub fn decoded(path: &Path) -> (bool, String) {
    let bytes = fs::read(path).expect("an output can be read");
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        let units: Vec<u16> =
            rest.chunks(2).map(|c| u16::from_le_bytes([c[0], *c.last().unwrap_or(&0)])).collect();
        return (false, String::from_utf16_lossy(&units));
    }
    match String::from_utf8(bytes) {
        Ok(text) => (true, text),
        Err(error) => {
            let latin = error.as_bytes().iter();
            (false, latin.map(|&b| if b == 0x92 { '’' } else { char::from(b) }).collect())
        }
    }
}

/// Whether a value stands in a text with no letter or digit right before or after it.
pub fn stands_in(text: &str, value: &str) -> bool {
    text.match_indices(value).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = text[at + value.len()..].chars().next().is_some_and(char::is_alphanumeric);
        !before && !after
    })
}

fn text(truth: &Truth, file: &str, (input, output): (&Path, &Path), score: &mut Score) {
    let ((_, before), (_, after)) = (decoded(input), decoded(output));
    let (lines_before, lines_after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let by_line = lines_before.len() == lines_after.len();
    let mut hidden: HashMap<usize, Vec<&str>> = HashMap::new();
    for planted in truth.in_file(file).filter(|p| p.kind == Kind::Text) {
        let left = match planted.place {
            Place::Line(line) if by_line => stands_in(lines_after[line as usize], &planted.value),
            _ => stands_in(&after, &planted.value),
        };
        if let Place::Line(line) = planted.place {
            hidden.entry(line as usize).or_default().push(&planted.value);
        }
        score.count(planted, left);
    }
    let mut words: HashMap<&str, usize> = HashMap::new();
    for word in after.split_whitespace() {
        *words.entry(word).or_default() += 1;
    }
    for (number, line) in lines_before.iter().enumerate() {
        let values = hidden.get(&number).map_or(&[][..], |v| v);
        for word in harmless_words(line, values) {
            score.harmless += 1;
            match words.get_mut(word) {
                Some(count) if *count > 0 => *count -= 1,
                _ => score.lose(file, word),
            }
        }
    }
}

/// The words of a line that no hidden value touches.
fn harmless_words<'a>(line: &'a str, values: &[&str]) -> impl Iterator<Item = &'a str> {
    let mut spans: Vec<(usize, usize)> =
        values.iter().flat_map(|v| line.match_indices(v).map(|(at, v)| (at, at + v.len()))).collect();
    spans.sort_unstable();
    line.split_whitespace().filter(move |word| {
        let start = word.as_ptr() as usize - line.as_ptr() as usize;
        let end = start + word.len();
        !spans.iter().any(|&(from, to)| start < to && from < end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_count_on_word_borders_only() {
        assert!(stands_in("id=204411,", "204411"));
        assert!(!stands_in("offset 12044110", "204411"));
    }

    #[test]
    fn harmless_words_are_those_no_value_touches() {
        let words: Vec<_> =
            harmless_words("user=ann.x ok name Ann Lee done", &["Ann Lee", "ann.x"]).collect();
        assert_eq!(words, ["ok", "name", "done"]);
    }
}
