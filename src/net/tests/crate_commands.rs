//! The redis crate's commands, pipelines, scripts and scans over our connection.

use redis::{Commands, RedisResult};

use super::super::error_from_redis;
use super::support::{FakeServer, Server};
use super::*;
use crate::error::{Sent, Status};

fn connect(server: &Server, protocol: Protocol) -> Connection {
    let endpoint = Endpoint { protocol, db: 4, ..endpoint(&Place::Path(server.socket())) };
    Connection::open(&endpoint, soon()).unwrap()
}

#[test]
fn commands_pipelines_scripts_and_scans() {
    let server = Server::start();
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let mut connection = connect(&server, protocol);
        let mut redis = connection.until(soon());
        let () = redis::cmd("FLUSHDB").query(&mut redis).unwrap();
        let () = redis.set("n", 41).unwrap();
        assert_eq!(redis.get::<_, i64>("n").unwrap(), 41);
        assert_eq!(redis.incr::<_, _, i64>("n", 1).unwrap(), 42);
        assert_eq!(redis.get::<_, Option<String>>("absent").unwrap(), None);

        let (first, second): (i64, String) =
            redis::pipe().atomic().incr("n", 1).set("s", "text").ignore().get("s").query(&mut redis).unwrap();
        assert_eq!((first, second.as_str()), (43, "text"));

        let mut script = redis::cmd("EVAL");
        script.arg("return {KEYS[1], ARGV[1], 7}").arg(1).arg("k").arg("a");
        let answer: (String, String, i64) = script.query(&mut redis).unwrap();
        assert_eq!(answer, ("k".to_owned(), "a".to_owned(), 7));

        let () = redis::cmd("MSET").arg(&[("s:1", 1), ("s:2", 2), ("t:3", 3)]).query(&mut redis).unwrap();
        let mut keys: Vec<String> = redis.scan_match("s:*").unwrap().collect::<RedisResult<_>>().unwrap();
        keys.sort();
        assert_eq!(keys, ["s:1", "s:2"]);

        let () = redis.hset_multiple("h", &[("a", "1"), ("b", "2")]).unwrap();
        let fields: std::collections::BTreeMap<String, i64> = redis.hgetall("h").unwrap();
        assert_eq!(fields.into_iter().collect::<Vec<_>>(), [("a".to_owned(), 1), ("b".to_owned(), 2)]);
        assert!(redis::ConnectionLike::check_connection(&mut redis));
        assert_eq!(redis::ConnectionLike::get_db(&redis), 4);
    }
}

#[test]
fn large_values_go_through() {
    let server = Server::start();
    let mut connection = connect(&server, Protocol::Resp2);
    let value = vec![b'x'; 5 << 20];
    let () = connection.until(soon()).set("large", &value).unwrap();
    assert!(connection.until(soon()).get::<_, Vec<u8>>("large").unwrap() == value);
}

#[test]
fn error_replies_keep_their_code_and_the_connection() {
    let server = Server::start();
    let mut connection = connect(&server, Protocol::Resp2);
    let () = connection.until(soon()).set("text", "abc").unwrap();
    let error = connection.until(soon()).incr::<_, _, i64>("text", 1).unwrap_err();
    assert_eq!(error.code(), Some("ERR"));
    let own = error_from_redis(&connection.endpoint().address, &error);
    assert_eq!((own.status(), own.was_sent()), (Status::Type, Sent::Answered));

    let error = connection.until(soon()).lpush::<_, _, i64>("text", 1).unwrap_err();
    assert_eq!(error.code(), Some("WRONGTYPE"));
    assert_eq!(error_from_redis(&connection.endpoint().address, &error).status(), Status::Type);

    let aborted: RedisResult<()> =
        redis::pipe().atomic().set("text", 1).cmd("NO-SUCH-COMMAND").query(&mut connection.until(soon()));
    assert_eq!(
        error_from_redis(&connection.endpoint().address, &aborted.unwrap_err()).status(),
        Status::Server
    );
    let ran: RedisResult<(i64, i64)> =
        redis::pipe().incr("text", 1).incr("n", 1).query(&mut connection.until(soon()));
    assert!(ran.is_err());
    assert!(!connection.is_broken());
    assert_eq!(connection.incr("n").unwrap(), 2);

    let wrong = connection.until(soon()).get::<_, i64>("text").unwrap_err();
    assert_eq!(error_from_redis(&connection.endpoint().address, &wrong).status(), Status::Server);
}

#[test]
fn a_broken_connection_does_no_more_io() {
    let server = FakeServer::silent();
    let mut connection = Connection::open(&endpoint(&Place::Port(server.port())), soon()).unwrap();
    let error = connection.until(millis(30)).get::<_, String>("k").unwrap_err();
    assert!(error.is_timeout());
    let own = error_from_redis(&connection.endpoint().address, &error);
    assert_eq!((own.status(), own.was_sent()), (Status::Timeout, Sent::Maybe));

    let mut redis = connection.until(soon());
    assert!(!redis::ConnectionLike::is_open(&redis));
    let error = redis.get::<_, String>("k").unwrap_err();
    assert!(error.is_io_error() && error.is_connection_dropped());
    let own = error_from_redis(&connection.endpoint().address, &error);
    assert_eq!((own.status(), own.was_sent()), (Status::Connection, Sent::No));
}
