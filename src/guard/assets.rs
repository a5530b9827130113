//! Kinds of files, and which of them have no place in a repository. A file's kind is told by its content, and by its name
//! where that says more. What is in a file is searched elsewhere.

use crate::embedded::GUARD;
use anyhow::{Context as _, bail};
use custody_rules::{ArtifactKind, Reason, Refusal, Sniffed};
use serde::Deserialize;
use std::collections::BTreeMap;

macro_rules! kinds {
    ($($kind:ident $word:literal $doc:literal),+ $(,)?) => {
        /// What a file is, as far as that decides whether it may be in a repository.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AssetKind { $(#[doc = $doc] $kind),+ }

        impl AssetKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// Its word, as rules and allow-lists have it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $word),+ }
            }
        }
    };
}

kinds! {
    Text "text" "Source code, documents in plain text.",
    Report "report" "A table of values: CSV, TSV.",
    Log "log" "Lines that a program has written.",
    Notebook "notebook" "Code with what it put out.",
    Workbook "workbook" "XLSX, XLS, ODS, XLSB.",
    Document "document" "PDF, DOCX, PPTX, RTF, MSG.",
    Picture "picture" "A picture.",
    Recording "recording" "A recording, or sound.",
    Har "har" "A browser's network log.",
    Trace "trace" "A browser's trace.",
    Database "database" "SQLite, Parquet, Arrow and their like.",
    Archive "archive" "An archive that can be looked into.",
    Packed "packed" "An archive or a packed file that cannot.",
    Key "key" "A key, a keystore.",
    Custody "custody" "Parts of a store, roster indices, plans.",
    Program "program" "A program or a library.",
    Font "font" "A font.",
    Icon "icon" "A Windows icon.",
    Binary "binary" "What is not known.",
}

/// What is done about a kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has no place here.
    Refuse,
    /// It is looked into up to so many bytes; above it has no place here.
    Look {
        /// Bytes, inclusive.
        bytes_max: u64,
    },
}

impl Verdict {
    /// Whether a file of this size has no place here.
    pub fn refuses(self, size_bytes: u64) -> bool {
        match self {
            Self::Refuse => true,
            Self::Look { bytes_max } => size_bytes > bytes_max,
        }
    }
}

