//! One page of a picture with its outlines, and the legend below in as many columns as there is room for.

use super::canvas::{Area, fill};
use super::colours::{INK, MUTED, PAPER, RULE};
use super::legend::{Legend, counts};
use super::letters::Scale;
use super::outline::{self, Outline};
use super::{odd_job, write_png};
use custody_rules::{Drawing, Mark, Reason, Refusal, Sheet};
use image::{GenericImage, RgbImage};
use std::fs::File;

/// Said below every page.
const WARNING: &str = "Unredacted: delete after use.";

/// Draws a decoded page with the marks on it, and writes the sheet as a PNG from the beginning of `out`.
///
/// # Errors
/// `Unsupported` when the sheet is none of a page; `Unwritable` when the PNG cannot be written.
pub fn page(pixels: RgbImage, drawing: &Drawing, sheet: &Sheet, out: &File) -> Result<(), Refusal> {
    let Sheet::Page { page } = *sheet else { return Err(odd_job()) };
    let scale = Scale::of_width(pixels.width());
    let marks: Vec<&Mark> =
        drawing.marks.iter().filter(|mark| mark.boxes_at(page.0).next().is_some()).collect();
    let layout = Layout::of(&pixels, &marks, scale);
    let mut drawn = layout.sheet(pixels, &outline::at(&drawing.marks, page.0, 1.0))?;
    layout.legend(&mut drawn, &marks, page);
    write_png(&drawn, out)
}

/// Where things are on the sheet.
struct Layout {
    scale: Scale,
    legend: Legend,
    columns: usize,
    rows: usize,
    page: (u32, u32),
    margin: i32,
    title: i32,
}

impl Layout {
    fn of(pixels: &RgbImage, marks: &[&Mark], scale: Scale) -> Self {
        let (legend, margin) = (Legend::of(marks, scale), scale.px(16));
        let page = pixels.dimensions();
        let room = (page.0 as i32 - margin) / (legend.width() + margin);
        let columns = room.max(1) as usize;
        let rows = marks.len().div_ceil(columns);
        let title = scale.text().height() + scale.px(16);
        Self { scale, legend, columns, rows, page, margin, title }
    }

    fn size(&self, words: i32) -> (i32, i32) {
        let rows = if self.rows == 0 { 0 } else { self.rows as i32 + 1 };
        let width = (self.legend.width() * i32::from(self.rows > 0)).max(words) + 2 * self.margin;
        (
            width.max(self.page.0 as i32),
            self.page.1 as i32 + self.title + rows * self.legend.height() + self.margin,
        )
    }

