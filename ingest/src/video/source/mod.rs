//! Opens a recording and yields its pictures one by one, numbered from 0: the one place where frames get
//! their numbers. It neither reads text nor writes anything.
//!
//! This folder knows no other module of its crate: the reader (`custody_ingest::video`) and the writer
//! (`custody_redact::writers::video`) both compile it, so that both count the same frames.

mod container;
mod plain;
mod turn;

pub(crate) use container::{AtOffset, Container};
// The reader takes the grey plane alone.
#[allow(unused_imports, reason = "only the writer converts pictures that need no turning")]
pub(crate) use plain::Plain;

use custody_rules::{Limits, MediaSummary, Reason, Refusal};
use ff::codec::{Id, decoder, threading};
use ff::format::context::{Input, StreamIo};
use ff::packet::side_data::Type as PacketSideData;
use ff::util::frame::side_data::Type as FrameSideData;
use ff::{Dictionary, Error, Packet, Rational, color, frame};
use ffmpeg_next as ff;
use std::fs::File;
use turn::Turn;

/// What is said of a recording before its first picture is decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    /// The container.
    pub(crate) container: Container,
    /// Pixels, upright.
    pub(crate) width: u32,
    /// Pixels, upright.
    pub(crate) height: u32,
    /// Unit of all timestamps of pictures.
    pub(crate) time_base: Rational,
    /// Frames a second, on average; 0/… when unknown.
    pub(crate) rate: Rational,
    /// How many frames are expected; 0 when unknown.
    pub(crate) frames_estimate: u64,
    /// How pixels are stored, as far as the header tells, before a picture is turned upright.
    pub(crate) pixel_format: ff::format::Pixel,
    /// Width over height of one pixel.
    pub(crate) aspect: Rational,
    /// The range of the values.
    pub(crate) range: color::Range,
    /// Matrix, primaries and transfer.
    pub(crate) colours: (color::Space, color::Primaries, color::TransferCharacteristic),
}

/// One decoded picture, upright.
pub(crate) struct Picture {
    /// Its planes; they can belong to the decoder, so they are only read.
    pub(crate) frame: frame::Video,
    /// Counted from 0.
    pub(crate) number: u32,
    /// When it is shown, in units of the time base.
    pub(crate) pts: i64,
    /// How long its packet says it is shown, in units of the time base; 0 when it does not say.
    pub(crate) duration: i64,
}

/// A recording being decoded.
pub(crate) struct Source {
    input: Input,
    decoder: decoder::Video,
    stream: usize,
    header: Header,
    pixel_format: Option<ff::format::Pixel>,
    turn: Turn,
    plain: Plain,
    next_number: u32,
    /// First timestamp, and the end of the last picture.
    covered: Option<(i64, i64)>,
    last_pts: Option<i64>,
    draining: bool,
}

impl Source {
    /// Opens a recording and checks all that can be checked before decoding.
    ///
    /// # Errors
    /// A [`Refusal`] when it is no recording that is supported, is cut off or exceeds the limits.
    pub(crate) fn open(file: &File, limits: &Limits) -> Result<Self, Refusal> {
        ff::util::log::set_level(ff::util::log::Level::Quiet);
        let container = container::inspect(file)?;
        let io = StreamIo::from_read_seek_with_capacity(AtOffset::new(file)?, 256 << 10).map_err(engine)?;
        let mut options = Dictionary::new();
        options.set("format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm");
        options.set("protocol_whitelist", "none");
        options.set("codec_whitelist", "h264,hevc,vp8,vp9,av1,libdav1d,libaom-av1");
        options.set("max_streams", "64");
        let input =
            ff::format::input_from_stream(io, None, Some(options)).map_err(|error| broken(error, 0))?;
        let (stream, turn) = the_video(&input)?;
        let decoder = open_decoder(&input, stream, limits)?;
        let header = header(&input, (stream, turn), &decoder, container)?;
        check_size(header.width, header.height, limits)?;
        Ok(Self {
            input,
            decoder,
            stream,
            header,
            pixel_format: None,
            turn,
            plain: Plain::default(),
            next_number: 0,
            covered: None,
            last_pts: None,
            draining: false,
        })
    }

    /// What the header says.
    pub(crate) fn header(&self) -> Header {
        self.header
    }

    /// The demuxer, for the parameters of the other streams.
    pub(crate) fn input(&self) -> &Input {
        &self.input
    }

