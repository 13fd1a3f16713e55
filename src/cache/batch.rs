//! Many different calls in one round trip.

use std::borrow::Cow;
use std::sync::Arc;

use super::Cache;
use super::call::{Call, Condition};
use super::core::Core;
use super::counter::needs_replacing;
use super::expiry::Expiry;
use super::many::is_fatal;
use super::near::{ask_pttl, read_pttl};
use super::single::set_command;
use crate::codec::Stored;
use crate::error::Result;
use crate::items::{Items, ItemsBuilder};
use crate::key::FullKey;
use crate::near::{Found, Near};
use crate::net::Deadline;
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
    /// What the near cache has, so that it is not sent.
    kept: Option<Arc<[u8]>>,
}

/// The commands that a call sends.
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
    /// Nothing: it takes compare-and-set, after the other calls.
    TouchInHerd,
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
            let mut prepared: Vec<_> = calls.iter().map(|call| self.core.prepare(call)).collect();
            let mut answers = self.core.answers(&mut prepared, how)?;
            for ((answer, call), prepared) in answers.iter_mut().zip(calls).zip(&prepared) {
                let call_how = Call { deadline: how.deadline, ..call.call };
                match (&*answer, prepared) {
                    // Nothing was executed: by compare-and-set, after the others.
                    (Err(error), Ok(Prepared { step: Step::Incr(delta), .. })) if needs_replacing(error) => {
                        *answer = self.incr(call.key, *delta, &call_how).map(Answer::Value);
                    }
                    (_, Ok(Prepared { step: Step::TouchInHerd, .. })) => {
                        let touched = self.touch(call.key, &call_how);
                        *answer = touched.map(|found| if found { Answer::Done } else { Answer::Missing });
                    }
                    _ => {}
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
            Operation::Set(value) => self.prepare_set(&key, value, &call.call)?,
            Operation::Delete => Step::Delete,
            Operation::HasKey => Step::Exists,
            Operation::Touch if self.config.herd.is_some() => Step::TouchInHerd,
            Operation::Touch => match self.expiry(&call.call) {
                Expiry::Forever => Step::Persist,
                Expiry::In(ms) => Step::Expire(ms),
                Expiry::Now => Step::Delete,
            },
            Operation::Ttl => Step::Ttl,
            Operation::Incr(delta) => self.check_counts().map(|()| Step::Incr(*delta))?,
        };
        Ok(Prepared { key, step, call: call.call, kept: None })
    }

    fn prepare_set<'a>(&self, key: &[u8], value: &'a Value<'_>, call: &Call) -> Result<Step<'a>> {
        let data = self.encode(key, value, call)?;
        self.check_size(data.len())?;
        Ok(match (self.lifetime(call), call.condition) {
            (Expiry::Now, Condition::Always) => Step::Gone,
            (Expiry::Now, Condition::Present) => Step::Delete,
            (Expiry::Now, Condition::Absent) => Step::Absent,
            (expiry, _) => Step::Set(data, expiry),
        })
    }

    fn answers(&self, prepared: &mut [Result<Prepared<'_>>], how: &Call) -> Result<Vec<Result<Answer>>> {
        let deadline = self.deadline(how);
        let only_reads = prepared.iter().flatten().all(Prepared::only_reads);
        // A read in a batch that also writes must see what was written before it.
        let near = if only_reads { self.near()? } else { None };
        if let Some(near) = near {
            prepared.iter_mut().flatten().filter(|call| call.can_be_kept()).for_each(|call| {
                call.kept = self.kept(near, &call.key);
            });
        }
        let intent = match only_reads {
            false => Intent::Write,
            // An answer about a write is not to be older than the last one.
            true if prepared.iter().flatten().any(|call| matches!(call.step, Step::Absent)) => {
                Intent::ReadPrimary
            }
            true => self.intent_of_reads(prepared.iter().flatten().map(|call| &call.key[..])),
        };
        let mut answers = self.answers_of_servers(prepared, near, intent, deadline)?;
        for (answer, call) in answers.iter_mut().zip(prepared.iter()) {
            if let Ok(call @ Prepared { kept: Some(stored), .. }) = call {
                *answer = self.stored_answer(call, Cow::Borrowed(stored));
            }
        }
        Ok(answers)
    }

    /// The answers to all calls, in their places; of those that something is kept for, and of those that are not in order,
    /// a stand-in.
    fn answers_of_servers(
        &self,
        prepared: &[Result<Prepared<'_>>],
        near: Option<&Arc<Near>>,
        intent: Intent,
        deadline: Deadline,
    ) -> Result<Vec<Result<Answer>>> {
        let sent = |place: usize| prepared[place].as_ref().ok().filter(|call| call.is_sent());
        let places = (0..prepared.len()).filter(|&place| sent(place).is_some());
        let shares = self.shares(places, |place| sent(place).map_or(&[], |call| &call.key));
        let mut answers: Vec<_> = prepared.iter().map(unsent).collect();
        if shares.is_empty() {
            return Ok(answers);
        }
        let fetch = near.map(|near| near.begin_fetch(deadline)).transpose()?;
        let mut found: Vec<Option<Found>> = prepared.iter().map(|_| None).collect();
        let failures = self.exchange_shares(
            &shares,
            intent,
            deadline,
            |share, request| {
                for call in share.places.iter().filter_map(|&place| sent(place)) {
                    call.write(request);
                    if let Some(fetch) = fetch.as_ref().filter(|_| call.reads_value()) {
                        ask_pttl(fetch, request, &call.key);
                    }
                }
            },
            |share, replies| {
                for &place in &share.places {
                    let Some(call) = sent(place) else { continue };
                    let mut data = None;
                    answers[place] = self.read_answer(call, replies, &mut |stored| {
                        data = near.map(|_| stored.into());
                    })?;
                    if let Some(fetch) = fetch.as_ref().filter(|_| call.reads_value()) {
                        found[place] = Some(Found { data, pttl: read_pttl(fetch, replies)? });
                    }
                }
                Ok(())
            },
        );
        let all_sent = || (0..prepared.len()).filter_map(sent);
        if let Some(fetch) = &fetch {
            for (place, found) in found.iter().enumerate() {
                if let (Some(call), Some(found)) = (sent(place), found) {
                    fetch.settle(&call.key, found);
                }
            }
        } else if intent == Intent::Write {
            all_sent().for_each(|call| self.wrote(&call.key));
        }
        all_sent().filter(|call| matches!(call.step, Step::Exists)).for_each(|call| self.gone(&call.key));
        let failures = failures?;
        for (place, failure) in self.failed_places(&shares, &failures) {
            answers[place] = if self.is_ignored(failure) { Ok(Answer::Missing) } else { Err(failure.copy()) };
        }
        Ok(answers)
    }

    /// The answer of a call that reads a value, from the bytes that are stored.
    fn stored_answer(&self, call: &Prepared<'_>, stored: Cow<'_, [u8]>) -> Result<Answer> {
        Ok(match call.step {
            Step::Exists => Answer::Done,
            Step::GetRaw => Answer::Value(Value::Bytes(stored.into_owned().into())),
            _ => self.decode_stored(&call.key, stored, &call.call)?.map_or(Answer::Missing, Answer::Value),
        })
    }

    /// The answer to one call. The outer error ends the exchange, the inner one is the call's own.
    fn read_answer(
        &self,
        call: &Prepared<'_>,
        replies: &mut Replies<'_>,
        found: &mut dyn FnMut(&[u8]),
    ) -> Result<Result<Answer>> {
        match self.read_step(call, replies, found) {
            Err(error) if is_fatal(&error) => Err(error),
            answer => Ok(answer),
        }
    }

    fn read_step(
        &self,
        call: &Prepared<'_>,
        replies: &mut Replies<'_>,
        bytes: &mut dyn FnMut(&[u8]),
    ) -> Result<Answer> {
        let found = |found| if found { Answer::Done } else { Answer::Missing };
        Ok(match call.step {
            Step::Get | Step::GetRaw => match replies.bulk()? {
                None => Answer::Missing,
                Some(stored) => {
                    bytes(&stored);
                    self.stored_answer(call, stored)?
                }
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
            Step::TouchInHerd => Answer::Missing,
            Step::Incr(_) => match replies.integer_or_nil()? {
                Some(number) => Answer::Value(Value::Int(number)),
                None => return Err(self.not_found(&call.key)),
            },
        })
    }
}

impl Prepared<'_> {
    fn is_sent(&self) -> bool {
        self.kept.is_none() && !matches!(self.step, Step::TouchInHerd)
    }

    fn only_reads(&self) -> bool {
        matches!(self.step, Step::Get | Step::GetRaw | Step::Exists | Step::Absent | Step::Ttl)
    }

    fn can_be_kept(&self) -> bool {
        matches!(self.step, Step::Get | Step::GetRaw | Step::Exists)
    }

    fn reads_value(&self) -> bool {
        matches!(self.step, Step::Get | Step::GetRaw)
    }

    fn write<'a>(&'a self, request: &mut Request<'a>) {
        let key = &self.key;
        match &self.step {
            Step::Get | Step::GetRaw => request.push(&[b"GET", key]),
            Step::Set(data, expiry) => {
                set_command(request, key, &data.parts(), *expiry, self.call.condition);
                request
            }
            Step::Absent | Step::Exists => request.push(&[b"EXISTS", key]),
            Step::Gone | Step::Delete => request.push(&[b"DEL", key]),
            Step::Expire(ms) => request.command(3).arg(b"PEXPIRE").arg(key).arg_int(*ms),
            Step::Persist => request.push(&[b"PERSIST", key]).push(&[b"EXISTS", key]),
            Step::Ttl => request.push(&[b"PTTL", key]),
            Step::TouchInHerd => request,
            Step::Incr(delta) => {
                // By its text: a server that does not know the script yet must not put it behind the other calls.
                request.command(5).arg(b"EVAL").arg(INCR.text.as_bytes()).arg(b"1").arg(key).arg_int(*delta)
            }
        };
    }
}
