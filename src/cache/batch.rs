//! Many different calls in one round trip.

use super::Cache;
use super::call::{Call, Condition};
use super::core::Core;
use super::counter::needs_replacing;
use super::expiry::Expiry;
use super::many::is_fatal;
use super::single::set_command;
use crate::codec::Stored;
use crate::error::Result;
use crate::items::{Items, ItemsBuilder};
use crate::key::FullKey;
use crate::pool::Intent;
use crate::resp::{Replies, Request};
use crate::script::INCR;
use crate::value::Value;

/// What one call of a batch does; see the methods of [`Cache`] with these names.
#[derive(Clone, Debug)]
pub enum Operation<'a> {
    /// A value, or missing.
    Get,
    /// The stored bytes, or missing.
    GetRaw,
    /// None, or missing where the condition was not met.
    Set(Value<'a>),
    /// None, or missing where the key was not there.
    Delete,
    /// None, or missing.
    HasKey,
    /// None, or missing where the key was not there.
    Touch,
    /// Milliseconds, None for ever, or missing.
    Ttl,
    /// The new number. One that takes compare-and-set (see [`Cache::incr`]) is counted after all other calls.
    Incr(i64),
}

/// One call of a batch.
#[derive(Clone, Debug)]
pub struct BatchCall<'a> {
    /// The key.
    pub key: &'a [u8],
    /// What to do with it.
    pub operation: Operation<'a>,
    /// How; the deadline is the batch's.
    pub call: Call,
}

/// A call, ready to be sent.
struct Prepared<'a> {
    key: FullKey,
    step: Step<'a>,
    call: Call,
}

/// The commands that a call sends.
#[expect(clippy::large_enum_variant, reason = "most of a batch is get and set")]
enum Step<'a> {
    Get,
    GetRaw,
    Set(Stored<'a>, Expiry),
    /// Of a set that is over at once under NX: met if the key is not there.
    Absent,
    /// Of a set that is over at once: met whether or not the key was there.
    Gone,
    Delete,
    Exists,
    Expire(i64),
    Persist,
    Ttl,
    Incr(i64),
}

/// What a call answered, before it is an item.
enum Answer {
    Done,
    Missing,
    Value(Value<'static>),
}

impl Cache {
    /// Does many different calls in one round trip, in order; their answers in order, errors among them. Not a
    /// transaction: other clients' commands may come in between. Where keys are spread over servers, each of these does its
    /// calls in order, all at the same time.
    ///
    /// # Errors
    /// Connection trouble. What is wrong with one call, or with one server of several, is an item.
    pub fn batch(&self, calls: &[BatchCall<'_>], how: &Call) -> Result<Items> {
        self.core.run(|| {
            let prepared: Vec<_> = calls.iter().map(|call| self.core.prepare(call)).collect();
            let mut answers = self.core.answers(&prepared, how)?;
            for ((answer, call), prepared) in answers.iter_mut().zip(calls).zip(&prepared) {
                if let (Err(error), Ok(Prepared { step: Step::Incr(delta), .. })) = (&*answer, prepared)
                    && needs_replacing(error)
                {
                    // Nothing was executed: by compare-and-set, after the others.
                    let call_how = Call { deadline: how.deadline, ..call.call };
                    *answer = self.incr(call.key, *delta, &call_how).map(Answer::Value);
                }
            }
            Ok(items(answers))
        })
    }
}

/// What stands for a call that was not sent, or not yet.
fn unsent(call: &Result<Prepared<'_>>) -> Result<Answer> {
    match call {
        Ok(_) => Ok(Answer::Missing),
        Err(error) => Err(error.copy()),
    }
}

fn items(answers: Vec<Result<Answer>>) -> Items {
    let mut items = ItemsBuilder::with_capacity(answers.len());
    for answer in answers {
        match answer {
            Ok(Answer::Done) => items.push(&Value::None),
            Ok(Answer::Missing) => items.push_missing(),
            Ok(Answer::Value(value)) => items.push(&value),
            Err(error) => items.push_error(&error, error.flags()),
        }
    }
    items.finish()
}

impl Core {
    fn prepare<'a>(&self, call: &'a BatchCall<'_>) -> Result<Prepared<'a>> {
        let key = self.full_key(call.key, &call.call)?;
        let step = match &call.operation {
            Operation::Get => Step::Get,
            Operation::GetRaw => Step::GetRaw,
            Operation::Set(value) => self.prepare_set(value, &call.call)?,
            Operation::Delete => Step::Delete,
            Operation::HasKey => Step::Exists,
            Operation::Touch => match self.expiry(&call.call) {
                Expiry::Forever => Step::Persist,
                Expiry::In(ms) => Step::Expire(ms),
                Expiry::Now => Step::Delete,
            },
            Operation::Ttl => Step::Ttl,
            Operation::Incr(delta) => Step::Incr(*delta),
        };
        Ok(Prepared { key, step, call: call.call })
    }

