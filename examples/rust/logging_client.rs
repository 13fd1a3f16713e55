//! A client that logs each command, around the one that the options select:
//! `cargo run --example logging_client 127.0.0.1:6379:0`.

#![allow(clippy::print_stdout, unreachable_pub)]

use std::time::Duration;

use djredis::{Cache, Call, Commands, Error, Layer, Options, Result, Value};

/// Gives each line of its log to a function.
pub struct Logging<F>(pub F);

impl<F: Fn(String) + Send + Sync> Layer for Logging<F> {
    fn after(&self, commands: &Commands<'_>, error: Option<&Error>, took: Duration) {
        for command in commands.iter() {
            // The name and the key; what follows are values.
            let words: Vec<_> = command.iter().take(2).map(|word| String::from_utf8_lossy(word)).collect();
            let outcome = error.map_or_else(|| format!("done in {took:?}"), Error::to_string);
            (self.0)(format!("{}: {outcome}", words.join(" ")));
        }
    }
}

fn main() -> Result<()> {
    let location = std::env::args().nth(1).unwrap_or("127.0.0.1:6379:0".into());
    let cache = Cache::open_with(&location, &Options::new(), Logging(|line| println!("{line}")))?;
    cache.set(b"greeting", &Value::Text("hello, world".into()), &Call::default())?;
    cache.get(b"greeting", &Call::default())?;
    Ok(())
}
