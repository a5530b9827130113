//! Looks at the outermost structure of an MP4 or Matroska file: which of them it is, and whether it ends
//! where it says. It decodes nothing and allocates nothing that depends on the file.

use custody_rules::{Reason, Refusal};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

/// Which container a recording comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// ISO base media: MP4, M4V, 3GP.
    Mp4,
    /// QuickTime.
    Mov,
    /// Matroska.
    Mkv,
    /// Matroska's subset for the web.
    WebM,
}

impl Container {
    /// Its usual file ending.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Mkv => "mkv",
            Self::WebM => "webm",
        }
    }

    /// Whether it is of the Matroska family.
    pub(crate) fn is_matroska(self) -> bool {
        matches!(self, Self::Mkv | Self::WebM)
    }
}

/// Reads a file at a position of its own, whatever others do with the shared one.
#[derive(Debug)]
pub(crate) struct AtOffset {
    file: File,
    position: u64,
    length: u64,
}

impl AtOffset {
    /// Starts at the beginning.
    ///
    /// # Errors
    /// When the descriptor cannot be duplicated or has no length.
    pub(crate) fn new(file: &File) -> std::io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file: file.try_clone()?, position: 0, length })
    }
}

impl Read for AtOffset {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read_at(buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for AtOffset {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// Says which container a file is, after walking its outermost elements to the end.
///
/// # Errors
/// `Empty`, `Unsupported` for anything else, `Truncated` when an element ends behind the file or the index
/// is missing, `Malformed` when a size is impossible.
pub(crate) fn inspect(file: &File) -> Result<Container, Refusal> {
    let at = AtOffset::new(file)?;
    let length = at.length;
    if length == 0 {
        return Err(Refusal::new(Reason::Empty, "the file is empty"));
    }
    let mut walk = Walk { reader: BufReader::with_capacity(64 << 10, at), position: 0, length };
    let mut head = [0u8; 12];
    walk.exact(&mut head)?;
    walk.rewind()?;
    match &head {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => walk.matroska(),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => {
            let mov = brand == b"qt  ";
            walk.boxes().map(|()| if mov { Container::Mov } else { Container::Mp4 })
        }
        [_, _, _, _, kind @ ..]
            if [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"]
                .iter()
                .any(|k| kind.starts_with(*k)) =>
        {
            walk.boxes().map(|()| Container::Mov)
        }
        _ => Err(Refusal::new(Reason::Unsupported, "neither MP4, MOV, MKV nor WebM")),
    }
}

/// A position in the file that only moves forward.
struct Walk {
    reader: BufReader<AtOffset>,
    position: u64,
    length: u64,
}

/// The size an EBML element gives.
#[derive(Clone, Copy)]
enum Size {
    Known(u64),
    Unknown,
}

const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1f43_b675;
const DOC_TYPE: u32 = 0x4282;
const EBML: u32 = 0x1a45_dfa3;

/// Whether an element may stand in a header, a segment or a cluster (RFC 9559, section 5.1).
fn is_known(id: u32) -> bool {
    let header = [0x4286, 0x42f7, 0x42f2, 0x42f3, 0x4287, 0x4285, 0x4281];
    let segment = [0x114d_9b74, 0x1549_a966, 0x1654_ae6b, 0x1c53_bb6b, 0x1941_a469, 0x1043_a770, 0x1254_c367];
    let cluster = [0xe7, 0x5854, 0xa7, 0xab, 0xa3, 0xa0, 0xaf];
    let anywhere = [0xec, 0xbf];
    [&header[..], &segment, &cluster, &anywhere].iter().any(|ids| ids.contains(&id))
}

impl Walk {
    fn rewind(&mut self) -> Result<(), Refusal> {
        self.reader.rewind()?;
        self.position = 0;
        Ok(())
    }

    fn exact(&mut self, buffer: &mut [u8]) -> Result<(), Refusal> {
        self.reader.read_exact(buffer).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => truncated(self.length),
            _ => Refusal::from_io(&error),
        })?;
        self.position += buffer.len() as u64;
        Ok(())
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Refusal> {
        if bytes > self.length.saturating_sub(self.position) {
            return Err(truncated(self.length));
        }
        self.reader.seek_relative(bytes.cast_signed())?;
        self.position += bytes;
        Ok(())
    }

    /// Walks the boxes of an MP4 or MOV to the end of the file.
    fn boxes(&mut self) -> Result<(), Refusal> {
        let mut index = false;
        while self.position < self.length {
            let start = self.position;
            let mut head = [0u8; 8];
            self.exact(&mut head)?;
            let [a, b, c, d, kind @ ..] = head;
            index |= &kind == b"moov";
            let size = match u32::from_be_bytes([a, b, c, d]) {
                0 => break, // to the end of the file
                1 => {
                    let mut long = [0u8; 8];
                    self.exact(&mut long)?;
                    u64::from_be_bytes(long)
                }
                short => u64::from(short),
            };
            let Some(rest) = size.checked_sub(self.position - start) else {
                return Err(malformed(start));
            };
            self.skip(rest)?;
        }
        if index {
            return Ok(());
        }
        Err(Refusal::new(Reason::Truncated, "it has no index (moov): the recording was not finished"))
    }

    /// Walks an EBML header, the segment behind it and the clusters in it, block by block: what does not
    /// follow the format would be passed over in silence by the demuxer.
    fn matroska(&mut self) -> Result<Container, Refusal> {
        let mut container = Container::Mkv;
        // Where the segment and the cluster end that the position is in, if they say so.
        let (mut segment_end, mut cluster_end) = (None, None);
        while self.position < self.length && Some(self.position) != segment_end {
            let start = self.position;
            let (id, size) = (self.id()?, self.size()?);
            match (id, size) {
                (EBML, Size::Known(_)) => {}
                (SEGMENT, size) => segment_end = self.end(size)?,
                (CLUSTER, size) if cluster_end.is_none() => cluster_end = self.end(size)?,
                (DOC_TYPE, Size::Known(bytes @ 1..=16)) => {
                    let mut name = [0u8; 16];
                    self.exact(&mut name[..bytes as usize])?;
                    if name.starts_with(b"webm") {
                        container = Container::WebM;
                    }
                }
                (id, Size::Known(bytes)) if is_known(id) => self.skip(bytes)?,
                _ => return Err(malformed(start)),
            }
            let now = self.position;
            if cluster_end.is_some_and(|end| now > end) || segment_end.is_some_and(|end| now > end) {
                return Err(malformed(start));
            }
            cluster_end = cluster_end.filter(|&end| now < end);
        }
        Ok(container)
    }

    /// Where an element that begins here ends.
    fn end(&self, size: Size) -> Result<Option<u64>, Refusal> {
        match size {
            Size::Unknown => Ok(None),
            Size::Known(bytes) => match self.position.checked_add(bytes) {
                Some(end) if end <= self.length => Ok(Some(end)),
                _ => Err(truncated(self.length)),
            },
        }
    }

    fn id(&mut self) -> Result<u32, Refusal> {
        let mut bytes = [0u8; 4];
        self.exact(&mut bytes[..1])?;
        let more = bytes[0].leading_zeros() as usize;
        if more > 3 {
            return Err(malformed(self.position - 1));
        }
        self.exact(&mut bytes[1..=more])?;
        Ok(u32::from_be_bytes(bytes) >> (8 * (3 - more)))
    }

    fn size(&mut self) -> Result<Size, Refusal> {
        let mut bytes = [0u8; 8];
        self.exact(&mut bytes[..1])?;
        let more = bytes[0].leading_zeros() as usize;
        if more > 7 {
            return Err(malformed(self.position - 1));
        }
        self.exact(&mut bytes[1..=more])?;
        let ones = (1u64 << (7 * (more + 1))) - 1;
        let value = (u64::from_be_bytes(bytes) >> (8 * (7 - more))) & ones;
        Ok(if value == ones { Size::Unknown } else { Size::Known(value) })
    }
}

fn truncated(length: u64) -> Refusal {
    Refusal::new(
        Reason::Truncated,
        format!("the recording goes on behind the end of the file (byte {length})"),
    )
}

fn malformed(offset: u64) -> Refusal {
    Refusal::new(Reason::Malformed, format!("an element at byte {offset} has an impossible size"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn check(bytes: &[u8]) -> Result<Container, Reason> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        inspect(&file).map_err(|refusal| refusal.reason)
    }

    #[test]
    fn boxes_must_fill_the_file() {
        let ftyp = b"\0\0\0\x10ftypisom\0\0\0\0";
        let moov = b"\0\0\0\x08moov";
        assert_eq!(check(b""), Err(Reason::Empty));
        assert_eq!(check(b"hello, world, how are you"), Err(Reason::Unsupported));
        assert_eq!(check(&[&ftyp[..], moov].concat()), Ok(Container::Mp4));
        assert_eq!(check(&[&b"\0\0\0\x10ftypqt  \0\0\0\0"[..], moov].concat()), Ok(Container::Mov));
        assert_eq!(check(&[&ftyp[..], b"\0\0\0\x08free"].concat()), Err(Reason::Truncated));
        assert_eq!(check(&[&ftyp[..], moov, b"\0\0\0\x10mdat"].concat()), Err(Reason::Truncated));
        assert_eq!(check(&[&ftyp[..], b"\0\0\0\x07moov"].concat()), Err(Reason::Malformed));
        assert_eq!(
            check(&[&ftyp[..], moov, b"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff"].concat()),
            Err(Reason::Truncated)
        );
    }

    #[test]
    fn segments_must_fill_the_file() {
        let head = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm";
        assert_eq!(check(&[&head[..], b"\x18\x53\x80\x67\x82\xec\x80"].concat()), Ok(Container::WebM));
        assert_eq!(check(&[&head[..], b"\x18\x53\x80\x67\x83\xec\x80"].concat()), Err(Reason::Truncated));
        assert_eq!(check(&[&head[..], b"\x18\x53\x80\x67\x82\xec\x81\0"].concat()), Err(Reason::Malformed));
        // Unknown sizes, as a browser writes them: walked into.
        let live = [&head[..], b"\x18\x53\x80\x67\xff\x1f\x43\xb6\x75\xff\xe7\x81\x00\xa3\x83abc"].concat();
        assert_eq!(check(&live), Ok(Container::WebM));
        assert_eq!(check(&live[..live.len() - 1]), Err(Reason::Truncated));
        assert_eq!(check(&[&head[..], b"\x18\x53\x80\x67\xff\x00\x00"].concat()), Err(Reason::Malformed));
        // A block that ends behind its cluster, and one that is none.
        let cluster =
            |block: &[u8]| check(&[&head[..], b"\x18\x53\x80\x67\xff\x1f\x43\xb6\x75\x85", block].concat());
        assert_eq!(cluster(b"\xa3\x83abc"), Ok(Container::WebM));
        assert_eq!(cluster(b"\xa3\x84abcd\xec\x80"), Err(Reason::Malformed));
        assert_eq!(cluster(b"\xa5\x83abc"), Err(Reason::Malformed));
    }
}
