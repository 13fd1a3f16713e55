//! A proxy that does bad things to connections: after so many bytes of one direction it stalls, closes, resets, delays,
//! trickles, splits, corrupts or repeats. What it does depends on the given numbers alone.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::Shutdown;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::frames::Heads;
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
    /// Nothing goes on in this direction for that long, then all does.
    Delay(Duration),
    /// Later bytes go one by one, as fast as they can: each its own packet.
    Split,
    /// One bit of the next byte, 0 to 7, is turned over.
    Corrupt(u8),
    /// The same to the next byte of a reply's head, see [`Heads`].
    CorruptHead(u8),
    /// What was received together with the next byte, from there on, is sent twice, in one write.
    Repeat,
}

impl Cut {
    /// What it is called in reports.
    pub fn name(self) -> &'static str {
        match self {
            Cut::Stall => "stall",
            Cut::Close => "close",
            Cut::Reset => "reset",
            Cut::Trickle(_) => "trickle",
            Cut::Delay(_) => "delay",
            Cut::Split => "split",
            Cut::Corrupt(_) => "corrupt",
            Cut::CorruptHead(_) => "corrupt head",
            Cut::Repeat => "repeat",
        }
    }
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
pub fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The faults of the connection with this number, from 0.
type Plan = dyn Fn(usize) -> Vec<Fault> + Send + Sync;

/// A running proxy. Connections without a fault pass unchanged.
pub struct Proxy {
    place: Place,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: Place,
    faults: Mutex<VecDeque<Fault>>,
    now: Mutex<Option<Fault>>,
    plan: Box<Plan>,
    done: Mutex<BTreeMap<&'static str, usize>>,
    requests: AtomicUsize,
    replies: AtomicUsize,
    connections: AtomicUsize,
    stopped: AtomicBool,
}

impl Proxy {
    /// Listens on a free port.
    pub fn tcp(upstream: Place) -> Proxy {
        Proxy::start(Listener::tcp(), upstream, Box::new(|_| Vec::new()))
    }

    /// The same, with faults for every connection.
    pub fn planned(upstream: Place, plan: impl Fn(usize) -> Vec<Fault> + Send + Sync + 'static) -> Proxy {
        Proxy::start(Listener::tcp(), upstream, Box::new(plan))
    }

    /// Listens on a unix socket.
    pub fn unix(path: PathBuf, upstream: Place) -> Proxy {
        Proxy::start(Listener::unix(path), upstream, Box::new(|_| Vec::new()))
    }

