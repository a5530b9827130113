//! One tesseract engine: started once, reused, never shared between threads. Knows no layout.

use custody_rules::{Reason, Refusal};
use std::path::PathBuf;
use tesseract::{PageSegMode, Tesseract};

/// Longest side of a picture handed to the engine; its own limit is 32,767.
pub(super) const SIDE_MAX: u32 = 16_000;

/// An engine of one thread.
pub(super) struct Engine {
    /// Taken while a picture is read; stays empty when the engine failed on one.
    inner: Option<Tesseract>,
    languages: String,
}

/// What the picture holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One line of text.
    Line,
    /// Several lines under one another.
    Block,
}

/// One word as the engine gives it; the box in pixels of the picture it was given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawWord {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) confidence: f32,
    pub(super) text: String,
}

impl Engine {
    /// Starts an engine for languages that [`check_languages`] accepted.
    pub(super) fn start(languages: &str) -> Result<Self, Refusal> {
        let mut engine = Self { inner: None, languages: languages.to_owned() };
        engine.inner = Some(engine.fresh()?);
        Ok(engine)
    }

    fn fresh(&self) -> Result<Tesseract, Refusal> {
        let failed = || Refusal::new(Reason::EngineMissing, "tesseract did not start: run `custody doctor`");
        let folder = folders().into_iter().find(|folder| holds_all(folder, &self.languages));
        let folder = folder.as_ref().and_then(|folder| folder.to_str());
        Tesseract::new(folder, Some(&self.languages))
            .map_err(|_| failed())?
            .set_variable("debug_file", "/dev/null")
            .and_then(|engine| engine.set_variable("tessedit_do_invert", "0"))
            .map_err(|_| failed())
    }

    /// Reads dark text on white. `pixels` holds rows of `width` grey bytes without gaps.
    pub(super) fn read(
        &mut self,
        pixels: &[u8],
        (width, height): (u32, u32),
        shape: Shape,
    ) -> Result<Vec<RawWord>, Refusal> {
        if width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX {
            return Err(Refusal::new(Reason::TooLarge, format!("a text line of {width}x{height} pixels")));
        }
        let failed = || Refusal::new(Reason::Malformed, "tesseract failed on a part of the picture");
        let mut engine = match self.inner.take() {
            Some(engine) => engine,
            None => self.fresh()?,
        };
        engine.set_page_seg_mode(match shape {
            Shape::Line => PageSegMode::PsmSingleLine,
            Shape::Block => PageSegMode::PsmSingleBlock,
        });
        let mut engine = engine
            .set_frame(pixels, width.cast_signed(), height.cast_signed(), 1, width.cast_signed())
            .map_err(|_| failed())?
            .set_source_resolution(150)
            .recognize()
            .map_err(|_| failed())?;
        let table = engine.get_tsv_text(0).map_err(|_| failed())?;
        self.inner = Some(engine);
        Ok(words_of_tsv(&table, width, height))
    }
}

/// Takes the words (level 5) from tesseract's TSV; boxes are cut to the picture.
fn words_of_tsv(table: &str, width: u32, height: u32) -> Vec<RawWord> {
    table.lines().filter_map(|line| word_of_line(line, width, height)).collect()
}

/// level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
fn word_of_line(line: &str, width: u32, height: u32) -> Option<RawWord> {
    let mut fields = line.splitn(12, '\t');
    if fields.next()? != "5" {
        return None;
    }
    let mut fields = fields.skip(5);
    let mut number = || fields.next()?.parse::<u32>().ok();
    let (left, top, box_width, box_height) = (number()?, number()?, number()?, number()?);
    let confidence = fields.next()?.parse::<f32>().ok()?.clamp(0.0, 100.0);
    let text = fields.next()?.trim();
    let (left, top) = (left.min(width), top.min(height));
    let (box_width, box_height) = (box_width.min(width - left), box_height.min(height - top));
    if text.is_empty() || box_width == 0 || box_height == 0 {
        return None;
    }
    Some(RawWord { left, top, width: box_width, height: box_height, confidence, text: text.to_owned() })
}

/// Folders that can hold `*.traineddata`: `TESSDATA_PREFIX`, then those of the system's packages.
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    if let Some(prefix) = std::env::var_os("TESSDATA_PREFIX").map(PathBuf::from) {
        folders.push(prefix.join("tessdata"));
        folders.push(prefix);
    }
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/share/tesseract-ocr")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("tessdata")).collect())
        .unwrap_or_default();
    versions.sort();
    versions.reverse();
    folders.extend(versions);
    folders.extend(["/usr/share/tessdata", "/usr/local/share/tessdata"].map(PathBuf::from));
    folders
}

fn holds_all(folder: &std::path::Path, languages: &str) -> bool {
    languages.split('+').all(|code| folder.join(format!("{code}.traineddata")).is_file())
}

/// Lists the codes of the languages that are installed, sorted: `deu`, `eng`, …
pub fn languages() -> Vec<String> {
    let mut codes: Vec<String> = folders()
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(Iterator::flatten)
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".traineddata").map(str::to_owned))
        .filter(|code| code != "osd" && code != "equ")
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

/// The version of the tesseract library this program runs with.
pub fn version() -> String {
    tesseract::plumbing::version().to_string_lossy().into_owned()
}

/// Checks that every language of `eng+deu` is installed: tesseract itself would go on without.
///
/// # Errors
/// `EngineMissing` with the package to install.
pub fn check_languages(wanted: &str) -> Result<(), Refusal> {
    let plain = |code: &str| !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !wanted.split('+').all(plain) {
        return Err(Refusal::new(Reason::EngineMissing, "languages are codes joined by +, such as eng+deu"));
    }
    if folders().iter().any(|folder| holds_all(folder, wanted)) {
        return Ok(());
    }
    let there = languages();
    let missing: Vec<String> = wanted
        .split('+')
        .filter(|code| !there.iter().any(|have| have == code))
        .map(|code| format!("tesseract-ocr-{}", code.replace('_', "-").to_lowercase()))
        .collect();
    let detail = if missing.is_empty() {
        "the languages are in different folders: set TESSDATA_PREFIX to one that holds them all".to_owned()
    } else {
        format!("install {}", missing.join(" "))
    };
    Err(Refusal::new(Reason::EngineMissing, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_from_level_five_lines_and_are_cut_to_the_picture() {
        let table = "1\t1\t0\t0\t0\t0\t0\t0\t50\t20\t-1\t\n\
                     5\t1\t1\t1\t1\t1\t3\t4\t10\t9\t91.5\tAda\n\
                     5\t1\t1\t1\t1\t2\t40\t4\t30\t90\t12\tB\n\
                     5\t1\t1\t1\t1\t3\t5\t5\t5\t5\t95\t \n\
                     5\t1\tx\n";
        let words = words_of_tsv(table, 50, 20);
        assert_eq!(words.len(), 2);
        assert_eq!((words[0].left, words[0].confidence, words[0].text.as_str()), (3, 91.5, "Ada"));
        assert_eq!((words[1].width, words[1].height), (10, 16));
    }

    #[test]
    fn a_missing_language_names_its_package() {
        let refusal = check_languages("eng+chi_sim_nowhere").unwrap_err();
        assert_eq!(refusal.reason, Reason::EngineMissing);
        assert_eq!(refusal.detail, "install tesseract-ocr-chi-sim-nowhere");
        assert!(check_languages("../eng").is_err());
        assert!(check_languages("eng").is_ok());
        assert!(languages().contains(&"eng".to_owned()));
        assert!(version().starts_with(|c: char| c.is_ascii_digit()));
    }
}
