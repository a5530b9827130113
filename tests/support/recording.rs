//! Screen recordings: frames are piped to the `ffmpeg` command. A name is typed letter by letter, the page
//! changes, a message pops up for a few frames, the container names somebody in its title.

use super::page::{Artist, Layout, Look, Page, Shown};
use super::pen::{Face, Pen};
use super::people::Cast;
use super::planted::{DrawnWord, PixelBox, Place, Planter};
use super::seed::Seed;
use image::RgbImage;
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// How a recording is made.
#[derive(Debug, Clone, Copy)]
pub struct Take {
    /// Frames a second.
    pub fps: u32,
    /// Seconds.
    pub seconds: u32,
    /// Pixels, even.
    pub size: (u32, u32),
    /// Light on dark.
    pub dark: bool,
    /// Whether a tone is recorded too.
    pub audio: bool,
}

impl Default for Take {
    fn default() -> Self {
        Self { fps: 10, seconds: 10, size: (1280, 720), dark: false, audio: true }
    }
}

/// Records into a file, whose ending chooses container and codec: `.mp4` and `.mkv` H.264, `.webm` VP9.
pub fn record(path: &Path, take: Take, cast: &Cast, seed: &Seed, planter: &mut Planter) {
    let mut seed = seed.fork("recording");
    let title = format!("Onboarding {}", cast.people[3].name());
    let mut camera = Camera::start(path, take, &title);
    planter.plant("PERSON", &cast.people[3].name(), true, Place::Anywhere);
    let frames = take.fps * take.seconds;
    let mut values = Vec::new();
    let look = Look { dark: take.dark, size: 15.0, scale: 1.0, face: Face::Liberation };
    while camera.frame < frames {
        let mut scene = Scene { take, look, cast, camera: &mut camera, values: &mut values };
        scene.typing(&mut seed);
        scene.popup(&mut seed);
        scene.still(Layout::Card, take.fps * 5 / 2, &mut seed);
    }
    let words = camera.finish();
    Page { image: RgbImage::new(1, 1), words, values }.plant(planter);
}

/// A few seconds of one screen.
pub(super) struct Scene<'a> {
    pub(super) take: Take,
    pub(super) look: Look,
    pub(super) cast: &'a Cast,
    pub(super) camera: &'a mut Camera,
    pub(super) values: &'a mut Vec<Shown>,
}

impl Scene<'_> {
    /// Four seconds of a form into which a name is typed.
    fn typing(&mut self, seed: &mut Seed) {
        let cast = self.cast;
        let (p, known) = cast.pick(seed);
        let mut artist = Artist::new(self.take.size, self.look, cast, &seed.fork("typing"));
        artist.chrome("Hire Employee");
        let mut y = 130.0;
        let (label, body) = (artist.muted(), artist.ink());
        for (name, value) in [("Effective Date", "2025-06-30"), ("Hire Reason", "New position")] {
            artist.pen.text(220.0, y, label, name);
            artist.pen.text(450.0, y, body, value);
            y += 40.0;
        }
        artist.pen.text(220.0, y, label, "Employee ID");
        let id = artist.value_ink(body, ("EMPLOYEE_ID", p.employee_id.clone(), known));
        artist.pen.text(450.0, y, id, &p.employee_id);
        y += 40.0;
        artist.pen.text(220.0, y, label, "Legal Name");
        artist.pen.border((444.0, y - 20.0), (420.0, 28.0), artist.palette.line);
        let ink = artist.value_ink(body, ("PERSON", p.name(), known));
        let (blank, base) = (artist.pen.clone(), self.adopt(&mut artist.values));
        let (fps, name) = (self.take.fps, p.name());
        self.camera.show(&blank, base, fps * 4 / 5);
        let each = (fps / 8).max(1);
        let mut shown = fps * 4 / 5;
        for (end, c) in name.char_indices() {
            let mut pen = blank.clone();
            pen.text(450.0, y, ink, &name[..end + c.len_utf8()]);
            let left = name[end..].chars().count() == 1;
            let frames = if left { (fps * 4).saturating_sub(shown).max(fps) } else { each };
            self.camera.show(&pen, base, frames);
            shown += frames;
        }
    }

    /// Three and a half seconds of a worker table with a message that pops up for three frames.
    fn popup(&mut self, seed: &mut Seed) {
        let (p, known) = self.cast.pick(seed);
        let mut artist = Artist::new(self.take.size, self.look, self.cast, &seed.fork("popup"));
        artist.screen(Layout::Table);
        let still = artist.pen.clone();
        let (x, y) = (820.0, 60.0);
        artist.pen.fill((x, y), (430.0, 46.0), artist.palette.panel);
        artist.pen.border((x, y), (430.0, 46.0), artist.palette.line);
        let ink = artist.ink();
        let end = artist.pen.text(x + 14.0, y + 29.0, ink, "Saved Worker: ");
        let name = artist.value_ink(ink, ("PERSON", p.name(), known));
        artist.pen.text(end, y + 29.0, name, &p.name());
        // What the message hides is not on the screen meanwhile.
        let covered = |w: &DrawnWord| {
            w.ink.top < 106 && w.ink.top + w.ink.height > 60 && w.ink.left + w.ink.width > 820
        };
        let first_new = still.words.len();
        let kept = |(i, w): (usize, DrawnWord)| (i >= first_new || !covered(&w)).then_some(w);
        artist.pen.words =
            std::mem::take(&mut artist.pen.words).into_iter().enumerate().filter_map(kept).collect();
        let popped = artist.pen.clone();
        let base = self.adopt(&mut artist.values);
        let fps = self.take.fps;
        self.camera.show(&still, base, fps * 3 / 2);
        self.camera.show(&popped, base, 3);
        self.camera.show(&still, base, fps * 2 - 3);
    }

    pub(super) fn still(&mut self, layout: Layout, frames: u32, seed: &mut Seed) {
        let mut artist = Artist::new(
            self.take.size,
            self.look,
            self.cast,
            &seed.fork(&format!("{}", seed.clone().next())),
        );
        artist.screen(layout);
        let base = self.adopt(&mut artist.values);
        self.camera.show(&artist.pen, base, frames);
    }

    /// Takes over a screen's values; returns the index that its first one has now.
    pub(super) fn adopt(&mut self, values: &mut Vec<Shown>) -> u32 {
        let base = self.values.len() as u32;
        self.values.append(values);
        base
    }
}

