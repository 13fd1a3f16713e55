//! The Rust side of benches/python/pickles.py: nanoseconds per decode and encode.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::codec::Codec;

/// Reads one pickle from a file and writes `decode encode` in nanoseconds to another.
#[test]
#[ignore = "run by benches/python/pickles.py"]
fn measure() {
    let setting = |name| std::env::var(name).unwrap();
    let rounds: u32 = setting("SPEED_ROUNDS").parse().unwrap();
    let length = Duration::from_millis(setting("SPEED_MILLISECONDS").parse().unwrap());
    let stored = std::fs::read(setting("SPEED_IN")).unwrap();
    let codec = Codec::of_pickle(5);
    let value = codec.decode(stored[..].into()).unwrap();
    let best =
        |work: &mut dyn FnMut()| (0..rounds).map(|_| nanoseconds(work, length)).fold(f64::INFINITY, f64::min);
    let decode = best(&mut || drop(black_box(codec.decode(black_box(&stored[..]).into()))));
    let encode = best(&mut || drop(black_box(codec.encode(black_box(&value)))));
    std::fs::write(setting("SPEED_OUT"), format!("{decode} {encode}")).unwrap();
}

/// Per call, in a round of this length.
fn nanoseconds(work: &mut dyn FnMut(), length: Duration) -> f64 {
    let (mut times, started) = (0, Instant::now());
    while started.elapsed() < length {
        (0..10).for_each(|_| work());
        times += 10;
    }
    started.elapsed().as_nanos() as f64 / f64::from(times)
}
