//! zlib (RFC 1950) and gzip (RFC 1952).

use std::io::{self, Write};

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use flate2::write::ZlibEncoder;
use flate2::{Compression, GzBuilder};

use super::{Failure, read_within, whole};

pub(super) fn zlib(data: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(data)?;
    encoder.finish()
}

/// Python puts the time into the header; here it is 0, so that equal values have equal bytes.
pub(super) fn gzip(data: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(level));
    encoder.write_all(data)?;
    encoder.finish()
}

pub(super) fn unzlib(data: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    let mut decoder = ZlibDecoder::new(data);
    let plain = read_within(&mut decoder, limit)?;
    whole(plain, decoder.into_inner())
}

pub(super) fn ungzip(data: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    let mut decoder = MultiGzDecoder::new(data);
    let plain = read_within(&mut decoder, limit)?;
    whole(plain, decoder.into_inner())
}
