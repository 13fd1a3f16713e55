//! TLS, where only the connection itself can tell.

use std::sync::PoisonError;
use std::thread;

use super::super::{Tls, set_interrupt_check};
use super::support::TlsServer;
use super::support::stream::Listener;
use super::waiting::{ignore_signals, while_signalled};
use super::*;
use crate::error::{Sent, Status};

/// Small for a thread, and what some hosts give theirs.
const SMALL_STACK: usize = 128 << 10;

fn encrypted(port: u16) -> Endpoint {
    let tls = Tls {
        ca: String::new(),
        cert: String::new(),
        key: String::new(),
        verify: false,
        server_name: String::new(),
    };
    Endpoint { tls: Some(tls), ..endpoint(&Place::Port(port)) }
}

fn trusting(server: &TlsServer) -> Endpoint {
    let mut endpoint = encrypted(server.tls_port());
    endpoint.tls =
        endpoint.tls.map(|tls| Tls { ca: server.certificates.file("ca.pem"), verify: true, ..tls });
    endpoint
}

#[test]
fn what_the_server_says_unasked_is_noticed() {
    let server = TlsServer::start();
    let mut connection = Connection::open(&trusting(&server), soon()).unwrap();
    // Tickets for later sessions came after the handshake, and are none of that.
    assert!(connection.is_alive());
    connection.set("k", b"v", soon()).unwrap();
    assert!(connection.is_alive());
    server.command(&["CLIENT", "KILL", "TYPE", "normal"]);
    while connection.is_alive() {
        thread::yield_now();
    }
    let error = connection.get("k", soon()).unwrap_err();
    assert_eq!((error.status(), connection.is_broken()), (Status::Connection, true));
}

#[test]
fn replies_are_whole_whatever_their_length() {
    let server = TlsServer::start();
    let mut connection = Connection::open(&trusting(&server), soon()).unwrap();
    // Around the lengths of records, and of the buffers.
    for length in [0, 1, 4095, 4096, 16383, 16384, 16385, 32767, 32768, 65536, 100_000, 1 << 20] {
        let value = vec![b'x'; length];
        connection.set("k", &value, soon()).unwrap();
        assert_eq!(connection.get("k", soon()).unwrap().unwrap(), value);
        assert!(connection.is_alive(), "{length}");
    }
}

#[test]
fn signals_end_a_handshake_only_if_the_host_says_so() {
    let _alone = INTERRUPT_CHECK.lock().unwrap_or_else(PoisonError::into_inner);
    ignore_signals();
    let mute = Listener::tcp();
    let Place::Port(port) = mute.place() else { unreachable!("it listens on a port") };
    let own = thread::current().id();
    for (stops, status) in [(true, Status::Interrupted), (false, Status::Timeout)] {
        set_interrupt_check(Some(Box::new(move || stops && thread::current().id() == own)));
        let deadline = if stops { soon() } else { millis(100) };
        let error = while_signalled(true, || Connection::open(&encrypted(port), deadline)).unwrap_err();
        set_interrupt_check(None);
        assert_eq!((error.status(), error.was_sent()), (status, Sent::No), "{error}");
    }
}

#[test]
fn threads_with_small_stacks() {
    let server = TlsServer::start();
    let endpoint = trusting(&server);
    let small = thread::Builder::new().stack_size(SMALL_STACK);
    let work = move || {
        let mut connection = Connection::open(&endpoint, soon()).unwrap();
        connection.set("k", b"v", soon()).unwrap()
    };
    assert!(small.spawn(work).unwrap().join().unwrap());
}
