//! The hash ring of django-redis: which shard a key lives on.
//!
//! Each server has 128 points on the ring, which its label, the entry of the location as it was written, decides.

use sha2::{Digest, Sha256};

const POINTS: usize = 128;

/// Which point a hash between two of them belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// The point before it, as in django-redis 3.4 and later.
    Before,
    /// The point after it, and the last one beyond that, as in django-redis 3.0 to 3.3.
    After,
}

/// The first 64 bits of a SHA-256, which order keys and points as the whole does: that a key had the bits of a point in common
/// with it, and then another order behind them, is once in 10^16 keys.
type Hash = u64;

/// The points of all servers, in order.
pub(crate) struct Ring {
    points: Vec<Hash>,
    /// The index of each point's server.
    servers: Vec<usize>,
    selection: Selection,
}

impl Ring {
    /// Of labels, each with the index of its server.
    pub(crate) fn new<'l>(nodes: impl Iterator<Item = (&'l str, usize)>, selection: Selection) -> Ring {
        let mut points: Vec<_> =
            nodes.flat_map(|(label, server)| (0..POINTS).map(move |x| (point(label, x), server))).collect();
        points.sort_unstable();
        let (points, servers) = points.into_iter().unzip();
        Ring { points, servers, selection }
    }

    /// The index of the server that holds a full key.
    pub(crate) fn server_of(&self, key: &[u8]) -> usize {
        let hash = hash(tag(key).unwrap_or(key));
        let after = self.points.partition_point(|point| *point <= hash);
        let point = match self.selection {
            Selection::Before => after.checked_sub(1),
            Selection::After => Some(after),
        };
        let chosen = point.and_then(|point| self.servers.get(point)).or(self.servers.last());
        chosen.copied().unwrap_or(0)
    }
}

/// The hash of `label:x`, without a copy of the label: there may be a password in it.
fn point(label: &str, x: usize) -> Hash {
    first_bits(Sha256::new().chain_update(label).chain_update(format!(":{x}")))
}

fn hash(text: &[u8]) -> Hash {
    first_bits(Sha256::new().chain_update(text))
}

fn first_bits(digest: Sha256) -> Hash {
    let digest: [u8; 32] = digest.finalize().into();
    digest.first_chunk().map_or(0, |start| u64::from_be_bytes(*start))
}

/// What stands in braces, where something does: keys with the same tag share a server. As the regular expression
/// `.*\{(.*)\}.*` finds it, which is greedy and does not look beyond a line break.
fn tag(key: &[u8]) -> Option<&[u8]> {
    let line = key.split(|&byte| byte == b'\n').next()?;
    let end = memchr::memrchr(b'}', line)?;
    let start = memchr::memrchr(b'{', line.get(..end)?)?;
    line.get(start + 1..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(nodes: &[&str], selection: Selection, keys: &[&str]) -> Vec<usize> {
        let nodes = nodes.iter().enumerate().map(|(server, label)| (*label, server));
        let ring = Ring::new(nodes, selection);
        keys.iter().map(|key| ring.server_of(key.as_bytes())).collect()
    }

    #[test]
    fn agrees_with_both_generations_of_django_redis() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/golden/ring.json")).unwrap();
        let mut seen = 0;
        for ring in vectors["rings"].as_array().unwrap() {
            let nodes: Vec<_> =
                ring["nodes"].as_array().unwrap().iter().map(|node| node.as_str().unwrap()).collect();
            for vector in ring["vectors"].as_array().unwrap() {
                let key = vector["key"].as_str().unwrap();
                for (selection, name) in [(Selection::After, "node_3.3"), (Selection::Before, "node_7.0")] {
                    let server = servers(&nodes, selection, &[key])[0];
                    assert_eq!(nodes[server], vector[name].as_str().unwrap(), "{nodes:?} {key} {name}");
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, 88);
    }

    #[test]
    fn agrees_with_the_test_of_django_redis_itself() {
        let nodes = ["node:0", "node:1", "node:2"];
        let keys: Vec<_> = (0..10).map(|number| format!("test{number}")).collect();
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        assert_eq!(servers(&nodes, Selection::After, &keys), [0, 1, 2, 0, 2, 0, 2, 2, 0, 2]);
        assert_eq!(servers(&nodes, Selection::Before, &keys), [0, 2, 1, 2, 2, 2, 2, 0, 1, 1]);
    }

    #[test]
    fn tags_are_greedy() {
        let tags: &[(&str, Option<&str>)] = &[
            ("a{x}b{y}", Some("y")),
            ("a{b{c}d}", Some("c}d")),
            ("{a}b}", Some("a}b")),
            ("{{x}}", Some("x}")),
            ("{}", Some("")),
            ("}{", None),
            ("a{x}b{y", Some("x")),
            ("a\n{b}", None),
            ("{b}\nc", Some("b")),
            ("plain", None),
        ];
        for (key, expected) in tags {
            assert_eq!(tag(key.as_bytes()), expected.map(str::as_bytes), "{key:?}");
        }
    }

    #[test]
    fn one_server_has_every_key() {
        for selection in [Selection::Before, Selection::After] {
            assert_eq!(servers(&["127.0.0.1:6379:1"], selection, &["", "a", "b", "c"]), [0, 0, 0, 0]);
        }
    }
}
