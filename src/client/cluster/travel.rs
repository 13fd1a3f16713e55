//! Where a command goes, and where it goes next when a node refers it to another.
//!
//! MOVED, ASK, TRYAGAIN and CLUSTERDOWN say that nothing was executed, so the command is sent again, whatever it does. After the loss
//! of a connection that holds for reads alone, and for what was not sent.

use std::cell::Cell;
use std::sync::Arc;
use std::thread;

use super::map::Node;
use super::nodes::Nodes;
use super::slots::redirected_to;
use crate::error::{Error, Redirect, Result, Sent, Status};
use crate::limits::{CLUSTER_HOPS, CLUSTER_PAUSES};
use crate::net::{Address, Deadline, ask_host};
use crate::pool::{Exchange, Intent};
use crate::resp::{Replies, Request};

/// Where a command is sent.
#[derive(Clone)]
pub(super) struct Hop {
    pub(super) node: Arc<Node>,
    /// Its slot is on the way to the node: ASKING comes before each command.
    pub(super) asking: bool,
}

/// What follows a failure.
pub(super) enum Next {
    /// It is sent there.
    To(Hop),
    /// After a pause it is sent to whoever has the slot then; the error, where it has waited long enough.
    Later(Error),
}

impl Hop {
    pub(super) fn home(node: Arc<Node>) -> Hop {
        Hop { node, asking: false }
    }

    pub(super) fn exchange(&self, exchange: &mut Exchange<'_, '_>) -> Result<()> {
        let Exchange { intent, lane, deadline, encode, read } = exchange;
        let (intent, lane, deadline) = (*intent, *lane, *deadline);
        if !self.asking {
            return self.node.pool().exchange(Exchange { intent, lane, deadline, encode, read });
        }
        let replies = Cell::new(0);
        self.node.pool().exchange(Exchange {
            intent,
            lane,
            deadline,
            encode: &mut |request| replies.set(ask(request, encode)),
            read: &mut |incoming| incoming.after_asking(replies.get(), read),
        })
    }
}

/// Writes what `encode` does, ASKING before each command; says how many replies it will bring, those to ASKING not counted.
pub(super) fn ask<'a>(request: &mut Request<'_>, encode: &mut dyn FnMut(&mut Request<'a>)) -> usize {
    let mut commands = Request::default();
    encode(&mut commands);
    request.asking(&commands);
    commands.expected()
}

impl Nodes {
    /// What follows a failure of a command on a slot.
    pub(super) fn next(
        &self,
        error: Error,
        at: &Hop,
        slot: u16,
        intent: Intent,
        deadline: Deadline,
    ) -> Result<Next> {
        let asked = &at.node.address;
        match error.redirect() {
            Some(Redirect::Moved(address)) => {
                let address = redirected_to(address, asked).ok_or(error)?;
                self.moved(slot, &address, deadline).map(|node| Next::To(Hop::home(node)))
            }
            Some(Redirect::Ask(address)) => {
                let address = redirected_to(address, asked).ok_or(error)?;
                Ok(Next::To(Hop { node: self.at(&address), asking: true }))
            }
            Some(Redirect::TryAgain) => Ok(Next::Later(error)),
            Some(Redirect::Down) => {
                self.doubt();
                Ok(Next::Later(error))
            }
            None => self.after_trouble(error, at, slot, intent, deadline),
        }
    }

    /// The slot may have another node by now.
    fn after_trouble(
        &self,
        error: Error,
        at: &Hop,
        slot: u16,
        intent: Intent,
        deadline: Deadline,
    ) -> Result<Next> {
        if !error.lost_server() {
            return Err(error);
        }
        self.suspect(&at.node.address);
        let safe = intent != Intent::Write || error.was_sent() == Sent::No;
        if !safe || deadline.passed() {
            return Err(error);
        }
        match self.map(deadline)?.node_of(slot) {
            Some(node) if node.address != at.node.address => Ok(Next::To(Hop::home(Arc::clone(node)))),
            _ => Err(error),
        }
    }
}

/// How often a call was sent on, and paused.
#[derive(Default)]
pub(super) struct Patience {
    hops: u32,
    pauses: usize,
}

impl Patience {
    /// Counts one more hop. An error, where there were too many.
    pub(super) fn hop(&mut self, slot: u16) -> Result<()> {
        self.hops += 1;
        if self.hops <= CLUSTER_HOPS {
            return Ok(());
        }
        let message = format!(
            "the nodes of the cluster refer slot {slot} to each other ({CLUSTER_HOPS} times): they do not agree yet; try \
             again soon"
        );
        Err(Error::new(Status::Unavailable, message).sent(Sent::No))
    }

    /// Pauses before the next try; the error, where the pauses are used up or would not end in time.
    pub(super) fn pause(&mut self, error: Error, server: &Address, deadline: Deadline) -> Result<()> {
        let Some(&pause) = CLUSTER_PAUSES.get(self.pauses) else { return Err(error) };
        if deadline.left().is_some_and(|left| left <= pause) {
            return Err(error);
        }
        self.pauses += 1;
        thread::sleep(pause);
        ask_host(server).map_err(|error| error.sent(Sent::Maybe))
    }
}

/// Reads the replies to one command of several, so that the next one's come next. The outer error is one of the connection.
pub(super) fn read_part(
    replies: &mut Replies<'_>,
    count: usize,
    asking: bool,
    read: &mut dyn FnMut(&mut Replies<'_>) -> Result<()>,
) -> Result<Result<()>> {
    if asking {
        replies.part(2 * count, |replies| replies.after_asking(count, read))
    } else {
        replies.part(count, read)
    }
}
