//! Pages drawn in code with known words: what is read, and how much of it the boxes cover.

use super::*;
use ab_glyph::{Font, FontVec, PxScale, ScaleFont, point};
use image::{GrayImage, Luma};

/// A page and the words drawn on it.
struct Page {
    pixels: GrayImage,
    words: Vec<(String, Rect)>,
}

fn font(path: &str) -> FontVec {
    let bytes = std::fs::read(format!("/usr/share/fonts/truetype/{path}.ttf")).unwrap();
    FontVec::try_from_vec(bytes).unwrap()
}

impl Page {
    fn new(width: u32, height: u32, ground: u8) -> Self {
        Self { pixels: GrayImage::from_pixel(width, height, Luma([ground])), words: Vec::new() }
    }

    fn fill(&mut self, rect: Rect, value: u8) {
        for y in rect.top..rect.bottom() {
            for x in rect.left..rect.right() {
                self.pixels.put_pixel(x, y, Luma([value]));
            }
        }
    }

    /// Draws words of `size` pixels an em from left to right, their baseline at `y`.
    fn write(&mut self, font: &FontVec, size: f32, (x, y): (u32, u32), (text, ink): (&str, u8)) {
        let em = size * font.height_unscaled() / font.units_per_em().unwrap();
        let scaled = font.as_scaled(PxScale::from(em));
        let mut x = x as f32;
        for word in text.split(' ') {
            let mut rect: Option<Rect> = None;
            for character in word.chars() {
                let glyph = scaled.glyph_id(character);
                let placed = glyph.with_scale_and_position(em, point(x, y as f32));
                if let Some(outline) = font.outline_glyph(placed) {
                    let origin = outline.px_bounds().min;
                    outline.draw(|dx, dy, cover| {
                        let (px, py) = (origin.x as u32 + dx, origin.y as u32 + dy);
                        let pixel = &mut self.pixels.get_pixel_mut(px, py).0[0];
                        *pixel = (f32::from(*pixel) * (1.0 - cover) + f32::from(ink) * cover).round() as u8;
                        if cover > 0.2 {
                            let dot = Rect { left: px, top: py, width: 1, height: 1 };
                            rect = Some(rect.map_or(dot, |rect| rect.union(dot)));
                        }
                    });
                }
                x += scaled.h_advance(glyph);
            }
            self.words.extend(rect.map(|rect| (word.to_owned(), rect)));
            x += scaled.h_advance(scaled.glyph_id(' '));
        }
    }
}

/// A form with a coloured header, a button, and labels beside values in three fonts.
fn form(ground: u8, ink: u8) -> Page {
    let fonts = ["dejavu/DejaVuSans", "liberation/LiberationSans-Regular", "dejavu/DejaVuSansMono"].map(font);
    let mut page = Page::new(900, 420, ground);
    page.fill(Rect { left: 0, top: 0, width: 900, height: 44 }, 90);
    page.write(&fonts[0], 18.0, (20, 28), ("Worker Profile", 250));
    page.fill(Rect { left: 700, top: 380, width: 120, height: 28 }, 140);
    page.write(&fonts[0], 14.0, (722, 399), ("Save Draft", 255));
    let muted = u8::midpoint(ground, ink);
    for (row, (label, value)) in [
        ("Legal Name", "Ingrid Lindqvist"),
        ("Employee ID", "004711"),
        ("Work Email", "ingrid.lindqvist@example.com"),
        ("Home Phone", "+1 212 555 0147"),
        ("Date of Birth", "1968-09-21"),
        ("Base Pay", "84,250.00 EUR"),
        ("Manager", "Kwame Abernathy"),
        ("Location", "the office by the harbour"),
    ]
    .into_iter()
    .enumerate()
    {
        let y = 80 + 36 * row as u32;
        let font = &fonts[row % 3];
        page.write(font, 13.0, (40, y), (label, muted));
        page.write(font, [13.0, 14.0, 15.0, 16.0][row % 4], (240, y), (value, ink));
        page.fill(Rect { left: 30, top: y + 12, width: 600, height: 1 }, muted);
    }
    page
}

