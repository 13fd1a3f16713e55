//! The files that the options TLS_CA, TLS_CERT and TLS_KEY name, in PEM.

use std::fmt::Display;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Error, Result};
use crate::fork::PerProcess;
use crate::net::Tls;

/// Read once in a process: there are some hundred of them.
static SYSTEM: PerProcess<Arc<RootCertStore>> = PerProcess::new();

/// Whoever signs a server's certificate, and certificates that are trusted as they are.
pub(super) struct Trusted {
    pub(super) roots: Arc<RootCertStore>,
    pub(super) own: Vec<CertificateDer<'static>>,
}

pub(super) fn trusted(tls: &Tls) -> Result<Trusted> {
    if tls.ca.is_empty() {
        let roots = Arc::clone(SYSTEM.get_or_make(system_roots)?);
        return Ok(Trusted { roots, own: Vec::new() });
    }
    let own = certificates("TLS_CA", &tls.ca)?;
    let mut roots = RootCertStore::empty();
    for certificate in &own {
        roots.add(certificate.clone()).map_err(|error| unusable("TLS_CA", &tls.ca, &error))?;
    }
    Ok(Trusted { roots: Arc::new(roots), own })
}

fn system_roots() -> Result<Arc<RootCertStore>> {
    let mut roots = RootCertStore::empty();
    // What can't be read is left out, as everywhere on a system: some certificates are older than the rules.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Error::config(
            "this system has no certificates of authorities: install ca-certificates, or give the file of your own as \
             option TLS_CA",
        ));
    }
    Ok(Arc::new(roots))
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The client's certificate, those that lead to its authority, and its key.
pub(super) fn own_certificate(tls: &Tls) -> Result<Option<Identity>> {
    if tls.cert.is_empty() {
        return if tls.key.is_empty() {
            Ok(None)
        } else {
            Err(Error::config("option TLS_KEY is given without TLS_CERT: give the key's certificate too"))
        };
    }
    let chain = certificates("TLS_CERT", &tls.cert)?;
    Ok(Some((chain, private_key(tls)?)))
}

fn certificates(option: &str, file: &str) -> Result<Vec<CertificateDer<'static>>> {
    let found: std::result::Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(file).and_then(|certificates| certificates.collect());
    match found {
        Ok(found) if found.is_empty() => Err(unusable(option, file, &"it holds no certificate in PEM form")),
        Ok(found) => Ok(found),
        Err(error) => Err(unreadable(option, file, &error)),
    }
}

fn private_key(tls: &Tls) -> Result<PrivateKeyDer<'static>> {
    let (option, file) = key_place(tls);
    PrivateKeyDer::from_pem_file(file).map_err(|error| match error {
        PemError::NoItemsFound => unusable(
            option,
            file,
            &"it holds no private key in PEM form, or one with a password, which can't be given: write it without one \
              (openssl pkey -in OLD -out NEW), in the file of TLS_CERT or in one of its own, TLS_KEY",
        ),
        error => unreadable(option, file, &error),
    })
}

/// The option, and the file, that has the key.
fn key_place(tls: &Tls) -> (&'static str, &str) {
    if tls.key.is_empty() { ("TLS_CERT", &tls.cert) } else { ("TLS_KEY", &tls.key) }
}

/// A key that does not belong to the certificate, or of an unknown kind.
pub(super) fn unusable_key(tls: &Tls, why: &dyn Display) -> Error {
    let (option, file) = key_place(tls);
    unusable(option, file, why)
}

fn unreadable(option: &str, file: &str, error: &PemError) -> Error {
    match error {
        PemError::Io(error) => unusable(option, file, error),
        // The error itself would repeat lines of the file.
        _ => unusable(option, file, &"it is no PEM file"),
    }
}

fn unusable(option: &str, file: &str, why: &dyn Display) -> Error {
    Error::config(format!("option {option} is \"{}\", which can't be used: {why}", file.escape_debug()))
}
