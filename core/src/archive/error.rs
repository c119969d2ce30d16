//! What can be wrong with an archive, or with one of its members.

use alloc::string::String;
use core::fmt;

use crate::archive::{MAX_MEMBERS, MAX_NAME, zstd};
use crate::error::ParseErrorKind;

/// Why an archive is not opened, or a member of it is left out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It is damaged: the byte where that was found, where one is known, and how.
    Damaged {
        /// The byte, counted from 0.
        at: Option<usize>,
        /// The archive and what is wrong with it.
        what: &'static str,
    },
    /// A zip whose directory has no entry where one should be.
    NoEntry {
        /// The byte, counted from 0.
        at: usize,
    },
    /// Zstandard data that cannot be decoded.
    Zstd {
        /// The byte where the frame begins, counted from 0.
        at: usize,
        /// The decoder's word for it.
        why: String,
    },
    /// Zstandard data that need more memory than is given for decoding.
    Window {
        /// The byte where the frame begins, counted from 0.
        at: usize,
        /// What it needs, in bytes.
        window: u64,
    },
    /// The gzip data around a tar cannot be unpacked.
    Gzip(ParseErrorKind),
    /// More members than are taken.
    Members,
    /// A member's path is too long; how it begins.
    Name(String),
    /// It unpacks to more than this many bytes.
    Large(usize),
    /// All archives together unpack to more than this many bytes.
    AllLarge(u64),
    /// Packed twice: an archive inside Zstandard data that is no tar.
    Twice,
    /// It holds no file.
    NoFile {
        /// Whether it holds links or pipes.
        others: bool,
    },
    /// Bytes behind its end, and what was said of them.
    Trailing(String),
    /// Packed by this, which is not unpacked here.
    PackedBy(&'static str),
    /// A member that is left out.
    Member(Refusal),
}

/// Why a member is left out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// Its path leads out of the archive.
    Outside,
    /// An archive itself.
    Archive,
    /// Packed by Zstandard itself.
    Zstd,
    /// Packed by this, which is not unpacked here.
    PackedBy(&'static str),
    /// Encrypted.
    Encrypted,
    /// A zip's method of packing that is not read.
    Method(u16),
    /// Its data do not lie in the archive.
    Elsewhere,
    /// Its data cannot be unpacked.
    Damaged,
    /// More bytes than the directory says.
    Longer,
    /// Another number of bytes than the directory says.
    Length {
        /// Bytes that there are.
        found: usize,
        /// Bytes that the directory says.
        stated: u64,
    },
    /// The checksum does not fit.
    Checksum,
    /// A file with holes.
    Sparse,
    /// A kind of tar member that is not known.
    Kind(u8),
}

/// The codes of errors, for whoever has words of its own for them.
pub const CODES: [&str; 10] =
    ["damaged", "encrypted", "kind", "limit", "nested", "no-file", "outside", "packed", "trailing", "twice"];

impl ArchiveError {
    /// What is wrong in short: one of [`CODES`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ArchiveError::Damaged { .. } | ArchiveError::NoEntry { .. } | ArchiveError::Zstd { .. } => "damaged",
            ArchiveError::Gzip(ParseErrorKind::LimitExceeded { .. }) => "limit",
            ArchiveError::Gzip(_) => "damaged",
            ArchiveError::Window { .. } | ArchiveError::Members | ArchiveError::Name(_) => "limit",
            ArchiveError::Large(_) | ArchiveError::AllLarge(_) => "limit",
            ArchiveError::Twice => "twice",
            ArchiveError::NoFile { .. } => "no-file",
            ArchiveError::Trailing(_) => "trailing",
            ArchiveError::PackedBy(_) => "packed",
            ArchiveError::Member(refusal) => match refusal {
                Refusal::Outside => "outside",
                Refusal::Archive | Refusal::Zstd => "nested",
                Refusal::PackedBy(_) | Refusal::Method(_) => "packed",
                Refusal::Encrypted => "encrypted",
                Refusal::Sparse | Refusal::Kind(_) => "kind",
                _ => "damaged",
            },
        }
    }
}

impl From<Refusal> for ArchiveError {
    fn from(refusal: Refusal) -> ArchiveError {
        ArchiveError::Member(refusal)
    }
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArchiveError::Damaged { at: Some(at), what } => write!(f, "byte {at}: the {what}"),
            ArchiveError::Damaged { at: None, what } => write!(f, "the {what}"),
            ArchiveError::NoEntry { at } => {
                write!(f, "the zip is damaged: byte {at}: no entry of the directory")
            }
            ArchiveError::Zstd { at, why } => write!(f, "byte {at}: the Zstandard data are damaged: {why}"),
            ArchiveError::Window { at, window } => {
                write!(f, "byte {at}: a Zstandard window of {window} bytes is more than {}", zstd::MAX_WINDOW)
            }
            ArchiveError::Gzip(kind) => write!(f, "the archive cannot be unpacked: {kind}"),
            ArchiveError::Members => write!(f, "more members than the limit of {MAX_MEMBERS}"),
            ArchiveError::Name(start) => write!(f, "a member's path is longer than {MAX_NAME} bytes: {start}…"),
            ArchiveError::Large(limit) => write!(f, "it unpacks to more than the limit of {limit} bytes"),
            ArchiveError::AllLarge(limit) => {
                write!(f, "what all archives unpack to is more than the limit of {} GiB", limit >> 30)
            }
            ArchiveError::Twice => f.write_str("it is packed twice; unpack it once"),
            ArchiveError::NoFile { others } => {
                f.write_str("the archive holds no file")?;
                f.write_str(if *others { ", but links or pipes" } else { "" })
            }
            ArchiveError::Trailing(detail) => write!(f, "bytes that are no archive {detail}"),
            ArchiveError::PackedBy(name) => write!(f, "packed by {name}, which is not unpacked here"),
            ArchiveError::Member(refusal) => write!(f, "left out: {refusal}"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Outside => "its path leads out of the archive",
            Refusal::Archive => "an archive inside an archive; unpack it and give what it holds",
            Refusal::Zstd => "a file packed by Zstandard inside an archive; unpack it and give what it holds",
            Refusal::PackedBy(name) => return write!(f, "packed by {name}, which is not unpacked here"),
            Refusal::Encrypted => "encrypted",
            Refusal::Method(method) => {
                return write!(f, "packed by method {method}; stored and deflated (0, 8) are read");
            }
            Refusal::Elsewhere => "its data do not lie in the archive",
            Refusal::Damaged => "its data are damaged",
            Refusal::Longer => "longer than the directory says",
            Refusal::Length { found, stated } => {
                return write!(f, "{found} bytes long, where the directory says {stated}");
            }
            Refusal::Checksum => "the checksum does not fit",
            Refusal::Sparse => "a file with holes (sparse)",
            Refusal::Kind(kind) => return write!(f, "of the unknown kind {}", char::from(*kind).escape_default()),
        })
    }
}

impl core::error::Error for ArchiveError {}
