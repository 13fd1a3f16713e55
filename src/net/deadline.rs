//! The one deadline that every step of a call shares.

use std::time::{Duration, Instant};

/// The moment a call must end by, or never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// Wait as long as it takes.
    pub(crate) const NEVER: Deadline = Deadline(None);

    /// From now on; a time too far away to represent is never.
    pub(crate) fn after(timeout: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(timeout))
    }

    /// The earlier of this one and `timeout` from now on.
    pub(crate) fn within(self, timeout: Option<Duration>) -> Deadline {
        let Some(timeout) = timeout else { return self };
        let other = Deadline::after(timeout);
        match (self.0, other.0) {
            (Some(a), Some(b)) => Deadline(Some(a.min(b))),
            (a, b) => Deadline(a.or(b)),
        }
    }

    /// The time that is left: `None` without an end, zero when it has passed.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Whether it has passed.
    pub(crate) fn passed(self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }
}
