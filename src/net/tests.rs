//! The connection against real servers.
use super::*;
use crate::error::Status;
use std::time::Duration;
use support::Server;

fn tcp(server: &Server) -> Endpoint {
    Endpoint {
        address: Address::Tcp { host: "127.0.0.1".into(), port: server.port() },
        db: 0,
        username: None,
        password: None,
        protocol: Protocol::Resp2,
        connect_timeout: None,
    }
}
fn unix(server: &Server) -> Endpoint {
    Endpoint { address: Address::Unix { path: server.socket().to_str().unwrap().into() }, ..tcp(server) }
}
fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(10))
}

#[test]
fn get_and_set() {
    let server = Server::start();
    for endpoint in [tcp(&server), unix(&server)] {
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            let endpoint = Endpoint { protocol, db: 3, ..endpoint.clone() };
            let mut c = Connection::open(&endpoint, soon()).unwrap();
            for size in [0, 1, 100, 16383, 16384, 16385, 100_000, 10_000_000] {
                let value = vec![b'v'; size];
                assert!(
                    c.exchange(
                        |r| {
                            r.push(&[b"SET", b"k", &value]);
                        },
                        soon(),
                        |r| r.ok()
                    )
                    .unwrap()
                );
                let got = c
                    .exchange(
                        |r| {
                            r.push(&[b"GET", b"k"]);
                        },
                        soon(),
                        |r| Ok(r.bulk()?.map(|v| v.into_owned())),
                    )
                    .unwrap();
                assert!(got.unwrap() == value);
            }
            let e = c
                .exchange(
                    |r| {
                        r.push(&[b"INCR", b"k"]);
                    },
                    soon(),
                    |r| r.integer(),
                )
                .unwrap_err();
            assert_eq!(e.status(), Status::Type, "{e}");
            let e = c
                .exchange(
                    |r| {
                        r.push(&[b"GET", b"k"]);
                    },
                    soon(),
                    |r| r.integer(),
                )
                .unwrap_err();
            assert_eq!(e.status(), Status::Protocol, "{e}");
            assert!(c.is_broken());
        }
    }
}
