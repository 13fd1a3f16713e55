//! Zstandard frames.

use std::io;

use zstd::stream::read::Decoder;

use super::{Failure, read_within, whole};

pub(super) fn compress(data: &[u8], level: i32) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(data, level)
}

pub(super) fn decompress(data: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    let mut decoder = Decoder::with_buffer(data)?;
    let plain = read_within(&mut decoder, limit)?;
    whole(plain, decoder.finish())
}
