//! How many values were read of each format: what tells when a migration is over.

use crate::compress::Compressor;
use crate::stats::{Copies, Counter};
use crate::value::Format;

/// Counters by format and by compressor.
#[derive(Debug, Default)]
pub(crate) struct FormatCounters(Copies<Formats>);

#[derive(Debug, Default)]
struct Formats {
    integers: Counter,
    serializers: [Counter; 4],
    compressors: [Counter; 5],
}

impl FormatCounters {
    pub(super) fn integer(&self) {
        self.0.mine().integers.add(1);
    }

    pub(super) fn serialized(&self, format: Format) {
        self.0.mine().serializers[format as usize - 1].add(1);
    }

    pub(super) fn pickles(&self, count: u64) {
        self.0.mine().serializers[Format::Pickle as usize - 1].add(count);
    }

    pub(super) fn compressed(&self, compressor: Compressor) {
        self.0.mine().compressors[compressor as usize].add(1);
    }

    /// The counters by name. A compressed value counts twice: by its compressor and by its serializer.
    pub(crate) fn by_name(&self) -> Vec<(&'static str, u64)> {
        let serialized = |format: &Format| self.0.sum(|formats| &formats.serializers[*format as usize - 1]);
        let compressed =
            |compressor: &Compressor| self.0.sum(|formats| &formats.compressors[*compressor as usize]);
        std::iter::once(("integer", self.0.sum(|formats| &formats.integers)))
            .chain(Format::ALL.iter().map(|format| (format.name(), serialized(format))))
            .chain(Compressor::ALL.iter().map(|compressor| (compressor.name(), compressed(compressor))))
            .collect()
    }
}
