//! Certificates made on the spot, and a redis-server that speaks TLS with them.

use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::server::{Server, free_port};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// What tests/support/certificates makes, in a folder of its own that is gone when this is dropped.
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    pub fn make() -> Certificates {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("djredis-tls-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder");
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/certificates");
        let made = Command::new(program).arg(&folder).stderr(Stdio::null()).status().expect("openssl");
        assert!(made.success(), "{program} failed");
        Certificates { folder }
    }

    /// The path of one of the files: `ca.pem`.
    pub fn file(&self, name: &str) -> String {
        self.folder.join(name).to_str().expect("a path in UTF-8").to_owned()
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A redis-server that has a TLS port beside its plain ones.
pub struct TlsServer {
    plain: Server,
    port: u16,
    pub certificates: Certificates,
}

impl TlsServer {
    /// With the certificate for localhost, and for clients with or without one.
    pub fn start() -> TlsServer {
        TlsServer::with("server", &["--tls-auth-clients", "optional"])
    }

    /// With one of the certificates, and more arguments for redis-server.
    pub fn with(certificate: &str, arguments: &[&str]) -> TlsServer {
        let certificates = Certificates::make();
        let file = |name: &str| certificates.file(name);
        let (cert, key) = (file(&format!("{certificate}.pem")), file(&format!("{certificate}.key")));
        let (port, ca) = (free_port(), file("ca.pem"));
        let port_text = port.to_string();
        let mut all = vec!["--tls-port", &port_text, "--tls-cert-file", &cert, "--tls-key-file", &key];
        all.extend(["--tls-ca-cert-file", &ca]);
        all.extend(arguments);
        TlsServer { plain: Server::with(&all), port, certificates }
    }

    /// Its TLS port on 127.0.0.1.
    pub fn tls_port(&self) -> u16 {
        self.port
    }

    /// The location of its TLS port, with this query.
    pub fn location(&self, query: &str) -> String {
        format!("rediss://127.0.0.1:{}/0?{query}", self.port)
    }

    /// The same, trusting its authority.
    pub fn trusted(&self) -> String {
        self.location(&format!("tls_ca={}", self.certificates.file("ca.pem")))
    }
}

impl Deref for TlsServer {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.plain
    }
}

impl DerefMut for TlsServer {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.plain
    }
}
