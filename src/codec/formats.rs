//! How many values were read of each format: what tells when a migration is over.

use crate::compress::Compressor;
use crate::stats::Counter;
use crate::value::Format;

/// Counters by format and by compressor.
#[derive(Debug, Default)]
pub(crate) struct FormatCounters {
    integers: Counter,
    serializers: [Counter; 4],
    compressors: [Counter; 5],
}

impl FormatCounters {
    pub(super) fn integer(&self) {
        self.integers.add(1);
    }

    pub(super) fn serialized(&self, format: Format) {
        self.serializers[format as usize - 1].add(1);
    }

    pub(super) fn pickles(&self, count: u64) {
        self.serializers[Format::Pickle as usize - 1].add(count);
    }

    pub(super) fn compressed(&self, compressor: Compressor) {
        self.compressors[compressor as usize].add(1);
    }

    /// The counters by name. A compressed value counts twice: by its compressor and by its serializer.
    pub(crate) fn by_name(&self) -> Vec<(&'static str, u64)> {
        let serializers = Format::ALL.iter().zip(&self.serializers);
        let compressors = Compressor::ALL.iter().zip(&self.compressors);
        std::iter::once(("integer", self.integers.get()))
            .chain(serializers.map(|(format, counter)| (format.name(), counter.get())))
            .chain(compressors.map(|(compressor, counter)| (compressor.name(), counter.get())))
            .collect()
    }
}
