//! The proxy of the fault tests does what it is told to: else they would test nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::io::ErrorKind;
use std::thread;
use std::time::{Duration, Instant};

use support::frames::Heads;
use support::plan::faults;
use support::stream::Listener;
use support::{Cut, Direction, Fault, Proxy, Stream};

const SENT: &[u8] = b"$3\r\nabc\r\n";

/// A server that answers every connection with [`SENT`] in one write, and then hangs up.
fn server() -> support::Place {
    let listener = Listener::tcp();
    let place = listener.place();
    thread::spawn(move || {
        while let Ok(client) = listener.accept() {
            let _ = client.write_all(SENT);
        }
    });
    place
}

/// All that comes through a proxy with these faults, and whether the end was a reset.
fn received(cuts: &[(usize, Cut)]) -> (Vec<u8>, bool) {
    let faults: Vec<_> =
        cuts.iter().map(|&(offset, cut)| Fault { direction: Direction::Replies, offset, cut }).collect();
    let proxy = Proxy::planned(server(), move |_| faults.clone());
    let client = proxy.place().connect().unwrap();
    let all = read_all(&client);
    assert_eq!(proxy.done().values().sum::<usize>(), cuts.len());
    all
}

fn read_all(client: &Stream) -> (Vec<u8>, bool) {
    let (mut all, mut bytes) = (Vec::new(), [0; 64]);
    loop {
        match client.read(&mut bytes) {
            Ok(0) => return (all, false),
            Ok(count) => all.extend(&bytes[..count]),
            Err(error) => return (all, error.kind() == ErrorKind::ConnectionReset),
        }
    }
}

#[test]
fn what_comes_through() {
    for (cuts, expected) in [
        (&[][..], SENT),
        (&[(4, Cut::Stall)], &SENT[..4]),
        (&[(4, Cut::Close)], &SENT[..4]),
        (&[(0, Cut::Split)], SENT),
        (&[(3, Cut::Delay(Duration::from_millis(20)))], SENT),
        (&[(4, Cut::Corrupt(1))], b"$3\r\ncbc\r\n"),
        // The next head's byte, which is the length.
        (&[(1, Cut::CorruptHead(0))], b"$2\r\nabc\r\n"),
        (&[(0, Cut::Repeat)], b"$3\r\nabc\r\n$3\r\nabc\r\n"),
        (&[(7, Cut::Repeat)], b"$3\r\nabc\r\n\r\n"),
        (&[(1, Cut::Corrupt(0)), (4, Cut::Corrupt(1)), (6, Cut::Close)], b"$2\r\ncb"),
    ] {
        assert_eq!(received(cuts), (expected.to_vec(), false), "{cuts:?}");
    }
    let (bytes, reset) = received(&[(4, Cut::Reset)]);
    assert!(SENT[..4].starts_with(&bytes) && reset, "{bytes:?} {reset}");
}

#[test]
fn it_takes_its_time() {
    for cut in [Cut::Delay(Duration::from_millis(90)), Cut::Trickle(Duration::from_millis(10))] {
        let started = Instant::now();
        assert_eq!(received(&[(0, cut)]), (SENT.to_vec(), false));
        assert!(started.elapsed() >= Duration::from_millis(90), "{cut:?}");
    }
}

#[test]
fn split_bytes_arrive_one_by_one() {
    let listener = Listener::tcp();
    let proxy = Proxy::planned(listener.place(), |_| {
        vec![Fault { direction: Direction::Requests, offset: 0, cut: Cut::Split }]
    });
    let client = proxy.place().connect().unwrap();
    client.write_all(SENT).unwrap();
    let server = listener.accept().unwrap();
    let mut first = [0; 1];
    server.read(&mut first).unwrap();
    assert_eq!(first, SENT[..1]);
}

#[test]
fn heads_are_types_and_lengths() {
    let replies = b"+OK\r\n$3\r\n$$$\r\n:12\r\n*2\r\n$-1\r\n$0\r\n\r\n_\r\n";
    let mut heads = Heads::default();
    // In pieces: how a stream is cut makes no difference.
    let marks: Vec<_> = replies.chunks(3).flat_map(|piece| heads.mark(piece)).collect();
    let marked = replies.iter().zip(marks).filter(|(_, head)| *head).map(|(&byte, _)| char::from(byte));
    assert_eq!(marked.collect::<String>(), "+$3:*2$-1$0_");
}

#[test]
fn the_same_seed_makes_the_same_faults() {
    let cuts = [Cut::Stall, Cut::CorruptHead(0), Cut::Delay(Duration::from_millis(50))];
    let planned =
        |seed| (0..100).map(|number| format!("{:?}", faults(seed, number, &cuts))).collect::<Vec<_>>();
    assert_eq!(planned(7), planned(7));
    assert_ne!(planned(7), planned(8));
}
