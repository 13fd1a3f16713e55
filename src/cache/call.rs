//! How to do one call.

use std::time::Duration;

/// How long a key lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl {
    /// It never expires.
    Forever,
    /// Milliseconds from now on; 0 and below mean what the option ZERO_TIMEOUT says.
    Millis(i64),
}

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// As long as it takes.
    Forever,
    /// At most this long, connecting included.
    Within(Duration),
}

/// When `set` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// In any case.
    #[default]
    Always,
    /// Only if the key is not there (NX).
    Absent,
    /// Only if the key is there (XX).
    Present,
}

/// How to do one call. The default is the cache's options.
#[derive(Clone, Copy, Debug, Default)]
pub struct Call {
    /// The key's version; the option VERSION if not given.
    pub version: Option<i64>,
    /// How long the key lives; the option TIMEOUT if not given.
    pub ttl: Option<Ttl>,
    /// When `set` writes.
    pub condition: Condition,
    /// The key is already `prefix:version:key`.
    pub key_made: bool,
    /// `get` and `get_many` answer [`crate::Value::Payload`] for what is not an integer.
    pub as_payload: bool,
    /// Keys that one SCAN looks at; the option SCAN_ITERSIZE if not given.
    pub itersize: Option<u64>,
    /// How long the whole call may take; SOCKET_TIMEOUT if not given (per round trip where there are several).
    pub deadline: Option<Patience>,
}
