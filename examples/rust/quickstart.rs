//! Stores a value and reads it back:
//! `cargo run --example quickstart 127.0.0.1:6379:0`.

#![allow(clippy::print_stdout)]

use djredis::{Cache, Call, Options, Result, Ttl, Value};

fn main() -> Result<()> {
    let location = std::env::args().nth(1).unwrap_or("127.0.0.1:6379:0".into());
    let mut options = Options::new();
    options.set("KEY_PREFIX", "quickstart")?;
    let cache = Cache::open(&location, &options)?;

    let minute = Call { ttl: Some(Ttl::Millis(60_000)), ..Call::default() };
    cache.set(b"greeting", &Value::Text("hello, world".into()), &minute)?;
    if let Some(Value::Text(greeting)) = cache.get(b"greeting", &Call::default())? {
        println!("{greeting}");
    }
    Ok(())
}
