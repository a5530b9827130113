//! Scenes of screen recordings that move: scrolled tables, fades, a pointer, hints, typing with corrections. Each
//! drawn word comes with the exact frames it is on, one entry a position. Encodes nothing itself.

use super::page::{Artist, Layout, Look, Page};
use super::pen::{Face, Pen};
use super::people::Cast;
use super::planted::{DrawnWord, Planter};
use super::recording::{Camera, Scene, Take};
use super::seed::Seed;
use image::{Rgb, RgbImage};
use std::path::Path;

/// What happens in a part of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A screen stands still, so many tenths of a second.
    Still(Layout, u32),
    /// A long worker table glides up by a few pixels a frame, and back; its header row goes with it.
    Glide,
    /// The same table, by jumps of a wheel.
    Wheel,
    /// A profile fades in and out.
    Fade,
    /// A pointer moves over the values of a table.
    Pointer,
    /// A message that is there on a single frame.
    Flash,
    /// A hint beside the row under the pointer.
    Hint,
    /// A name and an address typed with mistakes that are taken back.
    Typing,
    /// One page after the other.
    Cuts,
    /// The row under the pointer changes its background.
    Highlight,
    /// A caret that blinks and a ring that turns beside values.
    Spinner,
}

impl Action {
    /// One of each that moves, with a name for files and tables.
    pub const MOVING: [(&'static str, Self); 10] = [
        ("glide", Self::Glide),
        ("wheel", Self::Wheel),
        ("fade", Self::Fade),
        ("pointer", Self::Pointer),
        ("flash", Self::Flash),
        ("hint", Self::Hint),
        ("typing", Self::Typing),
        ("cuts", Self::Cuts),
        ("highlight", Self::Highlight),
        ("spinner", Self::Spinner),
    ];

    /// A minute of work: mostly still, one form filled in, one scroll.
    pub const MINUTE: [Self; 9] = [
        Self::Still(Layout::FormBeside, 60),
        Self::Typing,
        Self::Still(Layout::Card, 100),
        Self::Glide,
        Self::Still(Layout::Table, 70),
        Self::Hint,
        Self::Pointer,
        Self::Still(Layout::FormAbove, 120),
        Self::Still(Layout::Card, 600),
    ];
}

/// Records actions one after the other, `take.seconds` at most.
pub fn play(
    path: &Path,
    (take, actions): (Take, &[Action]),
    cast: &Cast,
    seed: &Seed,
    planter: &mut Planter,
) {
    let mut seed = seed.fork("scenes");
    let mut camera = Camera::start(path, take, "Walkthrough");
    let mut values = Vec::new();
    let look = Look { dark: take.dark, size: 15.0, scale: 1.0, face: Face::Liberation };
    for action in actions {
        let mut scene = Scene { take, look, cast, camera: &mut camera, values: &mut values };
        scene.act(*action, &mut seed);
    }
    let words = camera.finish();
    Page { image: RgbImage::new(1, 1), words, values }.plant(planter);
}

/// Where a scrolled table shows through, in pixels: left, top, right, bottom.
const VIEW: [u32; 4] = [200, 100, 1270, 660];

impl<'a> Scene<'a> {
    fn act(&mut self, action: Action, seed: &mut Seed) {
        match action {
            Action::Still(layout, tenths) => self.still(layout, self.take.fps * tenths / 10, seed),
            Action::Glide => self.glide(seed),
            Action::Wheel => self.wheel(seed),
            Action::Fade => self.fade(seed),
            Action::Pointer => self.pointer(seed),
            Action::Flash => self.flash(seed),
            Action::Hint => self.hint(seed),
            Action::Typing => self.corrections(seed),
            Action::Cuts => self.cuts(seed),
            Action::Highlight => self.highlight(seed),
            Action::Spinner => self.spinner(seed),
        }
    }

    fn artist(&self, size: (u32, u32), about: &str, seed: &mut Seed) -> Artist<'a> {
        Artist::new(size, self.look, self.cast, &seed.fork(&format!("{about}{}", seed.clone().next())))
    }

    /// Holds a picture for tenths of a second.
    fn hold(&mut self, pen: &Pen, base: u32, tenths: u32) {
        self.camera.show(pen, base, (self.take.fps * tenths / 10).max(1));
    }

    /// The frame around a table, the long table, and the index of its first value.
    fn long_table(&mut self, seed: &mut Seed) -> (Pen, Pen, u32) {
        let mut frame = self.artist(self.take.size, "frame", seed);
        frame.chrome("My Team");
        let frame = frame.pen;
        seed.next();
        let mut long = self.artist((self.take.size.0, 2_200), "long", seed);
        long.table();
        let (mut values, pen) = (std::mem::take(&mut long.values), long.pen);
        let base = self.adopt(&mut values);
        (frame, pen, base)
    }

