//! Calls on many keys, which may stand on several servers.

use smallvec::{SmallVec, smallvec};

use super::core::{Core, lane_of};
use crate::client::Route;
use crate::error::{Error, Result, Sent};
use crate::net::Deadline;
use crate::pool::Intent;
use crate::resp::{Replies, Request};

/// The part of a call that one server does; one key, where keys are taken apart.
pub(super) struct Share<'k> {
    route: Route<'k>,
    /// Where its keys stand in the call.
    pub(super) places: SmallVec<[usize; 1]>,
}

impl Core {
    /// Who does what of a call: of its keys those in the places that are `sent`.
    pub(super) fn shares<'k>(
        &self,
        sent: impl Iterator<Item = usize>,
        key: impl Fn(usize) -> &'k [u8],
    ) -> Vec<Share<'k>> {
        let client = self.client();
        if client.takes_keys_apart() {
            let share = |place| Share { route: Route::Key(key(place)), places: smallvec![place] };
            return sent.map(share).collect();
        }
        let mut places = vec![SmallVec::new(); client.servers()];
        if let [all] = &mut places[..] {
            all.extend(sent);
        } else {
            for place in sent {
                places[client.server_of(key(place))].push(place);
            }
        }
        let share = |(server, places)| Share { route: Route::Server(server), places };
        let shares = places.into_iter().enumerate().map(share);
        shares.filter(|share| !share.places.is_empty()).collect()
    }

    /// Each share, all at the same time. The error of each share, where it has one and another was done; where none was
    /// done, the first error.
    pub(super) fn exchange_shares<'a>(
        &self,
        shares: &[Share<'_>],
        intent: Intent,
        deadline: Deadline,
        mut encode: impl FnMut(&Share<'_>, &mut Request<'a>),
        mut read: impl FnMut(&Share<'_>, &mut Replies<'_>) -> Result<()>,
    ) -> Result<Vec<Option<Error>>> {
        let routes: Vec<_> = shares.iter().map(|share| share.route).collect();
        let keys = shares.iter().map(|share| share.places.len()).sum();
        let outcomes = self.exchange_all(
            &routes,
            lane_of(keys),
            intent,
            deadline,
            |part, request| encode(&shares[part], request),
            |part, replies| read(&shares[part], replies),
        )?;
        Ok(outcomes.into_iter().map(Result::err).collect())
    }

    /// The first of these errors that is not ignored, if there is one: then other servers have done their part. Each is counted,
    /// but for that one: its call counts it.
    pub(super) fn excuse(&self, errors: impl Iterator<Item = Error>) -> Result<()> {
        for error in errors {
            if !self.is_ignored(&error) {
                return Err(error.sent(Sent::Maybe));
            }
            self.counters.mine().errors.add(1);
        }
        Ok(())
    }

    /// The places of keys whose server failed, with its error. Each error is counted.
    pub(super) fn failed_places<'s>(
        &self,
        shares: &'s [Share<'_>],
        failures: &'s [Option<Error>],
    ) -> impl Iterator<Item = (usize, &'s Error)> {
        let failed =
            shares.iter().zip(failures).filter_map(|(share, failure)| Some((share, failure.as_ref()?)));
        failed.flat_map(|(share, failure)| {
            self.counters.mine().errors.add(1);
            share.places.iter().map(move |&place| (place, failure))
        })
    }
}