impl AssetKind {
    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// All words, for people.
    pub fn words() -> String {
        Self::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Its rule, as allow-lists name it.
    pub fn rule(self) -> String {
        format!("asset-{}", self.as_str())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSyntax {
    asset: Vec<AssetSyntax>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssetSyntax {
    kind: String,
    #[serde(default)]
    refuse: bool,
    limit_bytes: Option<u64>,
    what: String,
}

/// What is done about each kind of file.
#[derive(Debug, Clone)]
pub struct Assets(BTreeMap<AssetKind, (Verdict, String)>);

impl Assets {
    /// Those of the binary.
    ///
    /// # Errors
    /// Mistakes in its own file: a kind that is missing or not known, neither refused nor limited.
    pub fn load() -> anyhow::Result<Self> {
        Self::parse(super::policy::embedded(GUARD, "assets.toml")?)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let file: FileSyntax = toml::from_str(text).context("rules/guard/assets.toml")?;
        let mut all = BTreeMap::new();
        for asset in file.asset {
            let kind = AssetKind::parse(&asset.kind).with_context(|| format!("{}: no kind", asset.kind))?;
            let verdict = match (asset.refuse, asset.limit_bytes) {
                (true, None) => Verdict::Refuse,
                (false, Some(bytes_max)) => Verdict::Look { bytes_max },
                _ => bail!("{}: refuse = true, or limit_bytes", asset.kind),
            };
            if all.insert(kind, (verdict, asset.what)).is_some() {
                bail!("{}: there twice", asset.kind);
            }
        }
        match AssetKind::ALL.iter().find(|kind| !all.contains_key(kind)) {
            Some(kind) => bail!("{}: missing", kind.as_str()),
            None => Ok(Self(all)),
        }
    }

    /// What is done about a kind, and what it is for people.
    pub fn of(&self, kind: AssetKind) -> (Verdict, &str) {
        // Each is there: it was checked.
        self.0.get(&kind).map_or((Verdict::Refuse, ""), |(verdict, what)| (*verdict, what.as_str()))
    }
}

/// Names that only keys have, in small letters.
const KEY_NAMES: [&str; 9] =
    [".htpasswd", ".netrc", ".pgpass", ".vault_pass", "id_dsa", "id_ecdsa", "id_ed25519", "id_rsa", "_netrc"];
/// Endings that only keys have.
const KEY_ENDINGS: [&str; 9] = ["jks", "kdbx", "keystore", "keytab", "p12", "pfx", "pkcs12", "ppk", "gpg"];
/// How custody's own files begin.
const CUSTODY: [&[u8]; 7] = [
    b"custody-blob 1",
    b"custody-ledger 1",
    b"custody-keys 1",
    b"custody-approval 1",
    b"custody-statement 1",
    b"custody-plan 1",
    b"\x93ROSTER\n",
];
/// How keystores begin: Java, JCEKS, KeePass, Kerberos.
const KEYS: [&[u8]; 5] =
    [b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce", b"\x03\xd9\xa2\x9a", b"\x05\x02\x00\x00", b"AGE-SECRET-KEY-1"];
/// How databases begin that sniffing does not name.
const DATABASES: [(usize, &[u8]); 4] =
    [(8, b"DUCK"), (0, b"PGDMP"), (0, b"ARROW1"), (0, b"\xff\xff\xff\xff\x10\x00\x00\x00")];

/// Says what a file is. `name`: its last component; `head`: its first bytes; `sniffed`: what its content is taken for.
pub fn classify(name: &str, head: &[u8], sniffed: &Result<Sniffed, Refusal>) -> AssetKind {
    let name = name.to_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if let Some(kind) = special((&name, ending), head) {
        return kind;
    }
    match sniffed {
        Ok(sniffed) => known(sniffed, ending, head),
        Err(refusal) => refused(refusal, ending, head),
    }
}

fn special((name, ending): (&str, &str), head: &[u8]) -> Option<AssetKind> {
    let begins = |all: &[&[u8]]| all.iter().any(|start| head.starts_with(start));
    if begins(&CUSTODY) || is_part_of_store(name, ending, head) {
        return Some(AssetKind::Custody);
    }
    if begins(&KEYS) || KEY_NAMES.contains(&name) || (KEY_ENDINGS.contains(&ending) && !head.is_empty()) {
        return Some(AssetKind::Key);
    }
    // A key of 32 bytes, raw or as digits, as custody and others keep it.
    let text = head.trim_ascii();
    let digits = text.len() == 64 && text.iter().all(u8::is_ascii_hexdigit);
    if matches!(ending, "key" | "secret") && (head.len() == 32 || digits) {
        return Some(AssetKind::Key);
    }
    let database = |(at, bytes): &(usize, &[u8])| head.get(*at..at + bytes.len()) == Some(*bytes);
    DATABASES.iter().any(database).then_some(AssetKind::Database)
}

/// Files of a store that are text: its settings, plans and approvals.
fn is_part_of_store(name: &str, ending: &str, head: &[u8]) -> bool {
    let has = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
    let settings = name == "store.toml" && has(b"verifier") && has(b"version");
    let plan = matches!(ending, "export" | "request" | "plan" | "json")
        && has(b"\"cells_hash\"")
        && has(b"\"store\"");
    settings || plan
}

fn known(sniffed: &Sniffed, ending: &str, head: &[u8]) -> AssetKind {
    match sniffed.kind {
        ArtifactKind::Workbook => AssetKind::Workbook,
        ArtifactKind::Image => AssetKind::Picture,
        ArtifactKind::Video => AssetKind::Recording,
        ArtifactKind::Archive => AssetKind::Archive,
        ArtifactKind::Json if ending == "har" || is_har(head) => AssetKind::Har,
        ArtifactKind::Json if ending == "ipynb" => AssetKind::Notebook,
        _ if matches!(ending, "csv" | "tsv" | "psv" | "tab") => AssetKind::Report,
        _ if matches!(ending, "log" | "out" | "trc") => AssetKind::Log,
        _ if matches!(ending, "trace" | "network") && sniffed.format == "ndjson" => AssetKind::Trace,
        _ => AssetKind::Text,
    }
}

/// Whether JSON begins as a network log does: `{"log": {"version": …, "creator": …`.
fn is_har(head: &[u8]) -> bool {
    let text: Vec<u8> = head.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(400).collect();
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    text.starts_with(b"{\"log\":{") && (has(b"\"creator\"") || has(b"\"entries\""))
}

fn refused(refusal: &Refusal, ending: &str, head: &[u8]) -> AssetKind {
    let detail = refusal.detail.as_str();
    let is = |words: &[&str]| words.iter().any(|word| detail.starts_with(word));
    if refusal.reason == Reason::Encrypted {
        return if matches!(ending, "zip") { AssetKind::Packed } else { AssetKind::Workbook };
    }
    match refusal.reason {
        Reason::Unsupported => {}
        // Its refusal says where it stops being a text.
        Reason::InvalidEncoding => return AssetKind::Text,
        _ if head.starts_with(b"PK") => return AssetKind::Packed,
        _ => return AssetKind::Binary,
    }
    if is(&["XLSB", "an OpenDocument file"]) {
        AssetKind::Workbook
    } else if is(&["PDF", "DOCX", "PPTX", "VSDX", "RTF", "DOC", "PPT", "MSG", "PostScript", "an Outlook"]) {
        AssetKind::Document
    } else if is(&["a font"]) {
        AssetKind::Font
    } else if is(&["a Windows icon"]) {
        AssetKind::Icon
    } else if is(&["a program"]) {
        AssetKind::Program
    } else if is(&["gzip", "xz", "Zstandard", "LZ4", "7-Zip", "RAR", "a Windows cabinet", "bzip2", "tar"]) {
        AssetKind::Packed
    } else if is(&["an SQLite", "Avro", "HDF5", "Parquet", "Arrow", "ORC", "Access"]) {
        AssetKind::Database
    } else if is(&["FLV", "WMV", "an MPEG", "MPEG", "MP3", "Ogg", "FLAC", "WAV", "AVI"]) {
        AssetKind::Recording
    } else if is(&["an age-encrypted", "a PGP message"]) {
        AssetKind::Packed
    } else if is(&["an animated", "Photoshop", "JPEG XL", "JPEG 2000", "a Windows metafile"])
        || detail.contains("frames")
    {
        AssetKind::Picture
    } else {
        AssetKind::Binary
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::TextEncoding;

    #[allow(clippy::unnecessary_wraps, reason = "as sniffing gives it")]
    fn text(format: &'static str, kind: ArtifactKind) -> Result<Sniffed, Refusal> {
        Ok(Sniffed { kind, encoding: TextEncoding::Utf8, format })
    }

    fn unsupported(name: &str) -> Result<Sniffed, Refusal> {
        Err(Refusal::new(Reason::Unsupported, format!("{name} is not supported")))
    }

    #[test]
    fn every_kind_has_its_rule() {
        let assets = Assets::load().expect("the binary's own");
        for kind in AssetKind::ALL {
            assert_eq!(AssetKind::parse(kind.as_str()), Some(*kind));
            assert!(!assets.of(*kind).1.is_empty(), "{}", kind.as_str());
        }
        assert!(assets.of(AssetKind::Workbook).0.refuses(1));
        assert!(!assets.of(AssetKind::Text).0.refuses(1 << 20));
        assert!(
            Assets::parse("[[asset]]\nkind = 'text'\nrefuse = true\nwhat = 'x'\n").is_err(),
            "kinds are missing"
        );
    }

    #[test]
    fn content_tells_and_names_tell_more() {
        use ArtifactKind::{Archive, Csv, Image, Json, Text, Workbook};
        let plain = || text("txt", Text);
        for (name, head, sniffed, expected) in [
            ("main.rs", "fn main() {}", plain(), AssetKind::Text),
            ("list.csv", "a,b", text("csv", Csv), AssetKind::Report),
            ("list.py", "a,b", text("csv", Csv), AssetKind::Text),
            ("APP.LOG", "x", plain(), AssetKind::Log),
            ("a.txt", "PK", text("xlsx", Workbook), AssetKind::Workbook),
            ("a.bin", "PK", text("zip", Archive), AssetKind::Archive),
            ("logo", "x", text("png", Image), AssetKind::Picture),
            ("a.har", "{}", text("json", Json), AssetKind::Har),
            ("x.json", "{ \"log\": {\n \"version\": 1, \"creator\"", text("json", Json), AssetKind::Har),
            ("x.json", "{ \"log\": 1 }", text("json", Json), AssetKind::Text),
            ("n.ipynb", "{", text("json", Json), AssetKind::Notebook),
            ("id_rsa", "x", plain(), AssetKind::Key),
            ("a.p12", "0", plain(), AssetKind::Key),
            ("custody.key", &"ab".repeat(32), plain(), AssetKind::Key),
            ("abstract.key", "a map of keys", plain(), AssetKind::Text),
            ("x", "custody-ledger 1", plain(), AssetKind::Custody),
            ("store.toml", "version = 1\nverifier = 'x'", plain(), AssetKind::Custody),
            ("store.toml", "name = 'shop'", plain(), AssetKind::Text),
            ("x.db", "SQLite format 3", unsupported("an SQLite database"), AssetKind::Database),
            ("x.pdf", "%PDF", unsupported("PDF"), AssetKind::Document),
            ("x.gz", "x", unsupported("gzip"), AssetKind::Packed),
            ("x.woff2", "wOF2", unsupported("a font"), AssetKind::Font),
            ("x", "\0", Err(Refusal::new(Reason::NulBytes, "a NUL")), AssetKind::Binary),
        ] {
            assert_eq!(classify(name, head.as_bytes(), &sniffed), expected, "{name}");
        }
    }
}
