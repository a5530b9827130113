//! Screens of an HR system, drawn from scratch: forms, worker tables, profile cards, consoles, pay stubs.

use super::log::LogWriter;
use super::pen::{Face, Ink, Palette, Pen};
use super::people::{Cast, Person};
use super::planted::{DrawnWord, Kind, Place, Planter};
use super::seed::Seed;
use image::RgbImage;
use std::io::Cursor;

/// What a screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A form, labels left of the values.
    FormBeside,
    /// A form, labels above the values.
    FormAbove,
    /// A table of workers.
    Table,
    /// A profile: the name large and without a label.
    Card,
    /// A terminal with the runner's log.
    Console,
    /// A pay slip.
    PayStub,
    /// A form in German, French or Spanish, amounts flush right.
    Abroad,
    /// A profile with breadcrumbs, initials on a disc, chips and a button that names somebody.
    Profile,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::FormBeside,
        Self::FormAbove,
        Self::Table,
        Self::Card,
        Self::Console,
        Self::PayStub,
        Self::Abroad,
        Self::Profile,
    ];
}

/// How a screen looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Light on dark.
    pub dark: bool,
    /// Body text, CSS pixels: 13 to 16.
    pub size: f32,
    /// Device pixels per CSS pixel: 1, 1.5 or 2.
    pub scale: f32,
    /// The body's typeface.
    pub face: Face,
}

impl Look {
    /// One of all combinations.
    pub fn any(seed: &mut Seed) -> Self {
        Self {
            dark: seed.percent(33),
            size: seed.range(13, 16) as f32,
            scale: *seed.pick(&[1.0, 1.0, 1.5, 2.0]),
            face: *seed.pick(&[Face::Dejavu, Face::Liberation]),
        }
    }
}

/// A value on a screen: entity, text, whether its owner is on the roster.
pub type Shown = (&'static str, String, bool);

/// A drawn screen and the truth about it.
pub struct Page {
    /// The pixels.
    pub image: RgbImage,
    /// Every word and where its ink is.
    pub words: Vec<DrawnWord>,
    /// The hidden values, by the index that words carry.
    pub values: Vec<Shown>,
}

impl Page {
    /// The page as a PNG.
    pub fn png(&self) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        self.image.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG of pixels in memory");
        bytes.into_inner()
    }

    /// The page as a JPEG of quality 90.
    pub fn jpeg(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
        self.image.write_with_encoder(encoder).expect("a JPEG of pixels in memory");
        bytes
    }

    /// Notes the page's values and words.
    pub fn plant(&self, planter: &mut Planter) {
        for (index, (entity, value, known)) in (0..).zip(&self.values) {
            // What the screen's edge or the recording's end left out is not hidden.
            if self.words.iter().any(|w| w.value == Some(index)) {
                planter.plant(entity, value, *known, Place::Drawn(index));
            }
        }
        let pages = match planter.kind {
            Kind::Recording => &mut planter.truth.recordings,
            _ => &mut planter.truth.pictures,
        };
        pages.insert(planter.file.clone(), self.words.clone());
    }
}

/// Draws screens of one look.
pub struct Artist<'a> {
    /// What has been drawn.
    pub pen: Pen,
    /// The hidden values so far.
    pub values: Vec<Shown>,
    pub(super) palette: Palette,
    pub(super) look: Look,
    pub(super) cast: &'a Cast,
    pub(super) seed: Seed,
    width: f32,
    height: f32,
}

/// Draws a screen of 1280×720 CSS pixels.
pub fn draw(layout: Layout, look: Look, cast: &Cast, seed: &Seed) -> Page {
    let mut artist = Artist::new((1280, 720), look, cast, seed);
    artist.screen(layout);
    artist.finish()
}

impl<'a> Artist<'a> {
    /// Starts an empty screen.
    pub fn new(size: (u32, u32), look: Look, cast: &'a Cast, seed: &Seed) -> Self {
        let palette = if look.dark { Palette::DARK } else { Palette::LIGHT };
        Self {
            pen: Pen::new(size, look.scale, palette.paper),
            values: Vec::new(),
            palette,
            look,
            cast,
            seed: seed.fork("page"),
            width: size.0 as f32,
            height: size.1 as f32,
        }
    }

    /// The page that was drawn.
    pub fn finish(self) -> Page {
        Page { image: self.pen.image, words: self.pen.words, values: self.values }
    }

