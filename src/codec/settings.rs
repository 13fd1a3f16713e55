//! What a cache's options say about its values.

use crate::compress::Compressor;
use crate::value::Format;

/// How one cache writes its values, and what it reads.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) serializer: Format,
    /// 2 to 5.
    pub(crate) pickle_protocol: u8,
    /// `None`: stored as they are.
    pub(crate) compression: Option<Compression>,
    /// Serializers that are recognized beside the configured one.
    pub(crate) accept_serializers: Vec<Format>,
    /// Compressors that are recognized beside the configured one.
    pub(crate) accept_compressors: Vec<Compressor>,
    /// The most bytes that a value may have once it is decompressed.
    pub(crate) max_decoded_size: usize,
}

/// How values are compressed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compression {
    pub(crate) compressor: Compressor,
    /// `None`: the one that django-redis uses.
    pub(crate) level: Option<i64>,
    /// Values of so many bytes or fewer stay as they are.
    pub(crate) min_length: usize,
}

impl Settings {
    /// Whether values of this serializer are read. A pickle site reads json and msgpack too, which can do no harm; pickle
    /// is read only where it was asked for.
    pub(super) fn reads(&self, format: Format) -> bool {
        let beside_pickle =
            self.serializer == Format::Pickle && matches!(format, Format::Json | Format::Msgpack);
        format == self.serializer || beside_pickle || self.accept_serializers.contains(&format)
    }

    /// The compressors whose values are read, in the order in which they are looked for.
    pub(super) fn compressors(&self) -> Vec<Compressor> {
        let configured = self.compression.map(|compression| compression.compressor);
        let is_read = |compressor: &Compressor| {
            configured == Some(*compressor) || self.accept_compressors.contains(compressor)
        };
        Compressor::ALL.into_iter().filter(is_read).collect()
    }
}
