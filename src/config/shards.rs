//! The configuration of a cache whose keys are spread over servers.

use super::options::Options;
use super::reader::Reader;
use super::resolve::{Backend, Config, build, endpoint};
use super::table::{self, OptionInfo};
use crate::client::Selection;
use crate::error::{Error, Result};
use crate::location::{Labels, Location};
use crate::net::Endpoint;

/// The options that an entry has for itself; all others are the cache's.
const OF_ONE_SERVER: &[&str] = &["DB", "USERNAME", "PASSWORD", "PROTOCOL", "SOCKET_CONNECT_TIMEOUT"];

/// An entry of the location, and the options with those that it gives.
pub(super) type Server = (Location, Options);

pub(super) fn shards(servers: Vec<Server>) -> Result<Config> {
    let servers = without_repetition(servers);
    check_agreement(&servers)?;
    let mut endpoints: Vec<Endpoint> = Vec::with_capacity(servers.len());
    for (entry, options) in &servers {
        let endpoint = endpoint(entry, options)?;
        if let Some(first) = endpoints.iter().position(|other| *other == endpoint) {
            return Err(Error::config(format!(
                "location entries \"{}\" and \"{}\" are the same server and database: leave one out, or give it another \
                 database",
                servers[first].0.label, entry.label
            )));
        }
        endpoints.push(endpoint);
    }
    let (labels, mut options): (Vec<_>, Vec<_>) =
        servers.into_iter().map(|(entry, options)| (entry.label, options)).unzip();
    let in_force = options.swap_remove(0);
    let ring = Reader(&in_force).choice("RING")?;
    let selection = if ring == "3.2" { Selection::After } else { Selection::Before };
    build(Labels(labels), Backend::Shards { endpoints, selection }, in_force)
}

/// An entry that is given twice is one server on the ring, as in django-redis.
pub(super) fn without_repetition(servers: Vec<Server>) -> Vec<Server> {
    let mut kept: Vec<Server> = Vec::with_capacity(servers.len());
    for server in servers {
        if kept.iter().all(|other| other.0.label != server.0.label) {
            kept.push(server);
        }
    }
    kept
}

/// What a URL's query says about the cache must be the same in all entries.
fn check_agreement(servers: &[Server]) -> Result<()> {
    let of_all: Vec<_> =
        table::list().iter().filter(|option| !OF_ONE_SERVER.contains(&option.name())).collect();
    agree(servers, &of_all)
}

/// Whether all entries say the same about these options.
pub(super) fn agree(servers: &[Server], options: &[&OptionInfo]) -> Result<()> {
    for option in options {
        for pair in servers.windows(2) {
            let [(first, one), (second, other)] = pair else { continue };
            if one.get(option) != other.get(option) {
                return Err(Error::config(format!(
                    "location entries \"{}\" and \"{}\" give option {} differently: it is the whole cache's, so give it as \
                     an option, not in the location",
                    first.label,
                    second.label,
                    option.name()
                )));
            }
        }
    }
    Ok(())
}