    fn glide(&mut self, seed: &mut Seed) {
        let (frame, long, base) = self.long_table(seed);
        let mut offset = 0i64;
        self.hold(&window(&frame, &long, offset), base, 15);
        for (step, tenths) in [(4i64, 25u32), (0, 8), (7, 10), (2, 10), (0, 6), (-9, 12), (0, 12)] {
            for _ in 0..self.take.fps * tenths / 10 {
                offset = (offset + step).max(0);
                self.camera.show(&window(&frame, &long, offset), base, 1);
            }
        }
    }

    fn wheel(&mut self, seed: &mut Seed) {
        let (frame, long, base) = self.long_table(seed);
        let mut offset = 0i64;
        self.hold(&window(&frame, &long, offset), base, 15);
        let mut turn = |scene: &mut Self, steps: i64, seed: &mut Seed| {
            for _ in 0..steps.abs() {
                let jump = i64::try_from(seed.range(40, 120)).unwrap_or(80);
                offset = (offset + jump * steps.signum()).clamp(0, 1_400);
                let frames = seed.range(2, 5) as u32;
                scene.camera.show(&window(&frame, &long, offset), base, frames);
            }
            scene.hold(&window(&frame, &long, offset), base, 8);
        };
        turn(self, 6, seed);
        turn(self, 7, seed);
        turn(self, -8, seed);
    }

    fn fade(&mut self, seed: &mut Seed) {
        let mut artist = self.artist(self.take.size, "fade", seed);
        artist.chrome("Worker Profile");
        let blank = artist.pen.clone();
        artist.screen(Layout::Card);
        let (mut values, full) = (std::mem::take(&mut artist.values), artist.pen);
        let base = self.adopt(&mut values);
        self.hold(&blank, base, 10);
        let steps = 10;
        for step in 1..steps {
            self.camera.show(&mixed(&blank, &full, step as f32 / steps as f32), base, 1);
        }
        self.hold(&full, base, 12);
        for step in (1..steps).rev() {
            self.camera.show(&mixed(&blank, &full, step as f32 / steps as f32), base, 1);
        }
        self.hold(&blank, base, 8);
    }

    /// A table and the index of its first value.
    fn screen(&mut self, layout: Layout, seed: &mut Seed) -> (Pen, u32) {
        seed.next();
        let mut artist = self.artist(self.take.size, "screen", seed);
        artist.screen(layout);
        let (mut values, pen) = (std::mem::take(&mut artist.values), artist.pen);
        let base = self.adopt(&mut values);
        (pen, base)
    }

    fn pointer(&mut self, seed: &mut Seed) {
        let (still, base) = self.screen(Layout::Table, seed);
        self.hold(&still, base, 8);
        let (mut x, mut y) = (240.0f32, 180.0f32);
        for (to_x, to_y) in [(400.0, 250.0), (900.0, 255.0), (930.0, 420.0), (380.0, 430.0), (230.0, 600.0)] {
            let steps = self.take.fps * 8 / 10;
            let (dx, dy) = ((to_x - x) / steps as f32, (to_y - y) / steps as f32);
            for _ in 0..steps {
                (x, y) = (x + dx, y + dy);
                let mut pen = still.clone();
                arrow(&mut pen.image, (x as u32, y as u32));
                self.camera.show(&pen, base, 1);
            }
            let mut pen = still.clone();
            arrow(&mut pen.image, (x as u32, y as u32));
            self.hold(&pen, base, 4);
        }
    }

    /// A small panel with a name and an address over a screen; words it hides are not there meanwhile.
    fn panel(&mut self, still: &Pen, (x, y): (f32, f32), seed: &mut Seed) -> Pen {
        let (p, known) = self.cast.pick(seed);
        let mut artist = self.artist(self.take.size, "panel", seed);
        artist.pen = still.clone();
        let first_new = artist.pen.words.len();
        let (palette, ink) = (artist.palette, artist.ink());
        artist.pen.fill((x, y), (330.0, 66.0), palette.panel);
        artist.pen.border((x, y), (330.0, 66.0), palette.line);
        let name = artist.value_ink(ink, ("PERSON", p.name(), known));
        artist.pen.text(x + 14.0, y + 26.0, name, &p.name());
        let email = artist.value_ink(ink, ("EMAIL_ADDRESS", p.email.clone(), known));
        artist.pen.text(x + 14.0, y + 50.0, email, &p.email);
        let (left, top) = (x as u32, y as u32);
        let hidden = |w: &DrawnWord| {
            w.ink.left < left + 330
                && w.ink.left + w.ink.width > left
                && w.ink.top < top + 66
                && w.ink.top + w.ink.height > top
        };
        let (mut values, mut pen) = (std::mem::take(&mut artist.values), artist.pen);
        let base = self.adopt(&mut values);
        let old: Vec<DrawnWord> = pen.words.drain(..first_new).filter(|w| !hidden(w)).collect();
        for word in &mut pen.words {
            word.value = word.value.map(|value| value + base);
        }
        pen.words.splice(0..0, old);
        pen
    }

