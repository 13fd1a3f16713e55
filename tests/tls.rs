//! rediss:// locations: what works over TLS as it does over a plain socket, and what is said where a connection can't be had.
#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use djredis::cache::{BatchCall, Operation, Patience};
use djredis::items::Item;
use djredis::{Cache, Call, Error, Options, Status, Value};
use support::{Certificates, FakeServer, SERVICE, Sentinel, Server, TlsServer, free_port};

const IN_TIME: Duration = Duration::from_secs(10);

fn open_with(location: &str, options: &[(&str, &str)]) -> djredis::Result<Cache> {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, value)?;
    }
    Cache::open(location, &set)
}

fn open(location: &str) -> Cache {
    open_with(location, &[]).expect("a cache")
}

fn call() -> Call {
    Call::default()
}

fn within(milliseconds: u64) -> Call {
    Call { deadline: Some(Patience::Within(Duration::from_millis(milliseconds))), ..call() }
}

/// A round trip with a value that names the key.
fn works(cache: &Cache, key: &str) {
    let value = Value::Text(format!("value of {key}").into());
    assert!(cache.set(key.as_bytes(), &value, &call()).unwrap());
    assert_eq!(cache.get(key.as_bytes(), &call()).unwrap(), Some(value));
}

/// The error of a call, which has to name these words.
fn refusal(location: &str, options: &[(&str, &str)], words: &[&str]) -> Error {
    let begun = Instant::now();
    let error = open_with(location, options).expect("a cache").get(b"key", &call()).unwrap_err();
    assert!(begun.elapsed() < IN_TIME, "{error}");
    for word in words {
        assert!(error.message().contains(word), "{word} is missing: {error}");
    }
    error
}

#[test]
fn names_that_a_certificate_is_for() {
    let server = TlsServer::start();
    let ca = server.certificates.file("ca.pem");
    for host in ["127.0.0.1", "localhost"] {
        works(&open(&format!("rediss://{host}:{}/0?tls_ca={ca}", server.tls_port())), host);
    }
    works(&open_with(&server.location(""), &[("TLS_CA", &ca)]).unwrap(), "option");
    works(&open(&format!("{}&tls_server_name=localhost", server.trusted())), "server name");
    assert_eq!(server.command(&["GET", ":1:option"]).lines().count(), 2);
}

#[test]
fn both_versions_of_tls() {
    for version in ["TLSv1.2", "TLSv1.3"] {
        let server = TlsServer::with("server", &["--tls-auth-clients", "no", "--tls-protocols", version]);
        for protocol in ["resp2", "resp3"] {
            works(&open(&format!("{}&protocol={protocol}", server.trusted())), version);
        }
    }
}

#[test]
fn old_versions_are_refused() {
    let old = ["--tls-auth-clients", "no", "--tls-protocols", "TLSv1.1", "--tls-ciphers", "ALL:@SECLEVEL=0"];
    let server = TlsServer::with("server", &old);
    let error = refusal(&server.trusted(), &[], &["127.0.0.1", "TLS 1.2"]);
    assert_eq!(error.status(), Status::Connection);
}

#[test]
fn certificates_that_prove_nothing() {
    for (certificate, words) in [
        ("expired", &["127.0.0.1:", "has expired", "renew it"][..]),
        ("other", &["is for other.example, not for 127.0.0.1", "TLS_SERVER_NAME"]),
    ] {
        let server = TlsServer::with(certificate, &["--tls-auth-clients", "no"]);
        let error = refusal(&server.trusted(), &[], words);
        assert_eq!((error.status(), error.is_away()), (Status::Connection, true));
        assert_eq!(error.was_sent(), djredis::error::Sent::No);
        works(&open(&server.location("tls_verify=false")), "nobody asked");
    }
    let server = TlsServer::with("other", &["--tls-auth-clients", "no"]);
    works(&open(&format!("{}&tls_server_name=other.example", server.trusted())), "its own name");
}

