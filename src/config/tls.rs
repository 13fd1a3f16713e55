//! Whether and how the connection to an entry's server is encrypted.

use super::options::Options;
use super::reader::Reader;
use super::table::find;
use crate::error::{Error, Result};
use crate::location::Location;
use crate::net::{Tls, check_tls};

/// For an entry with `rediss://`.
pub(super) fn encrypted(entry: &Location, options: &Options) -> Result<Tls> {
    let read = Reader(options);
    let tls = Tls {
        ca: read.text("TLS_CA")?,
        cert: read.text("TLS_CERT")?,
        key: read.text("TLS_KEY")?,
        verify: read.bool("TLS_VERIFY")?,
        server_name: read.text("TLS_SERVER_NAME")?,
    };
    check_tls(&tls).map_err(|error| error.context(format_args!("location \"{}\"", entry.label)))?;
    Ok(tls)
}

/// For every other entry: an option that would change nothing is taken for a belief that the connection is encrypted.
pub(super) fn refuse_tls(entry: &Location, options: &Options) -> Result<()> {
    for (name, setting) in options.given().filter(|(name, _)| name.starts_with("TLS_")) {
        let default = find(name).and_then(|option| option.kind.parse(option.default));
        if default.as_ref() != Some(setting) {
            return Err(Error::config(format!(
                "option {name} is given, but location \"{}\" is not encrypted: write it as rediss://HOST:PORT/DB, or leave the \
                 option out",
                entry.label
            )));
        }
    }
    Ok(())
}
