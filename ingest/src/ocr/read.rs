//! Reads a page: one engine a thread takes one piece of a line after the other. Finds no layout itself.

use super::engine::{Engine, RawWord, SIDE_MAX, Shape, check_languages};
use super::memory::{Key, Memory};
use super::segment::{Segment, Segments, segments};
use super::{Rect, Word, flatten, layout, words};
use custody_rules::{Reason, Refusal};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::GrayImage;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// How a page is looked at. Two looks make different mistakes: another scale, another polarity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As it is, at the size that the engine reads best.
    First,
    /// Its negative, larger: for whoever looks whether something was missed.
    Again,
}

impl Look {
    /// Height of capitals, in pixels.
    fn capitals(self) -> f32 {
        match self {
            Self::First => 20.0,
            Self::Again => 25.0,
        }
    }
}

/// The same for a second reading, in which other confusions are made than in the first.
const LARGER_CAPITALS: f32 = 32.0;

/// The same for a third reading, of strokes that are black or not there.
const MIDDLE_CAPITALS: f32 = 26.0;

/// Confidence under which a word is read again by itself.
const UNSURE: f32 = 60.0;

/// Confidence of a word that two readings give the same letters.
const AGREED: f32 = 70.0;

/// Greatest confidence of a word of which three readings say three things.
const DISPUTED: f32 = 40.0;

/// Darker than this is a stroke where only strokes are read.
const STROKE: u8 = 144;

/// Soft edge of a stroke that is lighter than ink, in pixels.
const EDGE: u32 = 1;

/// Reads pages; keeps its engines from one page to the next.
pub struct Ocr {
    languages: String,
    threads: usize,
    idle: Mutex<Vec<Engine>>,
    memory: Memory,
}

impl Ocr {
    /// Checks the languages (`eng+deu`) and starts a first engine; up to `threads` follow as needed.
    ///
    /// # Errors
    /// `EngineMissing` when a language or tesseract itself is not installed.
    pub fn new(languages: &str, threads: usize) -> Result<Self, Refusal> {
        check_languages(languages)?;
        let first = Engine::start(languages)?;
        let (languages, idle) = (languages.to_owned(), Mutex::new(vec![first]));
        Ok(Self { languages, threads: threads.max(1), idle, memory: Memory::default() })
    }

    /// Reads all words of a page, sorted by line and then from left to right. `progress` is called with
    /// the pieces read and their number.
    ///
    /// # Errors
    /// A [`Refusal`] when an engine fails, or the error of `progress`.
    pub fn read_page(
        &self,
        (page, look): (&GrayImage, Look),
        progress: &mut dyn FnMut(u64, u64) -> Result<(), Refusal>,
    ) -> Result<Vec<Word>, Refusal> {
        let flat = match look {
            Look::First => flatten::flatten(page),
            Look::Again => flatten::flatten(&negative(page)),
        };
        let found = segments(&flat);
        let total = found.pieces.len();
        progress(0, total as u64)?;
        let mut words: Vec<Vec<Word>> = vec![Vec::new(); total];
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..self.threads.min(total) {
                let (sender, next, found, flat) = (sender.clone(), &next, &found, &flat);
                scope.spawn(move || self.work((flat, found, look), next, &sender));
            }
            drop(sender);
            let mut outcome = Ok(());
            for (done, (number, result)) in (1..).zip(receiver) {
                match result.and_then(|read| progress(done, total as u64).map(|()| read)) {
                    Ok(read) => words[number] = read,
                    Err(refusal) => {
                        next.store(total, Ordering::Relaxed);
                        outcome = Err(refusal);
                    }
                }
            }
            outcome
        })?;
        let mut words = layout::arrange(&found.pieces, words);
        for word in &mut words {
            word.rect = word.rect.grown(EDGE, page.dimensions());
        }
        Ok(words)
    }

    /// Reads the words inside one box of a page; their boxes are those of the page.
    ///
    /// # Errors
    /// As [`Ocr::read_page`].
    pub fn read_region(&self, page: &GrayImage, rect: Rect) -> Result<Vec<Word>, Refusal> {
        let (left, top) = (rect.left.min(page.width()), rect.top.min(page.height()));
        let (width, height) = (rect.width.min(page.width() - left), rect.height.min(page.height() - top));
        let part = image::imageops::crop_imm(page, left, top, width, height).to_image();
        let mut words = self.read_page((&part, Look::First), &mut |_, _| Ok(()))?;
        for word in &mut words {
            word.rect.left += left;
            word.rect.top += top;
        }
        Ok(words)
    }

    /// Takes pieces until none is left, or one fails.
    fn work(
        &self,
        (flat, found, look): (&GrayImage, &Segments, Look),
        next: &AtomicUsize,
        sender: &mpsc::Sender<(usize, Result<Vec<Word>, Refusal>)>,
    ) {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut engine = idle.map_or_else(|| Engine::start(&self.languages), Ok);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(segment) = found.pieces.get(number) else { break };
            let result = match &mut engine {
                Ok(engine) => read_segment((engine, &self.memory), (flat, look), found, segment),
                Err(refusal) => Err(refusal.clone()),
            };
            let failed = result.is_err();
            if sender.send((number, result)).is_err() || failed {
                break;
            }
        }
        if let Ok(engine) = engine {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(engine);
        }
    }
}

