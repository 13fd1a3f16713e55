//! The Rust side of benches/python/values.py: nanoseconds per decode and encode.

use std::hint::black_box;
use std::time::Instant;

use crate::codec::Codec;

/// Reads one pickle from a file and writes `decode encode` in nanoseconds to another.
#[test]
#[ignore = "run by benches/python/values.py"]
fn measure() {
    let path = |name| std::env::var(name).unwrap();
    let stored = std::fs::read(path("SPEED_IN")).unwrap();
    let codec = Codec::of_pickle(5);
    let value = codec.decode(stored[..].into()).unwrap();
    let decode = nanoseconds(|| drop(black_box(codec.decode(black_box(&stored[..]).into()))));
    let encode = nanoseconds(|| drop(black_box(codec.encode(black_box(&value)))));
    std::fs::write(path("SPEED_OUT"), format!("{decode} {encode}")).unwrap();
}

/// The best of several rounds: what other programs take is left out.
fn nanoseconds(mut work: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..60 {
        let mut times = 0;
        let started = Instant::now();
        while started.elapsed().as_millis() < 5 {
            (0..10).for_each(|_| work());
            times += 10;
        }
        best = best.min(started.elapsed().as_nanos() as f64 / f64::from(times));
    }
    best
}
