//! Bounded, multi-member gzip.

use alloc::vec::Vec;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use crate::error::{ParseError, ParseErrorKind};
use crate::source::{Position, Source};

/// What an inflated input may measure: 1 GiB holds every result file seen, and fits wasm.
const MAX_INFLATED: usize = 1 << 30;

/// What any input may inflate to, however small it is; beyond it, [`MAX_RATIO`] times its size. Deflate
/// reaches 1 000, results and profiles hardly 50.
const FREE_INFLATED: usize = 64 << 20;
const MAX_RATIO: usize = 200;

/// Whether bytes begin like a gzip member.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Inflates every member and checks its checksum and length. Also gives where the last one ends.
pub(super) fn inflate(source: &Source<'_>) -> Result<(Vec<u8>, usize), ParseError> {
    let fail = |at: usize, kind| Err(ParseError::new(source, Some(Position::Byte(at as u64)), kind));
    let limit = source.bytes.len().saturating_mul(MAX_RATIO).clamp(FREE_INFLATED, MAX_INFLATED);
    // Large: one for all members.
    let mut state = alloc::boxed::Box::new(DecompressorOxide::new());
    let crc = Crc32::new();
    let mut out = Vec::new();
    let mut at = 0;
    while is_gzip(source.bytes.get(at..).unwrap_or(&[])) {
        let Some(body) = header_end(source.bytes, at) else {
            return fail(at, ParseErrorKind::Truncated { expected: "a gzip header" });
        };
        let start = out.len();
        let used = match member(source.bytes.get(body..).unwrap_or(&[]), &mut out, &mut state, limit) {
            Ok(used) => used,
            Err(kind @ ParseErrorKind::Truncated { .. }) => return fail(source.bytes.len(), kind),
            Err(kind) => return fail(body, kind),
        };
        let trailer = body + used;
        let Some([c0, c1, c2, c3, l0, l1, l2, l3]) = source.bytes.get(trailer..trailer + 8) else {
            return fail(source.bytes.len(), ParseErrorKind::Truncated { expected: "a gzip stream" });
        };
        let written = out.get(start..).unwrap_or(&[]);
        let checksum = u32::from_le_bytes([*c0, *c1, *c2, *c3]);
        let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]);
        if checksum != crc.of(written) || length != written.len() as u32 {
            return fail(trailer, ParseErrorKind::ChecksumMismatch);
        }
        at = trailer + 8;
    }
    Ok((out, at))
}

/// Inflates one deflate stream behind what `out` holds, which may grow to `limit`; returns the bytes
/// consumed.
pub(super) fn member(
    input: &[u8],
    out: &mut Vec<u8>,
    state: &mut DecompressorOxide,
    limit: usize,
) -> Result<usize, ParseErrorKind> {
    state.init();
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let start = out.len();
    let (mut used, mut filled) = (0, start);
    out.resize(start + (input.len().saturating_mul(2)).clamp(64, 1 << 20), 0);
    loop {
        let (rest, room) = (input.get(used..).unwrap_or(&[]), out.get_mut(start..).unwrap_or(&mut []));
        let (status, read, written) = decompress(state, rest, room, filled - start, flags);
        used += read;
        filled += written;
        match status {
            TINFLStatus::Done => {
                out.truncate(filled);
                return Ok(used);
            }
            TINFLStatus::HasMoreOutput if filled >= limit => {
                return Err(ParseErrorKind::LimitExceeded { what: "inflated bytes", limit: limit as u64 });
            }
            TINFLStatus::HasMoreOutput => out.resize((filled.saturating_mul(2)).min(limit), 0),
            TINFLStatus::FailedCannotMakeProgress | TINFLStatus::NeedsMoreInput => {
                return Err(ParseErrorKind::Truncated { expected: "a gzip stream" });
            }
            _ => return Err(ParseErrorKind::InvalidGzip),
        }
    }
}

/// Where the deflate data of the member at `at` begins.
fn header_end(bytes: &[u8], at: usize) -> Option<usize> {
    let flags = *bytes.get(at + 3)?;
    let mut end = at + 10;
    if flags & 4 != 0 {
        end += 2 + usize::from(*bytes.get(end)?) + (usize::from(*bytes.get(end + 1)?) << 8);
    }
    for bit in [8u8, 16] {
        if flags & bit != 0 {
            end += bytes.get(end..)?.iter().position(|b| *b == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        end += 2;
    }
    (end <= bytes.len()).then_some(end)
}

/// CRC-32 (IEEE) of much: eight bytes at a time, each with a table of its own.
pub(crate) struct Crc32 {
    tables: [[u32; 256]; 8],
}

impl Crc32 {
    pub(crate) fn new() -> Crc32 {
        let mut tables = [[0u32; 256]; 8];
        for i in 0..256 {
            let mut crc = i as u32;
            for table in &mut tables {
                crc = (0..8).fold(crc, |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 });
                table[i] = crc;
            }
        }
        Crc32 { tables }
    }

    pub(crate) fn of(&self, bytes: &[u8]) -> u32 {
        let (whole, rest) = bytes.as_chunks::<8>();
        let mut crc = !0u32;
        for chunk in whole {
            let mut lanes = u64::from_le_bytes(*chunk) ^ u64::from(crc);
            crc = 0;
            for place in 0..8 {
                crc ^= self.tables[7 - place][lanes as usize % 256];
                lanes >>= 8;
            }
        }
        for byte in rest {
            crc = (crc >> 8) ^ self.tables[0][(crc ^ u32::from(*byte)) as usize % 256];
        }
        !crc
    }
}

/// CRC-32 of little: four bits at a time.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0u32; 16];
    for (i, slot) in table.iter_mut().enumerate() {
        *slot = (0..4).fold(i as u32, |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 });
    }
    !bytes.iter().fold(!0u32, |crc, byte| {
        let crc = crc ^ u32::from(*byte);
        let crc = (crc >> 4) ^ table[(crc & 15) as usize];
        (crc >> 4) ^ table[(crc & 15) as usize]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `hello\n` twice, as two members, by gzip 1.12 with `-n`.
    const HELLO: &[u8] = &[
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0, 0x20, 0x30, 0x3a, 0x36, 6, 0, 0,
        0,
    ];

    #[test]
    fn both_ways_to_a_checksum_are_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let bytes: Vec<u8> = (0..100u32).map(|i| (i * 197 % 251) as u8).collect();
        for n in 0..bytes.len() {
            assert_eq!(Crc32::new().of(&bytes[..n]), crc32(&bytes[..n]), "{n}");
        }
    }

    fn run(bytes: &[u8]) -> Result<Vec<u8>, ParseErrorKind> {
        inflate(&Source { name: "x", bytes }).map(|(out, _)| out).map_err(|e| e.kind)
    }

    #[test]
    fn members_join_and_damage_is_named() {
        assert_eq!(run(HELLO), Ok(b"hello\n".to_vec()));
        assert_eq!(run(&[HELLO, HELLO].concat()), Ok(b"hello\nhello\n".to_vec()));
        for end in 2..HELLO.len() {
            let cut = run(&HELLO[..end]);
            assert!(matches!(cut, Err(ParseErrorKind::Truncated { .. })), "{end}: {cut:?}");
        }
        let mut bad = HELLO.to_vec();
        bad[18] ^= 1;
        assert_eq!(run(&bad), Err(ParseErrorKind::ChecksumMismatch));
    }
}
