//! Faults for the many connections of a long run: for the same seed, each connection has the same ones.

use std::time::Duration;

use super::proxy::{Cut, Direction, Fault, split_mix};

/// The bytes of a login without a password, roughly: what comes there is a slow or broken handshake.
const LOGIN: u64 = 100;
/// A fault beyond the login comes within so many bytes.
const FAR: u64 = 4000;

/// The faults of the connection with this number. One comes first; if the connection may live on with it, a close follows,
/// so that other connections get their turn. Numbers and delays are drawn by the seed.
pub fn faults(seed: u64, connection: usize, cuts: &[Cut]) -> Vec<Fault> {
    let mut state = seed ^ (connection as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let mut draw = |choices: u64| split_mix(&mut state) % choices;
    let offset = if draw(8) == 0 { draw(LOGIN) } else { LOGIN + draw(FAR) } as usize;
    let cut = match cuts[draw(cuts.len() as u64) as usize] {
        Cut::CorruptHead(_) => Cut::CorruptHead(draw(8) as u8),
        Cut::Delay(most) => Cut::Delay(Duration::from_millis(1 + draw(most.as_millis() as u64))),
        cut => cut,
    };
    // Requests that are changed or doubled are the server's to find: it would do, and say, something else.
    let direction = match cut {
        Cut::CorruptHead(_) | Cut::Repeat => Direction::Replies,
        _ => Direction::both()[draw(2) as usize],
    };
    let end = Fault { direction, offset: offset + 1 + draw(FAR) as usize, cut: Cut::Close };
    vec![Fault { direction, offset, cut }, end]
}
