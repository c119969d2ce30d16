//! Tar: ustar, the long names of GNU, and what POSIX.1-2001 (pax) puts in front of a member.

use std::borrow::Cow;

use crate::archive::{Content, MAX_MEMBERS, MAX_NAME, Member, text};
use crate::inputs::{LINK, SPECIAL};

/// Everything in a tar is a multiple of this.
pub(super) const BLOCK: usize = 512;

/// Whether bytes begin with a header whose checksum fits; old tars have no magic word.
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    bytes.first_chunk::<BLOCK>().is_some_and(|header| header[0] != 0 && sum_fits(header))
}

/// The sum of the header's bytes, with blanks in place of the sum itself. Some writers added signed bytes.
fn sum_fits(header: &[u8; BLOCK]) -> bool {
    let Some(stated) = number(&header[148..156]) else { return false };
    let plain = |i: usize| if (148..156).contains(&i) { b' ' } else { header[i] };
    let unsigned: u64 = (0..BLOCK).map(|i| u64::from(plain(i))).sum();
    let signed: i64 = (0..BLOCK).map(|i| i64::from(plain(i) as i8)).sum();
    stated == unsigned || i64::try_from(stated) == Ok(signed)
}

/// Octal digits between blanks and zeros, or a binary number whose first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((first, rest)) = field.split_first()
        && first & 0x80 != 0
    {
        let start = u64::from(first & 0x7f);
        return rest.iter().try_fold(start, |n, b| n.checked_mul(256)?.checked_add(u64::from(*b)));
    }
    let digits: Vec<u8> =
        field.iter().copied().skip_while(|b| *b == b' ').take_while(|b| !matches!(b, b' ' | 0)).collect();
    let digit = |n: u64, b: &u8| match b {
        b'0'..=b'7' => n.checked_mul(8)?.checked_add(u64::from(b - b'0')),
        _ => None,
    };
    digits.iter().try_fold(0, digit)
}

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
pub(super) fn members(bytes: &[u8]) -> Result<Vec<Member<'_>>, String> {
    let mut out = Vec::new();
    let mut ahead = Ahead::default();
    let mut at = 0;
    let mut headers = 0;
    while let Some(header) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        if header.iter().all(|b| *b == 0) {
            return Ok(out);
        }
        if !sum_fits(header) {
            return Err(format!("byte {at}: the tar is damaged: no header"));
        }
        headers += 1;
        if headers > 4 * MAX_MEMBERS || out.len() == MAX_MEMBERS {
            return Err(format!("more members than the limit of {MAX_MEMBERS}"));
        }
        let kind = header[156];
        let own = number(&header[124..136]).ok_or_else(|| format!("byte {at}: the tar is damaged: no length"))?;
        // What pax says of the length is about the member, not about what stands in front of it.
        let in_front = matches!(kind, b'x' | b'g' | b'L' | b'K');
        let size = if in_front { own } else { ahead.size.unwrap_or(own) };
        // Links and folders have no data, whatever length they state.
        let stored = if matches!(kind, b'1'..=b'6') { 0 } else { size };
        let from = at + BLOCK;
        let end = usize::try_from(stored).ok().and_then(|n| from.checked_add(n)).filter(|end| *end <= bytes.len());
        let Some(end) = end else {
            return Err(format!("byte {at}: the tar ends before the end of a member"));
        };
        let data = &bytes[from..end];
        match kind {
            b'x' => pax(data, &mut ahead)?,
            // About all that follows: comments and defaults, of which none names a file.
            b'g' => {}
            b'L' => ahead.name = Some(until_zero(data).to_vec()),
            b'K' => {}
            _ => {
                let Ahead { name, sparse, .. } = std::mem::take(&mut ahead);
                let name = text(&name.unwrap_or_else(|| own_name(header)))?;
                let refused = |what: &str| Content::Refused(format!("left out: {what}"));
                let content = match kind {
                    _ if sparse => refused("a file with holes (sparse)"),
                    b'5' => Content::Folder,
                    b'0' | 0 | b'7' if name.ends_with('/') => Content::Folder,
                    b'0' | 0 | b'7' => Content::File(Cow::Borrowed(data)),
                    b'1' | b'2' => Content::Aside(LINK),
                    b'3' | b'4' | b'6' => Content::Aside(SPECIAL),
                    b'S' => refused("a file with holes (sparse)"),
                    other => refused(&format!("of the unknown kind {}", char::from(other).escape_default())),
                };
                out.push(Member { name: name.strip_prefix("./").map_or(name.clone(), str::to_string), content });
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
        Some(_) => Err(format!("byte {at}: the tar ends before the end of a header")),
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
fn pax(data: &[u8], ahead: &mut Ahead) -> Result<(), String> {
    let damaged = || "the tar is damaged: no record of pax".to_string();
    let mut rest = data;
    while !rest.is_empty() && rest[0] != 0 {
        let blank = rest.iter().take(20).position(|b| *b == b' ').ok_or_else(damaged)?;
        let length = std::str::from_utf8(&rest[..blank]).ok().and_then(|t| t.parse::<usize>().ok());
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
                ahead.size = std::str::from_utf8(value).ok().and_then(|t| t.parse().ok());
                ahead.size.ok_or_else(damaged)?;
            }
            key if key.starts_with(b"GNU.sparse") => ahead.sparse = true,
            _ => {}
        }
    }
    Ok(())
}