#[test]
fn the_bad_certificate_among_several_is_named() {
    let good = TlsServer::start();
    let bad = TlsServer::with("expired", &["--tls-auth-clients", "no"]);
    let location = format!("{},{}", good.trusted(), bad.trusted());
    let cache = open_with(&location, &[("CLIENT_CLASS", "shard"), ("BREAKER_FAILURES", "0")]).unwrap();
    let place = format!("127.0.0.1:{}", bad.tls_port());
    let mut failed = 0;
    for number in 0..20 {
        let key = format!("key{number}").into_bytes();
        let is_bad = cache.server_for(&key, &call()).unwrap().contains(&place);
        match cache.get(&key, &call()) {
            Ok(found) => assert!(!is_bad && found.is_none()),
            Err(error) => {
                assert!(is_bad && error.message().contains(&place), "{error}");
                assert!(error.message().contains("has expired"), "{error}");
                failed += 1;
            }
        }
    }
    assert!((1..20).contains(&failed), "{failed}");
}

#[test]
fn authorities_that_nobody_knows() {
    let server = TlsServer::start();
    let error =
        refusal(&server.location(""), &[], &["127.0.0.1:", "signed by no authority", "option TLS_CA"]);
    assert_eq!(error.status(), Status::Connection);
    let stranger = server.certificates.file("stranger.pem");
    let error = refusal(&server.location(""), &[("TLS_CA", &stranger)], &["in TLS_CA", &stranger]);
    assert_eq!(error.status(), Status::Connection);
    works(&open_with(&server.location(""), &[("TLS_CA", &stranger), ("TLS_VERIFY", "no")]).unwrap(), "key");
}

#[test]
fn a_certificate_that_signed_itself() {
    let server = TlsServer::with("self", &["--tls-auth-clients", "no"]);
    refusal(&server.trusted(), &[], &["certificate"]);
    let own = server.certificates.file("self.pem");
    works(&open_with(&server.location(""), &[("TLS_CA", &own)]).unwrap(), "key");
    let location = server.location("tls_server_name=other.example");
    refusal(&location, &[("TLS_CA", &own)], &["not for other.example"]);
}

#[test]
fn certificates_of_clients() {
    for version in ["TLSv1.2", "TLSv1.3"] {
        let server = TlsServer::with("server", &["--tls-auth-clients", "yes", "--tls-protocols", version]);
        let file = |name: &str| server.certificates.file(name);
        let error = refusal(&server.trusted(), &[], &["127.0.0.1:", "TLS_CERT and TLS_KEY"]);
        assert_eq!(error.status(), Status::Connection, "{error}");
        let (cert, key) = (file("client.pem"), file("client.key"));
        works(&open_with(&server.trusted(), &[("TLS_CERT", &cert), ("TLS_KEY", &key)]).unwrap(), version);
        let both = file("both.pem");
        fs::write(&both, fs::read_to_string(&key).unwrap() + &fs::read_to_string(&cert).unwrap()).unwrap();
        works(&open_with(&server.trusted(), &[("TLS_CERT", &both)]).unwrap(), version);
        let strange = [("TLS_CERT", file("stranger.pem")), ("TLS_KEY", file("stranger.key"))];
        let strange = strange.each_ref().map(|(name, file)| (*name, file.as_str()));
        refusal(&server.trusted(), &strange, &["refused the certificate of TLS_CERT", "stranger.pem"]);
    }
}