    fn start(listener: Listener, upstream: Place, plan: Box<Plan>) -> Proxy {
        let place = listener.place();
        let shared = Arc::new(Shared {
            upstream,
            faults: Mutex::default(),
            now: Mutex::default(),
            plan,
            done: Mutex::default(),
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

    /// Does this to the connection on which the next bytes come in its direction; its offset counts from them on. Takes the
    /// place of one that still waits; `None` takes it back.
    pub fn fault_now(&self, fault: Option<Fault>) {
        *self.shared.now.lock().unwrap() = fault;
    }

    /// How many bytes passed in this direction, over all connections.
    pub fn passed(&self, direction: Direction) -> usize {
        self.shared.passed(direction).load(Ordering::SeqCst)
    }

    /// How many faults of each name were done so far: those whose byte came.
    pub fn done(&self) -> BTreeMap<&'static str, usize> {
        self.shared.done.lock().unwrap().clone()
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
            let number = self.connections.fetch_add(1, Ordering::SeqCst);
            let mut faults = (self.plan)(number);
            faults.extend(self.faults.lock().unwrap().pop_front());
            if let Ok(server) = self.upstream.connect() {
                self.pass(Arc::new(client), Arc::new(server), &faults);
            }
        }
    }

    fn pass(self: &Arc<Self>, client: Arc<Stream>, server: Arc<Stream>, faults: &[Fault]) {
        let ended = Arc::new(AtomicBool::new(false));
        for direction in Direction::both() {
            let mut own: Vec<_> =
                faults.iter().filter(|fault| fault.direction == direction).copied().collect();
            own.sort_by_key(|fault| fault.offset);
            let (shared, client, server) = (self.clone(), client.clone(), server.clone());
            let ended = ended.clone();
            thread::spawn(move || {
                let end = shared.pump(direction, &client, &server, own.into());
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
        faults: VecDeque<Fault>,
    ) -> io::Result<End> {
        let (from, to) = match direction {
            Direction::Requests => (client, server),
            Direction::Replies => (server, client),
        };
        let mut lane = Lane { to, faults, position: 0, heads: Heads::default(), way: Way::Whole };
        let mut bytes = vec![0; 64 << 10];
        loop {
            let count = match from.read(&mut bytes)? {
                0 if direction == Direction::Requests => return Ok(End::Left),
                0 => return Ok(End::Close),
                count => count,
            };
            if let Some(end) = self.forward(direction, &mut lane, &bytes[..count])? {
                return Ok(end);
            }
        }
    }

    /// Sends bytes that came together, with the faults that fall on them.
    fn forward(&self, direction: Direction, lane: &mut Lane<'_>, bytes: &[u8]) -> io::Result<Option<End>> {
        let mut bytes = bytes.to_vec();
        let heads = lane.heads.mark(&bytes);
        let now = self.now.lock().unwrap().take_if(|fault| fault.direction == direction);
        lane.faults.extend(now.map(|fault| Fault { offset: lane.position + fault.offset, ..fault }));
        let (mut sent, end) = (0, bytes.len());
        while let Some((place, fault)) = lane.next_fault(&heads, sent, end) {
            *self.done.lock().unwrap().entry(fault.cut.name()).or_default() += 1;
            match fault.cut {
                Cut::Corrupt(bit) | Cut::CorruptHead(bit) => {
                    bytes[place] ^= 1 << (bit % 8);
                    continue;
                }
                Cut::Repeat => {
                    bytes.extend_from_within(place..end);
                    continue;
                }
                _ => {}
            }
            self.send(direction, lane, &bytes[sent..place])?;
            sent = place;
            match fault.cut {
                Cut::Close => return Ok(Some(End::Close)),
                Cut::Reset => return Ok(Some(End::Reset)),
                Cut::Stall => lane.way = Way::Nowhere,
                Cut::Trickle(pause) => lane.way = Way::Bytes(pause),
                Cut::Split => lane.way = Way::Bytes(Duration::ZERO),
                Cut::Delay(pause) => thread::sleep(pause),
                Cut::Corrupt(_) | Cut::CorruptHead(_) | Cut::Repeat => {}
            }
        }
        self.send(direction, lane, &bytes[sent..])?;
        lane.position += end;
        Ok(None)
    }

    /// Counted first: who has received bytes finds them counted.
    fn send(&self, direction: Direction, lane: &Lane<'_>, bytes: &[u8]) -> io::Result<()> {
        match lane.way {
            Way::Nowhere => return Ok(()),
            Way::Whole | Way::Bytes(_) => self.passed(direction).fetch_add(bytes.len(), Ordering::SeqCst),
        };
        match lane.way {
            Way::Bytes(pause) => trickle(lane.to, bytes, pause),
            _ => lane.to.write_all(bytes),
        }
    }

    fn passed(&self, direction: Direction) -> &AtomicUsize {
        match direction {
            Direction::Requests => &self.requests,
            Direction::Replies => &self.replies,
        }
    }
}

/// One direction of one connection.
struct Lane<'a> {
    to: &'a Stream,
    /// Those to come, by their offsets.
    faults: VecDeque<Fault>,
    /// How many bytes were received before.
    position: usize,
    heads: Heads,
    way: Way,
}

/// How bytes go on.
enum Way {
    Whole,
    Bytes(Duration),
    Nowhere,
}

impl Lane<'_> {
    /// The next fault that falls on the bytes from `start` to `end` of those that came, and on which one.
    fn next_fault(&mut self, heads: &[bool], start: usize, end: usize) -> Option<(usize, Fault)> {
        let fault = *self.faults.front()?;
        let mut place = fault.offset.saturating_sub(self.position).max(start);
        if let Cut::CorruptHead(_) = fault.cut {
            place = (place..end).find(|&place| heads[place])?;
        }
        if place >= end {
            return None;
        }
        self.faults.pop_front();
        Some((place, fault))
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
        // Not at all, where there is none: even a pause of nothing takes a moment.
        if pause > Duration::ZERO {
            thread::sleep(pause);
        }
    }
    Ok(())
}
