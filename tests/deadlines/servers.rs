//! One server that does not answer, in each of the ways that there are.

use std::thread;
use std::time::Duration;

use djredis::cache::{BatchCall, Operation};
use djredis::{Cache, Call, Result, Status, Value};

use crate::support::stream::{Listener, Place};
use crate::support::{Cut, Direction, FakeServer, Fault, Proxy, Server, TlsServer, free_port};
use crate::{Calls, TIMEOUT, faulty, get, login, namespace, open, open_port, patiently};

const SLOWLY: Cut = Cut::Trickle(Duration::from_millis(50));

fn location(place: &Place) -> String {
    match place {
        Place::Port(port) => format!("127.0.0.1:{port}:0"),
        Place::Path(path) => format!("unix:{}:0", path.display()),
    }
}

#[test]
fn refused() {
    let cache = open_port(free_port(), &[]);
    Calls::of("refused", Status::Connection).time_all(|| get(&cache));
}

#[test]
fn silent() {
    // The system accepts, and nobody reads.
    let listener = Listener::tcp();
    let cache = open(&location(&listener.place()), &[]);
    Calls::of("accepted, and never answered", Status::Timeout).time_all(|| get(&cache));
}

#[test]
fn silent_after_the_login() {
    let server = FakeServer::silent();
    let cache = open_port(server.port(), &[]);
    Calls::of("silent after the login", Status::Timeout).time_all(|| get(&cache));
}

/// Connections that fill the queue are made by the calls themselves: the first ones wait for an answer, the others even for the
/// connection.
fn full(case: &'static str, listener: &Listener) {
    listener.set_backlog(0);
    let fill: Vec<_> = (0..2).map(|_| listener.place()).collect();
    let _kept: Vec<_> = fill
        .into_iter()
        .map(|place| thread::spawn(move || place.connect().map(|stream| stream.read(&mut [0]))))
        .collect();
    let cache = open(&location(&listener.place()), &[]);
    Calls::of(case, Status::Timeout).time_all(|| get(&cache));
}

#[test]
fn a_full_queue() {
    full("the queue of the listener is full", &Listener::tcp());
}

#[test]
fn a_full_queue_of_a_unix_socket() {
    let server = Server::start();
    full("the same, unix socket", &Listener::unix(server.folder().join("full.sock")));
}

#[test]
fn packets_that_are_dropped() {
    // Nobody has these addresses, and nobody says so.
    if !namespace::enter("servers::packets_that_are_dropped", "ip route add 192.0.2.0/24 dev lo") {
        return;
    }
    let cache = open("192.0.2.2:6379:0", &[]);
    Calls::of("packets are dropped", Status::Timeout).time_all(|| get(&cache));
}

#[test]
fn a_cable_that_is_pulled() {
    if !namespace::enter("servers::a_cable_that_is_pulled", "") {
        return;
    }
    let server = FakeServer::answering("$-1\r\n");
    let mut calls = Calls::of("packets are dropped from the second call on", Status::Timeout);
    for _ in 0..Calls::wanted() {
        let cache = open_port(server.port(), &[]);
        cache.get(b"key", &patiently()).unwrap();
        namespace::run("ip link set lo down");
        calls.time(|| get(&cache));
        namespace::run("ip link set lo up");
    }
    calls.report();
}

#[test]
fn trickling() {
    let server = Server::start();
    server.command(&["SET", ":1:key", &"x".repeat(1000)]);
    let proxy = faulty(&server, Direction::Replies, 0, SLOWLY);
    let cache = open_port(proxy.port(), &[]);
    Calls::of("a byte every 50 ms", Status::Timeout).time_all(|| get(&cache));
}

#[test]
fn a_slow_login() {
    let server = Server::start();
    let fault = Fault { direction: Direction::Replies, offset: 0, cut: SLOWLY };
    let proxy = Proxy::planned(Place::Path(server.socket()), move |_| vec![fault]);
    let cache = open_port(proxy.port(), &[]);
    Calls::of("a byte every 50 ms of the login", Status::Timeout).time_all(|| get(&cache));
}