#[test]
fn files_that_are_wrong_are_errors_when_a_cache_is_opened() {
    let certificates = Certificates::make();
    let file = |name: &str| certificates.file(name);
    let (ca, cert, key) = (file("ca.pem"), file("client.pem"), file("client.key"));
    let (missing, other) = (file("missing.pem"), file("other.key"));
    let encrypted = file("encrypted.key");
    fs::write(
        &encrypted,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n",
    )
    .unwrap();
    let broken = file("broken.pem");
    fs::write(&broken, "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n").unwrap();
    for (options, words) in [
        (&[("TLS_CA", &missing)][..], &["TLS_CA", missing.as_str(), "No such file"][..]),
        (&[("TLS_CA", &key)], &["TLS_CA", "client.key", "no certificate"]),
        (&[("TLS_CA", &broken)], &["TLS_CA", "broken.pem"]),
        (&[("TLS_KEY", &key)], &["TLS_KEY", "without TLS_CERT"]),
        (&[("TLS_CERT", &cert)], &["TLS_CERT", "client.pem", "no private key"]),
        (&[("TLS_CERT", &cert), ("TLS_KEY", &ca)], &["TLS_KEY", "ca.pem", "no private key"]),
        (&[("TLS_CERT", &cert), ("TLS_KEY", &encrypted)], &["TLS_KEY", "password"]),
        (&[("TLS_CERT", &cert), ("TLS_KEY", &other)], &["TLS_KEY", "other.key"]),
        (&[("TLS_CERT", &missing), ("TLS_KEY", &key)], &["TLS_CERT", "missing.pem"]),
    ] {
        let options: Vec<_> = options.iter().map(|(name, file)| (*name, file.as_str())).collect();
        let error = open_with("rediss://user:hunter2@localhost/0", &options).unwrap_err();
        assert_eq!(error.status(), Status::Config, "{error}");
        for word in words.iter().chain(&["rediss://user:***@localhost/0"]) {
            assert!(error.message().contains(word), "{word} is missing: {error}");
        }
        assert!(!error.message().contains("hunter2"), "{error}");
    }
}

#[test]
fn files_are_read_again_for_each_connection() {
    let server = TlsServer::start();
    let ca = server.certificates.file("copy.pem");
    fs::copy(server.certificates.file("stranger.pem"), &ca).unwrap();
    let cache = open(&server.location(&format!("tls_ca={ca}")));
    assert!(cache.get(b"key", &call()).is_err());
    fs::copy(server.certificates.file("ca.pem"), &ca).unwrap();
    works(&cache, "renewed");
}

#[test]
fn tls_where_there_is_none_and_the_reverse() {
    let server = TlsServer::start();
    let plain = format!("rediss://127.0.0.1:{}/0?socket_connect_timeout=0.3", server.port());
    let error = refusal(&plain, &[("TLS_VERIFY", "false")], &["127.0.0.1:", "TLS", "write redis://"]);
    assert!([Status::Connection, Status::Timeout].contains(&error.status()), "{error}");
    let port = server.tls_port();
    for protocol in ["resp2", "resp3"] {
        let location = format!("redis://127.0.0.1:{port}/0?protocol={protocol}&socket_connect_timeout=1");
        let error = refusal(&location, &[], &["127.0.0.1:", "write rediss://"]);
        assert!([Status::Connection, Status::Protocol].contains(&error.status()), "{error}");
    }
    let chatty = FakeServer::answering("-ERR what is that\r\n");
    let location = format!("rediss://127.0.0.1:{}/0?socket_connect_timeout=0.3", chatty.port());
    refusal(&location, &[("TLS_VERIFY", "false")], &["write redis://"]);
}

#[test]
fn options_of_tls_without_tls_are_refused() {
    for (name, value) in [("TLS_CA", "/ca.pem"), ("TLS_VERIFY", "false"), ("TLS_SERVER_NAME", "h")] {
        for location in ["127.0.0.1:6379:0", "redis://127.0.0.1/0", "unix:/run/redis.sock:0"] {
            let error = open_with(location, &[(name, value)]).unwrap_err();
            assert_eq!(error.status(), Status::Config);
            assert!(
                [name, location, "rediss://"].iter().all(|word| error.message().contains(word)),
                "{error}"
            );
        }
    }
    open_with("127.0.0.1:6379:0", &[("TLS_VERIFY", "true"), ("TLS_CA", "")]).unwrap();
    for (name, own) in
        [("ssl_ca_certs", "TLS_CA"), ("ssl_cert_reqs", "TLS_VERIFY"), ("SSL_KEYFILE", "TLS_KEY")]
    {
        let error = open_with(&format!("rediss://localhost/0?{name}=x"), &[]).unwrap_err();
        assert!([name, own].iter().all(|word| error.message().contains(word)), "{error}");
    }
}