    /// Draws one layout over the empty screen.
    pub fn screen(&mut self, layout: Layout) {
        match layout {
            Layout::FormBeside => self.form(false),
            Layout::FormAbove => self.form(true),
            Layout::Table => self.table(),
            Layout::Card => self.card(),
            Layout::Console => self.console(),
            Layout::PayStub => self.pay_stub(),
            Layout::Abroad => self.abroad(),
            Layout::Profile => self.profile(),
        }
    }

    pub(super) fn ink(&self) -> Ink {
        Ink { face: self.look.face, size: self.look.size, colour: self.palette.ink, value: None }
    }

    pub(super) fn muted(&self) -> Ink {
        Ink { colour: self.palette.muted, ..self.ink() }
    }

    pub(super) fn bold(&self) -> Ink {
        Ink { face: Face::Bold, ..self.ink() }
    }

    /// Notes a value and gives the ink that marks its words.
    pub(super) fn value_ink(&mut self, ink: Ink, (entity, text, known): Shown) -> Ink {
        self.values.push((entity, text, known));
        Ink { value: Some(self.values.len() as u32 - 1), ..ink }
    }

    pub(super) fn shown(&mut self, (x, y): (f32, f32), ink: Ink, shown: Shown) -> f32 {
        let text = shown.1.clone();
        let ink = self.value_ink(ink, shown);
        self.pen.text(x, y, ink, &text)
    }

    /// The bar on top, the menu on the left and buttons below: words that must survive.
    pub(super) fn chrome(&mut self, title: &str) {
        let (palette, size) = (self.palette, self.look.size);
        self.pen.fill((0.0, 0.0), (self.width, 44.0), palette.bar);
        let on_bar = Ink { colour: palette.bar_ink, ..self.ink() };
        self.pen.text(20.0, 28.0, Ink { face: Face::Bold, ..on_bar }, "Globex HR");
        self.pen.text(160.0, 28.0, on_bar, "Home   Tasks   Reports   Search");
        self.pen.fill((0.0, 44.0), (190.0, self.height), palette.panel);
        let menu = ["Overview", "Job", "Compensation", "Benefits", "Time Off", "Performance", "Documents"];
        for (i, entry) in menu.iter().enumerate() {
            self.pen.text(20.0, 84.0 + i as f32 * size * 2.4, self.muted(), entry);
        }
        let heading = Ink { size: size * 1.5, ..self.bold() };
        self.pen.text(220.0, 84.0, heading, title);
        let y = self.height - 44.0;
        for (i, button) in ["Submit", "Save for Later", "Cancel"].iter().enumerate() {
            let x = 220.0 + i as f32 * 150.0;
            self.pen.fill((x, y), (130.0, 30.0), palette.bar);
            self.pen.text(x + 14.0, y + 20.0, on_bar, button);
        }
    }

    fn form(&mut self, above: bool) {
        self.chrome("Edit Personal Information");
        let cast = self.cast;
        let (p, known) = cast.pick(&mut self.seed);
        let (manager, manager_known) = cast.manager_of(p);
        let mut fields = form_fields(p, known);
        fields.push(("Manager", Some(("PERSON", manager.name(), manager_known)), String::new()));
        let size = self.look.size;
        let (row, columns) = if above { (size * 3.7, 2) } else { (size * 2.5, 1) };
        for (i, (label, shown, plain)) in fields.into_iter().enumerate() {
            let x = 220.0 + (i % columns) as f32 * 500.0;
            let y = 124.0 + (i / columns) as f32 * row;
            self.pen.text(x, y, self.muted(), label);
            let (x, y) = if above { (x, y + size * 1.55) } else { (x + 230.0, y) };
            if above {
                self.pen.border((x - 6.0, y - size * 1.15), (430.0, size * 1.7), self.palette.line);
            }
            match shown {
                Some(shown) => self.shown((x, y), self.ink(), shown),
                None => self.pen.text(x, y, self.ink(), &plain),
            };
        }
    }

