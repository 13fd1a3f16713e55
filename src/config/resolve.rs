//! Location and options together: everything a cache needs to know, typed.

use std::time::Duration;

use super::cluster::cluster;
use super::options::{Options, find};
use super::reader::Reader;
use super::replicas::replicas;
use super::sentinel::{refuse_options_of_sentinels, sentinel};
use super::setting::Setting;
use super::shards::shards;
use super::tls::{encrypted, refuse_tls};
use super::values::{signer, values};
use crate::breaker::BreakerConfig;
use crate::cache::Herd;
use crate::client::{Selection, SentinelConfig};
use crate::codec;
use crate::error::{Error, Result};
use crate::location::{self, Given, Labels, Location, Place};
use crate::near::NearConfig;
use crate::net::{Endpoint, Protocol};
use crate::sign::Signer;

/// The default of HERD_TIMEOUT.
const HERD_TIMEOUT_MS: i64 = 60_000;

/// The configuration of one cache.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The location, as it was written: one entry for each server.
    pub(crate) label: Labels,
    pub(crate) place: Backend,
    pub(crate) max_connections: u32,
    /// The most a call may take; `None`: no limit.
    pub(crate) socket_timeout: Option<Duration>,
    /// The most that waiting for a connection may take; `None`: what is left of the call.
    pub(crate) pool_timeout: Option<Duration>,
    pub(crate) breaker: BreakerConfig,
    pub(crate) key_prefix: String,
    pub(crate) version: i64,
    /// How long a value lives, in milliseconds: `None` for ever, 0 and below as `zero_timeout` says.
    pub(crate) timeout_ms: Option<i64>,
    pub(crate) zero_timeout: ZeroTimeout,
    pub(crate) clear: Clear,
    pub(crate) scan_itersize: u32,
    pub(crate) values: codec::Settings,
    /// Where SIGNING_KEYS are given.
    pub(crate) signer: Option<Signer>,
    pub(crate) decode_error: DecodeError,
    pub(crate) read_your_writes: bool,
    pub(crate) ignore_exceptions: bool,
    /// Where CLIENT_CLASS is herd.
    pub(crate) herd: Option<Herd>,
    /// Where NEAR_CACHE is on.
    pub(crate) near: Option<NearConfig>,
    in_force: Options,
}

/// Where the values are.
#[derive(Clone, Debug)]
pub(crate) enum Backend {
    /// On a server.
    Server(Endpoint),
    /// On a primary, from which replicas have them.
    Replicas { primary: Endpoint, replicas: Vec<Endpoint> },
    /// On the primary that sentinels name.
    Sentinel(SentinelConfig),
    /// On several, in the order of the location; each entry of that has its home among them.
    Shards { endpoints: Vec<Endpoint>, homes: Vec<usize>, selection: Selection },
    /// On the nodes of a cluster, which these servers know.
    Cluster { seeds: Vec<Endpoint> },
    /// In the store of this name, inside the process.
    Memory { name: String, max_bytes: usize },
}

/// What a timeout of 0 or below means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ZeroTimeout {
    Forever,
    Expire,
}

/// What `clear` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clear {
    Db,
    Prefix,
}

/// What a stored value that can't be read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    Raise,
    Miss,
}

impl Config {
    /// What is in force for an option, as text; a secret that is set is `***`.
    pub(crate) fn option_text(&self, name: &str) -> Result<String> {
        let option = find(name)?;
        Ok(self.in_force.get(option).map_or(String::new(), |setting| setting.to_string()))
    }
}

/// An entry of the location, and the options with those that it gives.
pub(super) type Server = (Location, Options);

