//! The options of values: serializer, compressor, and what is read beside them.

use super::reader::{Reader, mismatch};
use crate::codec::{Compression, Settings};
use crate::compress::Compressor;
use crate::error::{Error, Result};
use crate::sign::Signer;
use crate::value::Format;

pub(super) fn values(read: Reader<'_>) -> Result<Settings> {
    let serializer = Format::from_name(read.choice("SERIALIZER")?).ok_or_else(|| mismatch("SERIALIZER"))?;
    let accept = read.names("ACCEPT")?;
    if serializer == Format::Raw && !accept.is_empty() {
        return Err(Error::config(
            "option ACCEPT names formats, but SERIALIZER raw takes all bytes as they are: leave ACCEPT out",
        ));
    }
    Ok(Settings {
        serializer,
        pickle_protocol: read.integer("PICKLE_VERSION")?,
        compression: compression(read)?,
        accept_serializers: accept.iter().filter_map(|name| Format::from_name(name)).collect(),
        accept_compressors: accept.iter().filter_map(|name| Compressor::from_name(name)).collect(),
        max_decoded_size: read.integer("MAX_DECODED_SIZE")?,
    })
}

/// Who signs values and verifies them.
pub(super) fn signer(read: Reader<'_>) -> Result<Option<Signer>> {
    let accept_unsigned = read.bool("SIGNING_ACCEPT_UNSIGNED")?;
    let signer = Signer::new(read.secret("SIGNING_KEYS")?.reveal(), accept_unsigned)?;
    if signer.is_none() && accept_unsigned {
        return Err(Error::config(
            "option SIGNING_ACCEPT_UNSIGNED is true, but SIGNING_KEYS is empty and nothing is signed: give keys, or leave it out",
        ));
    }
    Ok(signer)
}

fn compression(read: Reader<'_>) -> Result<Option<Compression>> {
    let Some(compressor) = Compressor::from_name(read.choice("COMPRESSOR")?) else { return Ok(None) };
    let level = read.optional_integer("COMPRESS_LEVEL")?;
    if let Some(given) = level {
        check_level(compressor, given)?;
    }
    let min_length = match read.optional_integer("COMPRESS_MIN_LENGTH")? {
        Some(length) => usize::try_from(length).map_err(|_| mismatch("COMPRESS_MIN_LENGTH"))?,
        None => compressor.default_min_length(),
    };
    Ok(Some(Compression { compressor, level, min_length }))
}

fn check_level(compressor: Compressor, given: i64) -> Result<()> {
    let name = compressor.name();
    match compressor.levels() {
        Some(levels) if levels.contains(&given) => Ok(()),
        Some(levels) => Err(Error::config(format!(
            "option COMPRESS_LEVEL is {given}, but the levels of {name} are {} to {}",
            levels.start(),
            levels.end()
        ))),
        None => Err(Error::config(format!(
            "option COMPRESS_LEVEL is {given}, but {name} has no levels here: leave it out"
        ))),
    }
}
