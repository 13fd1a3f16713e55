//! The answer to CLUSTER SLOTS: which nodes have which slots.

use redis::Value;

use crate::error::{Error, Result, Status};
use crate::net::{Address, Deadline, Endpoint};
use crate::pool::Pool;
use crate::resp::Request;

use super::slot::SLOTS;

/// Slots that follow each other and are on the same nodes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) primary: Address,
    pub(super) replicas: Vec<Address>,
}

/// Asks a node, unless its breaker keeps the question back.
pub(super) fn ask(node: &Pool, deadline: Deadline) -> Result<Vec<Range>> {
    let Endpoint { address, connect_timeout, .. } = node.endpoint();
    // A call that may take for ever asks others all the same where one does not answer.
    let deadline = deadline.within(*connect_timeout, "SOCKET_CONNECT_TIMEOUT");
    let answer = node.ask(
        deadline,
        |request: &mut Request<'_>| {
            request.push(&[b"CLUSTER", b"SLOTS"]);
        },
        |replies| replies.value(),
    );
    let reply = answer.map_err(|error| if is_alone(&error) { no_cluster(address) } else { error })?;
    match read(&reply, address) {
        Some(ranges) if ranges.is_empty() => Err(Error::new(
            Status::Unavailable,
            format!(
                "{address} knows of no slots: the cluster is not set up yet (redis-cli --cluster create)"
            ),
        )),
        Some(ranges) => Ok(ranges),
        None => Err(Error::new(
            Status::Protocol,
            format!(
                "{address} answered CLUSTER SLOTS with something else: check that a Redis server listens there"
            ),
        )),
    }
}

fn is_alone(error: &Error) -> bool {
    ["cluster support disabled", "unknown command"].iter().any(|words| error.message().contains(words))
}

fn no_cluster(address: &Address) -> Error {
    Error::config(format!(
        "{address} is a server by itself, no node of a cluster: leave out CLIENT_CLASS=cluster, or give a cluster's nodes"
    ))
}

fn read(reply: &Value, asked: &Address) -> Option<Vec<Range>> {
    let Value::Array(ranges) = reply else { return None };
    ranges.iter().map(|range| read_range(range, asked)).collect()
}

fn read_range(range: &Value, asked: &Address) -> Option<Range> {
    let Value::Array(fields) = range else { return None };
    let [Value::Int(first), Value::Int(last), primary, replicas @ ..] = fields.as_slice() else {
        return None;
    };
    let (first, last) = (u16::try_from(*first).ok()?, u16::try_from(*last).ok()?);
    if last >= SLOTS {
        return None;
    }
    let replicas = replicas.iter().map(|replica| read_node(replica, asked)).collect::<Option<_>>()?;
    Some(Range { first, last, primary: read_node(primary, asked)?, replicas })
}

fn read_node(node: &Value, asked: &Address) -> Option<Address> {
    let Value::Array(fields) = node else { return None };
    let [host, Value::Int(port), ..] = fields.as_slice() else { return None };
    let host = match host {
        Value::Nil => "",
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok()?,
        Value::SimpleString(text) => text,
        _ => return None,
    };
    Some(address_of(host, u16::try_from(*port).ok()?, asked))
}

/// The address of a node, as another one names it: a host that it does not know, or does not want to tell, is its own.
pub(super) fn address_of(host: &str, port: u16, asked: &Address) -> Address {
    let host = match (host, asked) {
        ("" | "?", Address::Tcp { host, .. }) => host,
        ("" | "?", Address::Unix { .. }) => "127.0.0.1",
        (host, _) => host,
    };
    Address::Tcp { host: host.to_owned(), port }
}

/// `host:port` of a redirect that came from `asked`.
pub(super) fn redirected_to(address: &str, asked: &Address) -> Option<Address> {
    let (host, port) = address.rsplit_once(':')?;
    Some(address_of(host, port.parse().ok()?, asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16) -> Address {
        Address::Tcp { host: host.to_owned(), port }
    }

    fn parsed(reply: &str) -> Option<Vec<Range>> {
        let value = redis::parse_redis_value(reply.replace(' ', "\r\n").as_bytes()).unwrap();
        read(&value, &tcp("asked", 1))
    }

    #[test]
    fn ranges_have_a_primary_and_replicas() {
        let ranges = parsed(
            "*2 *4 :0 :5460 *3 $9 127.0.0.1 :7000 $1 a *4 $4 name :7003 $1 b *2 $2 ip $3 ::1 \
             *3 :5461 :16383 *3 $3 ::1 :7001 $1 c ",
        );
        let first = Range {
            first: 0,
            last: 5460,
            primary: tcp("127.0.0.1", 7000),
            replicas: vec![tcp("name", 7003)],
        };
        let second = Range { first: 5461, last: 16383, primary: tcp("::1", 7001), replicas: Vec::new() };
        assert_eq!(ranges, Some(vec![first, second]));
    }

    #[test]
    fn a_host_that_is_not_told_is_the_one_that_was_asked() {
        for host in ["$0  ", "$-1 ", "$1 ? "] {
            let ranges = parsed(&format!("*1 *3 :0 :1 *3 {host}:7000 $1 a ")).unwrap();
            assert_eq!(ranges[0].primary, tcp("asked", 7000), "{host}");
        }
        assert_eq!(redirected_to(":7000", &tcp("asked", 1)), Some(tcp("asked", 7000)));
        assert_eq!(redirected_to("::1:7000", &tcp("asked", 1)), Some(tcp("::1", 7000)));
        let socket = Address::Unix { path: "/x".into() };
        assert_eq!(redirected_to(":7000", &socket), Some(tcp("127.0.0.1", 7000)));
        assert_eq!(redirected_to("nowhere", &socket), None);
    }

    #[test]
    fn anything_else_is_refused() {
        for reply in [
            "+OK ",
            "*1 :1 ",
            "*1 *2 :0 :1 ",
            "*1 *3 :0 :16384 *2 $1 a :1 ",
            "*1 *3 :-1 :2 *2 $1 a :1 ",
            "*1 *3 :0 :2 *2 $1 a :65536 ",
            "*1 *3 :0 :2 $1 a ",
        ] {
            assert_eq!(parsed(reply), None, "{reply}");
        }
    }
}
