//! What bytes are packed in, as far as their beginning says: archives, and what is packed by another way than gzip.

/// Everything in a tar is a multiple of this.
pub(crate) const BLOCK: usize = 512;

/// How a frame of Zstandard begins.
pub(crate) const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Whether bytes are an archive or Zstandard data, which only the whole engine opens.
#[cfg(not(feature = "full"))]
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    is_zip(bytes) || is_zstd(bytes) || is_tar(bytes)
}

/// Whether bytes are a zip: they begin with a member, or are an empty one.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether bytes begin like a frame, or like one to skip that a frame follows.
pub(crate) fn is_zstd(bytes: &[u8]) -> bool {
    // Tools that write several frames put such a one in front.
    skipped(bytes).unwrap_or(bytes).starts_with(&ZSTD)
}

/// What is behind a frame that holds no data.
pub(crate) fn skipped(bytes: &[u8]) -> Option<&[u8]> {
    let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, rest @ ..] = bytes else { return None };
    rest.get(u32::from_le_bytes([*a, *b, *c, *d]) as usize..)
}

/// Whether bytes begin with a header of a tar whose checksum fits; old tars have no magic word.
pub(crate) fn is_tar(bytes: &[u8]) -> bool {
    bytes.first_chunk::<BLOCK>().is_some_and(|header| header[0] != 0 && sum_fits(header))
}

/// The sum of the header's bytes, with blanks in place of the sum itself. Some writers added signed bytes.
pub(crate) fn sum_fits(header: &[u8; BLOCK]) -> bool {
    let Some(stated) = number(&header[148..156]) else { return false };
    let plain = |i: usize| if (148..156).contains(&i) { b' ' } else { header[i] };
    let unsigned: u64 = (0..BLOCK).map(|i| u64::from(plain(i))).sum();
    let signed: i64 = (0..BLOCK).map(|i| i64::from(plain(i) as i8)).sum();
    stated == unsigned || i64::try_from(stated) == Ok(signed)
}

/// A number of a tar's header: octal digits between blanks and zeros, or a binary one whose first bit is set.
pub(crate) fn number(field: &[u8]) -> Option<u64> {
    if let Some((first, rest)) = field.split_first()
        && first & 0x80 != 0
    {
        let start = u64::from(first & 0x7f);
        return rest.iter().try_fold(start, |n, b| n.checked_mul(256)?.checked_add(u64::from(*b)));
    }
    let digits = field.iter().skip_while(|b| **b == b' ').take_while(|b| !matches!(b, b' ' | 0));
    digits.into_iter().try_fold(0u64, |n, b| match b {
        b'0'..=b'7' => n.checked_mul(8)?.checked_add(u64::from(b - b'0')),
        _ => None,
    })
}
