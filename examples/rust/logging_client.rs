//! A client that logs each command, around the one that the options select:
//! `cargo run --example logging_client 127.0.0.1:6379:0`.

#![allow(clippy::print_stdout)]

use std::time::Duration;

use djredis::{Cache, Call, Commands, Error, Layer, Options, Result, Value};

struct Logging;

impl Layer for Logging {
    fn after(&self, commands: &Commands<'_>, error: Option<&Error>, took: Duration) {
        for command in commands.iter() {
            // The name and the key; what follows are values.
            let words: Vec<_> = command.iter().take(2).map(|word| String::from_utf8_lossy(word)).collect();
            match error {
                None => println!("{}: done within {} ms", words.join(" "), took.as_millis() + 1),
                Some(error) => println!("{}: {error}", words.join(" ")),
            }
        }
    }
}

fn main() -> Result<()> {
    let location = std::env::args().nth(1).unwrap_or("127.0.0.1:6379:0".into());
    let cache = Cache::open_with(&location, &Options::new(), Logging)?;
    cache.set(b"greeting", &Value::Text("hello, world".into()), &Call::default())?;
    cache.get(b"greeting", &Call::default())?;
    Ok(())
}