    fn prepare_set<'a>(&self, value: &'a Value<'_>, call: &Call) -> Result<Step<'a>> {
        let data = self.codec.encode(value)?;
        self.check_size(data.len())?;
        Ok(match (self.expiry(call), call.condition) {
            (Expiry::Now, Condition::Always) => Step::Gone,
            (Expiry::Now, Condition::Present) => Step::Delete,
            (Expiry::Now, Condition::Absent) => Step::Absent,
            (expiry, _) => Step::Set(data, expiry),
        })
    }

    fn answers(&self, prepared: &[Result<Prepared<'_>>], how: &Call) -> Result<Vec<Result<Answer>>> {
        let ready = |place: usize| prepared[place].as_ref().ok();
        let reads = prepared.iter().flatten().all(Prepared::only_reads);
        let shares = self.shares(prepared.iter().map(|call| call.as_ref().ok().map(|call| &call.key[..])));
        let mut answers: Vec<_> = prepared.iter().map(unsent).collect();
        let failures = self.exchange_shares(
            &shares,
            if reads { Intent::Read } else { Intent::Write },
            self.deadline(how),
            |share, request| {
                let calls = share.places.iter().filter_map(|&place| ready(place));
                calls.for_each(|call| call.write(request));
            },
            |share, replies| {
                for &place in &share.places {
                    if let Some(call) = ready(place) {
                        answers[place] = self.read_answer(call, replies)?;
                    }
                }
                Ok(())
            },
        )?;
        for (place, failure) in self.failed_places(&shares, &failures) {
            answers[place] = if self.is_ignored(failure) { Ok(Answer::Missing) } else { Err(failure.copy()) };
        }
        Ok(answers)
    }

    /// The answer to one call. The outer error ends the exchange, the inner one is the call's own.
    fn read_answer(&self, call: &Prepared<'_>, replies: &mut Replies<'_>) -> Result<Result<Answer>> {
        match self.read_step(call, replies) {
            Err(error) if is_fatal(&error) => Err(error),
            answer => Ok(answer),
        }
    }

    fn read_step(&self, call: &Prepared<'_>, replies: &mut Replies<'_>) -> Result<Answer> {
        let found = |found| if found { Answer::Done } else { Answer::Missing };
        Ok(match call.step {
            Step::Get => match replies.bulk()? {
                None => Answer::Missing,
                Some(stored) => {
                    self.decode_stored(&call.key, stored, &call.call)?.map_or(Answer::Missing, Answer::Value)
                }
            },
            Step::GetRaw => match replies.bulk()? {
                None => Answer::Missing,
                Some(stored) => Answer::Value(Value::Bytes(stored.into_owned().into())),
            },
            Step::Set(..) => found(replies.ok()?),
            Step::Absent => found(replies.integer()? == 0),
            Step::Gone => found(replies.integer()? >= 0),
            Step::Delete | Step::Exists | Step::Expire(_) => found(replies.integer()? > 0),
            Step::Persist => {
                let persisted = replies.integer()? > 0;
                found(replies.integer()? > 0 || persisted)
            }
            Step::Ttl => match replies.integer()? {
                -1 => Answer::Value(Value::None),
                ms if ms >= 0 => Answer::Value(Value::Int(ms)),
                _ => Answer::Missing,
            },
            Step::Incr(_) => match replies.integer_or_nil()? {
                Some(number) => Answer::Value(Value::Int(number)),
                None => return Err(self.not_found(&call.key)),
            },
        })
    }
}

impl Prepared<'_> {
    fn only_reads(&self) -> bool {
        matches!(self.step, Step::Get | Step::GetRaw | Step::Exists | Step::Absent | Step::Ttl)
    }

    fn write<'a>(&'a self, request: &mut Request<'a>) {
        let key = &self.key;
        match &self.step {
            Step::Get | Step::GetRaw => request.push(&[b"GET", key]),
            Step::Set(data, expiry) => {
                set_command(request, key, data, *expiry, self.call.condition);
                request
            }
            Step::Absent | Step::Exists => request.push(&[b"EXISTS", key]),
            Step::Gone | Step::Delete => request.push(&[b"DEL", key]),
            Step::Expire(ms) => request.command(3).arg(b"PEXPIRE").arg(key).arg_int(*ms),
            Step::Persist => request.push(&[b"PERSIST", key]).push(&[b"EXISTS", key]),
            Step::Ttl => request.push(&[b"PTTL", key]),
            Step::Incr(delta) => {
                // By its text: a server that does not know the script yet must not put it behind the other calls.
                request.command(5).arg(b"EVAL").arg(INCR.text.as_bytes()).arg(b"1").arg(key).arg_int(*delta)
            }
        };
    }
}
