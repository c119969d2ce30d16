//! Archives to the files in them: zip, tar, and what gzip or Zstandard made of a tar. Bytes in, bytes out.
//!
//! What an archive is, its bytes say and not its name. Its members become files named `archive.zip/inner/path`, so
//! that a folder of Criterion.rs reads the same packed and unpacked, and an error names the member. Everything has a
//! limit, and an archive that goes beyond one is refused as a whole: half of it could look like all of it.

mod error;
mod tar;
mod zip;
mod zstd;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use crate::format::packed::{BLOCK, is_tar, is_zip, is_zstd};
use crate::format::unpack;
use crate::sort;
use crate::source::Source;

pub use error::{ArchiveError, CODES, Refusal};

/// Members of an archive at most, the folders among them.
pub const MAX_MEMBERS: usize = 10_000;
/// Bytes of a member's path at most.
pub const MAX_NAME: usize = 4096;
/// What an archive may unpack to in all, however small it is; beyond it, [`MAX_RATIO`] times its size, up to
/// [`MAX_TOTAL`]. They are the limits of a gzip file alone.
const FREE_TOTAL: usize = 64 << 20;
const MAX_RATIO: usize = 200;
const MAX_TOTAL: usize = 1 << 30;
/// Bytes by which a gzip file is known to hold a tar, at most.
const HEAD: usize = 1 << 16;

/// What bytes are wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Zip,
    Tar,
    Zstd,
    /// Gzip around a tar; gzip around a file is a matter of the formats.
    TarGz,
    /// What is not unpacked: better named than taken for a result that nobody knows.
    Other(&'static str),
}

/// One thing in an archive.
struct Member<'a> {
    /// Its path in the archive, as it stands there.
    name: String,
    content: Content<'a>,
}

/// What a member is.
enum Content<'a> {
    File(Cow<'a, [u8]>),
    /// Holds nothing but its name.
    Folder,
    /// What holds no data of its own.
    Aside(Aside),
    /// Why it is left out.
    Refused(Refusal),
}

/// What is no file: it lies in many folders, and is put aside without a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// A link of whatever kind.
    Link,
    /// A pipe, a socket or a device.
    Special,
}

impl Aside {
    /// A stable id, for programs and for whoever has words for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Aside::Link => "link",
            Aside::Special => "special",
        }
    }
}

/// What was packed.
#[derive(Clone, Debug)]
pub enum Opened {
    /// A file that was packed alone, and keeps its name.
    File(Vec<u8>),
    /// The files of an archive.
    Members(Members),
}

/// What an archive holds. Every name is a path with the archive's name in front.
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// Its files by path, with their bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// What is left out of it, or odd about it: the member, or the archive, and why.
    pub problems: Vec<(String, ArchiveError)>,
    /// What is no file.
    pub aside: Vec<(String, Aside)>,
}

/// What archives may unpack to: all that are opened with the same room share it.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes that were unpacked.
    pub used: u64,
    /// Bytes that may be unpacked in all; a number of GiB.
    pub most: u64,
}

/// Whether bytes are an archive, or packed in a way that only [`open`] knows. The first 64 KiB of a file are enough.
#[must_use]
pub fn is_packed(bytes: &[u8]) -> bool {
    kind(bytes).is_some()
}

/// Opens an archive, or unpacks a file alone that Zstandard packed; `None`: it is neither.
///
/// # Errors
/// When the archive is damaged, goes beyond a limit, holds no file, or is packed in a way that is not unpacked here.
/// Nothing of it is to be used then.
pub fn open(name: &str, bytes: &[u8], room: &mut Room) -> Option<Result<Opened, ArchiveError>> {
    let kind = kind(bytes)?;
    if let Kind::Other(by) = kind {
        return Some(Err(ArchiveError::PackedBy(by)));
    }
    let opened = members_of(name, bytes, kind);
    let size = match &opened {
        Ok(Opened::File(bytes)) => bytes.len(),
        Ok(Opened::Members(members)) => members.files.iter().map(|(_, bytes)| bytes.len()).sum(),
        Err(_) => 0,
    };
    room.used += size as u64;
    if room.used > room.most {
        return Some(Err(ArchiveError::AllLarge(room.most)));
    }
    Some(opened)
}