    /// The next picture, or `None` after the last; packets of other streams go to `other` on the way.
    ///
    /// # Errors
    /// A [`Refusal`] when anything of the recording is damaged or missing, or when `other` says so.
    pub(crate) fn next(
        &mut self,
        other: &mut dyn FnMut(Packet) -> Result<(), Refusal>,
    ) -> Result<Option<Picture>, Refusal> {
        loop {
            let mut frame = frame::Video::empty();
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => return self.accept(frame).map(Some),
                Err(Error::Eof) => return self.check_end().map(|()| None),
                Err(Error::Other { errno }) if errno == ff::error::EAGAIN => self.feed(other)?,
                Err(error) => return Err(broken(error, self.next_number)),
            }
        }
    }

    /// What is known at the end.
    pub(crate) fn summary(&self) -> MediaSummary {
        let (first, end) = self.covered.unwrap_or_default();
        MediaSummary {
            width: self.header.width,
            height: self.header.height,
            frames: self.next_number,
            duration_ms: milliseconds(end - first, self.header.time_base),
            format: self.header.container.ending().to_owned(),
        }
    }

    /// Gives the decoder one more packet, or tells it that there is none.
    fn feed(&mut self, other: &mut dyn FnMut(Packet) -> Result<(), Refusal>) -> Result<(), Refusal> {
        if self.draining {
            return Err(broken(Error::Bug, self.next_number));
        }
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.is_corrupt() => return Err(cut_off(self.next_number)),
                Ok(()) if packet.stream() == self.stream => {
                    return self.decoder.send_packet(&packet).map_err(|e| broken(e, self.next_number));
                }
                Ok(()) => other(packet)?,
                Err(Error::Eof) => {
                    self.draining = true;
                    return self.decoder.send_eof().map_err(|e| broken(e, self.next_number));
                }
                Err(error) => return Err(broken(error, self.next_number)),
            }
        }
    }

    fn accept(&mut self, frame: frame::Video) -> Result<Picture, Refusal> {
        let number = self.next_number;
        if frame.is_corrupt() || frame.has_decode_errors() {
            return Err(broken(Error::InvalidData, number));
        }
        // A frame repeats the recording's matrix; another one would turn it while it runs.
        let matrix = frame.side_data(FrameSideData::DisplayMatrix);
        if matrix.is_some_and(|data| Turn::of(data.data()) != Some(self.turn)) {
            return Err(projected());
        }
        let same_format = *self.pixel_format.get_or_insert(frame.format()) == frame.format();
        let size = self.turn.size((frame.width(), frame.height()));
        if size != (self.header.width, self.header.height) || !same_format {
            let detail = format!("the size or pixel format changes at frame {number}: record at one size");
            return Err(Refusal::new(Reason::Unsupported, detail));
        }
        let pts = frame.timestamp().filter(|&pts| self.last_pts.is_none_or(|last| pts > last));
        let Some(pts) = pts else {
            let detail = format!("the time of frame {number} is missing or not after the one before");
            return Err(Refusal::new(Reason::Malformed, detail));
        };
        let duration = frame.packet().duration.clamp(0, i64::from(u32::MAX));
        self.last_pts = Some(pts);
        let first = self.covered.map_or(pts, |(first, _)| first);
        self.covered = Some((first, pts.saturating_add(duration)));
        self.next_number = number
            .checked_add(1)
            .ok_or_else(|| Refusal::new(Reason::TooLarge, "more frames than can be counted"))?;
        let frame = self.turn.upright(frame, &mut self.plain)?;
        Ok(Picture { frame, number, pts, duration })
    }

    /// Compares what was decoded with what was declared.
    fn check_end(&self) -> Result<(), Refusal> {
        let Some((first, end)) = self.covered else {
            return Err(Refusal::new(Reason::Empty, "there is no frame in it"));
        };
        let decoded_ms = milliseconds(end - first, self.header.time_base);
        let own = self.input.stream(self.stream).map_or(0, |stream| stream.duration());
        let (declared_ms, slack_ms) = if self.header.container.is_matroska() {
            // The whole file's, audio included, and the last picture may stand still: only gross gaps count.
            (milliseconds(self.input.duration(), Rational(1, 1_000_000)), decoded_ms + 5_000)
        } else {
            (milliseconds(own, self.header.time_base), decoded_ms / 50 + 1_000)
        };
        let has_others = self.input.nb_streams() > 1 && self.header.container.is_matroska();
        if !has_others && declared_ms > decoded_ms + slack_ms {
            let detail = format!("it declares {declared_ms} ms, but only {decoded_ms} ms can be decoded");
            return Err(Refusal::new(Reason::Truncated, detail));
        }
        Ok(())
    }
}

/// Turns a timestamp into milliseconds, 0 for negative ones.
pub(crate) fn milliseconds(time: i64, base: Rational) -> u64 {
    let (numerator, denominator) = (i128::from(base.numerator()), i128::from(base.denominator().max(1)));
    u64::try_from(i128::from(time) * numerator * 1_000 / denominator).unwrap_or(0)
}

