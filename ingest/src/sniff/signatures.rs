//! Signatures of formats that are known and not supported, so that a refusal can name them.

/// Offset, bytes, name.
const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"{\\rtf", "RTF"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (0, b"\x04\x22\x4d\x18", "LZ4"),
    (0, b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (0, b"MSCF\0\0\0\0", "a Windows cabinet"),
    (0, b"\x7fELF", "a program (ELF)"),
    (0, b"\xcf\xfa\xed\xfe", "a program (Mach-O)"),
    (0, b"\xca\xfe\xba\xbe", "a program (Java class or Mach-O)"),
    (0, b"\0asm", "a program (WebAssembly)"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"Obj\x01", "Avro"),
    (0, b"\x89HDF\r\n\x1a\n", "HDF5"),
    (0, b"wOFF", "a font"),
    (0, b"wOF2", "a font"),
    (0, b"OTTO\0", "a font"),
    (0, b"\0\x01\0\0\0", "a font or database"),
    (0, b"true\0", "a font"),
    (0, b"FLV\x01", "FLV"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMV or WMA"),
    (0, b"\0\0\x01\xba", "an MPEG programme stream"),
    (0, b"\0\0\x01\xb3", "MPEG video"),
    (0, b"\0\0\x01\0", "a Windows icon"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\xd7\xcd\xc6\x9a", "a Windows metafile"),
    (0, b"%!PS", "PostScript"),
    (0, b"\xc5\xd0\xd3\xc6", "PostScript"),
    (0, b"!BDN", "an Outlook mailbox"),
    (0, b"\0\x01BD", "Access"),
    (4, b"Standard Jet DB", "Access"),
    (4, b"Standard ACE DB", "Access"),
    (0, b"bplist00", "a binary property list"),
    (0, b"age-encryption.org/", "an age-encrypted file"),
    (0, b"-----BEGIN AGE ENCRYPTED", "an age-encrypted file"),
    (0, b"-----BEGIN PGP MESSAGE", "a PGP message"),
];
/// Signatures that ordinary text can begin with: they count only with a NUL near by.
const WEAK: &[(usize, &[u8], &str)] = &[
    (0, b"MZ", "a program (Windows)"),
    (0, b"BZh", "bzip2"),
    (257, b"ustar", "tar"),
    (0, b"PAR1", "Parquet"),
    (0, b"ARROW1", "Arrow"),
    (0, b"ORC", "ORC"),
    (0, b"ID3", "MP3 (sound alone)"),
    (0, b"OggS", "Ogg"),
    (0, b"fLaC", "FLAC (sound alone)"),
    (8, b"WAVE", "WAV (sound alone)"),
    (8, b"AVI ", "AVI"),
    (40, b" EMF", "a Windows metafile"),
];
/// Readers find a PDF's header anywhere in its first bytes (ISO 32000-1, annex H.3.4.1).
const PDF_BYTES: usize = 1_024;

/// The name of the unsupported format that begins like this.
pub(super) fn unsupported(head: &[u8]) -> Option<&'static str> {
    let begin = &head[..head.len().min(PDF_BYTES)];
    if memchr::memmem::find(begin, b"%PDF-").is_some() {
        return Some("PDF");
    }
    let at = |(offset, bytes, name): &(usize, &[u8], &'static str)| {
        head.get(*offset..offset + bytes.len()).is_some_and(|found| found == *bytes).then_some(*name)
    };
    let weak = || if begin.contains(&0) { WEAK.iter().find_map(at) } else { None };
    SIGNATURES.iter().find_map(at).or_else(weak)
}
