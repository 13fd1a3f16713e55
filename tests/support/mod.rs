//! What tests need beside the library: real servers, servers that say what they are told to, and a proxy that
//! cuts connections anywhere.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "every test program uses its own part")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "tests may panic"
)]

pub mod cache;
pub mod cluster;
pub mod fake;
pub mod frames;
pub mod plan;
pub mod proxy;
pub mod sentinel;
pub mod server;
pub mod stream;
pub mod tls;

pub use cluster::Cluster;
pub use fake::FakeServer;
pub use proxy::{Cut, Direction, Fault, Proxy};
pub use sentinel::{FakeSentinel, SERVICE, Sentinel};
pub use server::{Server, free_port, wait_until};
pub use stream::{Place, Stream};
pub use tls::{Certificates, TlsServer};