fn members_of(name: &str, bytes: &[u8], kind: Kind) -> Result<Opened, ArchiveError> {
    let limit = bytes.len().saturating_mul(MAX_RATIO).clamp(FREE_TOTAL, MAX_TOTAL);
    let mut odd = Vec::new();
    let members = match kind {
        Kind::Zip => take(name, zip::members(bytes, limit)?, odd),
        Kind::Tar => take(name, tar::members(bytes)?, odd),
        Kind::TarGz => {
            let (plain, notices) = unpack(&Source { name, bytes }).map_err(|e| ArchiveError::Gzip(e.kind))?;
            odd.extend(notices.into_iter().map(|n| (name.to_string(), ArchiveError::Trailing(n.detail))));
            take(name, tar::members(&plain)?, odd)
        }
        Kind::Zstd => {
            let plain = zstd::decode(bytes, limit)?;
            match self::kind(&plain) {
                Some(Kind::Tar) => take(name, tar::members(&plain)?, odd),
                Some(Kind::Other(_)) | None => return Ok(Opened::File(plain)),
                Some(_) => return Err(ArchiveError::Twice),
            }
        }
        Kind::Other(by) => return Err(ArchiveError::PackedBy(by)),
    };
    members.map(Opened::Members)
}

/// Makes files of members, sorted by path like those of a folder. `odd` is what was odd about the archive itself.
fn take(archive: &str, members: Vec<Member<'_>>, odd: Vec<(String, ArchiveError)>) -> Result<Members, ArchiveError> {
    let mut out = Members { problems: odd, ..Members::default() };
    let order = sort::order(members.len(), &mut |a, b| members[a].name.cmp(&members[b].name));
    let mut members: Vec<Option<Member<'_>>> = members.into_iter().map(Some).collect();
    for place in order {
        let Some(member) = members.get_mut(place as usize).and_then(Option::take) else { continue };
        let path = format!("{archive}/{}", member.name);
        let refusal = match member.content {
            Content::Folder => continue,
            Content::Aside(what) => {
                out.aside.push((path, what));
                continue;
            }
            Content::Refused(why) => why,
            Content::File(_) if !is_inside(&member.name) => Refusal::Outside,
            Content::File(bytes) => match kind(&bytes) {
                None => {
                    out.files.push((path, bytes.into_owned()));
                    continue;
                }
                Some(Kind::Zstd) => Refusal::Zstd,
                Some(Kind::Other(by)) => Refusal::PackedBy(by),
                Some(_) => Refusal::Archive,
            },
        };
        out.problems.push((path, refusal.into()));
    }
    if out.files.is_empty() && out.problems.is_empty() {
        return Err(ArchiveError::NoFile { others: !out.aside.is_empty() });
    }
    Ok(out)
}

/// Whether a path stays where it is put: no root, no drive, no step up.
fn is_inside(path: &str) -> bool {
    let step_up = path.split(['/', '\\']).any(|part| part == "..");
    let drive = path.as_bytes().get(1) == Some(&b':');
    !step_up && !drive && !path.starts_with(['/', '\\']) && !path.contains('\0')
}

/// The name of a member as text: hostile names are kept as what they are, for whoever shows them.
fn text(name: &[u8]) -> Result<String, ArchiveError> {
    if name.len() > MAX_NAME {
        let start = String::from_utf8_lossy(name.get(..40).unwrap_or(&[])).into_owned();
        return Err(ArchiveError::Name(start));
    }
    Ok(String::from_utf8_lossy(name).into_owned())
}

fn kind(bytes: &[u8]) -> Option<Kind> {
    if is_zip(bytes) {
        Some(Kind::Zip)
    } else if is_zstd(bytes) {
        Some(Kind::Zstd)
    } else if is_tar(bytes) {
        Some(Kind::Tar)
    } else if gzip_of_tar(bytes) {
        Some(Kind::TarGz)
    } else {
        packed_otherwise(bytes).map(Kind::Other)
    }
}

/// Whether gzip data begin like a tar: the first header is enough.
fn gzip_of_tar(bytes: &[u8]) -> bool {
    let Some(body) = gzip_body(bytes) else { return false };
    let mut head = [0u8; BLOCK];
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
    let near = body.get(..body.len().min(HEAD)).unwrap_or(&[]);
    let (_, _, written) = decompress(&mut Box::new(DecompressorOxide::new()), near, &mut head, 0, flags);
    written == BLOCK && is_tar(&head)
}

