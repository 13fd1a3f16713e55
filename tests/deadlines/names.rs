//! Host names that nobody resolves: the resolver is asked, and its server never answers.
#![expect(unsafe_code, reason = "fork, waitpid and alarm")]

use std::fs;
use std::net::UdpSocket;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Instant;

use djredis::Status;

use crate::support::Server;
use crate::{Calls, get, namespace, open};

/// The most threads that resolve names.
const RESOLVERS: usize = 4;
const CALLERS: usize = 100;

/// Inside of the namespace: the server that never answers.
fn enter(test: &str) -> Option<UdpSocket> {
    // A process in the namespace has it for /etc/resolv.conf; hosts are looked up in /etc/hosts first.
    let setup =
        "file=$(mktemp); echo nameserver 127.0.0.1 > $file; mount --bind $file /etc/resolv.conf; rm $file";
    namespace::enter(test, setup).then(|| UdpSocket::bind("127.0.0.1:53").expect("the port of DNS"))
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").expect("/proc").count()
}

#[test]
fn a_name_that_nobody_resolves() {
    let Some(_dns) = enter("names::a_name_that_nobody_resolves") else { return };
    let cache = open("away.example:6379:0", &[]);
    Calls::of("DNS never answers", Status::Timeout).time_all(|| get(&cache));
}

#[test]
fn many_names_that_nobody_resolves() {
    let Some(_dns) = enter("names::many_names_that_nobody_resolves") else { return };
    let before = threads();
    let caches: Vec<_> =
        (0..CALLERS).map(|number| open(&format!("away{number}.example:6379:0"), &[])).collect();
    let mut calls = Calls::of("the same, 100 names at once", Status::Timeout);
    thread::scope(|scope| {
        let asking: Vec<_> = caches
            .iter()
            .map(|cache| {
                scope.spawn(move || {
                    let begun = Instant::now();
                    (get(cache), begun.elapsed())
                })
            })
            .collect();
        for (ended, time) in asking.into_iter().map(|call| call.join().unwrap()) {
            assert_eq!(ended.unwrap_err().status(), Status::Timeout);
            calls.times.push(time);
        }
    });
    calls.report();
    // One more works for the pools.
    assert!(threads() <= before + RESOLVERS + 1, "{} threads", threads() - before);
}

#[test]
fn other_names_are_resolved_meanwhile() {
    let Some(_dns) = enter("names::other_names_are_resolved_meanwhile") else { return };
    let (server, away) = (Server::start(), open("away.example:6379:0", &[]));
    for _ in 0..3 {
        assert_eq!(get(&away).unwrap_err().status(), Status::Timeout);
        works_by_name(&server);
    }
}

fn works_by_name(server: &Server) {
    let cache = open(&format!("localhost:{}:0", server.port()), &[("SOCKET_TIMEOUT", "20")]);
    get(&cache).expect("localhost is known");
}

#[test]
fn a_child_resolves_while_its_parent_waits() {
    let Some(_dns) = enter("names::a_child_resolves_while_its_parent_waits") else { return };
    let (server, away) = (Server::start(), open("away.example:6379:0", &[]));
    get(&away).unwrap_err();
    let works = in_child(|| {
        works_by_name(&server);
        Calls::of("DNS never answers, in a forked child", Status::Timeout).time_all(|| get(&away));
    });
    assert!(works);
}

/// Whether that ends, and well, in a forked child.
fn in_child(work: impl FnOnce()) -> bool {
    // SAFETY: the child leaves by _exit, whatever happens in it.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork failed");
    if pid == 0 {
        // SAFETY: no handler for SIGALRM is set: it ends a child that hangs.
        unsafe { libc::alarm(60) };
        let failed = catch_unwind(AssertUnwindSafe(work)).is_err();
        // SAFETY: it does not return.
        unsafe { libc::_exit(i32::from(failed)) };
    }
    let mut status = 0;
    // SAFETY: the pointer is that of a live integer.
    unsafe { libc::waitpid(pid, &raw mut status, 0) };
    status == 0
}
