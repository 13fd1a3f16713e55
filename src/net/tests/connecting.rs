//! Connecting and logging in, above all where that fails.

use std::time::Instant;

use super::support::stream::Listener;
use super::support::{FakeServer, Server, free_port};
use super::*;
use crate::error::{Error, Sent, Status};

fn refusal(endpoint: &Endpoint) -> Error {
    let error = Connection::open(endpoint, soon()).unwrap_err();
    assert_eq!(error.was_sent(), Sent::No, "{error}");
    error
}

#[test]
fn a_closed_port_is_refused_at_once() {
    let error = refusal(&endpoint(&Place::Port(free_port())));
    assert_eq!(error.status(), Status::Connection);
    assert!(error.is_away());
    assert!(error.message().contains("could not connect to 127.0.0.1:"), "{error}");
    assert!(error.message().contains("refused"), "{error}");
}

#[test]
fn unix_sockets_that_are_not_there() {
    let error = refusal(&endpoint(&Place::Path("/nonexistent/redis.sock".into())));
    assert_eq!(error.status(), Status::Connection);
    assert!(error.message().contains("unix:/nonexistent/redis.sock"), "{error}");
    let error = refusal(&endpoint(&Place::Path(format!("/{}", "x".repeat(108)).into())));
    assert!(error.message().contains("less than 108 bytes"), "{error}");
}

#[test]
fn host_names_are_resolved() {
    let server = Server::start();
    let address = Address::Tcp { host: "localhost".to_owned(), port: server.port() };
    let endpoint = Endpoint { address, ..endpoint(&Place::Port(0)) };
    for _ in 0..3 {
        assert!(Connection::open(&endpoint, soon()).unwrap().is_alive());
    }
}

#[test]
fn unknown_host_names_are_named() {
    let address = Address::Tcp { host: "no-such-host.invalid".to_owned(), port: 6379 };
    let endpoint = Endpoint { address, ..endpoint(&Place::Port(0)) };
    let error =
        Connection::open(&endpoint, Deadline::after(Duration::from_secs(5), "SOCKET_TIMEOUT")).unwrap_err();
    // Without a network the resolver may take longer than we do.
    assert!([Status::Connection, Status::Timeout].contains(&error.status()), "{error}");
    assert!(error.message().contains("no-such-host.invalid"), "{error}");
}

#[test]
fn logins() {
    let server = Server::with_password("secret words");
    server.command(&["ACL", "SETUSER", "reader", "on", ">other", "~*", "+get", "+select", "+ping"]);
    for place in places(&server) {
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            let plain = Endpoint { protocol, db: 2, ..endpoint(&place) };
            let login = |username: Option<&str>, password: &str| Endpoint {
                username: username.map(str::to_owned),
                password: Some(Secret::new(password)),
                ..plain.clone()
            };
            for endpoint in [login(None, "secret words"), login(Some("default"), "secret words")] {
                let mut connection = Connection::open(&endpoint, soon()).unwrap();
                assert_eq!(connection.get("k", soon()).unwrap(), None);
            }
            // May not introduce itself (CLIENT), but that is no reason to fail.
            let mut reader = Connection::open(&login(Some("reader"), "other"), soon()).unwrap();
            assert_eq!(reader.get("k", soon()).unwrap(), None);
            assert_eq!(reader.set("k", b"v", soon()).unwrap_err().status(), Status::Auth);

            for wrong in [login(None, "wrong pw"), login(Some("nobody"), "wrong pw"), plain.clone()] {
                let error = refusal(&wrong);
                assert_eq!(error.status(), Status::Auth, "{error}");
                assert!(error.message().contains("PASSWORD"), "{error}");
                assert!(!error.message().contains("wrong pw"), "{error}");
            }
        }
    }
}

#[test]
fn a_password_that_nobody_asked_for() {
    let server = Server::start();
    let endpoint =
        Endpoint { password: Some(Secret::new("hunter2")), ..endpoint(&Place::Port(server.port())) };
    let error = refusal(&endpoint);
    assert_eq!(error.status(), Status::Auth);
    assert!(error.message().contains("leave out the option PASSWORD"), "{error}");
}

#[test]
fn a_login_without_auth_shows_no_password() {
    let server = Server::with(&["--rename-command", "AUTH", "LOGIN"]);
    let endpoint =
        Endpoint { password: Some(Secret::new("hunter2")), ..endpoint(&Place::Port(server.port())) };
    let error = refusal(&endpoint);
    assert_eq!(error.status(), Status::Server);
    assert!(error.message().contains("unknown command") && !error.message().contains("hunter2"), "{error}");
}

#[test]
fn a_database_that_is_not_there_is_named() {
    let server = Server::start();
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let endpoint = Endpoint { db: 99, protocol, ..endpoint(&Place::Port(server.port())) };
        let error = refusal(&endpoint);
        assert_eq!(error.status(), Status::Server);
        assert!(error.message().contains("DB 99"), "{error}");
        assert!(error.message().contains("out of range"), "{error}");
    }
}

#[test]
fn servers_without_resp3() {
    let server = Server::with(&["--rename-command", "HELLO", ""]);
    let endpoint = Endpoint { protocol: Protocol::Resp3, ..endpoint(&Place::Port(server.port())) };
    let error = refusal(&endpoint);
    assert_eq!(error.status(), Status::Server);
    assert!(error.message().contains("PROTOCOL=resp2"), "{error}");
}

#[test]
fn a_full_server_says_so() {
    let server = Server::with(&["--maxclients", "1"]);
    for place in places(&server) {
        let endpoint = endpoint(&place);
        let only = first_free_place(&endpoint);
        let error = refusal(&endpoint);
        assert!(error.is_away());
        assert!(error.message().contains("max number of clients"), "{error}");
        drop(only);
    }
}

/// The server notices in its own time that the client before has left.
fn first_free_place(endpoint: &Endpoint) -> Connection {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        match Connection::open(endpoint, soon()) {
            Ok(connection) => return connection,
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
    }
}

#[test]
fn the_connect_timeout_is_the_earlier_end() {
    let mute = FakeServer::silent();
    let login = Endpoint {
        password: Some(Secret::new("x")),
        connect_timeout: Some(Duration::from_millis(50)),
        ..endpoint(&Place::Port(mute.port()))
    };
    // The fake server answers two commands only; the third reply never comes.
    let error = refusal(&login);
    assert_eq!(error.status(), Status::Timeout);
    assert!(error.message().contains("within 50ms"), "{error}");
    assert!(error.message().contains("SOCKET_CONNECT_TIMEOUT"), "{error}");
}

#[test]
fn a_backlog_that_is_full_ends_by_the_deadline() {
    let folder = std::env::temp_dir().join(format!("djredis-backlog-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for listener in [Listener::tcp(), Listener::unix(folder.join("full.sock"))] {
        listener.set_backlog(0);
        let place = listener.place();
        let endpoint = endpoint(&place);
        let begun = Instant::now();
        // Nobody accepts: those that connect wait for an answer, the next ones even for the connection.
        let waiting: Vec<Error> =
            (0..4).map(|_| Connection::open(&endpoint, millis(60)).unwrap_err()).collect();
        assert!(waiting.iter().all(|error| error.status() == Status::Timeout), "{waiting:?}");
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    std::fs::remove_dir_all(folder).unwrap();
}
