//! A proxy that does one bad thing to one connection: after so many bytes of one direction it stalls, closes,
//! resets or trickles. What it does depends on the given numbers alone.

use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::stream::{Listener, Place, Stream};

/// Which bytes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Requests,
    Replies,
}

impl Direction {
    pub fn both() -> [Direction; 2] {
        [Direction::Requests, Direction::Replies]
    }
}

/// What happens at the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Later bytes of this direction are swallowed; the connection stays open.
    Stall,
    /// Both sides are closed, after the bytes before the offset arrived.
    Close,
    /// The client's side is reset; a unix socket, which knows no reset, is closed.
    Reset,
    /// Later bytes go one by one, with this pause after each; nothing more is read meanwhile.
    Trickle(Duration),
}

/// One bad thing.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub direction: Direction,
    /// So many bytes pass before it.
    pub offset: usize,
    pub cut: Cut,
}

impl Fault {
    /// One of all faults before `end`, the same for the same seed.
    pub fn from_seed(seed: u64, end: usize) -> Fault {
        let mut state = seed;
        let mut draw = |choices: usize| (split_mix(&mut state) % choices as u64) as usize;
        let direction = Direction::both()[draw(2)];
        let cut = [Cut::Stall, Cut::Close, Cut::Reset, Cut::Trickle(Duration::from_millis(1))][draw(4)];
        Fault { direction, offset: draw(end), cut }
    }
}

/// The generator known as SplitMix64.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A running proxy. Connections without a fault pass unchanged.
pub struct Proxy {
    place: Place,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: Place,
    faults: Mutex<VecDeque<Fault>>,
    requests: AtomicUsize,
    replies: AtomicUsize,
    connections: AtomicUsize,
    stopped: AtomicBool,
}

impl Proxy {
    /// Listens on a free port.
    pub fn tcp(upstream: Place) -> Proxy {
        Proxy::start(Listener::tcp(), upstream)
    }

    /// Listens on a unix socket.
    pub fn unix(path: PathBuf, upstream: Place) -> Proxy {
        Proxy::start(Listener::unix(path), upstream)
    }

    fn start(listener: Listener, upstream: Place) -> Proxy {
        let place = listener.place();
        let shared = Arc::new(Shared {
            upstream,
            faults: Mutex::default(),
            requests: AtomicUsize::new(0),
            replies: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        });
        let accepting = shared.clone();
        thread::spawn(move || accepting.accept_all(&listener));
        Proxy { place, shared }
    }

    /// Where it listens.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Its port; it must be a TCP proxy.
    pub fn port(&self) -> u16 {
        match self.place {
            Place::Port(port) => port,
            Place::Path(_) => panic!("a unix proxy has no port"),
        }
    }

    /// Does this to the next connection that has no fault waiting for it yet.
    pub fn fault_next(&self, fault: Fault) {
        self.shared.faults.lock().unwrap().push_back(fault);
    }

    /// How many bytes passed in this direction, over all connections.
    pub fn passed(&self, direction: Direction) -> usize {
        self.shared.passed(direction).load(Ordering::SeqCst)
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _ = self.place.connect();
        if let Place::Path(path) = &self.place {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Shared {
    fn accept_all(self: Arc<Self>, listener: &Listener) {
        while let Ok(client) = listener.accept() {
            if self.stopped.load(Ordering::SeqCst) {
                return;
            }
            self.connections.fetch_add(1, Ordering::SeqCst);
            let fault = self.faults.lock().unwrap().pop_front();
            if let Ok(server) = self.upstream.connect() {
                self.pass(Arc::new(client), Arc::new(server), fault);
            }
        }
    }

    fn pass(self: &Arc<Self>, client: Arc<Stream>, server: Arc<Stream>, fault: Option<Fault>) {
        let ended = Arc::new(AtomicBool::new(false));
        for direction in Direction::both() {
            let fault = fault.filter(|fault| fault.direction == direction);
            let (shared, client, server) = (self.clone(), client.clone(), server.clone());
            let ended = ended.clone();
            thread::spawn(move || {
                let end = shared.pump(direction, &client, &server, fault);
                if !ended.swap(true, Ordering::SeqCst) {
                    finish(&client, &server, end.unwrap_or(End::Left));
                }
            });
        }
    }

    fn pump(
        &self,
        direction: Direction,
        client: &Stream,
        server: &Stream,
        fault: Option<Fault>,
    ) -> io::Result<End> {
        let (from, to) = match direction {
            Direction::Requests => (client, server),
            Direction::Replies => (server, client),
        };
        let mut left = fault.map_or(usize::MAX, |fault| fault.offset);
        let mut bytes = vec![0; 64 << 10];
        loop {
            let count = match from.read(&mut bytes)? {
                0 if direction == Direction::Requests => return Ok(End::Left),
                0 => return Ok(End::Close),
                count => count,
            };
            let (before, after) = bytes[..count].split_at(count.min(left));
            // Counted first: who has received bytes finds them counted.
            self.passed(direction).fetch_add(before.len(), Ordering::SeqCst);
            to.write_all(before)?;
            left -= before.len();
            let Some(fault) = fault.filter(|_| !after.is_empty()) else { continue };
            match fault.cut {
                Cut::Stall => {}
                Cut::Close => return Ok(End::Close),
                Cut::Reset => return Ok(End::Reset),
                Cut::Trickle(pause) => trickle(to, after, pause)?,
            }
        }
    }

    fn passed(&self, direction: Direction) -> &AtomicUsize {
        match direction {
            Direction::Requests => &self.requests,
            Direction::Replies => &self.replies,
        }
    }
}

/// How the client's side of a connection ends.
enum End {
    Close,
    Reset,
    /// The client has left.
    Left,
}

/// Ends both sides, and with them the other direction's thread. Thousands of connections are closed by tests:
/// where the client does not care, by a reset, which leaves no port waiting for late packets.
fn finish(client: &Stream, server: &Stream, end: End) {
    match end {
        End::Close => client.shutdown(Shutdown::Both),
        End::Reset | End::Left => {
            client.reset_on_close();
            client.shutdown(Shutdown::Read);
        }
    }
    server.reset_on_close();
    server.shutdown(Shutdown::Read);
}

fn trickle(to: &Stream, bytes: &[u8], pause: Duration) -> io::Result<()> {
    for byte in bytes {
        to.write_all(&[*byte])?;
        thread::sleep(pause);
    }
    Ok(())
}