fn negative(page: &GrayImage) -> GrayImage {
    let mut page = page.clone();
    page.iter_mut().for_each(|value| *value = !*value);
    page
}

/// Reads one piece of a line and gives every glyph of it to a word.
fn read_segment(
    (engine, memory): (&mut Engine, &Memory),
    (flat, look): (&GrayImage, Look),
    found: &Segments,
    segment: &Segment,
) -> Result<Vec<Word>, Refusal> {
    let margin = 4 + segment.height / 2;
    let strip = cut_out(flat, found, segment, margin);
    let scale = scale_of(&strip, look.capitals() / segment.height.max(1) as f32);
    let shape = if segment.rect.height > 5 * segment.height / 2 { Shape::Block } else { Shape::Line };
    let raw = read_strip((engine, memory), &strip, scale, shape)?;
    let mut words: Vec<RawWord> = raw.to_vec();
    for word in words.iter_mut().filter(|word| shape == Shape::Line && word.confidence < UNSURE) {
        read_again((engine, memory), &strip, (scale, segment.height), word)?;
    }
    let raw = words.iter().map(|word| on_page(word, segment.rect, (scale, margin))).collect();
    Ok(words::fit(raw, segment, shape))
}

/// The scale at which a strip is read: the wanted one, as far as the engine's limits allow.
fn scale_of(strip: &GrayImage, wanted: f32) -> f32 {
    let longest = strip.width().max(strip.height()).max(1);
    wanted.clamp(0.25, 4.0).min(SIDE_MAX as f32 / longest as f32)
}

/// Reads a strip at a scale; what was read before is remembered.
fn read_strip(
    (engine, memory): (&mut Engine, &Memory),
    strip: &GrayImage,
    scale: f32,
    shape: Shape,
) -> Result<Arc<[RawWord]>, Refusal> {
    let strip = resize(strip, scale)?;
    let key = Key::of(strip.as_raw(), strip.dimensions(), shape);
    if let Some(raw) = memory.get(&key) {
        return Ok(raw);
    }
    let raw: Arc<[RawWord]> = engine.read(strip.as_raw(), strip.dimensions(), shape)?.into();
    memory.put(key, Arc::clone(&raw));
    Ok(raw)
}

/// Reads an unsure word of a strip by itself, larger and then in black and white, and takes what two readings agree
/// on; else the surest, which then is not sure.
fn read_again(
    (engine, memory): (&mut Engine, &Memory),
    strip: &GrayImage,
    place: (f32, u32),
    word: &mut RawWord,
) -> Result<(), Refusal> {
    let Some(mut alone) = alone(strip, place, word) else { return Ok(()) };
    let height = place.1.max(1) as f32;
    let mut readings = vec![(std::mem::take(&mut word.text), word.confidence)];
    for capitals in [LARGER_CAPITALS, MIDDLE_CAPITALS] {
        if capitals < LARGER_CAPITALS {
            alone.pixels_mut().for_each(|pixel| pixel.0[0] = if pixel.0[0] < STROKE { 0 } else { 255 });
        }
        let read = read_strip((engine, memory), &alone, scale_of(&alone, capitals / height), Shape::Line)?;
        let confidence = read.iter().map(|part| part.confidence).fold(f32::MAX, f32::min);
        let text: String = read.iter().map(|part| &*part.text).collect();
        let confidence = if text.is_empty() { 0.0 } else { confidence };
        let is_sure = confidence >= UNSURE;
        let mut agrees = false;
        for (_, own) in readings.iter_mut().filter(|(other, _)| are_alike(other, &text)) {
            (*own, agrees) = (own.max(AGREED), true);
        }
        readings.push((text, confidence));
        if agrees || is_sure {
            break;
        }
    }
    let best = readings.iter().map(|(_, confidence)| *confidence).fold(0.0, f32::max);
    // Of equally sure readings the first is taken: its place in the line gave it its words.
    let found = readings.into_iter().find(|(_, confidence)| *confidence >= best);
    let (text, confidence) = found.unwrap_or_default();
    word.confidence = if confidence < UNSURE { confidence.min(DISPUTED) } else { confidence };
    word.text = text;
    Ok(())
}