    /// The same with the values' own indices, so that a panel's may stand beside them.
    fn settled(&mut self, layout: Layout, seed: &mut Seed) -> Pen {
        let (mut pen, base) = self.screen(layout, seed);
        for word in &mut pen.words {
            word.value = word.value.map(|value| value + base);
        }
        pen
    }

    fn flash(&mut self, seed: &mut Seed) {
        let still = self.settled(Layout::FormBeside, seed);
        self.hold(&still, 0, 12);
        for place in [(860.0, 120.0), (700.0, 420.0)] {
            let flash = self.panel(&still, place, seed);
            self.camera.show(&flash, 0, 1);
            self.hold(&still, 0, 12);
        }
    }

    fn hint(&mut self, seed: &mut Seed) {
        let still = self.settled(Layout::Table, seed);
        self.hold(&still, 0, 8);
        for (x, y) in [(420.0, 220.0), (600.0, 380.0)] {
            let mut hint = self.panel(&still, (x, y), seed);
            arrow(&mut hint.image, (x as u32 - 8, y as u32 - 12));
            self.hold(&hint, 0, 12);
            self.hold(&still, 0, 6);
        }
    }

    fn corrections(&mut self, seed: &mut Seed) {
        let cast = self.cast;
        let (p, known) = cast.pick(seed);
        let mut artist = self.artist(self.take.size, "corrections", seed);
        artist.chrome("Hire Employee");
        let (label, body) = (artist.muted(), artist.ink());
        for (y, name, value) in
            [(130.0, "Effective Date", "2025-06-30"), (170.0, "Hire Reason", "New position")]
        {
            artist.pen.text(220.0, y, label, name);
            artist.pen.text(450.0, y, body, value);
        }
        artist.pen.text(220.0, 210.0, label, "Legal Name");
        artist.pen.border((444.0, 190.0), (420.0, 28.0), artist.palette.line);
        artist.pen.text(220.0, 250.0, label, "Work Email");
        artist.pen.border((444.0, 230.0), (420.0, 28.0), artist.palette.line);
        let name = artist.value_ink(body, ("PERSON", p.name(), known));
        let email = artist.value_ink(body, ("EMAIL_ADDRESS", p.email.clone(), known));
        let (mut values, blank) = (std::mem::take(&mut artist.values), artist.pen);
        let base = self.adopt(&mut values);
        self.hold(&blank, base, 8);
        let mut filled = blank;
        for (y, ink, text) in [(210.0, name, p.name()), (250.0, email, p.email.clone())] {
            for state in keystrokes(&text, seed) {
                let mut pen = filled.clone();
                let end = if state.is_empty() { 450.0 } else { pen.text(450.0, y, ink, &state) };
                if seed.percent(50) {
                    pen.fill((end + 2.0, y - 14.0), (1.0, 18.0), ink.colour);
                }
                self.camera.show(&pen, base, (self.take.fps / 8).max(1));
            }
            filled.text(450.0, y, ink, &text);
            self.hold(&filled, base, 8);
        }
        self.hold(&filled, base, 10);
    }

    fn cuts(&mut self, seed: &mut Seed) {
        for layout in Layout::ALL.into_iter().chain([Layout::Table, Layout::Card]) {
            let (pen, base) = self.screen(layout, seed);
            self.hold(&pen, base, 9);
        }
    }

    fn highlight(&mut self, seed: &mut Seed) {
        let (still, base) = self.screen(Layout::Table, seed);
        self.hold(&still, base, 10);
        for row in [2u32, 3, 4, 9, 10] {
            let mut pen = still.clone();
            let top = (124.0 + row as f32 * 31.5 - 21.0) as u32;
            tint(&mut pen.image, [210, top, 1260, top + 31], self.take.dark);
            self.hold(&pen, base, 5);
        }
        self.hold(&still, base, 8);
    }

