//! Stops calling a server that is away, so that an outage costs a few timeouts and not one for each call.
//!
//! It opens after some failures in a row: then calls fail at once, for a moment, after which one call is let through. If that
//! fails as well the moment doubles; any answer closes the breaker.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use crate::chance::chance;
use crate::error::{Error, Result, Status};
use crate::limits::BREAKER_FIRST_WAIT;
use crate::net::Address;
use crate::stats::Counters;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::{Mutex, MutexGuard};

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct BreakerConfig {
    /// So many failures in a row open it; 0: nothing does.
    pub(crate) failures: u32,
    /// The longest time that calls fail at once.
    pub(crate) longest_wait: Duration,
}

/// The breaker of one server.
pub(crate) struct Breaker {
    config: BreakerConfig,
    /// How many calls in a row have failed. All that a call looks at while the server answers.
    failures: AtomicU32,
    state: Mutex<State>,
}

/// What counts once it has opened.
#[derive(Default)]
struct State {
    /// Calls fail until then.
    until: Option<Instant>,
    /// How long that was.
    wait: Duration,
    /// What the last failure said.
    reason: String,
}

impl Breaker {
    pub(crate) fn new(config: BreakerConfig) -> Breaker {
        Breaker { config, failures: AtomicU32::new(0), state: Mutex::default() }
    }

    /// Whether the call is the one that finds out if the server is back; an error if the server is not to be called now.
    #[inline]
    pub(crate) fn admit(&self, server: &Address, counters: &Counters) -> Result<bool> {
        if self.is_closed(self.failures.load(Ordering::Relaxed)) {
            return Ok(false);
        }
        self.admit_probe(server, counters)
    }

    /// The server has answered.
    #[inline]
    pub(crate) fn answered(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.close();
        }
    }

    /// A call has not reached the server.
    #[cold]
    pub(crate) fn failed(&self, error: &Error, is_probe: bool, counters: &Counters) {
        let mut state = self.state();
        let failures = self.failures.load(Ordering::Relaxed).saturating_add(1);
        self.failures.store(failures, Ordering::Relaxed);
        let opens = state.until.is_none();
        // While it is open, only the probe counts: others had begun before.
        if self.is_closed(failures) || !(opens || is_probe) {
            return;
        }
        counters.breaker_opens.add(u64::from(opens));
        let wait = if opens { BREAKER_FIRST_WAIT } else { state.wait.saturating_mul(2) };
        state.wait = wait.min(self.config.longest_wait);
        state.until = Instant::now().checked_add(jittered(state.wait));
        error.message().clone_into(&mut state.reason);
    }

    /// If it is open, the next call is a probe.
    #[cold]
    pub(crate) fn try_now(&self) {
        let mut state = self.state();
        if state.until.is_some() {
            state.until = Some(Instant::now());
        }
    }

    fn is_closed(&self, failures: u32) -> bool {
        self.config.failures == 0 || failures < self.config.failures
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn admit_probe(&self, server: &Address, counters: &Counters) -> Result<bool> {
        let mut state = self.state();
        if self.is_closed(self.failures.load(Ordering::Relaxed)) {
            // By another's answer, just now.
            return Ok(false);
        }
        let now = Instant::now();
        match state.until {
            Some(until) if until > now => {
                counters.breaker_refusals.add(1);
                Err(self.refusal(server, &state.reason, until - now))
            }
            _ => {
                // Nobody else goes meanwhile, unless nothing is heard of this call for as long as that.
                state.until = now.checked_add(self.config.longest_wait);
                Ok(true)
            }
        }
    }

    #[cold]
    fn refusal(&self, server: &Address, reason: &str, left: Duration) -> Error {
        let message = format!(
            "{server} was not asked, since {} calls in a row had failed: it is tried again in {} ms (BREAKER_FAILURES, \
             BREAKER_RESET). The last failure: {reason}",
            self.config.failures,
            left.as_millis() + 1
        );
        Error::new(Status::Unavailable, message).unasked()
    }

    #[cold]
    fn close(&self) {
        let mut state = self.state();
        self.failures.store(0, Ordering::Relaxed);
        *state = State::default();
    }
}

/// Three quarters of a time to the whole, so that the processes of a site don't all come back at once.
fn jittered(time: Duration) -> Duration {
    time.mul_f64(0.75 + chance() / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_when_it_has_just_closed_is_no_probe() {
        let breaker = Breaker::new(BreakerConfig { failures: 1, longest_wait: Duration::from_secs(600) });
        let (server, counters) = (Address::Unix { path: "/x".into() }, Counters::default());
        let fail = || breaker.failed(&Error::new(Status::Connection, "lost"), false, &counters);
        fail();
        assert!(breaker.admit(&server, &counters).is_err());
        breaker.answered();
        // It had seen the breaker open.
        assert!(!breaker.admit_probe(&server, &counters).unwrap());
        fail();
        assert!(breaker.admit(&server, &counters).is_err());
        assert_eq!(counters.breaker_opens.get(), 2);
    }
}