/// A word of a strip with white around it.
fn alone(strip: &GrayImage, (scale, height): (f32, u32), word: &RawWord) -> Option<GrayImage> {
    let gap = height / 4;
    let back = |position: u32| (position as f32 / scale).round() as u32;
    let left = back(word.left).saturating_sub(gap).min(strip.width());
    let right = (back(word.left + word.width) + gap).min(strip.width());
    if right <= left {
        return None;
    }
    let around = height / 2;
    let mut alone = GrayImage::from_pixel(right - left + 2 * around, strip.height(), image::Luma([255]));
    let part = image::imageops::crop_imm(strip, left, 0, right - left, strip.height());
    image::imageops::replace(&mut alone, &*part, i64::from(around), 0);
    Some(alone)
}

/// Whether two readings have the same letters and digits, and any: marks are what engines are unsure of.
fn are_alike(a: &str, b: &str) -> bool {
    let mut b = b.chars().filter(|c| c.is_alphanumeric());
    let mut any = false;
    let same = a.chars().filter(|c| c.is_alphanumeric()).all(|c| {
        any = true;
        b.next() == Some(c)
    });
    same && any && b.next().is_none()
}

/// Copies the strokes of a piece, with their soft edges, and nothing else, onto white.
fn cut_out(flat: &GrayImage, found: &Segments, segment: &Segment, margin: u32) -> GrayImage {
    let Rect { left, top, width, height } = segment.rect;
    let mut strip = GrayImage::from_pixel(width + 2 * margin, height + 2 * margin, image::Luma([255]));
    for &member in &segment.members {
        for &run in &found.order[found.spans[member as usize].clone()] {
            let run = found.ink.runs[run as usize];
            let end = (run.end + 1).min(flat.width());
            for y in run.row.saturating_sub(1)..(run.row + 2).min(flat.height()) {
                for x in run.start.saturating_sub(1)..end {
                    strip.put_pixel(x + margin - left, y + margin - top, *flat.get_pixel(x, y));
                }
            }
        }
    }
    strip
}

fn resize(strip: &GrayImage, scale: f32) -> Result<GrayImage, Refusal> {
    let failed = |_| Refusal::new(Reason::Malformed, "a piece of the picture cannot be resized");
    let side = |length: u32| ((length as f32 * scale).round() as u32).clamp(1, SIDE_MAX);
    let (width, height) = (side(strip.width()), side(strip.height()));
    let from = ImageRef::new(strip.width(), strip.height(), strip.as_raw(), PixelType::U8);
    let from = from.map_err(|_| Refusal::new(Reason::Malformed, "a piece of the picture has no pixels"))?;
    let mut to = Image::new(width, height, PixelType::U8);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&from, &mut to, &options).map_err(failed)?;
    Ok(GrayImage::from_raw(width, height, to.into_vec()).unwrap_or_default())
}

/// Puts a word of a strip back onto the page, inside its piece.
fn on_page(word: &RawWord, piece: Rect, (scale, margin): (f32, u32)) -> Word {
    let back = |position: u32, origin: u32, length: u32| {
        let position = (position as f32 / scale).round() as u32;
        origin + position.saturating_sub(margin).min(length)
    };
    let (left, right) =
        (back(word.left, piece.left, piece.width), back(word.left + word.width, piece.left, piece.width));
    let (top, bottom) =
        (back(word.top, piece.top, piece.height), back(word.top + word.height, piece.top, piece.height));
    let rect = Rect { left, top, width: (right - left).max(1), height: (bottom - top).max(1) };
    Word { rect, confidence: word.confidence, block: 0, line: 0, text: word.text.clone() }
}