#[cfg(feature = "tls")]
#[test]
fn a_slow_handshake() {
    let server = TlsServer::start();
    let fault = Fault { direction: Direction::Replies, offset: 0, cut: SLOWLY };
    let proxy = Proxy::planned(Place::Port(server.tls_port()), move |_| vec![fault]);
    let ca = server.certificates.file("ca.pem");
    let cache = open(&format!("rediss://127.0.0.1:{}/0?tls_ca={ca}", proxy.port()), &[]);
    Calls::of("a byte every 50 ms of the TLS handshake", Status::Timeout).time_all(|| get(&cache));
}

#[cfg(feature = "tls")]
#[test]
fn a_silent_handshake() {
    let listener = Listener::tcp();
    let Place::Port(port) = listener.place() else { unreachable!("it listens on a port") };
    let cache = open(&format!("rediss://127.0.0.1:{port}/0"), &[("TLS_VERIFY", "false")]);
    Calls::of("no answer to the TLS handshake", Status::Timeout).time_all(|| get(&cache));
}

/// A thousand calls that are sent together.
fn batch(cache: &Cache, operation: &Operation<'_>) -> Result<()> {
    let one = BatchCall { key: b"key", operation: operation.clone(), call: Call::default() };
    cache.batch(&vec![one; 1000], &Call::default()).map(drop)
}

#[test]
fn stuck_in_many_replies() {
    let server = Server::start();
    server.command(&["SET", ":1:key", "12345"]);
    let proxy = faulty(&server, Direction::Replies, 5000, Cut::Stall);
    let cache = open_port(proxy.port(), &[]);
    Calls::of("stuck in the replies to 1000 commands", Status::Timeout)
        .time_all(|| batch(&cache, &Operation::Get));
}

#[test]
fn stuck_in_many_requests() {
    let server = Server::start();
    let proxy = faulty(&server, Direction::Requests, 1000, Cut::Trickle(Duration::from_millis(50)));
    let cache = open_port(proxy.port(), &[]);
    // More than sockets hold.
    let long = Operation::Set(Value::Bytes(vec![b'x'; 10_000].into()));
    Calls::of("nobody reads 1000 commands of 10 kB", Status::Timeout).time_all(|| batch(&cache, &long));
}

#[test]
fn no_free_connection() {
    let server = Server::start();
    let cache = open_port(server.port(), &[("MAX_CONNECTIONS", "1")]);
    let _held = cache.connection(&patiently()).unwrap();
    Calls::of("no free connection", Status::Pool).time_all(|| get(&cache));
}

#[test]
fn a_read_that_goes_again() {
    let server = Server::start();
    let late = TIMEOUT / 2;
    let answered = login(&server, Direction::Replies) + "$-1\r\n".len();
    let mut calls = Calls::of("the connection breaks late, the next one is silent", Status::Timeout);
    let mut went_again = false;
    // A busy machine may leave no time to go again.
    while calls.times.len() < Calls::wanted() || !went_again && calls.times.len() < 50 {
        // The first connection answers one call, and is closed late in the next; those that follow never answer.
        let proxy = Proxy::planned(Place::Path(server.socket()), move |number| {
            let fault = |cut, offset| Fault { direction: Direction::Replies, offset, cut };
            match number {
                0 => vec![fault(Cut::Delay(late), answered), fault(Cut::Close, answered)],
                _ => vec![fault(Cut::Stall, 0)],
            }
        });
        let cache = open_port(proxy.port(), &[("MAX_CONNECTIONS", "1")]);
        cache.get(b"key", &patiently()).unwrap();
        calls.time(|| get(&cache));
        went_again |= proxy.connections() == 2;
    }
    calls.report();
    assert!(went_again);
}

#[test]
fn a_long_wait_before_a_slow_login() {
    let server = Server::start();
    let mut calls = Calls::of("half of the time for a connection, the rest for its login", Status::Timeout);
    for _ in 0..Calls::wanted() {
        let proxy = Proxy::planned(Place::Path(server.socket()), |number| {
            let fault = Fault { direction: Direction::Replies, offset: 0, cut: Cut::Stall };
            if number == 0 { Vec::new() } else { vec![fault] }
        });
        let cache = open_port(proxy.port(), &[("MAX_CONNECTIONS", "1")]);
        let held = cache.connection(&patiently()).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(TIMEOUT / 2);
                server.command(&["CLIENT", "KILL", "TYPE", "normal"]);
                drop(held);
            });
            calls.time(|| get(&cache));
        });
    }
    calls.report();
}
