//! Deadlines, signals, forks and servers that go away.
#![allow(unsafe_code)]

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Instant;

use super::super::set_interrupt_check;
use super::support::{Cut, Direction, FakeServer, Fault, Proxy, Server};
use super::*;
use crate::error::{Sent, Status};

/// Long after every deadline in these tests, long before what the server would take.
const FAR_TOO_LATE: Duration = Duration::from_secs(8);

#[test]
fn silence_ends_by_the_deadline() {
    let server = FakeServer::silent();
    for timeout in [1, 15, 120] {
        let mut connection = Connection::open(&endpoint(&Place::Port(server.port())), soon()).unwrap();
        let begun = Instant::now();
        let error = connection.get("k", millis(timeout)).unwrap_err();
        assert!(begun.elapsed() >= Duration::from_millis(timeout));
        assert!(begun.elapsed() < FAR_TOO_LATE);
        assert_eq!((error.status(), error.was_sent()), (Status::Timeout, Sent::Maybe));
        assert!(error.message().contains(&format!("within {timeout}ms")), "{error}");
        assert!(error.message().contains("SOCKET_TIMEOUT"), "{error}");
        assert!(connection.is_broken());
    }
}

#[test]
fn a_deadline_that_has_passed_sends_nothing() {
    let server = Server::start();
    let mut connection = Connection::open(&endpoint(&Place::Port(server.port())), soon()).unwrap();
    let error = connection.set("k", b"v", millis(0)).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Timeout, Sent::No));
    assert!(!connection.is_broken());
    assert_eq!(connection.get("k", soon()).unwrap(), None);
}

#[test]
fn never_waits_as_long_as_it_takes() {
    let server = Server::start();
    for place in places(&server) {
        let mut connection = Connection::open(&endpoint(&place), Deadline::NEVER).unwrap();
        let popped = connection.exchange(
            |request| {
                request.push(&[b"BLPOP", b"absent", b"0.1"]);
            },
            Deadline::NEVER,
            |replies| replies.array(),
        );
        assert_eq!(popped.unwrap(), None);
    }
}

#[test]
fn trickling_replies_end_by_the_deadline() {
    let server = Server::start();
    server.command(&["SET", "small", &"x".repeat(10_000)]);
    server.command(&["SET", "large", &"x".repeat(30_000)]);
    for upstream in places(&server) {
        let path = server.folder().join("trickle.sock");
        for proxy in [Proxy::tcp(upstream.clone()), Proxy::unix(path, upstream)] {
            for key in ["small", "large"] {
                let cut = Cut::Trickle(Duration::from_millis(1));
                proxy.fault_next(Fault { direction: Direction::Replies, offset: 200, cut });
                let mut connection = Connection::open(&endpoint(proxy.place()), soon()).unwrap();
                let begun = Instant::now();
                let error = connection.get(key, millis(150)).unwrap_err();
                assert_eq!(error.status(), Status::Timeout);
                assert!(begun.elapsed() < FAR_TOO_LATE, "{:?}", begun.elapsed());
                assert!(connection.is_broken());
            }
        }
    }
}

#[test]
fn trickling_requests_end_by_the_deadline() {
    let server = Server::start();
    let proxy = Proxy::tcp(Place::Port(server.port()));
    let cut = Cut::Trickle(Duration::from_millis(1));
    proxy.fault_next(Fault { direction: Direction::Requests, offset: 1000, cut });
    let mut connection = Connection::open(&endpoint(proxy.place()), soon()).unwrap();
    let begun = Instant::now();
    let error = connection.set("k", &vec![b'x'; 64 << 20], millis(150)).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Timeout, Sent::Maybe));
    assert!(begun.elapsed() < FAR_TOO_LATE, "{:?}", begun.elapsed());
    assert!(connection.is_broken());
}

#[test]
fn a_server_that_went_away_is_seen_before_writing() {
    for which in 0..2 {
        let server = Server::start();
        let place = places(&server)[which].clone();
        let mut connection = Connection::open(&endpoint(&place), soon()).unwrap();
        assert!(connection.is_alive());
        drop(server);
        assert!(!connection.is_alive());
        let error = connection.get("k", soon()).unwrap_err();
        assert_eq!(error.status(), Status::Connection);
        assert!(connection.is_broken());
    }
}

#[test]
fn a_write_that_the_kernel_refused_was_not_sent() {
    let server = Server::start();
    let mut connection = Connection::open(&endpoint(&Place::Path(server.socket())), soon()).unwrap();
    drop(server);
    let error = connection.set("k", b"v", soon()).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::No));
}

/// With SIGPIPE as C programs have it; in a process of its own, since it kills that if the test fails.
#[test]
fn broken_pipes_raise_no_signal() {
    let inner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "net::tests::waiting::with_the_default_sigpipe", "--ignored"])
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&inner.stdout);
    assert!(inner.status.success() && output.contains("1 passed"), "{:?}: {output}", inner.status);
}

