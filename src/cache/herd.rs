//! CLIENT_CLASS herd: a value outlives its timeout, and one caller after the other is told that it is gone, so that few renew
//! it at the same time.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::call::Call;
use super::core::Core;
use super::expiry::Expiry;
use crate::chance::chance;
use crate::codec::Stored;
use crate::error::{Error, Result, Status};
use crate::key::shown;
use crate::limits::RENEW_TRIES;
use crate::script;
use crate::value::Value;

/// How long values outlive their timeouts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Herd {
    pub(crate) timeout_ms: i64,
}

impl Herd {
    /// Whether the caller is to renew a value: never before `renew_at` (seconds since 1970), always when the herd's time is
    /// over, and in between the likelier the later.
    fn is_due(self, renew_at: f64) -> bool {
        let over = since_1970().as_secs_f64() - renew_at;
        over > 0.0 && over / Duration::from_millis(self.timeout_ms.unsigned_abs()).as_secs_f64() >= chance()
    }
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

impl Core {
    /// What a value is stored as, but for its signature.
    #[inline]
    pub(crate) fn encode_unsigned<'v>(&self, value: &'v Value<'_>, call: &Call) -> Result<Stored<'v>> {
        match self.config.herd.map(|_| self.expiry(call)) {
            Some(Expiry::In(ms)) => {
                let renew_at = since_1970() + Duration::from_millis(ms.unsigned_abs());
                self.codec.encode_for_herd(value, renew_at.as_secs_f64())
            }
            _ => self.codec.encode(value),
        }
    }

    /// How long that is kept.
    pub(crate) fn lifetime(&self, call: &Call) -> Expiry {
        match (self.config.herd, self.expiry(call)) {
            (Some(herd), Expiry::In(ms)) => Expiry::In(ms.saturating_add(herd.timeout_ms)),
            (_, expiry) => expiry,
        }
    }

    /// The value's own bytes, out of what is stored. `None` where the caller is to renew it.
    pub(crate) fn fresh<'s>(&self, stored: Cow<'s, [u8]>) -> Result<Option<Cow<'s, [u8]>>> {
        let Some(herd) = self.config.herd else { return Ok(Some(stored)) };
        let (stored, renew_at) = self.codec.take_out_of_herd(stored)?;
        Ok(renew_at.is_none_or(|renew_at| !herd.is_due(renew_at)).then_some(stored))
    }

    /// The value of stored bytes, whether or not it is to be renewed.
    pub(crate) fn decode_any(&self, stored: &[u8], as_payload: bool) -> Result<Value<'static>> {
        let stored = Cow::Borrowed(stored);
        let own = if self.config.herd.is_some() { self.codec.take_out_of_herd(stored)?.0 } else { stored };
        self.decode(own, as_payload)
    }

    /// `touch`: the value is stored anew, since the moment from which on it is to be renewed stands in it.
    pub(crate) fn touch_in_herd(&self, key: &[u8], call: &Call) -> Result<bool> {
        let deadline = self.deadline(call);
        for _ in 0..RENEW_TRIES {
            let Some(stored) = self.stored(key, deadline)? else { return Ok(false) };
            let typed = Call { as_payload: false, ..*call };
            let Some(value) = self.decode_stored(key, Cow::Borrowed(&stored), &typed)? else {
                return Ok(false);
            };
            let renewed = self.encode(key, &value, call)?;
            let ms = match self.lifetime(call) {
                Expiry::Forever => 0,
                Expiry::In(ms) => ms,
                Expiry::Now => return self.delete_key(key, call),
            };
            let mut digits = itoa::Buffer::new();
            let args = [&stored[..], &renewed.into_owned(), digits.format(ms).as_bytes()];
            if self.script(&script::RENEW, key, &args, deadline)? == Some(1) {
                return Ok(true);
            }
        }
        let key = shown(key);
        let message = format!("the key {key} was changed by others each of {RENEW_TRIES} times; try again");
        Err(Error::new(Status::Unavailable, message).not_away())
    }

    /// A herd's numbers are not digits that the server could add to.
    pub(crate) fn check_counts(&self) -> Result<()> {
        if self.config.herd.is_none() {
            return Ok(());
        }
        Err(Error::new(
            Status::Unsupported,
            "CLIENT_CLASS herd has no incr and decr, as in django-redis: count in a cache with CLIENT_CLASS default",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other_is_to_renew_a_value() {
        let now = since_1970().as_secs_f64();
        let herd = Herd { timeout_ms: 60_000 };
        let due = |over: f64| (0..1000).filter(|_| herd.is_due(now - over)).count();
        assert_eq!(due(-3600.0), 0);
        assert_eq!(due(60.0), 1000);
        assert_eq!(due(f64::NAN), 0);
        let (early, late) = (due(6.0), due(54.0));
        assert!((20..300).contains(&early) && (700..980).contains(&late), "{early} {late}");
    }
}