    fn spinner(&mut self, seed: &mut Seed) {
        let (still, base) = self.screen(Layout::FormBeside, seed);
        for frame in 0..self.take.fps * 4 {
            let mut pen = still.clone();
            let colour = if self.take.dark { Rgb([220, 220, 220]) } else { Rgb([40, 40, 40]) };
            if (frame * 2 / self.take.fps).is_multiple_of(2) {
                pen.fill((700.0, 112.0), (2.0, 18.0), colour);
            }
            for dot in 0..8u32 {
                let angle = f64::from(dot) * std::f64::consts::FRAC_PI_4;
                let grey = 90 + 20 * ((dot + frame) % 8) as u8;
                let (x, y) = (740.0 + 9.0 * angle.cos() as f32, 196.0 + 9.0 * angle.sin() as f32);
                pen.fill((x, y), (4.0, 4.0), Rgb([grey, grey, grey]));
            }
            self.camera.show(&pen, base, 1);
        }
    }
}

/// What a field shows while a text is typed, with wrong letters taken back on the way.
fn keystrokes(text: &str, seed: &mut Seed) -> Vec<String> {
    let mut states = Vec::new();
    let mut typed = String::new();
    for (at, c) in text.chars().enumerate() {
        if at > 1 && c.is_alphabetic() && seed.percent(18) {
            states.push(format!("{typed}{}", seed.pick(&['k', 'u', 'g'])));
            states.push(typed.clone());
            if seed.percent(40) {
                let mut shorter = typed.clone();
                shorter.pop();
                states.push(shorter);
                states.push(typed.clone());
            }
        }
        typed.push(c);
        states.push(typed.clone());
    }
    states
}

/// A screen whose view shows the long picture from `offset` pixels below its own place.
fn window(frame: &Pen, long: &Pen, offset: i64) -> Pen {
    let mut pen = frame.clone();
    let [left, top, right, bottom] = VIEW;
    for y in top..bottom {
        let from = i64::from(y) + offset;
        for x in left..right {
            if let Some(pixel) =
                u32::try_from(from).ok().and_then(|from| long.image.get_pixel_checked(x, from))
            {
                pen.image.put_pixel(x, y, *pixel);
            }
        }
    }
    pen.words.extend(long.words.iter().filter_map(|word| {
        let (from, to) =
            (i64::from(word.ink.top) - offset, i64::from(word.ink.top + word.ink.height) - offset);
        let (shown, end) = (from.max(top.into()), to.min(bottom.into()));
        let inside = word.ink.left >= left && word.ink.left + word.ink.width <= right && shown < end;
        // A harmless word that is cut off says nothing about what was covered needlessly.
        let whole = (shown, end) == (from, to);
        let mut ink = word.ink;
        (ink.top, ink.height) = (shown as u32, (end - shown).max(0) as u32);
        (inside && (whole || word.value.is_some())).then(|| DrawnWord { ink, ..word.clone() })
    }));
    pen
}

/// Two screens over each other; what hardly shows yet is no harmless word.
fn mixed(blank: &Pen, full: &Pen, part: f32) -> Pen {
    let mut pen = full.clone();
    for (mixed, under) in pen.image.pixels_mut().zip(blank.image.pixels()) {
        for (over, under) in mixed.0.iter_mut().zip(under.0) {
            *over = (f32::from(under) + (f32::from(*over) - f32::from(under)) * part).round() as u8;
        }
    }
    pen.words.retain(|word| word.value.is_some() || blank.words.contains(word) || part > 0.6);
    pen
}

/// A pointer: a black arrow with a white edge.
fn arrow(image: &mut RgbImage, (x, y): (u32, u32)) {
    for row in 0..19u32 {
        let width = if row < 13 { row } else { 17u32.saturating_sub(row) };
        for column in 0..=width {
            let edge = column == 0 || column == width || row == 18;
            let colour = if edge { Rgb([255, 255, 255]) } else { Rgb([0, 0, 0]) };
            if x + column < image.width() && y + row < image.height() {
                image.put_pixel(x + column, y + row, colour);
            }
        }
    }
}

/// Another background under the text of a box.
fn tint(image: &mut RgbImage, [left, top, right, bottom]: [u32; 4], dark: bool) {
    for y in top..bottom.min(image.height()) {
        for x in left..right.min(image.width()) {
            let pixel = image.get_pixel_mut(x, y);
            let tints = if dark { [14, 20, 34] } else { [216, 232, 252] };
            for (value, tint) in pixel.0.iter_mut().zip(tints) {
                *value = if dark {
                    value.saturating_add(tint)
                } else {
                    (u16::from(*value) * u16::from(tint) / 255) as u8
                };
            }
        }
    }
}
