//! Compressed values, as django-redis's compressors write them, in both directions.
//!
//! Nothing in front of a value says that it is compressed: the first bytes of each format do. Reading never makes more than
//! it is allowed to, and all of the input must belong to the format.

mod deflate;
mod lz4;
#[cfg(feature = "lzma")]
mod lzma;
#[cfg(feature = "zstd")]
mod zstd;

use std::io::{self, Read};
use std::ops::RangeInclusive;

/// What compresses values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compressor {
    Zlib,
    Gzip,
    Lzma,
    Lz4,
    Zstd,
}

/// Why bytes could not be decompressed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// They are more than was allowed.
    TooLarge,
    Broken(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Broken(error.to_string())
    }
}

impl Compressor {
    /// Every one, in the order in which their first bytes are looked for.
    pub(crate) const ALL: [Compressor; 5] =
        [Compressor::Zlib, Compressor::Gzip, Compressor::Lzma, Compressor::Lz4, Compressor::Zstd];

    /// Its name in options and counters.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Compressor::Zlib => "zlib",
            Compressor::Gzip => "gzip",
            Compressor::Lzma => "lzma",
            Compressor::Lz4 => "lz4",
            Compressor::Zstd => "zstd",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Compressor> {
        Compressor::ALL.into_iter().find(|compressor| compressor.name() == name)
    }

    /// Values of so many bytes or fewer stay as they are in django-redis.
    pub(crate) fn default_min_length(self) -> usize {
        if self == Compressor::Lzma { 100 } else { 15 }
    }

    /// The levels there are; lz4 has none here.
    pub(crate) fn levels(self) -> Option<RangeInclusive<i64>> {
        match self {
            Compressor::Zlib | Compressor::Gzip | Compressor::Lzma => Some(0..=9),
            Compressor::Lz4 => None,
            Compressor::Zstd => Some(-100..=22),
        }
    }

    /// The level that django-redis uses.
    fn default_level(self) -> i64 {
        match self {
            Compressor::Zlib => 6,
            Compressor::Gzip => 9,
            Compressor::Lzma => 4,
            Compressor::Lz4 => 0,
            Compressor::Zstd => 3,
        }
    }

    /// Whether these bytes start as the format does.
    pub(crate) fn claims(self, data: &[u8]) -> bool {
        match self {
            // Method 8, a window of 32 KiB at most, no dictionary, and a check: both bytes are a multiple of 31.
            Compressor::Zlib => matches!(data, [method, flags, ..]
                if method & 0xf == 8 && method >> 4 <= 7 && flags & 0x20 == 0
                    && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0),
            Compressor::Gzip => data.starts_with(b"\x1f\x8b\x08"),
            Compressor::Lzma => data.starts_with(b"\xfd7zXZ\0"),
            Compressor::Lz4 => data.starts_with(b"\x04\x22\x4d\x18"),
            Compressor::Zstd => data.starts_with(b"\x28\xb5\x2f\xfd"),
        }
    }

    /// Compresses at a level, or at django-redis's.
    pub(crate) fn compress(self, data: &[u8], level: Option<i64>) -> io::Result<Vec<u8>> {
        // The level was checked against `levels`.
        let level = level.unwrap_or_else(|| self.default_level()) as i32;
        match self {
            Compressor::Zlib => deflate::zlib(data, level.unsigned_abs()),
            Compressor::Gzip => deflate::gzip(data, level.unsigned_abs()),
            #[cfg(feature = "lzma")]
            Compressor::Lzma => lzma::compress(data, level.unsigned_abs()),
            Compressor::Lz4 => lz4::compress(data),
            #[cfg(feature = "zstd")]
            Compressor::Zstd => zstd::compress(data, level),
            #[cfg(not(all(feature = "lzma", feature = "zstd")))]
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Decompresses to at most `limit` bytes.
    pub(crate) fn decompress(self, data: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
        match self {
            Compressor::Zlib => deflate::unzlib(data, limit),
            Compressor::Gzip => deflate::ungzip(data, limit),
            #[cfg(feature = "lzma")]
            Compressor::Lzma => lzma::decompress(data, limit),
            Compressor::Lz4 => lz4::decompress(data, limit),
            #[cfg(feature = "zstd")]
            Compressor::Zstd => zstd::decompress(data, limit),
            #[cfg(not(all(feature = "lzma", feature = "zstd")))]
            _ => Err(Failure::Broken("this library was built without it".into())),
        }
    }
}

/// Reads to the end, which must come within `limit` bytes.
fn read_within(source: &mut impl Read, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut data = Vec::new();
    source.take(limit as u64 + 1).read_to_end(&mut data)?;
    if data.len() > limit { Err(Failure::TooLarge) } else { Ok(data) }
}

/// What was decompressed, if nothing of the input is left over.
fn whole(data: Vec<u8>, left: &[u8]) -> Result<Vec<u8>, Failure> {
    if left.is_empty() {
        return Ok(data);
    }
    Err(Failure::Broken(format!("{} bytes follow the compressed data", left.len())))
}

#[cfg(test)]
mod tests;