/// The deflate data of the first gzip member.
fn gzip_body(bytes: &[u8]) -> Option<&[u8]> {
    let [0x1f, 0x8b, 8, flags, ..] = bytes else { return None };
    let mut rest = bytes.get(10..)?;
    if flags & 4 != 0 {
        let [low, high, ..] = rest else { return None };
        rest = rest.get(2 + usize::from(u16::from_le_bytes([*low, *high]))..)?;
    }
    for bit in [8, 16] {
        if flags & bit != 0 {
            let end = rest.iter().position(|b| *b == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 2 != 0 { rest.get(2..) } else { Some(rest) }
}

/// What packs files and is not read.
fn packed_otherwise(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 5] = [
        (b"\xfd7zXZ\0", "xz"),
        (b"1AY&SY", "bzip2"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"\x04\x22\x4d\x18", "LZ4"),
    ];
    // A digit stands between bzip2's letters and the number that begins a block, and names may begin like the letters.
    let start = bytes.strip_prefix(b"BZh").and_then(|rest| rest.get(1..)).unwrap_or(bytes);
    known.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tar of one member, whose header is as short as it may be.
    fn tar(name: &str, kind: u8, data: &[u8]) -> Vec<u8> {
        let mut out = alloc::vec![0u8; BLOCK];
        out[..name.len()].copy_from_slice(name.as_bytes());
        out[124..135].copy_from_slice(format!("{:011o}", data.len()).as_bytes());
        out[156] = kind;
        out[148..156].fill(b' ');
        let sum: u32 = out.iter().map(|b| u32::from(*b)).sum();
        out[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        out.extend(data);
        out.resize(out.len().next_multiple_of(BLOCK) + 2 * BLOCK, 0);
        out
    }

    fn opened(name: &str, bytes: &[u8]) -> Option<Result<Opened, ArchiveError>> {
        open(name, bytes, &mut Room { used: 0, most: 1 << 30 })
    }

    #[test]
    fn members_bear_the_name_of_their_archive() {
        let Some(Ok(Opened::Members(got))) = opened("a/b.tar", &tar("./x/y", b'0', b"12")) else { panic!() };
        assert_eq!(got.files, [("a/b.tar/x/y".to_string(), b"12".to_vec())]);
        assert!(got.problems.is_empty() && got.aside.is_empty());
        let outside = Refusal::Outside.into();
        let Some(Ok(Opened::Members(got))) = opened("t", &tar("x/../../y", b'0', b"12")) else { panic!() };
        assert_eq!((got.files, got.problems), (Vec::new(), alloc::vec![("t/x/../../y".to_string(), outside)]));
        let none = opened("t", &tar("x", b'2', b"")).and_then(Result::err);
        assert_eq!(none, Some(ArchiveError::NoFile { others: true }));
        assert!(opened("t", b"BenchmarkA 1 2 ns/op\n").is_none() && !is_packed(b""));
    }

    #[test]
    fn archives_share_their_room() {
        let bytes = tar("x", b'0', &[b'1'; 1000]);
        let mut room = Room { used: 0, most: 2500 };
        assert!(open("a", &bytes, &mut room).is_some_and(|r| r.is_ok()));
        assert!(open("b", &bytes, &mut room).is_some_and(|r| r.is_ok()));
        assert_eq!(room.used, 2000);
        let third = open("c", &bytes, &mut room).and_then(Result::err);
        assert_eq!(third, Some(ArchiveError::AllLarge(2500)));
        let xz = open("d", b"\xfd7zXZ\0", &mut room).and_then(Result::err);
        assert_eq!(xz, Some(ArchiveError::PackedBy("xz")));
    }

    #[test]
    fn every_error_has_a_code_of_the_list() {
        let gzip = [crate::error::ParseErrorKind::InvalidGzip, crate::error::ParseErrorKind::Empty];
        let refusals = [Refusal::Archive, Refusal::Encrypted, Refusal::Method(1), Refusal::Checksum, Refusal::Kind(0)];
        let rest = [ArchiveError::Members, ArchiveError::Twice, ArchiveError::Trailing(String::new())];
        let all = gzip.map(ArchiveError::Gzip).into_iter().chain(refusals.map(ArchiveError::Member)).chain(rest);
        let mut seen: Vec<&str> = all.map(|e| e.code()).collect();
        seen.extend(["no-file", "outside"]);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, CODES);
    }
}
