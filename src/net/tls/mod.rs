//! TLS on a connected socket, by rustls.
//!
//! A session waits like a plain socket does: with the call's deadline, and with the host's interrupt check. It holds no
//! lock and sends nothing when it is dropped, so a forked child may have a copy of one.

mod explain;
mod files;
mod session;
mod verify;

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};

pub(super) use self::session::Session;
use super::Tls;
use crate::error::{Error, Result};

/// Reads the files that the options name, so that a wrong one is an error when a cache is opened.
pub(crate) fn check_tls(tls: &Tls) -> Result<()> {
    client_config(tls).map(drop)
}

/// Made for each connection: files that are replaced while the process runs count from the next connection on.
fn client_config(tls: &Tls) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    warm_up(&provider);
    let verifier = verify::verifier(tls, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::config(format!("TLS can't be set up: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match files::own_certificate(tls)? {
        Some((chain, key)) => {
            builder.with_client_auth_cert(chain, key).map_err(|error| files::unusable_key(tls, &error))?
        }
        None => builder.with_no_client_auth(),
    };
    // Kept sessions stand behind a lock, which another thread may hold while this process forks.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Lets ring look at the processor when a cache is opened, not in a call: it waits there for any thread that does so already,
/// and in a forked child that thread may be gone.
fn warm_up(provider: &CryptoProvider) {
    let mut byte = [0];
    let _ = provider.secure_random.fill(&mut byte);
    if let Some(suite) = provider.cipher_suites.first().and_then(|suite| suite.tls13()) {
        suite.common.hash_provider.hash(&byte);
    }
}