/// The one video stream that is not a cover picture, and how it is shown.
fn the_video(input: &Input) -> Result<(usize, Turn), Refusal> {
    let mut found = None;
    for stream in input.streams() {
        let cover = stream.disposition().contains(ff::format::stream::Disposition::ATTACHED_PIC);
        if stream.parameters().medium() != ff::media::Type::Video || cover {
            continue;
        }
        let mut turn = Turn::default();
        for data in stream.side_data() {
            match data.kind() {
                PacketSideData::DisplayMatrix => turn = Turn::of(data.data()).ok_or_else(projected)?,
                PacketSideData::DataSpherical => return Err(projected()),
                _ => {}
            }
        }
        if found.replace((stream.index(), turn)).is_some() {
            let detail = "it holds several video tracks: keep one of them and try again";
            return Err(Refusal::new(Reason::Unsupported, detail));
        }
    }
    found.ok_or_else(|| Refusal::new(Reason::Empty, "there is no video in it"))
}

fn open_decoder(input: &Input, stream: usize, limits: &Limits) -> Result<decoder::Video, Refusal> {
    let missing = || Refusal::new(Reason::Empty, "there is no video in it");
    let stream = input.stream(stream).ok_or_else(missing)?;
    let id = stream.parameters().id();
    if !matches!(id, Id::H264 | Id::HEVC | Id::VP8 | Id::VP9 | Id::AV1) {
        let detail = "its video is none of H.264, HEVC, VP8, VP9 and AV1: convert it first";
        return Err(Refusal::new(Reason::Unsupported, detail));
    }
    let codec = decoder::find(id).ok_or_else(|| engine(Error::DecoderNotFound))?;
    let mut context = ff::codec::Context::from_parameters(stream.parameters()).map_err(engine)?;
    context.set_threading(threading::Config { count: 2, ..threading::Config::kind(threading::Type::Frame) });
    let mut decoder = context.decoder();
    decoder.set_packet_time_base(stream.time_base());
    let mut options = Dictionary::new();
    options.set("err_detect", "explode");
    options.set("max_pixels", &limits.pixels_max.saturating_mul(2).min(i32::MAX as u64).to_string());
    let opened = decoder.open_as_with(codec, options).map_err(|error| broken(error, 0))?;
    opened.video().map_err(|error| broken(error, 0))
}

fn header(
    input: &Input,
    (stream, turn): (usize, Turn),
    decoder: &decoder::Video,
    container: Container,
) -> Result<Header, Refusal> {
    let stream = input.stream(stream).ok_or_else(|| broken(Error::StreamNotFound, 0))?;
    let time_base = stream.time_base();
    if time_base.numerator() <= 0 || time_base.denominator() <= 0 {
        return Err(Refusal::new(Reason::Malformed, "its time unit is not positive"));
    }
    let rate = stream.avg_frame_rate();
    let counted = u64::try_from(stream.frames()).unwrap_or(0);
    let frames_estimate = if counted > 0 {
        counted
    } else {
        let seconds = input.duration().max(0) as f64 / 1e6;
        (seconds * f64::from(rate.numerator().max(0)) / f64::from(rate.denominator().max(1))) as u64
    };
    let (width, height) = turn.size((decoder.width(), decoder.height()));
    let aspect = decoder.aspect_ratio();
    Ok(Header {
        container,
        width,
        height,
        time_base,
        rate,
        frames_estimate,
        pixel_format: decoder.format(),
        aspect: if turn.swaps() && aspect.numerator() > 0 { aspect.invert() } else { aspect },
        range: decoder.color_range(),
        colours: (decoder.color_space(), decoder.color_primaries(), decoder.color_transfer_characteristic()),
    })
}

fn check_size(width: u32, height: u32, limits: &Limits) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(Refusal::new(Reason::Malformed, "its frames have no size"));
    }
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > limits.side_px_max || pixels > limits.pixels_max {
        let detail = format!(
            "frames of {width}×{height} exceed the limit of {} pixels a side or {} in all",
            limits.side_px_max, limits.pixels_max
        );
        return Err(Refusal::new(Reason::TooLarge, detail));
    }
    Ok(())
}

fn projected() -> Refusal {
    let detail = "it is shown projected, sheared or scaled, or turned while it runs: save it upright";
    Refusal::new(Reason::Unsupported, detail)
}

fn cut_off(number: u32) -> Refusal {
    Refusal::new(Reason::Truncated, format!("its data is cut off after frame {number}"))
}

fn engine(_: Error) -> Refusal {
    Refusal::new(Reason::EngineMissing, "ffmpeg could not be set up for it: run `custody doctor`")
}

/// Turns an error of the demuxer or decoder into a refusal.
fn broken(error: Error, number: u32) -> Refusal {
    match error {
        Error::Other { errno } if errno == ff::error::ENOMEM => {
            Refusal::new(Reason::TooLarge, "it needs more memory than there is")
        }
        Error::DecoderNotFound | Error::DemuxerNotFound => engine(error),
        Error::PatchWelcome => {
            Refusal::new(Reason::Unsupported, "it uses a feature that the decoder does not know")
        }
        _ => Refusal::new(Reason::Malformed, format!("it cannot be decoded at frame {number}")),
    }
}
