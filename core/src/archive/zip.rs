//! Zip by its central directory: stored and deflated members.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

use crate::archive::{ArchiveError, Aside, Content, MAX_MEMBERS, Member, Refusal, text};
use crate::format::gzip::Crc32;

/// A record ends here at the latest, counted from the end of the file: its comment has 65 535 bytes at most.
const END_REACH: usize = 65_535 + 22;

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Where the central directory is, and how many members it lists.
struct Directory {
    at: usize,
    members: u64,
}

/// One entry of the directory.
struct Entry {
    name: String,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
    /// Mode of Unix, where the archive was made there.
    mode: u32,
}

/// Reads every member.
///
/// # Errors
/// When the directory is damaged, lists more than [`MAX_MEMBERS`], holds too long a path, or all members together
/// unpack to more than `limit` bytes.
pub(super) fn members(bytes: &[u8], limit: usize) -> Result<Vec<Member<'_>>, ArchiveError> {
    let damaged = |what| ArchiveError::Damaged { at: None, what };
    let directory = directory(bytes).ok_or_else(|| damaged("zip is damaged: no directory at its end"))?;
    if directory.members > MAX_MEMBERS as u64 {
        return Err(ArchiveError::Members);
    }
    let (mut out, mut at) = (Vec::new(), directory.at);
    let mut packed = 0u64;
    let mut left = limit;
    let crc = Crc32::new();
    for _ in 0..directory.members {
        let (entry, next) = entry(bytes, at)?.ok_or(ArchiveError::NoEntry { at })?;
        at = next;
        packed = packed.saturating_add(entry.packed);
        // Members that share their data make little large.
        if packed > bytes.len() as u64 {
            return Err(damaged("zip is damaged: its members lie over each other"));
        }
        let content = content(bytes, &entry, left, &crc).ok_or(ArchiveError::Large(limit))?;
        if let Content::File(file) = &content {
            left = left.checked_sub(file.len()).ok_or(ArchiveError::Large(limit))?;
        }
        out.push(Member { name: entry.name, content });
    }
    Ok(out)
}

/// Finds the directory by the record at the end; numbers that do not fit there stand in one before it.
fn directory(bytes: &[u8]) -> Option<Directory> {
    let from = bytes.len().saturating_sub(END_REACH);
    let tail = bytes.get(from..)?;
    let is_end = |at: &usize| {
        tail.get(*at..).is_some_and(|r| r.starts_with(b"PK\x05\x06"))
            && u16_at(tail, at + 20).is_some_and(|comment| at + 22 + usize::from(comment) <= tail.len())
    };
    let end = from + (0..tail.len().saturating_sub(21)).rev().find(is_end)?;
    let mut members = u64::from(u16_at(bytes, end + 10)?);
    let mut at = u64::from(u32_at(bytes, end + 16)?);
    if members == 0xffff || at == 0xffff_ffff {
        let locator = end.checked_sub(20).filter(|l| bytes.get(*l..).is_some_and(|r| r.starts_with(b"PK\x06\x07")))?;
        let record = usize::try_from(u64_at(bytes, locator + 8)?).ok()?;
        bytes.get(record..).filter(|r| r.starts_with(b"PK\x06\x06"))?;
        members = u64_at(bytes, record + 32)?;
        at = u64_at(bytes, record + 48)?;
    }
    Some(Directory { at: usize::try_from(at).ok()?, members })
}

/// The entry at a place and where the next one begins; `None`: there is none.
fn entry(bytes: &[u8], at: usize) -> Result<Option<(Entry, usize)>, ArchiveError> {
    let read = || {
        let head = bytes.get(at..)?.get(..46)?;
        if !head.starts_with(b"PK\x01\x02") {
            return None;
        }
        let [name, extra, comment] = [28, 30, 32].map(|field| usize::from(u16_at(head, field).unwrap_or(0)));
        let name_bytes = bytes.get(at + 46..at + 46 + name)?;
        let extra_bytes = bytes.get(at + 46 + name..at + 46 + name + extra)?;
        let made_on = u16_at(head, 4)? >> 8;
        let mut entry = Entry {
            name: String::new(),
            flags: u16_at(head, 8)?,
            method: u16_at(head, 10)?,
            crc: u32_at(head, 16)?,
            packed: u64::from(u32_at(head, 20)?),
            size: u64::from(u32_at(head, 24)?),
            at: u64::from(u32_at(head, 42)?),
            mode: if made_on == 3 { u32_at(head, 38)? >> 16 } else { 0 },
        };
        large(extra_bytes, &mut entry)?;
        Some((entry, name_bytes, at + 46 + name + extra + comment))
    };
    let Some((mut entry, name, next)) = read() else { return Ok(None) };
    entry.name = text(name)?;
    Ok(Some((entry, next)))
}

/// Takes the numbers that do not fit into 32 bits from the field for them.
fn large(mut extra: &[u8], entry: &mut Entry) -> Option<()> {
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        let field = extra.get(4..4 + length)?;
        if id == 1 {
            let mut place = 0;
            for number in [&mut entry.size, &mut entry.packed, &mut entry.at] {
                if *number == 0xffff_ffff {
                    *number = u64_at(field, place)?;
                    place += 8;
                }
            }
        }
        extra = extra.get(4 + length..)?;
    }
    Some(())
}

/// What a member holds; `None`: it is larger than what is left of the limit.
fn content<'a>(bytes: &'a [u8], entry: &Entry, left: usize, crc: &Crc32) -> Option<Content<'a>> {
    let refused = |why| Some(Content::Refused(why));
    const FORMAT: u32 = 0o170_000;
    if entry.name.ends_with('/') {
        return Some(Content::Folder);
    }
    match entry.mode & FORMAT {
        0 | 0o100_000 => {}
        0o040_000 => return Some(Content::Folder),
        0o120_000 => return Some(Content::Aside(Aside::Link)),
        _ => return Some(Content::Aside(Aside::Special)),
    }
    if entry.flags & 1 != 0 {
        return refused(Refusal::Encrypted);
    }
    if !matches!(entry.method, 0 | 8) {
        return refused(Refusal::Method(entry.method));
    }
    let Some(data) = data(bytes, entry) else {
        return refused(Refusal::Elsewhere);
    };
    if entry.size > left as u64 {
        return None;
    }
    let plain = match entry.method {
        0 => Cow::Borrowed(data),
        _ => match decompress_to_vec_with_limit(data, entry.size as usize) {
            Ok(plain) => Cow::Owned(plain),
            Err(e) if e.status == TINFLStatus::HasMoreOutput => return refused(Refusal::Longer),
            Err(_) => return refused(Refusal::Damaged),
        },
    };
    if plain.len() as u64 != entry.size {
        return refused(Refusal::Length { found: plain.len(), stated: entry.size });
    }
    if crc.of(&plain) != entry.crc {
        return refused(Refusal::Checksum);
    }
    Some(Content::File(plain))
}

/// The data of a member, behind its own header.
fn data<'a>(bytes: &'a [u8], entry: &Entry) -> Option<&'a [u8]> {
    let head = bytes.get(usize::try_from(entry.at).ok()?..)?;
    if !head.starts_with(b"PK\x03\x04") {
        return None;
    }
    let [name, extra] = [u16_at(head, 26)?, u16_at(head, 28)?].map(usize::from);
    let from = 30 + name + extra;
    head.get(from..from.checked_add(usize::try_from(entry.packed).ok()?)?)
}
