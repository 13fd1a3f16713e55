//! Many commands, each on a slot of its own: one write to each node, and what nodes refer to others in the next round.

use std::cell::RefCell;
use std::sync::Arc;

use super::map::Node;
use super::nodes::Nodes;
use super::slot::slot_of;
use super::travel::{Hop, Next, Patience, ask, read_part};
use crate::client::Route;
use crate::error::{Error, Result, Status};
use crate::pool::{self, Joint};

/// One of the commands.
struct Part {
    /// None if it goes to a node, whatever that has.
    slot: Option<u16>,
    /// Where it goes next; none when it is done.
    hop: Option<Hop>,
    /// How many replies it brings.
    replies: usize,
    outcome: Option<Result<()>>,
}

/// What a node is sent in one round.
struct Group {
    node: Arc<Node>,
    parts: Vec<usize>,
}

/// Does the part with index i on `routes[i]`.
pub(super) fn exchange_all(
    nodes: &Nodes,
    routes: &[Route<'_>],
    mut joint: Joint<'_, '_>,
) -> Result<Vec<Result<()>>> {
    let mut parts = begin(nodes, routes, &joint)?;
    let mut patience = Patience::default();
    while parts.iter().any(|part| part.hop.is_some()) {
        round(&mut parts, &mut joint)?;
        go_on(nodes, &mut parts, &joint, &mut patience)?;
    }
    Ok(parts.into_iter().map(|part| part.outcome.unwrap_or(Ok(()))).collect())
}

fn begin(nodes: &Nodes, routes: &[Route<'_>], joint: &Joint<'_, '_>) -> Result<Vec<Part>> {
    let map = nodes.map(joint.deadline)?;
    let begin = |route: &Route<'_>| {
        let (slot, node) = match route {
            Route::Key(key) => {
                let slot = slot_of(key);
                (Some(slot), map.node_of(slot).cloned().map_or_else(|| nodes.home(slot, joint.deadline), Ok))
            }
            Route::Server(server) | Route::Walk { server, .. } => {
                (None, Ok(Arc::clone(&map.nodes()[*server])))
            }
        };
        let (hop, outcome) = match node {
            Ok(node) => (Some(Hop::home(node)), None),
            Err(error) => (None, Some(Err(error))),
        };
        Part { slot, hop, replies: 0, outcome }
    };
    Ok(routes.iter().map(begin).collect())
}

/// Sends every part that has somewhere to go. An error where the host ends the call.
fn round(parts: &mut [Part], joint: &mut Joint<'_, '_>) -> Result<()> {
    let groups = groups(parts);
    let pools: Vec<_> = groups.iter().map(|group| group.node.pool()).collect();
    let parts = RefCell::new(parts);
    let asking = |part: usize| parts.borrow()[part].hop.as_ref().is_some_and(|hop| hop.asking);
    // The second time, on a new connection, for those that were not answered.
    let open = |part: &usize| parts.borrow()[*part].outcome.is_none();
    let Joint { intent, deadline, encode, read } = joint;
    let outcomes = pool::exchange_all(
        &pools,
        Joint {
            intent: *intent,
            deadline: *deadline,
            encode: &mut |group, request| {
                for &part in groups[group].parts.iter().filter(|part| open(part)) {
                    let before = request.expected();
                    let replies = if asking(part) {
                        ask(request, &mut |request| encode(part, request))
                    } else {
                        encode(part, request);
                        request.expected() - before
                    };
                    parts.borrow_mut()[part].replies = replies;
                }
            },
            read: &mut |group, replies| {
                for &part in groups[group].parts.iter().filter(|part| open(part)) {
                    let count = parts.borrow()[part].replies;
                    let outcome =
                        read_part(replies, count, asking(part), &mut |replies| read(part, replies))?;
                    parts.borrow_mut()[part].outcome = Some(outcome);
                }
                Ok(())
            },
        },
    )?;
    for (group, outcome) in groups.iter().zip(outcomes) {
        let Err(error) = outcome else { continue };
        for &part in &group.parts {
            parts.borrow_mut()[part].outcome.get_or_insert_with(|| Err(error.copy()));
        }
    }
    Ok(())
}

/// The parts that are to be sent, in their order, by node.
fn groups(parts: &[Part]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (part, hop) in parts.iter().enumerate().filter_map(|(part, state)| Some((part, state.hop.as_ref()?)))
    {
        match groups.iter_mut().find(|group| Arc::ptr_eq(&group.node, &hop.node)) {
            Some(group) => group.parts.push(part),
            None => groups.push(Group { node: Arc::clone(&hop.node), parts: vec![part] }),
        }
    }
    groups
}

/// Says for each part that was sent whether it is done, or where it goes next.
fn go_on(nodes: &Nodes, parts: &mut [Part], joint: &Joint<'_, '_>, patience: &mut Patience) -> Result<()> {
    let (mut goes_on, mut paused) = (None, None);
    for part in parts.iter_mut() {
        let Some(hop) = part.hop.take() else { continue };
        let Some(Err(error)) = part.outcome.take_if(|outcome| outcome.is_err()) else { continue };
        part.outcome = match follow(nodes, error, &hop, part.slot, joint) {
            Ok(Next::To(hop)) => {
                part.hop = Some(hop);
                goes_on = goes_on.or(part.slot);
                None
            }
            Ok(Next::Later(error)) => {
                paused.get_or_insert_with(|| (error.copy(), hop.node.address.clone()));
                part.hop = Some(hop);
                Some(Err(error))
            }
            Err(error) if error.status() == Status::Interrupted => return Err(error),
            Err(error) => Some(Err(error)),
        };
    }
    if let Some(slot) = goes_on {
        let exhausted = patience.hop(slot).err();
        exhausted.iter().for_each(|error| stop(parts, error, |part| part.outcome.is_none()));
    }
    match paused {
        Some((error, server)) => resume(nodes, parts, joint, patience.pause(error, &server, joint.deadline)),
        None => Ok(()),
    }
}

fn follow(nodes: &Nodes, error: Error, hop: &Hop, slot: Option<u16>, joint: &Joint<'_, '_>) -> Result<Next> {
    match slot {
        Some(slot) => nodes.next(error, hop, slot, joint.intent, joint.deadline),
        None => {
            nodes.suspect_of(&error, &hop.node.address);
            Err(error)
        }
    }
}

/// After the pause, those that waited go to whoever has their slot; without one, their errors are the caller's.
fn resume(nodes: &Nodes, parts: &mut [Part], joint: &Joint<'_, '_>, paused: Result<()>) -> Result<()> {
    match paused {
        Err(error) if error.status() == Status::Interrupted => return Err(error),
        Err(_) => {
            parts.iter_mut().filter(|part| part.outcome.is_some()).for_each(|part| part.hop = None);
            return Ok(());
        }
        Ok(()) => {}
    }
    for part in parts.iter_mut().filter(|part| part.hop.is_some() && part.outcome.is_some()) {
        if let Some(slot) = part.slot {
            match nodes.home(slot, joint.deadline) {
                Ok(node) => (part.hop, part.outcome) = (Some(Hop::home(node)), None),
                Err(error) => (part.hop, part.outcome) = (None, Some(Err(error))),
            }
        }
    }
    Ok(())
}

fn stop(parts: &mut [Part], error: &Error, which: impl Fn(&Part) -> bool) {
    for part in parts.iter_mut().filter(|part| part.hop.is_some() && which(part)) {
        (part.hop, part.outcome) = (None, Some(Err(error.copy())));
    }
}