/// Puts location and options together; what the location gives wins.
pub(crate) fn resolve(location: &str, options: &Options) -> Result<Config> {
    let mut servers = Vec::new();
    if location.is_empty() && Reader(options).choice("CLIENT_CLASS")? == "sentinel" {
        refuse_what_is_not_there(options)?;
        return sentinel(servers, options);
    }
    for entry in location::parse(location)? {
        let options = options_of(&entry, options)?;
        servers.push((entry, options));
    }
    let asked = servers.iter().map(|(_, options)| Reader(options).choice("CLIENT_CLASS"));
    let asked = asked.collect::<Result<Vec<_>>>()?;
    if !asked.contains(&"sentinel") {
        refuse_options_of_sentinels(&servers)?;
    }
    if asked.contains(&"shard") {
        return shards(servers);
    }
    if asked.contains(&"cluster") {
        return cluster(servers);
    }
    refuse_ring(&servers)?;
    if asked.contains(&"sentinel") {
        return sentinel(servers, options);
    }
    if servers.len() > 1 {
        return replicas(servers);
    }
    let Some((entry, options)) = servers.pop() else { return Err(Error::config("the location is empty")) };
    let place = backend(&entry, &options)?;
    build(Labels(vec![entry.label]), place, options)
}

/// The options with those that an entry gives.
fn options_of(entry: &Location, options: &Options) -> Result<Options> {
    let mut options = options.clone();
    apply(&mut options, entry)?;
    refuse_what_is_not_there(&options)?;
    Ok(options)
}

/// A ring is nothing that servers with the same keys have.
pub(super) fn refuse_ring(servers: &[Server]) -> Result<()> {
    for (_, options) in servers {
        let ring = Reader(options).choice("RING")?;
        if ring != "current" {
            return Err(Error::config(format!(
                "option RING is {ring}, but only CLIENT_CLASS shard has a ring: leave it out"
            )));
        }
    }
    Ok(())
}

/// Sets what the location gives.
fn apply(options: &mut Options, entry: &Location) -> Result<()> {
    for Given { name, value } in &entry.settings {
        options
            .set(name, value.reveal())
            .map_err(|error| error.context(format_args!("location \"{}\"", entry.label)))?;
    }
    Ok(())
}

/// An option whose feature is missing must not be accepted and ignored.
fn refuse_what_is_not_there(options: &Options) -> Result<()> {
    for (name, setting) in options.given() {
        let option = find(name)?;
        let is_default = option.kind.parse(option.default).as_ref() == Some(setting);
        if !option.is_available() && !is_default {
            return Err(Error::config(format!(
                "option {name} is not available in this release: leave it out"
            )));
        }
        let missing = option.unavailable_choices();
        let chosen: &[&str] = match setting {
            Setting::Choice(chosen) => std::slice::from_ref(chosen),
            Setting::Names(names) => names,
            _ => &[],
        };
        if let Some(name_of_missing) = chosen.iter().find(|chosen| missing.contains(chosen)) {
            let instead = if option.default.is_empty() {
                "leave it out".into()
            } else {
                format!("use {}", option.default)
            };
            return Err(Error::config(format!(
                "option {name} is {name_of_missing}, which is not available in this release: {instead}"
            )));
        }
    }
    Ok(())
}

fn backend(entry: &Location, options: &Options) -> Result<Backend> {
    match &entry.place {
        Place::Server { .. } => endpoint(entry, options).map(Backend::Server),
        Place::Memory { name } => {
            Ok(Backend::Memory { name: name.clone(), max_bytes: Reader(options).integer("MEMORY_MAX")? })
        }
    }
}

/// How to reach the server of an entry.
pub(super) fn endpoint(entry: &Location, options: &Options) -> Result<Endpoint> {
    let (address, tls) = match &entry.place {
        Place::Server { address, tls: true } => (address, Some(encrypted(entry, options)?)),
        Place::Server { address, tls: false } => {
            refuse_tls(entry, options)?;
            (address, None)
        }
        Place::Memory { .. } => {
            return Err(Error::config(format!(
                "location \"{}\" is a store inside the process, over which no keys are spread: give servers",
                entry.label
            )));
        }
    };
    let read = Reader(options);
    let protocol = if read.choice("PROTOCOL")? == "resp3" { Protocol::Resp3 } else { Protocol::Resp2 };
    Ok(Endpoint {
        address: address.clone(),
        db: read.integer("DB")?,
        username: Some(read.text("USERNAME")?).filter(|name| !name.is_empty()),
        password: Some(read.secret("PASSWORD")?).filter(|password| !password.reveal().is_empty()),
        protocol,
        connect_timeout: read.limit("SOCKET_CONNECT_TIMEOUT")?,
        tls,
        parser: read.parser("PARSER_CLASS")?,
    })
}

