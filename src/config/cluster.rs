//! The configuration of a cache on a cluster.

use super::options::Options;
use super::reader::Reader;
use super::resolve::{Backend, Config, Server, build, endpoint, refuse_ring};
use super::shards::{check_agreement, without_repetition};
use crate::error::{Error, Result};
use crate::location::{Labels, Place};

pub(super) fn cluster(servers: Vec<Server>) -> Result<Config> {
    let servers = without_repetition(servers);
    // The nodes that the entries lead to are reached in one way.
    check_agreement(&servers, &[])?;
    check_encryption(&servers)?;
    refuse_ring(&servers)?;
    let mut seeds = Vec::with_capacity(servers.len());
    for (entry, options) in &servers {
        refuse_db(&entry.label.to_string(), options)?;
        seeds.push(endpoint(entry, options)?);
    }
    let (labels, mut options): (Vec<_>, Vec<_>) =
        servers.into_iter().map(|(entry, options)| (entry.label, options)).unzip();
    let in_force = options.swap_remove(0);
    build(Labels(labels), Backend::Cluster { seeds }, in_force)
}

fn check_encryption(servers: &[Server]) -> Result<()> {
    let is_encrypted = |server: &Server| matches!(server.0.place, Place::Server { tls: true, .. });
    for pair in servers.windows(2) {
        let [first, second] = pair else { continue };
        if is_encrypted(first) != is_encrypted(second) {
            return Err(Error::config(format!(
                "location entries \"{}\" and \"{}\": one is encrypted and the other is not, but all nodes of a cluster are \
                 reached in one way: write rediss:// in every entry, or in none",
                first.0.label, second.0.label
            )));
        }
    }
    Ok(())
}

fn refuse_db(label: &str, options: &Options) -> Result<()> {
    let db: u32 = Reader(options).integer("DB")?;
    if db == 0 {
        return Ok(());
    }
    Err(Error::config(format!(
        "location \"{label}\" is to use database {db}, but a cluster has number 0 alone: write 0, and set KEY_PREFIX to keep \
         sites apart"
    )))
}
