//! What an input file can be, and how much of it is accepted. No reading happens here.

use serde::{Deserialize, Serialize};

/// Says what an artifact is, by its content and never by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ArtifactKind {
    /// A log or any other text, read line by line.
    Text,
    /// Delimited records: CSV, TSV, semicolon or pipe.
    Csv,
    /// One JSON document, or one a line (NDJSON).
    Json,
    /// XML, Workday's RaaS reports included.
    Xml,
    /// XLSX, XLSM, XLS or ODS.
    Workbook,
    /// PNG, JPEG, WebP or BMP of one picture; TIFF and GIF of any number of pages.
    Image,
    /// MP4, WebM or MKV.
    Video,
    /// A ZIP whose members are artifacts of their own.
    Archive,
}

impl ArtifactKind {
    /// The word used in manifests and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Workbook => "workbook",
            Self::Image => "image",
            Self::Video => "video",
            Self::Archive => "archive",
        }
    }

    /// Whether a worker process has to decode it.
    pub fn is_media(self) -> bool {
        matches!(self, Self::Image | Self::Video)
    }
}

/// How much is accepted before a file is refused. Every reader takes its limits from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Files of one run, members of archives included.
    pub files_max: usize,
    /// Folders and archives inside one another.
    pub depth_max: usize,
    /// Bytes that one archive (or one XLSX/ODS) may expand to.
    pub expanded_bytes_max: u64,
    /// Expanded over packed size above which an archive of more than 10 MiB is taken for a bomb.
    pub ratio_max: u64,
    /// Pixels of one picture or video frame.
    pub pixels_max: u64,
    /// Pages or frames of one picture.
    pub pages_max: usize,
    /// Pixels of all pages or frames of one picture.
    pub pages_pixels_max: u64,
    /// Side of one picture or video frame, in pixels.
    pub side_px_max: u32,
    /// Bytes of one CSV field, JSON string or XML text.
    pub token_bytes_max: usize,
    /// Levels of nesting in JSON and XML.
    pub nesting_max: usize,
    /// Rows of one record batch.
    pub batch_rows_max: usize,
    /// Text bytes of one record batch; one longer line or cell still makes a batch of its own.
    pub batch_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files_max: 100_000,
            depth_max: 16,
            expanded_bytes_max: 4 << 30,
            ratio_max: 200,
            pixels_max: 64_000_000,
            pages_max: 2_000,
            pages_pixels_max: 4_000_000_000,
            side_px_max: 20_000,
            token_bytes_max: 64 << 20,
            nesting_max: 512,
            batch_rows_max: 8_192,
            batch_bytes_max: 1 << 20,
        }
    }
}
