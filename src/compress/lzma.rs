//! The .xz format, as Python's `lzma.compress` writes it.

use std::io::{self, Write};

use liblzma::bufread::XzDecoder;
use liblzma::stream::{CONCATENATED, Check, Stream};
use liblzma::write::XzEncoder;

use super::{Failure, read_within, whole};
use crate::limits::LZMA_MEMORY;

pub(super) fn compress(data: &[u8], preset: u32) -> io::Result<Vec<u8>> {
    let mut encoder = XzEncoder::new_stream(Vec::new(), Stream::new_easy_encoder(preset, Check::Crc64)?);
    encoder.write_all(data)?;
    encoder.finish()
}

pub(super) fn decompress(data: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    let stream = Stream::new_stream_decoder(LZMA_MEMORY, CONCATENATED).map_err(io::Error::from)?;
    let mut decoder = XzDecoder::new_stream(data, stream);
    let plain = read_within(&mut decoder, limit)?;
    whole(plain, decoder.into_inner())
}