#[test]
#[ignore = "run by broken_pipes_raise_no_signal"]
fn with_the_default_sigpipe() {
    // SAFETY: this process runs this test alone.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let large = vec![b'x'; 8 << 20];
    for value in [&large[..], b"small"] {
        let server = Server::start();
        for place in places(&server) {
            let mut connection = Connection::open(&endpoint(&place), soon()).unwrap();
            server.command(&["CLIENT", "KILL", "TYPE", "normal"]);
            let error = connection.set("k", value, soon()).unwrap_err();
            assert_eq!(error.status(), Status::Connection);
        }
    }
    let proxied = Server::start();
    let proxy = Proxy::tcp(Place::Port(proxied.port()));
    proxy.fault_next(Fault { direction: Direction::Requests, offset: 1000, cut: Cut::Reset });
    let mut connection = Connection::open(&endpoint(proxy.place()), soon()).unwrap();
    assert_eq!(connection.set("k", &large, soon()).unwrap_err().status(), Status::Connection);
}

extern "C" fn ignore(_signal: libc::c_int) {}

/// Makes the signal of [`while_signalled`] one that is handled, by doing nothing.
pub(super) fn ignore_signals() {
    // SAFETY: the handler does nothing; no other test uses this signal.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = ignore as extern "C" fn(libc::c_int) as usize;
        action.sa_flags = libc::SA_RESTART;
        assert_eq!(libc::sigaction(libc::SIGUSR2, &action, std::ptr::null_mut()), 0);
    }
}

#[test]
fn signals_end_a_wait_only_if_the_host_says_so() {
    let _alone = INTERRUPT_CHECK.lock().unwrap_or_else(PoisonError::into_inner);
    ignore_signals();
    let server = Server::start();
    for place in places(&server) {
        let (asked, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counting, stopping) = (asked.clone(), stop.clone());
        let own = thread::current().id();
        set_interrupt_check(Some(Box::new(move || {
            counting.fetch_add(1, Ordering::SeqCst);
            thread::current().id() == own && stopping.load(Ordering::SeqCst)
        })));
        let endpoint = endpoint(&place);
        let blocked = |seconds: &'static [u8], signals| {
            let mut connection = Connection::open(&endpoint, soon()).unwrap();
            let result = while_signalled(signals, || {
                connection.exchange(
                    |request| {
                        request.push(&[b"BLPOP", b"absent", seconds]);
                    },
                    soon(),
                    |replies| replies.array(),
                )
            });
            (result, connection.is_broken())
        };

        let (result, broken) = blocked(b"0.2", true);
        assert_eq!((result.unwrap(), broken), (None, false));
        assert!(asked.load(Ordering::SeqCst) > 0, "the check was not asked");

        stop.store(true, Ordering::SeqCst);
        let begun = Instant::now();
        let (result, broken) = blocked(b"20", true);
        let error = result.unwrap_err();
        assert_eq!((error.status(), error.was_sent(), broken), (Status::Interrupted, Sent::Maybe, true));
        assert!(begun.elapsed() < FAR_TOO_LATE);

        set_interrupt_check(None);
        let (result, broken) = blocked(b"0.2", true);
        assert_eq!((result.unwrap(), broken), (None, false));
    }
}

/// Runs `wait`, and sends this thread signals until it is done.
pub(super) fn while_signalled<T>(signals: bool, wait: impl FnOnce() -> T) -> T {
    // SAFETY: no arguments.
    let waiting = unsafe { libc::pthread_self() };
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while signals && !done.load(Ordering::SeqCst) {
                // SAFETY: the thread lives until this one has ended.
                unsafe { libc::pthread_kill(waiting, libc::SIGUSR2) };
                thread::sleep(Duration::from_millis(5));
            }
        });
        let result = wait();
        done.store(true, Ordering::SeqCst);
        result
    })
}

#[test]
fn a_forked_child_does_not_use_its_parents_connection() {
    let server = Server::start();
    let mut connection = Connection::open(&endpoint(&Place::Port(server.port())), soon()).unwrap();
    connection.set("k", b"parent", soon()).unwrap();
    // SAFETY: the child runs a few calls and leaves by _exit.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let refused =
            connection.set("k", b"child", soon()).is_err_and(|error| error.status() == Status::Forked);
        let right = refused && !connection.is_alive();
        // SAFETY: no arguments that matter.
        unsafe { libc::_exit(if right { 0 } else { 1 }) };
    }
    let mut status = -1;
    // SAFETY: the child is ours, the pointer is live.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0, "the child used the connection");
    assert!(connection.is_alive());
    assert_eq!(connection.get("k", soon()).unwrap().unwrap(), b"parent");
}
