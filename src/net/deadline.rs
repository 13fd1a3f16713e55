//! The one deadline that every step of a call shares.

use std::time::{Duration, Instant};

/// What set the deadline of a call that has one of its own.
pub(crate) const OWN_DEADLINE: &str = "the deadline of the call";

/// The moment a call must end by, or never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    end: Option<Instant>,
    /// When it was set; None where nobody looked at the clock.
    set_at: Option<Instant>,
    allowed: Duration,
    /// What set it, for messages: raise it to wait longer.
    set_by: &'static str,
}

impl Deadline {
    /// Wait as long as it takes.
    pub(crate) const NEVER: Deadline =
        Deadline { end: None, set_at: None, allowed: Duration::MAX, set_by: "" };

    /// From now on; a time too far away to represent is never.
    pub(crate) fn after(timeout: Duration, set_by: &'static str) -> Deadline {
        let now = Instant::now();
        Deadline { end: now.checked_add(timeout), set_at: Some(now), allowed: timeout, set_by }
    }

    /// The earlier of this one and `timeout` from now on.
    pub(crate) fn within(self, timeout: Option<Duration>, set_by: &'static str) -> Deadline {
        let Some(timeout) = timeout else { return self };
        let other = Deadline::after(timeout, set_by);
        match (self.end, other.end) {
            (None, _) => other,
            (Some(own), Some(others)) if others < own => other,
            _ => Deadline { set_at: other.set_at, ..self },
        }
    }

    /// The moment in which it was set: who has not waited for anything since then need not read the clock, which takes
    /// longer than most steps of a call.
    pub(crate) fn set_at(self) -> Instant {
        self.set_at.unwrap_or_else(Instant::now)
    }

    /// When half of what is left has passed.
    pub(crate) fn half(self) -> Deadline {
        match self.left() {
            Some(left) => Deadline { end: Instant::now().checked_add(left / 2), allowed: left / 2, ..self },
            None => self,
        }
    }

    /// The same, but this long from now on at least.
    pub(crate) fn at_least(self, time: Duration) -> Deadline {
        match self.left() {
            Some(left) if left < time => Deadline { end: Instant::now().checked_add(time), ..self },
            _ => self,
        }
    }

    /// The time that is left: `None` without an end, zero when it has passed.
    pub(crate) fn left(self) -> Option<Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Whether it passes within a time after a moment that was just now, where the clock was read already.
    pub(crate) fn passes(self, now: Instant, within: Duration) -> bool {
        self.end.zip(now.checked_add(within)).is_some_and(|(end, limit)| end <= limit)
    }

    /// Whether it has passed.
    pub(crate) fn passed(self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// How long was allowed when it was set, for messages.
    pub(crate) fn allowed(self) -> Duration {
        self.allowed
    }

    /// What set it: an option, or the call.
    pub(crate) fn set_by(self) -> &'static str {
        self.set_by
    }
}

/// A time as a number that fits into an atomic.
pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn never_has_no_end() {
        assert_eq!(Deadline::NEVER.left(), None);
        assert!(!Deadline::NEVER.passed());
        assert_eq!(Deadline::after(Duration::MAX, "T").left(), None);
    }

    #[test]
    fn half_and_more_keep_their_name() {
        let half = Deadline::after(HOUR, "T").half();
        assert!(half.left().unwrap() <= HOUR / 2 && half.allowed() <= HOUR / 2);
        assert_eq!(half.set_by(), "T");
        assert_eq!(Deadline::NEVER.half().left(), None);
        let passed = Deadline::after(Duration::ZERO, "T").at_least(HOUR);
        assert!(!passed.passed() && passed.allowed() == Duration::ZERO);
        assert!(Deadline::after(2 * HOUR, "T").at_least(HOUR).left().unwrap() > HOUR);
        assert_eq!(Deadline::NEVER.at_least(HOUR).left(), None);
    }

    #[test]
    fn the_moment_when_it_was_set_stands_for_now() {
        let deadline = Deadline::after(HOUR, "T");
        let now = deadline.set_at();
        assert!(!deadline.passes(now, Duration::ZERO) && !deadline.passes(now, HOUR / 2));
        assert!(deadline.passes(now, HOUR) && deadline.passes(now + HOUR, Duration::ZERO));
        assert!(!Deadline::NEVER.passes(now, HOUR) && Deadline::NEVER.set_at() >= now);
        assert!(deadline.within(Some(2 * HOUR), "T").set_at() >= now, "the clock was read again");
    }

    #[test]
    fn the_earlier_end_counts() {
        let short = Deadline::after(HOUR, "T").within(Some(Duration::ZERO), "T");
        assert!(short.passed());
        assert_eq!(short.allowed(), Duration::ZERO);
        let kept = Deadline::after(HOUR, "T").within(Some(2 * HOUR), "T");
        assert_eq!(kept.allowed(), HOUR);
        assert!(kept.left().unwrap() <= HOUR);
        assert_eq!(Deadline::NEVER.within(Some(HOUR), "T").allowed(), HOUR);
        assert_eq!(Deadline::NEVER.within(None, "T").left(), None);
    }
}
