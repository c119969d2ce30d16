//! Tar: ustar, the long names of GNU, and what POSIX.1-2001 (pax) puts in front of a member.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::archive::{ArchiveError, Aside, Content, MAX_MEMBERS, MAX_NAME, Member, Refusal, text};
use crate::format::packed::{BLOCK, number, sum_fits};

/// What stands in front of a member about it.
#[derive(Default)]
struct Ahead {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    /// The member is a file with holes, in one of the ways that GNU has for it.
    sparse: bool,
}

/// Reads every member.
///
/// # Errors
/// When a header is damaged, the data end before their end, there are more members than [`MAX_MEMBERS`], or a path is
/// too long.
pub(super) fn members(bytes: &[u8]) -> Result<Vec<Member<'_>>, ArchiveError> {
    let fail = |at, what| Err(ArchiveError::Damaged { at: Some(at), what });
    let mut out = Vec::new();
    let mut ahead = Ahead::default();
    let mut at = 0;
    let mut headers = 0;
    while let Some(header) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        if header.iter().all(|b| *b == 0) {
            return Ok(out);
        }
        if !sum_fits(header) {
            return fail(at, "tar is damaged: no header");
        }
        headers += 1;
        if headers > 4 * MAX_MEMBERS || out.len() == MAX_MEMBERS {
            return Err(ArchiveError::Members);
        }
        let kind = header[156];
        let Some(own) = number(&header[124..136]) else {
            return fail(at, "tar is damaged: no length");
        };
        // What pax says of the length is about the member, not about what stands in front of it.
        let in_front = matches!(kind, b'x' | b'g' | b'L' | b'K');
        let size = if in_front { own } else { ahead.size.unwrap_or(own) };
        // Links and folders have no data, whatever length they state.
        let stored = if matches!(kind, b'1'..=b'6') { 0 } else { size };
        let from = at + BLOCK;
        let end = usize::try_from(stored).ok().and_then(|n| from.checked_add(n)).filter(|end| *end <= bytes.len());
        let Some(end) = end else {
            return fail(at, "tar ends before the end of a member");
        };
        let data = &bytes[from..end];
        match kind {
            b'x' => pax(data, &mut ahead)?,
            // About all that follows: comments and defaults, of which none names a file.
            b'g' => {}
            b'L' => ahead.name = Some(until_zero(data).to_vec()),
            b'K' => {}
            _ => {
                let Ahead { name, sparse, .. } = core::mem::take(&mut ahead);
                let name = text(&name.unwrap_or_else(|| own_name(header)))?;
                let content = match kind {
                    _ if sparse => Content::Refused(Refusal::Sparse),
                    b'5' => Content::Folder,
                    b'0' | 0 | b'7' if name.ends_with('/') => Content::Folder,
                    b'0' | 0 | b'7' => Content::File(Cow::Borrowed(data)),
                    b'1' | b'2' => Content::Aside(Aside::Link),
                    b'3' | b'4' | b'6' => Content::Aside(Aside::Special),
                    b'S' => Content::Refused(Refusal::Sparse),
                    other => Content::Refused(Refusal::Kind(other)),
                };
                out.push(Member {
                    name: name.strip_prefix("./").map_or_else(|| name.clone(), ToString::to_string),
                    content,
                });
            }
        }
        at = match end.checked_next_multiple_of(BLOCK) {
            Some(next) => next,
            None => break,
        };
    }
    // Two blocks of zeros end a tar; one that stops between members has lost nothing that can be told.
    match bytes.get(at..) {
        Some([]) | None => Ok(out),
        Some(rest) if rest.iter().all(|b| *b == 0) => Ok(out),
        Some(_) => fail(at, "tar ends before the end of a header"),
    }
}

fn until_zero(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or(&[])
}

/// The name in a header, with what ustar keeps of it in front.
fn own_name(header: &[u8; BLOCK]) -> Vec<u8> {
    let name = until_zero(&header[..100]);
    let prefix = if &header[257..263] == b"ustar\0" { until_zero(&header[345..500]) } else { &[] };
    if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
}

/// Records `LENGTH KEY=VALUE\n`, where the length counts the whole record.
fn pax(data: &[u8], ahead: &mut Ahead) -> Result<(), ArchiveError> {
    let damaged = || ArchiveError::Damaged { at: None, what: "tar is damaged: no record of pax" };
    let mut rest = data;
    while !rest.is_empty() && rest[0] != 0 {
        let blank = rest.iter().take(20).position(|b| *b == b' ').ok_or_else(damaged)?;
        let length = core::str::from_utf8(&rest[..blank]).ok().and_then(|t| t.parse::<usize>().ok());
        let length = length.filter(|n| *n > blank + 1 && *n <= rest.len()).ok_or_else(damaged)?;
        let (record, behind) = rest.split_at(length);
        rest = behind;
        let record = record.get(blank + 1..).and_then(|r| r.strip_suffix(b"\n")).ok_or_else(damaged)?;
        let equals = record.iter().position(|b| *b == b'=').ok_or_else(damaged)?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" if value.len() > MAX_NAME => drop(text(value)?),
            b"path" => ahead.name = Some(value.to_vec()),
            b"size" => {
                ahead.size = core::str::from_utf8(value).ok().and_then(|t| t.parse().ok());
                ahead.size.ok_or_else(damaged)?;
            }
            key if key.starts_with(b"GNU.sparse") => ahead.sparse = true,
            _ => {}
        }
    }
    Ok(())
}
