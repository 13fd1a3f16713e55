//! Every bound in one place. Hostile input meets these numbers; docs/values.md and docs/reliability.md name them.

/// The largest value Redis takes: 512 MiB (its proto-max-bulk-len).
pub(crate) const MAX_VALUE: usize = 512 << 20;
/// The longest reply that is read: a bulk of this size at most.
pub(crate) const MAX_BULK: usize = 1 << 30;
/// The most elements one aggregate reply may announce.
pub(crate) const MAX_ELEMENTS: usize = 64 << 20;
/// How deep replies may nest.
pub(crate) const MAX_REPLY_DEPTH: usize = 128;
/// The longest status, error or number line of a reply.
pub(crate) const MAX_LINE: usize = 64 << 10;
/// How deep a value may nest to cross as MessagePack; deeper ones cross as OPAQUE.
pub(crate) const MAX_VALUE_DEPTH: usize = 512;
/// The most nodes (values inside a value) that are decoded.
pub(crate) const MAX_NODES: usize = 16 << 20;
/// The longest integer, in decimal digits, that is converted.
pub(crate) const MAX_INT_DIGITS: usize = 100_000;
/// The most joined keys or values of one call: 4 GiB, since lengths are 32 bits.
pub(crate) const MAX_JOINED: usize = u32::MAX as usize;
/// Arguments from this size on are written from where they stand, not copied.
pub(crate) const WRITE_IN_PLACE: usize = 16 << 10;
/// Keys deleted by one UNLINK of delete_pattern.
pub(crate) const DELETE_BATCH: usize = 1000;
/// Compare-and-set attempts of incr on a value that INCRBY can't handle.
pub(crate) const INCR_TRIES: u32 = 3;
/// The longest key: 512 MiB, as for a value.
pub(crate) const MAX_KEY: usize = MAX_VALUE;
/// The longest time that an option or a call may give, in milliseconds: what Redis can still add to the clock.
pub(crate) const MAX_TIME_MS: i64 = 1 << 62;
/// The most characters of a user's location, option name or value that a message repeats.
pub(crate) const MAX_SHOWN: usize = 200;