    /// The page with its outlines at the top of the sheet.
    fn sheet(&self, mut pixels: RgbImage, outlines: &[Outline<'_>]) -> Result<RgbImage, Refusal> {
        outline::draw(&mut pixels, outlines, self.scale);
        let words = self.scale.text().width(48 + WARNING.len());
        let (width, height) = self.size(words);
        let mut sheet = RgbImage::from_pixel(width as u32, height as u32, PAPER);
        sheet
            .copy_from(&pixels, 0, 0)
            .map_err(|_| Refusal::new(Reason::Unwritable, "the page does not fit on its sheet"))?;
        Ok(sheet)
    }

    fn legend(&self, sheet: &mut RgbImage, marks: &[&Mark], (page, pages): (u32, u32)) {
        let (scale, text) = (self.scale, self.scale.text());
        let width = sheet.width() as i32;
        let mut top = self.page.1 as i32;
        fill(sheet, Area::new((0, top), (width, scale.px(1))), RULE);
        let which = if pages > 1 { format!("Page {} of {pages}: ", page + 1) } else { String::new() };
        let title = format!("{which}{}", counts(marks));
        let corner = (self.margin, top + scale.px(8));
        text.bold().write(sheet, corner, &title, INK);
        let behind = self.margin + text.width(title.len() + 3);
        text.write(sheet, (behind, corner.1), WARNING, MUTED);
        top += self.title;
        for column in 0..self.columns.min(marks.len().div_ceil(self.rows.max(1))) {
            let left = self.margin + column as i32 * (self.legend.width() + self.margin);
            self.legend.heading(sheet, (left, top));
            for (at, mark) in marks.iter().skip(column * self.rows).take(self.rows).enumerate() {
                let row = top + (at as i32 + 1) * self.legend.height();
                self.legend.row(sheet, (left, row), (at, mark));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::{MarkStyle, Region};
    use image::Rgb;

    fn mark(number: u32, style: MarkStyle, (left, top): (u32, u32)) -> Mark {
        let region = Region { first_frame: 0, last_frame: 0, left, top, width: 96, height: 20 };
        let (entity, recognizer) = ("PERSON".to_owned(), "person".to_owned());
        Mark { number, style, entity, recognizer, score_percent: (85, 85), boxes: vec![region] }
    }

    fn drawn(marks: Vec<Mark>, paper: Rgb<u8>) -> RgbImage {
        let drawing = Drawing { marks, sheets: vec![Sheet::Page { page: (0, 1) }] };
        let out = tempfile::tempfile().expect("a file");
        let pixels = RgbImage::from_pixel(640, 400, paper);
        page(pixels, &drawing, &drawing.sheets[0], &out).expect("drawn");
        let mut reader = image::ImageReader::new(std::io::BufReader::new(&out));
        reader.set_format(image::ImageFormat::Png);
        std::io::Seek::rewind(&mut &out).expect("rewound");
        reader.decode().expect("a PNG").into_rgb8()
    }

    #[test]
    fn outlines_stand_around_their_boxes_on_light_and_dark() {
        for paper in [Rgb([255, 255, 255]), Rgb([24, 26, 31])] {
            let sheet = drawn(vec![mark(1, MarkStyle::Redacted, (200, 100))], paper);
            let inside = Area::new((200, 100), (96, 20));
            assert!(inside.pixels().all(|(x, y)| *sheet.get_pixel(x, y) == paper));
            let ring = inside
                .grown(2)
                .pixels()
                .filter(|&(x, y)| !(200..296).contains(&x) || !(100..120).contains(&y));
            let colours: Vec<_> = ring.map(|(x, y)| *sheet.get_pixel(x, y)).collect();
            let most = colours.iter().filter(|c| **c == super::super::colours::of("PERSON")).count();
            assert!(most * 10 >= colours.len() * 9, "{most} of {}", colours.len());
            assert!(sheet.height() > 400 + 40, "there is a legend");
        }
    }

    #[test]
    fn kept_is_dashed_and_unread_is_hatched() {
        let paper = Rgb([255, 255, 255]);
        let colour = super::super::colours::of("PERSON");
        let share = |style| {
            let sheet = drawn(vec![mark(1, style, (200, 100))], paper);
            let edge = (200..296).filter(|&x| *sheet.get_pixel(x, 121) == colour).count();
            let inside = Area::new((200, 100), (96, 20));
            (edge, inside.pixels().filter(|&(x, y)| *sheet.get_pixel(x, y) != paper).count())
        };
        assert_eq!(share(MarkStyle::Redacted), (96, 0));
        let (kept, _) = share(MarkStyle::Kept);
        assert!((30..66).contains(&kept), "{kept}");
        let (edge, hatched) = share(MarkStyle::Unread);
        assert!(edge == 96 && (180..320).contains(&hatched), "{edge} {hatched}");
    }

    #[test]
    fn marks_at_the_edge_are_seen_and_many_flow_into_columns() {
        let edge = mark(1, MarkStyle::Redacted, (544, 380));
        let few = drawn(vec![edge.clone()], Rgb([255, 255, 255]));
        assert_eq!(*few.get_pixel(600, 399), super::super::colours::of("PERSON"));
        let many: Vec<Mark> = (1..=40).map(|n| Mark { number: n, ..edge.clone() }).collect();
        let wide = drawn(many, Rgb([255, 255, 255]));
        assert_eq!(wide.width(), few.width());
        assert!(wide.height() > few.height() + 300);
    }
}