/// Share of the drawn words' area that is covered by read boxes, and the words not read exactly.
fn score<'a>(page: &'a Page, read: &[Word]) -> (f64, Vec<&'a str>) {
    let inside = |rect: Rect, x: u32, y: u32| {
        (rect.left..rect.right()).contains(&x) && (rect.top..rect.bottom()).contains(&y)
    };
    let (mut covered, mut area, mut misread) = (0u32, 0u32, Vec::new());
    for (text, rect) in &page.words {
        for (x, y) in (rect.left..rect.right()).flat_map(|x| (rect.top..rect.bottom()).map(move |y| (x, y))) {
            area += 1;
            covered += u32::from(read.iter().any(|word| inside(word.rect, x, y)));
        }
        let (x, y) = (rect.left + rect.width / 2, rect.top + rect.height / 2);
        if !read.iter().any(|word| inside(word.rect, x, y) && &word.text == text) {
            misread.push(text.as_str());
        }
    }
    (f64::from(covered) / f64::from(area), misread)
}

#[test]
fn light_and_dark_forms_are_covered_and_read() {
    let ocr = Ocr::new("eng", 2).unwrap();
    for (ground, ink) in [(255, 20), (24, 225)] {
        let page = form(ground, ink);
        let mut calls = Vec::new();
        let mut progress = |done, total| {
            calls.push((done, total));
            Ok(())
        };
        let read = ocr.read_page((&page.pixels, Look::First), &mut progress).unwrap();
        let (covered, misread) = score(&page, &read);
        assert!(covered >= 0.99, "covered {covered} on {ground}");
        assert!(misread.len() * 10 <= page.words.len(), "{misread:?} on {ground}: {read:?}");
        assert_eq!(calls.last().map(|&(done, total)| done == total && total > 10), Some(true));
    }
}

#[test]
fn labels_and_values_share_a_line_but_no_block() {
    let page = form(255, 20);
    let read =
        Ocr::new("eng", 1).unwrap().read_page((&page.pixels, Look::First), &mut |_, _| Ok(())).unwrap();
    let find = |text: &str| read.iter().find(|word| word.text == text).expect(text);
    let (label, value, name) = (find("Legal"), find("Ingrid"), find("Lindqvist"));
    assert_eq!((label.line, value.line), (value.line, name.line));
    assert_eq!(value.block, name.block);
    assert_ne!(label.block, value.block);
    assert!(find("Worker").line < label.line && label.line < find("004711").line);
    assert!(read.is_sorted_by_key(|word| (word.line, word.block)));
}

#[test]
fn a_region_is_read_with_boxes_of_the_page() {
    let page = form(255, 20);
    let (_, rect) = page.words.iter().find(|(text, _)| text == "004711").unwrap();
    let region = rect.grown(12, page.pixels.dimensions());
    let read = Ocr::new("eng", 1).unwrap().read_region(&page.pixels, region).unwrap();
    assert_eq!(read.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["004711"]);
    assert!(read[0].rect.left.abs_diff(rect.left) <= 2 && read[0].rect.top.abs_diff(rect.top) <= 2);
    let off = Rect { left: 5_000, top: 9, width: 10, height: 10 };
    assert!(Ocr::new("eng", 1).unwrap().read_region(&page.pixels, off).unwrap().is_empty());
}

#[test]
fn pages_without_text_give_no_words_and_a_stopped_run_an_error() {
    let ocr = Ocr::new("eng", 1).unwrap();
    for page in [GrayImage::new(0, 0), GrayImage::new(1, 1), GrayImage::from_pixel(300, 200, Luma([40]))] {
        assert!(ocr.read_page((&page, Look::First), &mut |_, _| Ok(())).unwrap().is_empty());
    }
    let cancelled = || custody_rules::Refusal::new(custody_rules::Reason::Cancelled, "cancelled");
    let stopped = ocr.read_page((&form(255, 0).pixels, Look::First), &mut |done, _| {
        if done < 2 { Ok(()) } else { Err(cancelled()) }
    });
    assert_eq!(stopped.unwrap_err(), cancelled());
}