/// The near cache keeps what begins with the prefix: the server names the keys of no other.
fn near(read: Reader<'_>, label: &Labels, place: &Backend) -> Result<Option<NearConfig>> {
    let max_bytes: usize = read.integer("NEAR_CACHE")?;
    match place {
        _ if max_bytes == 0 => Ok(None),
        Backend::Memory { .. } => Err(Error::config(format!(
            "NEAR_CACHE keeps a server's values in the process, where location \"{label}\" has them anyway: leave it out"
        ))),
        Backend::Shards { .. } => Err(Error::config(format!(
            "NEAR_CACHE works with one server, and location \"{label}\" has several: leave it out"
        ))),
        Backend::Replicas { .. } => Err(Error::config(format!(
            "NEAR_CACHE keeps what the primary says has not changed, and a replica of location \"{label}\" may still have an \
             older value: leave it out, or give the primary alone"
        ))),
        Backend::Sentinel(_) => Err(Error::config(
            "NEAR_CACHE hears from one server what has changed, and with CLIENT_CLASS sentinel that may become another: leave it out",
        )),
        Backend::Cluster { .. } => Err(Error::config(format!(
            "NEAR_CACHE works with one server, and the cluster of location \"{label}\" has several: leave it out"
        ))),
        Backend::Server(endpoint) => {
            let prefix = format!("{}:", read.text("KEY_PREFIX")?).into_bytes();
            // Its connection is read in the background, where nothing of the host's is called.
            let endpoint = Endpoint { parser: None, ..endpoint.clone() };
            Ok(Some(NearConfig { endpoint, prefix, max_bytes }))
        }
    }
}

/// A herd's values are pickles, of a tuple with an object in it.
fn herd(read: Reader<'_>) -> Result<Option<Herd>> {
    let timeout_ms = read.time("HERD_TIMEOUT")?.unwrap_or(0);
    if read.choice("CLIENT_CLASS")? != "herd" {
        return if timeout_ms == HERD_TIMEOUT_MS {
            Ok(None)
        } else {
            Err(Error::config("option HERD_TIMEOUT is given, but CLIENT_CLASS is not herd: leave it out"))
        };
    }
    let serializer = read.choice("SERIALIZER")?;
    if serializer != "pickle" {
        return Err(Error::config(format!(
            "option SERIALIZER is {serializer}, but CLIENT_CLASS herd stores pickles, as django-redis does: leave it out"
        )));
    }
    Ok(Some(Herd { timeout_ms }))
}

pub(super) fn build(label: Labels, place: Backend, in_force: Options) -> Result<Config> {
    let read = Reader(&in_force);
    Ok(Config {
        near: near(read, &label, &place)?,
        label,
        place,
        max_connections: read.integer("MAX_CONNECTIONS")?,
        socket_timeout: read.limit("SOCKET_TIMEOUT")?,
        pool_timeout: read.limit("POOL_TIMEOUT")?,
        breaker: BreakerConfig {
            failures: read.integer("BREAKER_FAILURES")?,
            longest_wait: read.limit("BREAKER_RESET")?.unwrap_or_default(),
        },
        key_prefix: read.text("KEY_PREFIX")?,
        version: read.integer("VERSION")?,
        timeout_ms: read.time("TIMEOUT")?,
        zero_timeout: match read.choice("ZERO_TIMEOUT")? {
            "expire" => ZeroTimeout::Expire,
            _ => ZeroTimeout::Forever,
        },
        clear: if read.choice("CLEAR")? == "prefix" { Clear::Prefix } else { Clear::Db },
        scan_itersize: read.integer("SCAN_ITERSIZE")?,
        values: values(read)?,
        herd: herd(read)?,
        signer: signer(read)?,
        decode_error: if read.choice("DECODE_ERROR")? == "miss" {
            DecodeError::Miss
        } else {
            DecodeError::Raise
        },
        read_your_writes: read.bool("READ_YOUR_WRITES")?,
        ignore_exceptions: read.bool("IGNORE_EXCEPTIONS")?,
        in_force,
    })
}