    /// A table of workers: header row, zebra rows.
    pub fn table(&mut self) {
        self.chrome("My Team");
        let (size, palette) = (self.look.size, self.palette);
        let columns = [220.0, 330.0, 540.0, 740.0, 870.0, 1110.0];
        let row_height = size * 2.1;
        let top = 124.0;
        self.pen.fill((210.0, top - size * 1.4), (1050.0, row_height), palette.bar);
        let head = Ink { colour: palette.bar_ink, ..self.bold() };
        let headings = ["Employee ID", "Worker", "Job Profile", "Base Pay", "Work Email", "Location"];
        for (x, heading) in columns.iter().zip(headings) {
            self.pen.text(*x, top, Ink { size: size * 0.95, ..head }, heading);
        }
        let rows = ((self.height - top - 90.0) / row_height) as usize;
        let first = self.seed.below(self.cast.people.len());
        for row in 0..rows.min(self.cast.people.len()) {
            let y = top + (row + 1) as f32 * row_height;
            if row % 2 == 1 {
                self.pen.fill((210.0, y - size * 1.4), (1050.0, row_height), palette.panel);
            }
            let cast = self.cast;
            let index = (first + row) % cast.people.len();
            let (p, known) = (&cast.people[index], cast.is_on_roster(index));
            let ink = Ink { size: size * 0.92, ..self.ink() };
            self.shown((columns[0], y), ink, ("EMPLOYEE_ID", p.employee_id.clone(), known));
            self.shown((columns[1], y), ink, ("PERSON", fit(ink, p.name(), 200.0), known));
            self.pen.text(columns[2], y, ink, p.job);
            self.shown((columns[3], y), ink, ("COMPENSATION", p.salary_text(), known));
            self.shown((columns[4], y), ink, ("EMAIL_ADDRESS", fit(ink, p.email.clone(), 232.0), known));
            self.pen.text(columns[5], y, ink, ["Building 4", "Remote", "Plant North"][row % 3]);
        }
    }

    fn card(&mut self) {
        self.chrome("Worker Profile");
        let (size, palette) = (self.look.size, self.palette);
        let cast = self.cast;
        let (p, known) = cast.pick(&mut self.seed);
        self.pen.fill((220.0, 110.0), (620.0, 380.0), palette.panel);
        self.pen.fill((240.0, 130.0), (96.0, 96.0), palette.line);
        let large = Ink { size: size * 1.7, ..self.bold() };
        self.shown((360.0, 165.0), large, ("PERSON", p.name(), known));
        self.pen.text(360.0, 200.0, self.muted(), p.job);
        self.pen.text(240.0, 270.0, self.bold(), "Contact");
        self.shown((240.0, 300.0), self.ink(), ("EMAIL_ADDRESS", p.email.clone(), known));
        self.shown((240.0, 330.0), self.ink(), ("PHONE_NUMBER", p.phone.clone(), known));
        self.pen.text(240.0, 380.0, self.bold(), "Organization");
        self.pen.text(240.0, 410.0, self.ink(), p.cost_center);
        self.pen.text(240.0, 440.0, self.muted(), "Reports to");
        let (manager, manager_known) = cast.manager_of(p);
        self.shown((340.0, 440.0), self.ink(), ("PERSON", manager.name(), manager_known));
        self.pen.text(240.0, 470.0, self.muted(), "Last login today, 3 tasks open");
    }

    fn console(&mut self) {
        let ink = Ink { face: Face::Mono, size: self.look.size * 0.92, ..self.ink() };
        let mut log = LogWriter::new(self.cast, &self.seed.fork("console"));
        let mut y = 24.0;
        while y < self.height - 10.0 {
            let mut text = String::new();
            let hidden = log.event(&mut text);
            // What a terminal's edge would cut in two is neither hidden nor harmless: left out.
            let fits = |h: &super::log::Hidden| self.fitting(ink, &text, h.0).contains(&h.2);
            if !hidden.iter().all(fits) {
                continue;
            }
            for offset in 0..text.lines().count() as u64 {
                let line = self.fitting(ink, &text, offset);
                let hidden: Vec<_> = hidden.iter().filter(|h| h.0 == offset).collect();
                self.console_line(y, ink, &line, &hidden);
                y += ink.size * 1.4;
            }
        }
    }

    /// The part of a line that fits on the screen, without its date.
    fn fitting(&self, ink: Ink, text: &str, line: u64) -> String {
        let columns = (self.width / ink.size / 0.62) as usize;
        let line = text.lines().nth(line as usize).unwrap_or_default();
        let date = if line.starts_with("20") { "YYYY-MM-DDT".len() } else { 0 };
        line.chars().skip(date).take(columns).collect()
    }

    fn console_line(&mut self, y: f32, ink: Ink, line: &str, hidden: &[&super::log::Hidden]) {
        let (mut x, mut rest) = (10.0, line);
        let mut places: Vec<_> = hidden.iter().filter_map(|h| line.find(&h.2).map(|at| (at, *h))).collect();
        places.sort_by_key(|(at, _)| *at);
        for (_, (_, entity, value, known)) in places {
            let Some((before, after)) = rest.split_once(value.as_str()) else { continue };
            x = self.pen.text(x, y, ink, before);
            x = self.shown((x, y), ink, (entity, value.clone(), *known));
            rest = after;
        }
        self.pen.text(x, y, ink, rest);
    }

