//! Who rides with whom, and that everyone gets its own replies.

use super::*;
use crate::error::Status;
use crate::net::tests::support::FakeServer;

#[test]
fn all_who_wait_ride_with_the_first() {
    let server = Server::start();
    let single = Single::of(&server);
    let names: Vec<_> = (0..20).map(|number| format!("key{number}")).collect();
    for name in &names {
        server.command(&["SET", name, &format!("value of {name}")]);
    }
    let held = single.hold();
    let calls: Vec<_> = names
        .iter()
        .map(|name| {
            let name = name.clone();
            single.queue(move |pool| get(pool, &name, soon()))
        })
        .collect();
    let missing = single.queue(|pool| get(pool, "absent", soon()));
    drop(held);
    for (name, call) in names.iter().zip(calls) {
        assert_eq!(ended(call).unwrap(), Some(format!("value of {name}")));
    }
    assert_eq!(ended(missing).unwrap(), None);
    assert_eq!((single.rides(), single.connects()), (20, 1));
}

#[test]
fn a_servers_error_is_that_of_one_rider() {
    let server = Server::start();
    server.command(&["SET", "text", "no number"]);
    let single = Single::of(&server);
    let held = single.hold();
    let calls: Vec<_> = ["count", "text", "count", "text", "count"]
        .into_iter()
        .map(|key| single.queue(move |pool| incr(pool, key, soon())))
        .collect();
    drop(held);
    let results: Vec<_> = calls.into_iter().map(|call| ended(call).map_err(|error| error.status())).collect();
    assert_eq!(results, [Ok(1), Err(Status::Type), Ok(2), Err(Status::Type), Ok(3)]);
    assert_eq!(single.connects(), 1, "the connection is still good");
}

#[test]
fn a_reply_of_any_size_reaches_its_owner() {
    let server = Server::start();
    let single = Single::of(&server);
    let large = "x".repeat(3 << 20);
    assert_eq!(integer(single.pool(), Lane::Own, &["APPEND", "large", &large], soon()).unwrap(), 3 << 20);
    server.command(&["SET", "small", "value"]);
    let held = single.hold();
    let calls: Vec<_> = ["small", "large", "small", "large", "small"]
        .into_iter()
        .map(|key| (key, single.queue(move |pool| get(pool, key, soon()))))
        .collect();
    drop(held);
    for (key, call) in calls {
        let value = ended(call).unwrap().unwrap();
        assert!(value == if key == "large" { large.as_str() } else { "value" });
    }
    assert_eq!((single.rides(), single.connects()), (4, 1));
}

#[test]
fn what_needs_a_connection_to_itself_waits_its_turn_among_riders() {
    let server = Server::start();
    let single = Single::of(&server);
    let held = single.hold();
    let first = single.queue(|pool| incr(pool, "count", soon()));
    let alone = single.queue(|pool| integer(pool, Lane::Own, &["INCR", "count"], soon()));
    let borrower = single.queue(|pool| pool.borrow(soon()).map(drop));
    let large = "x".repeat(crate::limits::MAX_RIDE);
    let by_size = single.queue(move |pool| integer(pool, Lane::Shared, &["APPEND", "long", &large], soon()));
    let last = single.queue(|pool| incr(pool, "count", soon()));
    drop(held);
    assert_eq!(ended(first).unwrap(), 1);
    assert_eq!(ended(last).unwrap(), 2, "it rode with the first");
    assert_eq!(ended(alone).unwrap(), 3);
    assert!(ended(borrower).is_ok());
    assert_eq!(ended(by_size).unwrap(), 16 << 10);
    assert_eq!((single.rides(), single.connects()), (1, 1));
}

#[test]
fn nothing_rides_on_a_borrowed_connection() {
    let server = Server::start();
    let single = Single::of(&server);
    let mut borrowed = single.hold();
    let rider = single.queue(|pool| incr(pool, "count", soon()));
    let mut number = 0;
    borrowed
        .exchange(
            &mut |request| {
                request.push(&[b"INCR", b"count"]);
            },
            soon(),
            &mut |replies| {
                number = replies.integer()?;
                Ok(())
            },
        )
        .unwrap();
    assert_eq!((number, single.pool().slots.queued()), (1, 1));
    drop(borrowed);
    assert_eq!(ended(rider).unwrap(), 2);
}

#[test]
fn one_reply_too_many_is_nobodys() {
    let server = FakeServer::answering(b"$3\r\none\r\n$3\r\ntwo\r\n$5\r\nthree\r\n".as_slice());
    let single = Single::new(&Place::Port(server.port()));
    let held = single.hold();
    let calls: Vec<_> = (0..2).map(|_| single.queue(|pool| get(pool, "key", soon()))).collect();
    drop(held);
    for call in calls {
        assert_eq!(ended(call).unwrap_err().status(), Status::Protocol);
    }
}

#[test]
fn garbage_is_a_protocol_error_for_all() {
    let server = FakeServer::answering(b"$3\r\none\r\nHTTP/1.1 400\r\n".as_slice());
    let single = Single::new(&Place::Port(server.port()));
    let held = single.hold();
    let calls: Vec<_> = (0..3).map(|_| single.queue(|pool| incr(pool, "key", soon()))).collect();
    drop(held);
    for call in calls {
        assert_eq!(ended(call).unwrap_err().status(), Status::Protocol);
    }
}

#[test]
fn closing_lets_those_who_wait_finish() {
    let server = Server::start();
    let single = Single::of(&server);
    let held = single.hold();
    let calls: Vec<_> = (0..5).map(|_| single.queue(|pool| incr(pool, "count", soon()))).collect();
    single.user.leave();
    drop(held);
    let mut counts: Vec<_> = calls.into_iter().map(|call| ended(call).unwrap()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 3, 4, 5]);
    let connected = || server.command(&["CLIENT", "LIST"]).matches(" laddr=").count();
    eventually(|| connected() == 1);
}
