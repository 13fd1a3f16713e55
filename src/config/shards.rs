//! The configuration of a cache whose keys are spread over servers.

use super::reader::Reader;
use super::resolve::{Backend, Config, Server, build, endpoint};
use super::table;
use crate::client::Selection;
use crate::error::{Error, Result};
use crate::location::Labels;
use crate::net::Endpoint;

/// The options that an entry has for itself; all others are the cache's.
pub(super) const OF_ONE_SERVER: &[&str] = &[
    "DB",
    "USERNAME",
    "PASSWORD",
    "PROTOCOL",
    "SOCKET_CONNECT_TIMEOUT",
    "TLS_CA",
    "TLS_CERT",
    "TLS_KEY",
    "TLS_VERIFY",
    "TLS_SERVER_NAME",
];

pub(super) fn shards(servers: Vec<Server>) -> Result<Config> {
    let servers = without_repetition(servers);
    check_agreement(&servers, OF_ONE_SERVER)?;
    let mut endpoints: Vec<Endpoint> = Vec::with_capacity(servers.len());
    let mut homes = Vec::with_capacity(servers.len());
    for (entry, options) in &servers {
        let endpoint = endpoint(entry, options)?;
        // Two spellings of one server have points of their own on the ring, and the same connections.
        let home = endpoints.iter().position(|other| *other == endpoint).unwrap_or(endpoints.len());
        if home == endpoints.len() {
            endpoints.push(endpoint);
        }
        homes.push(home);
    }
    let (labels, mut options): (Vec<_>, Vec<_>) =
        servers.into_iter().map(|(entry, options)| (entry.label, options)).unzip();
    let in_force = options.swap_remove(0);
    let ring = Reader(&in_force).choice("RING")?;
    let selection = if ring == "3.2" { Selection::After } else { Selection::Before };
    build(Labels(labels), Backend::Shards { endpoints, homes, selection }, in_force)
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

/// What a URL's query says about the cache must be the same in all entries, but for what each has for itself.
pub(super) fn check_agreement(servers: &[Server], of_one_server: &[&str]) -> Result<()> {
    for option in table::list().iter().filter(|option| !of_one_server.contains(&option.name())) {
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
