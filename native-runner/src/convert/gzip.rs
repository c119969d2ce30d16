//! Gzip as it is written, so that no file is held whole.

use std::io::{self, Write};

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};

/// One gzip member without name or time, so that equal content is equal files.
pub(super) struct Gzip<'o> {
    out: &'o mut dyn Write,
    packer: Box<CompressorOxide>,
    sum: crc32fast::Hasher,
    length: u32,
}

impl<'o> Gzip<'o> {
    /// Begins the member.
    pub(super) fn new(out: &'o mut dyn Write) -> io::Result<Gzip<'o>> {
        out.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])?;
        let packer = Box::new(CompressorOxide::new(create_comp_flags_from_zip_params(6, 0, 0)));
        Ok(Gzip { out, packer, sum: crc32fast::Hasher::new(), length: 0 })
    }

    fn pack(&mut self, bytes: &[u8], flush: TDEFLFlush) -> io::Result<()> {
        let mut rest = bytes;
        loop {
            let mut failed = None;
            let (status, taken) = compress_to_output(&mut self.packer, rest, flush, |packed| {
                failed = self.out.write_all(packed).err();
                failed.is_none()
            });
            if let Some(error) = failed {
                return Err(error);
            }
            rest = rest.get(taken..).unwrap_or(&[]);
            match status {
                TDEFLStatus::Done => return Ok(()),
                TDEFLStatus::Okay if rest.is_empty() && flush == TDEFLFlush::None => return Ok(()),
                TDEFLStatus::Okay => {}
                _ => return Err(io::Error::other("the data cannot be packed")),
            }
        }
    }

    /// Ends the member.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.pack(&[], TDEFLFlush::Finish)?;
        self.out.write_all(&self.sum.finalize().to_le_bytes())?;
        self.out.write_all(&self.length.to_le_bytes())
    }
}

impl Write for Gzip<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pack(bytes, TDEFLFlush::None)?;
        self.sum.update(bytes);
        // The length modulo 2³² is what the format wants.
        self.length = self.length.wrapping_add(bytes.len() as u32);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::Gzip;
    use std::io::Write;

    #[test]
    fn pieces_are_packed_like_the_whole() {
        let bytes: Vec<u8> = (0..300_000u32).flat_map(|i| (i.wrapping_mul(i) % 1000).to_le_bytes()).collect();
        for size in [1000, 65_536, bytes.len()] {
            let mut out = Vec::new();
            let mut packer = Gzip::new(&mut out).unwrap();
            bytes.chunks(size).for_each(|piece| packer.write_all(piece).unwrap());
            packer.finish().unwrap();
            assert_eq!(out, crate::protobuf::gzip(&bytes), "{size}");
        }
        let mut out = Vec::new();
        Gzip::new(&mut out).unwrap().finish().unwrap();
        assert_eq!(out, crate::protobuf::gzip(&[]));
    }
}
