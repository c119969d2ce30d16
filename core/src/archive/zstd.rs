//! Zstandard: frames one behind the other, bounded before anything is decoded.

use alloc::string::ToString;
use alloc::vec::Vec;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::archive::ArchiveError;
use crate::format::packed::{ZSTD, skipped};

/// The largest window that a decoder must keep, the most that ours takes.
pub(super) const MAX_WINDOW: u64 = 100 << 20;
/// Blocks decoded before the output is looked at; one has 128 KiB at most.
const AT_ONCE: usize = 16;

/// Decodes every frame and checks its checksum, where it has one.
///
/// # Errors
/// When the data are damaged, need a dictionary or too large a window, or decode to more than `limit` bytes.
pub(super) fn decode(bytes: &[u8], limit: usize) -> Result<Vec<u8>, ArchiveError> {
    let mut rest = bytes;
    let mut out = Vec::new();
    let mut decoder = FrameDecoder::new();
    while !rest.is_empty() {
        if let Some(after) = skipped(rest) {
            rest = after;
            continue;
        }
        let at = bytes.len() - rest.len();
        let damaged = |what: &str| ArchiveError::Zstd { at, why: what.to_string() };
        let window = window(rest).ok_or_else(|| damaged("no frame"))?;
        // Of a frame in one piece the window is its length: more is too large in any case.
        if window > limit as u64 {
            return Err(ArchiveError::Large(limit));
        }
        if window > MAX_WINDOW {
            return Err(ArchiveError::Window { at, window });
        }
        decoder.reset(&mut rest).map_err(|e| damaged(&e.to_string()))?;
        while !decoder.is_finished() {
            let step = BlockDecodingStrategy::UptoBlocks(AT_ONCE);
            decoder.decode_blocks(&mut rest, step).map_err(|e| damaged(&e.to_string()))?;
            out.extend(decoder.collect().unwrap_or_default());
            if out.len() > limit {
                return Err(ArchiveError::Large(limit));
            }
        }
        out.extend(decoder.collect().unwrap_or_default());
        if out.len() > limit {
            return Err(ArchiveError::Large(limit));
        }
        let stated = decoder.get_checksum_from_data();
        if stated.is_some() && stated != decoder.get_calculated_checksum() {
            return Err(damaged("the checksum does not fit"));
        }
    }
    Ok(out)
}

/// The window that the frame at the beginning asks for; `None`: no whole header.
fn window(bytes: &[u8]) -> Option<u64> {
    let descriptor = *bytes.strip_prefix(&ZSTD)?.first()?;
    if descriptor & 0x20 == 0 {
        let byte = *bytes.get(5)?;
        let base = 1u64 << (10 + (byte >> 3));
        return Some(base + base / 8 * u64::from(byte & 7));
    }
    // One piece: its length stands behind the dictionary's number.
    let from = 5 + [0, 1, 2, 4][usize::from(descriptor & 3)];
    let length = [1, 2, 4, 8][usize::from(descriptor >> 6)];
    let size = bytes.get(from..from + length)?.iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b));
    Some(if length == 2 { size + 256 } else { size })
}
