//! Archives to the files in them: zip, tar, and what gzip or Zstandard made of a tar. Nothing is written to disk.
//!
//! What an archive is, its bytes say and not its name. Its members become files named `archive.zip/inner/path`, so
//! that a folder of Criterion.rs reads the same packed and unpacked, and an error names the member. Everything has a
//! limit, and an archive that goes beyond one is refused as a whole: half of it could look like all of it.

mod tar;
mod zip;
mod zstd;

use std::borrow::Cow;

use noisefloor_core::format::unpack;
use noisefloor_core::source::Source;

use crate::inputs::{File, Gathered};
use crate::render::printable;

/// Members of an archive at most, the folders among them.
const MAX_MEMBERS: usize = 10_000;
/// Bytes of a member's path at most.
const MAX_NAME: usize = 4096;
/// What an archive may unpack to in all, however small it is; beyond it, [`MAX_RATIO`] times its size, up to
/// [`MAX_TOTAL`]. They are the limits of a gzip file alone.
const FREE_TOTAL: usize = 64 << 20;
const MAX_RATIO: usize = 200;
const MAX_TOTAL: usize = 1 << 30;
/// What all archives of one command may unpack to.
const MAX_ALL: u64 = 4 << 30;

/// What bytes are wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Zip,
    Tar,
    Zstd,
    /// Gzip around a tar; gzip around a file is a matter of the engine.
    TarGz,
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
    /// What holds no data of its own: why it is no file.
    Aside(&'static str),
    /// Why it is left out.
    Refused(String),
}

/// The side of a file that is no archive, and that of an archive's members.
type Sides = (Option<String>, Option<String>);

/// Adds a file, or the files of an archive; what is left out of it is a problem that names the member.
pub(crate) fn add(name: String, bytes: Vec<u8>, sides: Sides, out: &mut Gathered) {
    let Some(kind) = kind(&bytes) else {
        match packed_otherwise(&bytes) {
            Some(by) => out.problems.push(format!("{name}: packed by {by}, which is not unpacked here")),
            None => out.files.push(File { name, bytes, side: sides.0 }),
        }
        return;
    };
    let before = (out.files.len(), out.problems.len(), out.aside.len());
    let result = open(&name, &bytes, kind, &sides, out);
    out.unpacked += out.files[before.0..].iter().map(|f| f.bytes.len() as u64).sum::<u64>();
    let all = "what all archives unpack to is more than the limit of 4 GiB".to_string();
    let result = if out.unpacked > MAX_ALL { Err(all) } else { result };
    if let Err(why) = result {
        out.files.truncate(before.0);
        out.problems.truncate(before.1);
        out.aside.truncate(before.2);
        out.problems.push(format!("{name}: {why}"));
    }
}

fn open(name: &str, bytes: &[u8], kind: Kind, sides: &Sides, out: &mut Gathered) -> Result<(), String> {
    let side = sides.1.as_deref();
    let limit = limit(bytes.len());
    match kind {
        Kind::Zip => take(name, zip::members(bytes, limit)?, side, out),
        Kind::Tar => take(name, tar::members(bytes)?, side, out),
        Kind::TarGz => {
            let (plain, notices) =
                unpack(&Source { name, bytes }).map_err(|e| format!("the archive cannot be unpacked: {}", e.kind))?;
            for notice in notices {
                out.problems.push(format!("{name}: bytes that are no archive {}", notice.detail));
            }
            take(name, tar::members(&plain)?, side, out)
        }
        Kind::Zstd => {
            let plain = zstd::decode(bytes, limit)?;
            match self::kind(&plain) {
                Some(Kind::Tar) => take(name, tar::members(&plain)?, side, out),
                Some(_) => Err("it is packed twice; unpack it once".into()),
                None => {
                    out.files.push(File { name: name.to_string(), bytes: plain, side: sides.0.clone() });
                    Ok(())
                }
            }
        }
    }
}

/// Makes files of members, sorted by path like those of a folder.
fn take(archive: &str, mut members: Vec<Member<'_>>, side: Option<&str>, out: &mut Gathered) -> Result<(), String> {
    members.sort_by(|a, b| a.name.cmp(&b.name));
    let before = out.files.len();
    for member in members {
        let path = format!("{archive}/{}", member.name);
        let bytes = match member.content {
            Content::Folder => continue,
            Content::Aside(why) => {
                out.aside.push((why.to_string(), path));
                continue;
            }
            Content::Refused(why) => {
                out.problems.push(format!("{path}: {why}"));
                continue;
            }
            Content::File(bytes) => bytes,
        };
        let mut refuse = |why: &str| out.problems.push(format!("{path}: {why}"));
        if !is_inside(&member.name) {
            refuse("left out: its path leads out of the archive");
        } else if let Some(kind) = kind(&bytes) {
            let what = if kind == Kind::Zstd { "a file packed by Zstandard" } else { "an archive" };
            refuse(&format!("left out: {what} inside an archive; unpack it and give what it holds"));
        } else if let Some(by) = packed_otherwise(&bytes) {
            refuse(&format!("left out: packed by {by}, which is not unpacked here"));
        } else {
            out.files.push(File { name: path, bytes: bytes.into_owned(), side: side.map(str::to_string) });
        }
    }
    if out.files.len() == before && out.problems.iter().all(|p| !p.starts_with(archive)) {
        let others = if out.aside.is_empty() { "" } else { ", but links or pipes" };
        return Err(format!("the archive holds no file{others}"));
    }
    Ok(())
}

/// Whether a path stays where it is put: no root, no drive, no step up.
fn is_inside(path: &str) -> bool {
    let step_up = path.split(['/', '\\']).any(|part| part == "..");
    let drive = path.as_bytes().get(1) == Some(&b':');
    !step_up && !drive && !path.starts_with(['/', '\\']) && !path.contains('\0')
}

/// What an archive of so many bytes may unpack to.
fn limit(bytes: usize) -> usize {
    bytes.saturating_mul(MAX_RATIO).clamp(FREE_TOTAL, MAX_TOTAL)
}

fn too_large(limit: usize) -> String {
    format!("it unpacks to more than the limit of {limit} bytes")
}

/// The name of a member as text: hostile names are shown as what they are.
fn text(name: &[u8]) -> Result<String, String> {
    if name.len() > MAX_NAME {
        let start = String::from_utf8_lossy(name.get(..40).unwrap_or(&[])).into_owned();
        return Err(format!("a member's path is longer than {MAX_NAME} bytes: {}…", printable(&start)));
    }
    Ok(String::from_utf8_lossy(name).into_owned())
}

fn kind(bytes: &[u8]) -> Option<Kind> {
    if zip::is_zip(bytes) {
        Some(Kind::Zip)
    } else if zstd::is_zstd(bytes) {
        Some(Kind::Zstd)
    } else if tar::is_tar(bytes) {
        Some(Kind::Tar)
    } else if gzip_of_tar(bytes) {
        Some(Kind::TarGz)
    } else {
        None
    }
}

/// Whether gzip data begin like a tar: the first header is enough.
fn gzip_of_tar(bytes: &[u8]) -> bool {
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
    let Some(body) = gzip_body(bytes) else { return false };
    let mut head = [0u8; tar::BLOCK];
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
    let near = body.get(..body.len().min(1 << 16)).unwrap_or(&[]);
    let (_, _, written) = decompress(&mut Box::new(DecompressorOxide::new()), near, &mut head, 0, flags);
    written == tar::BLOCK && tar::is_tar(&head)
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

/// What packs files and is not read: better named than taken for a result that nobody knows.
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
