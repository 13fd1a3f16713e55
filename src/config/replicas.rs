//! The configuration of a cache on a primary and its replicas.

use super::reader::Reader;
use super::resolve::{Backend, Config, Server, build, endpoint};
use super::shards::{OF_ONE_SERVER, check_agreement};
use crate::error::{Error, Result};
use crate::location::Labels;
use crate::net::Endpoint;

/// The first entry is the primary.
pub(super) fn replicas(servers: Vec<Server>) -> Result<Config> {
    let mut endpoints: Vec<Endpoint> = Vec::with_capacity(servers.len());
    for (entry, options) in &servers {
        let endpoint = endpoint(entry, options)?;
        if let Some(first) = endpoints.iter().position(|other| other.address == endpoint.address) {
            return Err(Error::config(format!(
                "location entries \"{}\" and \"{}\" are the same server: give the primary first, then each replica once",
                servers[first].0.label, entry.label
            )));
        }
        endpoints.push(endpoint);
    }
    // DB has a sentence of its own.
    check_databases(&servers)?;
    check_agreement(&servers, OF_ONE_SERVER)?;
    let primary = endpoints.remove(0);
    let (labels, mut options): (Vec<_>, Vec<_>) =
        servers.into_iter().map(|(entry, options)| (entry.label, options)).unzip();
    build(Labels(labels), Backend::Replicas { primary, replicas: endpoints }, options.swap_remove(0))
}

fn check_databases(servers: &[Server]) -> Result<()> {
    for pair in servers.windows(2) {
        let [(first, one), (second, other)] = pair else { continue };
        let (db, other_db) = (Reader(one).integer::<u32>("DB")?, Reader(other).integer::<u32>("DB")?);
        if db != other_db {
            return Err(Error::config(format!(
                "location entries \"{}\" and \"{}\" have the databases {db} and {other_db}, but a replica has its primary's \
                 keys in the same one: give both the same; for different keys give CLIENT_CLASS shard",
                first.label, second.label
            )));
        }
    }
    Ok(())
}
