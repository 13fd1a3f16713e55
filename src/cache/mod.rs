//! The operations, in Django's words.

mod at_hand;
mod batch;
mod call;
mod connection;
mod core;
mod counter;
mod crate_commands;
mod expiry;
mod herd;
mod lock;
mod many;
mod moving;
mod near;
mod pattern;
mod recent;
mod scan;
mod script;
mod signing;
mod single;
mod spread;
mod stats;

use std::fmt;
use std::sync::Arc;

pub use batch::{BatchCall, Operation};
pub use call::{Call, Condition, Patience, Ttl};
pub use connection::Connection;
pub use expiry::TimeLeft;
pub(crate) use herd::Herd;
pub use scan::Scan;
pub use stats::Stats;

use self::core::Core;
use crate::client::Layer;
use crate::config::{self, Backend, Options};
use crate::error::Result;
use crate::items::{Items, ItemsBuilder};
use crate::value::Value;

/// A cache on Redis, shared with Django sites and with programs in other languages.
///
/// Any number of threads may use one handle at once, before and after fork(). Opening touches no socket
/// and starts no thread; connections are made when they are needed and shared by caches with equal
/// locations and options.
///
/// ```no_run
/// use djredis::{Cache, Call, Options, Value};
/// let cache = Cache::open("127.0.0.1:6379:1", &Options::new())?;
/// cache.set(b"greeting", &Value::Text("hello".into()), &Call::default())?;
/// assert_eq!(cache.get(b"greeting", &Call::default())?, Some(Value::Text("hello".into())));
/// # Ok::<(), djredis::Error>(())
/// ```
pub struct Cache {
    core: Arc<Core>,
}

impl Cache {
    /// Opens a cache.
    ///
    /// # Errors
    /// [`crate::Status::Config`] for a wrong location, or for options that contradict it or are not available.
    pub fn open(location: &str, options: &Options) -> Result<Cache> {
        Cache::open_layered(location, options, None)
    }

    /// Opens a cache whose exchanges with servers pass a layer of the program's own. Raw connections do not.
    ///
    /// # Errors
    /// As [`Cache::open`].
    pub fn open_with(location: &str, options: &Options, layer: impl Layer + 'static) -> Result<Cache> {
        Cache::open_layered(location, options, Some(Arc::new(layer)))
    }

    fn open_layered(location: &str, options: &Options, layer: Option<Arc<dyn Layer>>) -> Result<Cache> {
        let config = config::resolve(location, options)?;
        if let Backend::Memory { name, max_bytes } = &config.place {
            crate::memory::check(name, *max_bytes)?;
        }
        Ok(Cache { core: Arc::new(Core::new(config, layer)) })
    }

    /// Closes the cache: running calls finish, later ones answer [`crate::Status::Closed`]. Idle connections are
    /// closed unless another open cache shares them. Closing twice is fine.
    pub fn close(&self) {
        self.core.close();
    }

    /// The full key that the cache uses in Redis.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] for a key that Redis can't take.
    pub fn make_key(&self, key: &[u8], call: &Call) -> Result<Vec<u8>> {
        self.core.run(|| Ok(self.core.full_key(key, call)?.to_vec()))
    }

    /// The bytes that `set` would store; under CLIENT_CLASS herd those of a value without an end.
    ///
    /// # Errors
    /// [`crate::Status::Encode`] for a value that can't be written; [`crate::Status::Unsupported`] with SIGNING_KEYS, which sign
    /// a value together with its key.
    pub fn encode(&self, value: &Value<'_>) -> Result<Vec<u8>> {
        self.core.run(|| {
            self.core.check_needs_no_key()?;
            let stored = self.core.codec.encode(value)?;
            self.core.check_size(stored.len())?;
            Ok(stored.into_owned())
        })
    }

    /// What `get` would make of stored bytes.
    ///
    /// # Errors
    /// [`crate::Status::Decode`] if they can't be read; [`crate::Status::Unsupported`] with SIGNING_KEYS, since without the key
    /// nothing can be verified.
    pub fn decode(&self, stored: &[u8]) -> Result<Value<'static>> {
        self.core.run(|| {
            self.core.check_needs_no_key()?;
            self.core.decode_any(stored, false)
        })
    }

    /// What `get_many` would make of many stored values, in their order: an error stands in the place of one that can't
    /// be decoded.
    ///
    /// # Errors
    /// [`crate::Status::Closed`], [`crate::Status::Panic`]; [`crate::Status::Unsupported`] as [`Cache::decode`].
    pub fn decode_many(&self, stored: &[&[u8]], call: &Call) -> Result<Items> {
        self.core.run(|| {
            self.core.check_needs_no_key()?;
            let mut items = ItemsBuilder::with_capacity(stored.len());
            for &each in stored {
                match self.core.decode_any(each, call.as_payload) {
                    Ok(value) => items.push(&value),
                    Err(error) => items.push_error(&error, error.flags()),
                }
            }
            Ok(items.finish())
        })
    }

    /// The server that holds a key: its entry of the location, without the password; of a cluster the node's address, which
    /// may have to be asked for.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] for a key that Redis can't take; connection trouble with a cluster.
    pub fn server_for(&self, key: &[u8], call: &Call) -> Result<String> {
        self.core.run(|| {
            let key = self.core.full_key(key, call)?;
            self.core.server_name(&key, self.core.deadline(call))
        })
    }

    /// The value of an option that is in force, as text; secrets as `***`.
    ///
    /// # Errors
    /// [`crate::Status::Config`] for an unknown name.
    pub fn option(&self, name: &str) -> Result<String> {
        self.core.run(|| self.core.config.option_text(name))
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("location", &self.core.config.label.0).finish_non_exhaustive()
    }
}
