//! The library's bounds, as small as a model wants them.

use std::time::Duration;

pub(crate) const ASK_HOST: Duration = Duration::from_secs(1);
/// Somebody may find out at once whether the server is back.
pub(crate) const BREAKER_FIRST_WAIT: Duration = Duration::ZERO;
pub(crate) const NEAR_OVERHEAD: usize = 160;
pub(crate) const NEAR_SHARD: usize = 1 << 10;
pub(crate) const NEAR_SHARDS: usize = 1;
pub(crate) const NEAR_STRIPES: usize = 1;
pub(crate) const NEAR_USUAL: usize = 1 << 10;