#[test]
fn users_by_option_and_by_url() {
    let server = TlsServer::start();
    server.command(&["ACL", "SETUSER", "reader", "on", ">s3cret", "~*", "+get"]);
    let url = server.trusted().replace("rediss://", "rediss://reader:s3cret@");
    let options = [("USERNAME", "reader"), ("PASSWORD", "s3cret")];
    for cache in [open(&url), open_with(&server.trusted(), &options).unwrap()] {
        assert_eq!(cache.get(b"key", &call()).unwrap(), None);
        let error = cache.set(b"key", &Value::Int(1), &call()).unwrap_err();
        assert_eq!((error.status(), error.is_away()), (Status::Auth, false));
        for word in ["127.0.0.1:", "reader", "'set'", "ACL"] {
            assert!(error.message().contains(word), "{word} is missing: {error}");
        }
        assert!(!error.message().contains("s3cret"), "{error}");
    }
    let wrong = server.trusted().replace("rediss://", "rediss://reader:wr0ng@");
    let error = open(&wrong).get(b"key", &call()).unwrap_err();
    assert_eq!(error.status(), Status::Auth);
    assert!(error.message().contains("WRONGPASS") && !error.message().contains("wr0ng"), "{error}");
}

#[test]
fn large_values_both_ways() {
    let server = TlsServer::start();
    let cache = open(&server.trusted());
    for size in [1 << 14, 1 << 20, 5 << 20] {
        let bytes: Vec<u8> = (0..size).map(|at: usize| (at % 251) as u8).collect();
        let value = Value::Bytes(bytes.into());
        assert!(cache.set(b"large", &value, &call()).unwrap());
        assert_eq!(cache.get(b"large", &call()).unwrap(), Some(value));
    }
    let keys: Vec<Vec<u8>> = (0..1000).map(|number| format!("key{number}").into_bytes()).collect();
    let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    assert_eq!(cache.get_many(&keys, &call()).unwrap().iter().count(), 1000);
}

#[test]
fn a_server_that_does_not_read_ends_by_the_deadline() {
    let server = TlsServer::start();
    let cache = open(&format!("{}&socket_timeout=30", server.trusted()));
    works(&cache, "key");
    server.command(&["CLIENT", "PAUSE", "1000", "WRITE"]);
    let error = cache.set(b"large", &Value::Bytes(vec![7; 32 << 20].into()), &within(50)).unwrap_err();
    assert_eq!(error.status(), Status::Timeout, "{error}");
    works(&cache, "next");
}

#[test]
fn raw_connections_pipelines_locks_and_messages() {
    let server = TlsServer::start();
    let cache = open(&server.trusted());
    let mut connection = cache.connection(&call()).unwrap();
    let commands: [&[&[u8]]; 2] = [&[b"SET", b"k", b"v"], &[b"GET", b"k"]];
    assert_eq!(connection.pipeline(&commands, &call()).unwrap().iter().count(), 2);
    assert_eq!(connection.transaction(&commands, &call()).unwrap().unwrap().iter().count(), 2);
    connection.send(&[b"SUBSCRIBE", b"news"], &call()).unwrap();
    assert!(connection.receive(&call()).unwrap().is_some());
    assert_eq!(connection.receive(&within(30)).unwrap(), None, "a quiet channel is no failure");
    server.command(&["PUBLISH", "news", "hello"]);
    let message = connection.receive(&call()).unwrap().expect("a message");
    assert_eq!(message.elements().last().unwrap().unwrap().1, Value::Bytes(b"hello"[..].into()));
    assert!(cache.lock(b"lock", b"token", &call()).unwrap());
    assert!(cache.unlock(b"lock", b"token", &call()).unwrap());
}