/// Words on the screen (text, box, value) and the frame since when.
type OnScreen = HashMap<(String, [u32; 4], Option<u32>), u32>;

/// The running `ffmpeg`, and which words are on the screen since when.
pub(super) struct Camera {
    ffmpeg: Child,
    pipe: Option<ChildStdin>,
    pub(super) frame: u32,
    frames_max: u32,
    open: OnScreen,
    done: Vec<DrawnWord>,
}

impl Camera {
    pub(super) fn start(path: &Path, take: Take, title: &str) -> Self {
        let (width, height) = take.size;
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]);
        command.args(["-s", &format!("{width}x{height}"), "-r", &take.fps.to_string(), "-i", "-"]);
        if take.audio {
            let tone = format!("sine=frequency=440:duration={}", take.seconds);
            command.args(["-f", "lavfi", "-i", &tone, "-map", "0:v", "-map", "1:a"]);
        }
        let webm = path.extension().is_some_and(|e| e == "webm");
        let codec: &[&str] = if webm {
            &[
                "-c:v",
                "libvpx-vp9",
                "-deadline",
                "realtime",
                "-cpu-used",
                "8",
                "-crf",
                "30",
                "-b:v",
                "0",
                "-c:a",
                "libopus",
            ]
        } else {
            &["-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-c:a", "aac"]
        };
        command.args(codec).args(["-pix_fmt", "yuv420p", "-metadata", &format!("title={title}")]).arg(path);
        let mut ffmpeg = command.stdin(Stdio::piped()).spawn().expect("the ffmpeg command is installed");
        let pipe = ffmpeg.stdin.take();
        let frames_max = take.fps * take.seconds;
        Self { ffmpeg, pipe, frame: 0, frames_max, open: HashMap::new(), done: Vec::new() }
    }

    /// Holds a picture for some frames; its values' indices grow by `base`.
    pub(super) fn show(&mut self, pen: &Pen, base: u32, frames: u32) {
        let frames = frames.min(self.frames_max - self.frame);
        if frames == 0 {
            return;
        }
        let mut open = HashMap::new();
        for w in &pen.words {
            let b = w.ink;
            let key = (w.text.clone(), [b.left, b.top, b.width, b.height], w.value.map(|v| v + base));
            let since = self.open.remove(&key).unwrap_or(self.frame);
            open.insert(key, since);
        }
        let gone = std::mem::replace(&mut self.open, open);
        self.close(gone);
        let pipe = self.pipe.as_mut().expect("open until the end");
        for _ in 0..frames {
            pipe.write_all(pen.image.as_raw()).expect("ffmpeg takes frames");
        }
        self.frame += frames;
    }

    fn close(&mut self, gone: OnScreen) {
        for ((text, [left, top, width, height], value), first_frame) in gone {
            let ink = PixelBox { left, top, width, height };
            self.done.push(DrawnWord { text, ink, value, first_frame, last_frame: self.frame - 1 });
        }
    }

    pub(super) fn finish(mut self) -> Vec<DrawnWord> {
        let gone = std::mem::take(&mut self.open);
        self.close(gone);
        drop(self.pipe.take());
        let status = self.ffmpeg.wait().expect("ffmpeg ends");
        assert!(status.success(), "ffmpeg: {status}");
        let order = |w: &DrawnWord| (w.first_frame, w.ink.top, w.ink.left, w.last_frame);
        self.done.sort_by_key(order);
        self.done
    }
}
