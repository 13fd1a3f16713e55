//! The LZ4 frame format, as Python's `lz4.frame.compress` writes it.

use std::io::{self, Write};

use lz4_flex::frame::{BlockMode, BlockSize, FrameDecoder, FrameEncoder, FrameInfo};

use super::{Failure, read_within, whole};

/// The flag of a checksum behind the end mark.
const CONTENT_CHECKSUM: u8 = 0x04;

pub(super) fn compress(data: &[u8]) -> io::Result<Vec<u8>> {
    let frame = FrameInfo::new()
        .block_mode(BlockMode::Independent)
        .block_size(BlockSize::Max64KB)
        .content_size(Some(data.len() as u64));
    let mut encoder = FrameEncoder::with_frame_info(frame, Vec::new());
    encoder.write_all(data)?;
    Ok(encoder.finish()?)
}

pub(super) fn decompress(data: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    if !has_end_mark(data) {
        return Err(Failure::Broken("the frame has no end mark: it was cut off".into()));
    }
    let mut decoder = FrameDecoder::new(data);
    let plain = read_within(&mut decoder, limit)?;
    whole(plain, decoder.into_inner())
}

/// The decoder takes the end of the input for the end of the frame, so the end mark is looked for here: four zero bytes.
fn has_end_mark(data: &[u8]) -> bool {
    let checksum = if data.get(4).is_some_and(|flags| flags & CONTENT_CHECKSUM != 0) { 4 } else { 0 };
    data.len()
        .checked_sub(checksum)
        .and_then(|end| data.get(..end))
        .is_some_and(|frame| frame.ends_with(&[0; 4]))
}