#[test]
fn calls_that_ride_together() {
    const THREADS: usize = 24;
    let server = TlsServer::start();
    let location = format!("{}&max_connections=2&socket_timeout=60", server.trusted());
    let (cache, start) = (Arc::new(open(&location)), Arc::new(Barrier::new(THREADS)));
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (cache, start) = (Arc::clone(&cache), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                for turn in 0..100 {
                    works(&cache, &format!("{thread} {turn}"));
                    // Some leave in the middle, with their commands half sent.
                    let _ = cache
                        .get(b"0 0", &Call { deadline: Some(Patience::Within(Duration::ZERO)), ..call() });
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("its own values"));
}

#[test]
fn shards_of_both_kinds() {
    let (encrypted, plain) = (TlsServer::start(), Server::start());
    let location = format!("{},127.0.0.1:{}:0", encrypted.trusted(), plain.port());
    let cache = open_with(&location, &[("CLIENT_CLASS", "shard")]).unwrap();
    let keys: Vec<String> = (0..50).map(|number| format!("key{number}")).collect();
    keys.iter().for_each(|key| works(&cache, key));
    let keys: Vec<&[u8]> = keys.iter().map(String::as_bytes).collect();
    let found = cache.get_many(&keys, &call()).unwrap();
    assert!(found.iter().all(|item| matches!(item, Item::Value(_))));
    for server in [&*encrypted, &plain] {
        assert!(!server.command(&["DBSIZE"]).contains(":0\r"), "both have some of the keys");
    }
}

#[test]
fn what_sentinels_name_and_they_themselves() {
    let server = TlsServer::start();
    let (file, port) = (|name| server.certificates.file(name), free_port());
    let sentinel = Sentinel::watching(
        server.tls_port(),
        &[
            "tls-replication yes",
            "tls-auth-clients no",
            &format!("tls-port {port}"),
            &format!("tls-cert-file {}", file("server.pem")),
            &format!("tls-key-file {}", file("server.key")),
            &format!("tls-ca-cert-file {}", file("ca.pem")),
        ],
    );
    let (sentinels, ca) = (format!("127.0.0.1:{port}"), file("ca.pem"));
    let options = [("CLIENT_CLASS", "sentinel"), ("SENTINELS", sentinels.as_str()), ("TLS_CA", ca.as_str())];
    let location = format!("rediss://{SERVICE}/0");
    works(&open_with(&location, &options).unwrap(), "key");
    // The sentinel's plain port.
    let plain = format!("127.0.0.1:{}", sentinel.port());
    let hurried = [options[0], ("SENTINELS", &plain), options[2], ("SOCKET_CONNECT_TIMEOUT", "0.3")];
    refusal(&location, &hurried, &["no sentinel", "the TLS handshake was not answered"]);
}

#[test]
fn nodes_of_a_cluster() {
    let bus = free_port().to_string();
    let cluster = ["--cluster-enabled", "yes", "--tls-cluster", "yes", "--cluster-port", &bus];
    let node = TlsServer::with("server", &[&cluster[..], &["--tls-auth-clients", "no"]].concat());
    node.command(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    support::wait_until("the cluster is ready", || {
        node.command(&["CLUSTER", "INFO"]).contains("cluster_state:ok")
    });
    let cache = open_with(&node.trusted(), &[("CLIENT_CLASS", "cluster")]).unwrap();
    works(&cache, "key");
    works(&cache, "other");
}

#[test]
fn the_near_cache_hears_of_changes() {
    let server = TlsServer::start();
    let cache = open(&format!("{}&near_cache=1000000", server.trusted()));
    works(&cache, "key");
    works(&cache, "key");
    server.command(&["SET", ":1:key", "7"]);
    let end = Instant::now() + IN_TIME;
    while cache.get(b"key", &call()).unwrap() != Some(Value::Int(7)) {
        assert!(Instant::now() < end, "the old value stays");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_restart_costs_no_read() {
    let mut server = TlsServer::start();
    let cache = open(&server.trusted());
    works(&cache, "key");
    server.restart();
    assert_eq!(cache.get(b"key", &call()).unwrap(), None);
    works(&cache, "key");
}

#[test]
fn batches_go_in_one_round_trip() {
    let server = TlsServer::start();
    let cache = open(&server.trusted());
    let operations = [Operation::Set(Value::Int(1)), Operation::Get];
    let batch = operations.map(|operation| BatchCall { key: b"key", operation, call: call() });
    assert_eq!(cache.batch(&batch, &call()).unwrap().iter().count(), 2);
}
