//! Why a TLS connection failed, and what to do about it.

use rustls::{AlertDescription as Alert, CertificateError, Error as TlsError};

use crate::error::{Error, Status};
use crate::net::{Address, Tls};

#[cold]
pub(super) fn explain(server: &Address, tls: &Tls, error: &TlsError) -> Error {
    let why = match error {
        TlsError::InvalidCertificate(error) => certificate(tls, error),
        TlsError::AlertReceived(alert) => refusal(tls, *alert),
        TlsError::InvalidMessage(_) => {
            "it answered in something else than TLS. If that port is a plain one, write redis:// in the location, or give its \
             TLS port"
                .into()
        }
        TlsError::PeerIncompatible(_) => {
            format!("it has no version or cipher of TLS that this library has, which are those of TLS 1.2 and 1.3 ({error})")
        }
        _ => error.to_string(),
    };
    Error::new(Status::Connection, format!("the TLS connection to {server} failed: {why}."))
}

fn certificate(tls: &Tls, error: &CertificateError) -> String {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => {
            "its certificate has expired: renew it, or set the clock of this machine".into()
        }
        E::NotValidYet | E::NotValidYetContext { .. } => {
            "its certificate is not valid yet: set the clock of this machine, or wait".into()
        }
        E::NotValidForNameContext { expected, presented } => {
            let names: Vec<_> = presented.iter().map(|name| bare(name)).collect();
            let names = if names.is_empty() { "no name at all".into() } else { names.join(", ") };
            format!(
                "its certificate is for {names}, not for {}: write the right host in the location, or give the certificate's \
                 name as option TLS_SERVER_NAME",
                expected.to_str()
            )
        }
        E::UnknownIssuer | E::BadSignature if tls.ca.is_empty() => {
            "its certificate is signed by no authority that this system trusts: give the authority's certificate as option \
             TLS_CA"
                .into()
        }
        E::UnknownIssuer | E::BadSignature => {
            format!("its certificate is signed by no authority in TLS_CA, \"{}\"", tls.ca.escape_debug())
        }
        _ => format!("its certificate can't be used: {error}"),
    }
}

/// `DnsName("other.example")` without what stands around it.
fn bare(name: &str) -> &str {
    name.split_once('(').map_or(name, |(_, name)| name.trim_end_matches(')').trim_matches('"'))
}

/// What the server means by an alert.
fn refusal(tls: &Tls, alert: Alert) -> String {
    let asks = "it wants a certificate of the client: give options TLS_CERT and TLS_KEY";
    match alert {
        Alert::CertificateRequired => asks.into(),
        Alert::HandshakeFailure if tls.cert.is_empty() => {
            format!("it refused without saying why (handshake_failure); perhaps {asks}")
        }
        Alert::ProtocolVersion => "it speaks neither TLS 1.2 nor 1.3".into(),
        Alert::UnrecognisedName => {
            "it knows no host of that name: give the right one as option TLS_SERVER_NAME".into()
        }
        _ if tls.cert.is_empty() => format!("it answered with the alert {alert:?}"),
        _ => format!("it refused the certificate of TLS_CERT, \"{}\" ({alert:?})", tls.cert.escape_debug()),
    }
}