    fn pay_stub(&mut self) {
        let cast = self.cast;
        let (p, known) = cast.pick(&mut self.seed);
        let (size, palette) = (self.look.size, self.palette);
        self.pen.border((120.0, 40.0), (1000.0, 620.0), palette.line);
        self.pen.text(150.0, 84.0, Ink { size: size * 1.5, ..self.bold() }, "Earnings Statement");
        self.pen.text(820.0, 84.0, self.muted(), "Globex Holdings, Period 12");
        let left = [
            ("Employee Name", Some(("PERSON", p.full_name(), known)), String::new()),
            ("Employee ID", Some(("EMPLOYEE_ID", p.employee_id.clone(), known)), String::new()),
            ("Social Security Number", Some(("US_SSN", p.ssn.clone(), known)), String::new()),
            ("Bank Account", Some(("IBAN_CODE", p.iban.clone(), known)), String::new()),
            ("Pay Frequency", None, "Monthly".to_owned()),
        ];
        self.rows((150.0, 130.0, 220.0), left.to_vec());
        self.pen.fill((150.0, 320.0), (940.0, size * 2.0), palette.panel);
        self.pen.text(160.0, 320.0 + size * 1.4, self.bold(), "Description");
        self.pen.text(700.0, 320.0 + size * 1.4, self.bold(), "Amount");
        let month = p.salary / 12;
        let amount =
            |part: u32| Some(("COMPENSATION", format!("{},{:03}.00", part / 1000, part % 1000), known));
        let lines = [
            ("Gross Pay", amount(month), String::new()),
            ("Net Pay", amount(month * 7 / 10), String::new()),
            ("Annual Salary", amount(p.salary), String::new()),
            ("Hours", None, "160".to_owned()),
        ];
        self.rows((160.0, 384.0, 540.0), lines.to_vec());
        self.pen.text(150.0, 630.0, self.muted(), "Questions about this statement? Ask your payroll office.");
    }

    fn rows(&mut self, (x, mut y, gap): (f32, f32, f32), rows: Vec<Field>) {
        for (label, shown, plain) in rows {
            self.pen.text(x, y, self.muted(), label);
            match shown {
                Some(shown) => self.shown((x + gap, y), self.ink(), shown),
                None => self.pen.text(x + gap, y, self.ink(), &plain),
            };
            y += self.look.size * 2.3;
        }
    }
}

/// Label, hidden value or nothing, harmless text.
type Field = (&'static str, Option<Shown>, String);

fn form_fields(p: &Person, known: bool) -> Vec<Field> {
    let hidden = |label, entity, text: &str| (label, Some((entity, text.to_owned(), known)), String::new());
    let plain = |label, text: &str| (label, None, text.to_owned());
    vec![
        hidden("Legal Name", "PERSON", &p.full_name()),
        hidden("Employee ID", "EMPLOYEE_ID", &p.employee_id),
        plain("Job Profile", p.job),
        hidden("Date of Birth", "DATE_OF_BIRTH", &p.date_of_birth),
        hidden("National ID", "US_SSN", &p.ssn),
        hidden("Home Address", "STREET_ADDRESS", &p.address()),
        hidden("Work Email", "EMAIL_ADDRESS", &p.email),
        hidden("Mobile Phone", "PHONE_NUMBER", &p.phone),
        plain("Cost Center", p.cost_center),
        plain("Worker Type", "Regular, Full time"),
        hidden("Total Base Pay", "COMPENSATION", &p.salary_text()),
    ]
}

/// Cuts a text to a width, as a table's column does.
fn fit(ink: Ink, mut text: String, width: f32) -> String {
    while Pen::width(ink, &text) > width {
        text.pop();
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_shows_values_and_harmless_words_inside_the_picture() {
        let seed = Seed::new(11);
        let cast = Cast::new(&seed, 30);
        for (i, layout) in Layout::ALL.into_iter().enumerate() {
            let look =
                Look { dark: i % 2 == 1, size: 14.0, scale: [1.0, 1.5, 2.0][i % 3], face: Face::Dejavu };
            let page = draw(layout, look, &cast, &seed.fork(&format!("{layout:?}")));
            let values = page.words.iter().filter(|w| w.value.is_some()).count();
            assert!(values >= 1 && page.words.len() > 15, "{layout:?}: {values} of {}", page.words.len());
            for word in &page.words {
                assert!(word.ink.left + word.ink.width <= page.image.width(), "{layout:?}");
                assert!(word.ink.top + word.ink.height <= page.image.height(), "{layout:?}");
            }
        }
    }
}
