//! Encodes pictures and writes them, and audio as it came, into a container that says nothing else: no
//! tags, chapters, names, dates or captions. Chooses nothing but codec settings.

use super::engine;
use super::source::{Container, Header};
use custody_rules::{Reason, Refusal};
use ff::codec::{Flags, Id, encoder};
use ff::format::Pixel;
use ff::format::context::{Input, Output, StreamIo};
use ff::{Dictionary, Error, Packet, Rational, color, frame};
use ffmpeg_next as ff;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;

/// How the pictures are coded.
pub(super) struct Style {
    /// Pixels.
    pub(super) size: (u32, u32),
    /// The range of the values that are encoded.
    pub(super) range: color::Range,
    /// The rest of the colour tags: matrix, primaries, transfer.
    pub(super) colours: (color::Space, color::Primaries, color::TransferCharacteristic),
}

/// An audio stream that is kept: where it comes from and where it goes.
struct Kept {
    from: usize,
    to: usize,
    time_base: Rational,
}

/// A recording being written.
pub(super) struct Encoder {
    video: encoder::video::Encoder,
    output: Output,
    time_base: Rational,
    kept: Vec<Kept>,
    /// Coded pictures whose duration is not known yet.
    coded: VecDeque<Packet>,
    durations: VecDeque<i64>,
    last_pts: Option<i64>,
}

/// The container and the encoder for an input's container.
fn formats(container: Container) -> (&'static str, &'static str) {
    match container {
        Container::Mp4 | Container::Mov => ("mp4", "libx264"),
        Container::Mkv => ("matroska", "libx264"),
        Container::WebM => ("webm", "libvpx-vp9"),
    }
}

impl Encoder {
    /// Starts a file at the beginning of `output`; `audio` is the input whose audio is kept.
    ///
    /// # Errors
    /// A [`Refusal`] when ffmpeg lacks an encoder, an audio stream cannot be kept or nothing can be written.
    pub(super) fn start(
        output: &File,
        header: &Header,
        style: &Style,
        audio: Option<&Input>,
    ) -> Result<Self, Refusal> {
        let (muxer, codec) = formats(header.container);
        output.set_len(0)?;
        let target = WriteAt { file: output.try_clone()?, position: 0, end: 0 };
        let io = StreamIo::from_write_seek_with_capacity(target, 256 << 10).map_err(|_| engine())?;
        let mut output = ff::format::output_to_stream(io, None, Some(muxer)).map_err(|_| engine())?;
        let video = open_video(codec, header, style)?;
        let mut stream = output.add_stream_with(video.as_ref()).map_err(|_| engine())?;
        stream.set_time_base(header.time_base);
        stream.set_avg_frame_rate(header.rate);
        let kept = audio.map_or(Ok(Vec::new()), |input| keep_audio(input, &mut output))?;
        let mut options = Dictionary::new();
        options.set("fflags", "+bitexact");
        output
            .write_header_with(options)
            .map_err(|_| if kept.is_empty() { engine() } else { audio_refused() })?;
        Ok(Self {
            video,
            output,
            time_base: header.time_base,
            kept,
            coded: VecDeque::new(),
            durations: VecDeque::new(),
            last_pts: None,
        })
    }

    /// Encodes one picture shown at `pts`.
    ///
    /// # Errors
    /// A [`Refusal`] when it cannot be encoded or written.
    pub(super) fn picture(&mut self, mut picture: frame::Video, pts: i64) -> Result<(), Refusal> {
        if let Some(last) = self.last_pts.replace(pts) {
            self.durations.push_back(pts - last);
        }
        picture.set_pts(Some(pts));
        self.video.send_frame(&picture).map_err(|_| unwritable())?;
        self.drain()
    }

    /// Writes a packet of another stream, if that stream is kept.
    ///
    /// # Errors
    /// A [`Refusal`] when it cannot be written.
    pub(super) fn other(&mut self, mut packet: Packet) -> Result<(), Refusal> {
        let Some(kept) = self.kept.iter().find(|kept| kept.from == packet.stream()) else { return Ok(()) };
        let target = self.output.stream(kept.to).map_or(kept.time_base, |stream| stream.time_base());
        packet.rescale_ts(kept.time_base, target);
        packet.set_stream(kept.to);
        packet.set_position(-1);
        packet.write_interleaved(&mut self.output).map_err(|_| unwritable())
    }

    /// Ends the file; the last picture is shown for `duration`.
    ///
    /// # Errors
    /// A [`Refusal`] when the rest cannot be encoded or written.
    pub(super) fn finish(mut self, duration: i64) -> Result<(), Refusal> {
        self.durations.push_back(duration);
        self.video.send_eof().map_err(|_| unwritable())?;
        self.drain()?;
        if !self.coded.is_empty() || !self.durations.is_empty() {
            return Err(unwritable());
        }
        self.output.write_trailer().map_err(|_| unwritable())
    }

