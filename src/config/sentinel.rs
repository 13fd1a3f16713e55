//! The configuration of a cache whose primary sentinels name.

use super::options::Options;
use super::reader::Reader;
use super::resolve::{Backend, Config, Server, build, endpoint};
use super::table;
use crate::client::SentinelConfig;
use crate::error::{Error, Result};
use crate::location::{self, Label, Labels, Location, Place};
use crate::net::{Address, Endpoint, Protocol};

/// What only CLIENT_CLASS sentinel reads.
const OWN: &[&str] =
    &["SENTINELS", "SENTINEL_SERVICE", "SENTINEL_USERNAME", "SENTINEL_PASSWORD", "SENTINEL_REPLICAS"];
const REDIS_PORT: u16 = 6379;

/// The one entry stands for the service: `redis://mymaster/0`. Without one SENTINEL_SERVICE names it.
pub(super) fn sentinel(mut servers: Vec<Server>, options: &Options) -> Result<Config> {
    let (entry, options) = match (servers.pop(), servers.first()) {
        (None, _) => (None, options.clone()),
        (Some((entry, options)), None) => (Some(entry), options),
        (Some((second, _)), Some((first, _))) => {
            return Err(Error::config(format!(
                "location entries \"{}\" and \"{}\": with CLIENT_CLASS sentinel the location is one service, as in \
                 redis://mymaster/0, and the sentinels stand in SENTINELS",
                first.label, second.label
            )));
        }
    };
    let service = service(entry.as_ref(), &options)?;
    let label = entry.as_ref().map_or_else(|| Label::of_service(&service), |entry| entry.label.clone());
    let place = Place::Server {
        address: Address::Tcp { host: service.clone(), port: REDIS_PORT },
        tls: entry.as_ref().is_some_and(|entry| matches!(entry.place, Place::Server { tls: true, .. })),
    };
    let server = endpoint(&Location { label: label.clone(), place, settings: Vec::new() }, &options)?;
    let sentinels = sentinels(&server, &options)?;
    let replicas = Reader(&options).bool("SENTINEL_REPLICAS")?;
    let place = Backend::Sentinel(SentinelConfig { service, sentinels, server, replicas });
    build(Labels(vec![label]), place, options)
}

/// The options that are given for sentinels where there are none must not be ignored.
pub(super) fn refuse_options_of_sentinels(servers: &[Server]) -> Result<()> {
    for option in table::list().iter().filter(|option| OWN.contains(&option.name)) {
        let default = option.kind.parse(option.default);
        if servers.iter().any(|(_, options)| options.get(option) != default) {
            let name = option.name;
            return Err(Error::config(format!(
                "option {name} is for CLIENT_CLASS sentinel: give that too, or leave {name} out"
            )));
        }
    }
    Ok(())
}

fn service(entry: Option<&Location>, options: &Options) -> Result<String> {
    let option = Reader(options).text("SENTINEL_SERVICE")?;
    let Some(entry) = entry else {
        if option.is_empty() {
            return Err(Error::config(
                "CLIENT_CLASS sentinel needs the name that the sentinels have for the primary: give a location such as \
                 redis://mymaster/0, or SENTINEL_SERVICE",
            ));
        }
        return Ok(option);
    };
    let label = &entry.label;
    match &entry.place {
        Place::Server { address: Address::Tcp { host, port: REDIS_PORT }, .. } if label.is_url() => {
            if option.is_empty() || option == *host {
                return Ok(host.clone());
            }
            Err(Error::config(format!(
                "location \"{label}\" names the service \"{host}\", and SENTINEL_SERVICE another: leave SENTINEL_SERVICE out"
            )))
        }
        _ => Err(Error::config(format!(
            "location \"{label}\" is the address of a server, which with CLIENT_CLASS sentinel the sentinels know: write the name \
             of their service, as in redis://mymaster/0"
        ))),
    }
}

/// The sentinels' own login; for the rest they are like the servers.
fn sentinels(server: &Endpoint, options: &Options) -> Result<Vec<Endpoint>> {
    let read = Reader(options);
    let listed = read.text("SENTINELS")?;
    let username = Some(read.text("SENTINEL_USERNAME")?).filter(|name| !name.is_empty());
    let password = Some(read.secret("SENTINEL_PASSWORD")?).filter(|password| !password.reveal().is_empty());
    let entries: Vec<_> = listed.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    if entries.is_empty() {
        return Err(Error::config("CLIENT_CLASS sentinel needs SENTINELS: 10.0.0.1:26379,10.0.0.2:26379"));
    }
    let sentinel = |entry: &&str| {
        Ok(Endpoint {
            address: sentinel_address(entry)?,
            db: 0,
            username: username.clone(),
            password: password.clone(),
            protocol: Protocol::Resp2,
            ..server.clone()
        })
    };
    entries.iter().map(sentinel).collect()
}

fn sentinel_address(entry: &str) -> Result<Address> {
    let parsed = location::parse(entry).map_err(|error| error.context("option SENTINELS"))?;
    match &parsed[..] {
        [Location { place: Place::Server { address, .. }, settings, label }]
            if settings.is_empty() && !label.is_url() =>
        {
            Ok(address.clone())
        }
        _ => Err(Error::config(format!(
            "option SENTINELS has \"{}\", but a sentinel is host:port: its login stands in SENTINEL_USERNAME and \
             SENTINEL_PASSWORD",
            location::masked(entry)
        ))),
    }
}