    /// Writes what the encoder gives out and whose duration is known.
    fn drain(&mut self) -> Result<(), Refusal> {
        loop {
            let mut packet = Packet::empty();
            match self.video.receive_packet(&mut packet) {
                Ok(()) => self.coded.push_back(packet),
                Err(Error::Eof) => break,
                Err(Error::Other { errno }) if errno == ff::error::EAGAIN => break,
                Err(_) => return Err(unwritable()),
            }
        }
        let target = self.output.stream(0).map_or(self.time_base, |stream| stream.time_base());
        while !self.durations.is_empty() {
            let Some(mut packet) = self.coded.pop_front() else { break };
            packet.set_duration(self.durations.pop_front().unwrap_or_default());
            packet.rescale_ts(self.time_base, target);
            packet.set_stream(0);
            packet.write_interleaved(&mut self.output).map_err(|_| unwritable())?;
        }
        Ok(())
    }
}

fn open_video(name: &str, header: &Header, style: &Style) -> Result<encoder::video::Encoder, Refusal> {
    let missing = || {
        let detail = format!("ffmpeg lacks the encoder {name}: install one that has it");
        Refusal::new(Reason::EngineMissing, detail)
    };
    let codec = encoder::find_by_name(name).ok_or_else(missing)?;
    let mut context = ff::codec::Context::new_with_codec(codec);
    context.set_flags(Flags::GLOBAL_HEADER | Flags::BITEXACT | Flags::CLOSED_GOP);
    let mut video = context.encoder().video().map_err(|_| engine())?;
    video.set_width(style.size.0);
    video.set_height(style.size.1);
    video.set_format(Pixel::YUV420P);
    video.set_time_base(header.time_base);
    video.set_frame_rate((header.rate.numerator() > 0).then_some(header.rate));
    video.set_aspect_ratio(header.aspect);
    video.set_color_range(style.range);
    video.set_colorspace(style.colours.0);
    video.set_color_primaries(style.colours.1);
    video.set_color_transfer_characteristic(style.colours.2);
    // Frames leave in the order they come: no reordering, so no edit list and no shifted times.
    video.set_max_b_frames(0);
    let mut options = Dictionary::new();
    for (key, value) in settings(name) {
        options.set(key, value);
    }
    video.open_as_with(codec, options).map_err(|_| engine())
}

/// Fixed thread counts: the same input gives the same bytes. No captions are carried over (`a53cc`).
fn settings(encoder: &str) -> &'static [(&'static str, &'static str)] {
    if encoder == "libx264" {
        &[("preset", "veryfast"), ("crf", "20"), ("threads", "2"), ("a53cc", "0")]
    } else {
        &[
            ("deadline", "realtime"),
            ("cpu-used", "8"),
            ("crf", "24"),
            ("b", "0"),
            ("row-mt", "1"),
            ("tile-columns", "1"),
            ("lag-in-frames", "0"),
            ("threads", "2"),
        ]
    }
}

/// Adds a stream for every audio stream of the input. Only codecs whose set-up data has no room for tags.
fn keep_audio(input: &Input, output: &mut Output) -> Result<Vec<Kept>, Refusal> {
    let mut kept = Vec::new();
    for stream in input.streams() {
        let parameters = stream.parameters();
        if parameters.medium() != ff::media::Type::Audio {
            continue;
        }
        if !matches!(parameters.id(), Id::AAC | Id::OPUS | Id::MP3 | Id::AC3 | Id::EAC3) {
            return Err(audio_refused());
        }
        let mut added = output.add_stream(encoder::find(Id::None)).map_err(|_| engine())?;
        added.set_parameters(parameters);
        added.set_time_base(stream.time_base());
        kept.push(Kept { from: stream.index(), to: added.index(), time_base: stream.time_base() });
    }
    Ok(kept)
}

fn audio_refused() -> Refusal {
    let detail = "its audio cannot be kept as it is (AAC, Opus, MP3 and AC-3 can): leave out --keep-audio";
    Refusal::new(Reason::Unsupported, detail)
}

fn unwritable() -> Refusal {
    Refusal::new(Reason::Unwritable, "the redacted recording could not be encoded or written")
}

/// Writes at a position of its own into a descriptor that others may share.
struct WriteAt {
    file: File,
    position: u64,
    end: u64,
}

impl Write for WriteAt {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write_at(bytes, self.position)?;
        self.position += written as u64;
        self.end = self.end.max(self.position);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for WriteAt {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
