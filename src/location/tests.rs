use super::*;

fn server(entry: &str) -> (Address, Vec<(String, String)>) {
    let mut locations = parse(entry).unwrap();
    assert_eq!(locations.len(), 1, "{entry}");
    let location = locations.remove(0);
    let Place::Server { address, tls: false } = location.place else {
        panic!("{entry}: {:?}", location.place)
    };
    let settings = location.settings.iter().map(|g| (g.name.clone(), g.value.reveal().to_owned()));
    (address, settings.collect())
}

fn tcp(host: &str, port: u16) -> Address {
    Address::Tcp { host: host.to_owned(), port }
}

fn unix(path: &str) -> Address {
    Address::Unix { path: path.to_owned() }
}

fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn reads_every_plain_form() {
    assert_eq!(server("127.0.0.1:6379:1"), (tcp("127.0.0.1", 6379), given(&[("DB", "1")])));
    assert_eq!(server("127.0.0.1:6379"), (tcp("127.0.0.1", 6379), vec![]));
    assert_eq!(server("my-cache_1.example:1:0"), (tcp("my-cache_1.example", 1), given(&[("DB", "0")])));
    assert_eq!(server("[::1]:6379:15"), (tcp("::1", 6379), given(&[("DB", "15")])));
    assert_eq!(server("[fe80::1%eth0]:6379"), (tcp("fe80::1%eth0", 6379), vec![]));
    assert_eq!(server("unix:/tmp/a b@c.sock:3"), (unix("/tmp/a b@c.sock"), given(&[("DB", "3")])));
    assert_eq!(server("unix:/tmp/a.sock"), (unix("/tmp/a.sock"), vec![]));
}

#[test]
fn reads_urls_with_percent_encoding() {
    assert_eq!(server("redis://host"), (tcp("host", 6379), vec![]));
    assert_eq!(server("REDIS://host:7000/"), (tcp("host", 7000), vec![]));
    assert_eq!(server("redis://[::1]:7000/2"), (tcp("::1", 7000), given(&[("DB", "2")])));
    assert_eq!(
        server("redis://us%3Aer:p%40%2C%2Fs+s@h:1/3?socket_timeout=2&key_prefix=a%26b"),
        (
            tcp("h", 1),
            given(&[
                ("USERNAME", "us:er"),
                ("PASSWORD", "p@,/s+s"),
                ("DB", "3"),
                ("socket_timeout", "2"),
                ("key_prefix", "a&b"),
            ])
        )
    );
    assert_eq!(server("redis://:pw@h"), (tcp("h", 6379), given(&[("PASSWORD", "pw")])));
    assert_eq!(server("redis://user:@h"), (tcp("h", 6379), given(&[("USERNAME", "user")])));
    assert_eq!(
        server("unix://u:%C3%A9@/run/a%3Ab%20c.sock?db=4"),
        (unix("/run/a:b c.sock"), given(&[("USERNAME", "u"), ("PASSWORD", "é"), ("db", "4")]))
    );
    assert_eq!(server("unix:///run/a.sock"), (unix("/run/a.sock"), vec![]));
}

#[test]
fn reads_lists_tls_and_memory() {
    let locations = parse("127.0.0.1:1:0,redis://:a@h:2/1,unix:/s:2").unwrap();
    let labels: Vec<String> = locations.iter().map(|l| l.label.to_string()).collect();
    assert_eq!(labels, ["127.0.0.1:1:0", "redis://:***@h:2/1", "unix:/s:2"]);
    let tls = parse("rediss://h/0").unwrap().remove(0);
    assert_eq!(tls.place, Place::Server { address: tcp("h", 6379), tls: true });
    let memory = parse("memory:sessions").unwrap().remove(0);
    assert_eq!(memory.place, Place::Memory { name: "sessions".into() });
}

/// Each wrong form, and a part of the sentence it must get.
const WRONG: &[(&str, &str)] = &[
    ("", "is empty"),
    (",", "empty entry"),
    ("127.0.0.1:6379:0,", "empty entry"),
    ("127.0.0.1:6379:", "the database number after its last colon is missing"),
    ("127.0.0.1::1", "port is missing"),
    ("127.0.0.1", "no port"),
    (":6379:0", "no host"),
    ("::1:7001:1", "stands in brackets"),
    ("1:2:3:4:5", "too many colons"),
    ("[::1]", "no port"),
    ("[::1:6379:0", "not closed"),
    ("[localhost]:6379:0", "no IPv6 address"),
    ("h:0:0", "from 1 to 65535"),
    ("h:70000:0", "from 1 to 65535"),
    ("h:0x18eb:0", "from 1 to 65535"),
    ("h:+6379:0", "from 1 to 65535"),
    ("h:6379:-1", "from 0 up"),
    ("h:6379:+1", "from 0 up"),
    ("h:6379:4294967296", "from 0 up"),
    ("h:6379:one", "from 0 up"),
    (" h:6379:0", "blank"),
    ("h:6379:0 ", "blank"),
    ("h:1:0, h:2:0", "blank"),
    ("my host:6379:0", "neither a host name nor an address"),
    ("h:6379:0\n", "line break"),
    ("h\0:6379:0", "control character"),
    ("/run/redis.sock", "begins with unix:"),
    ("/run/redis.sock:0", "begins with unix:"),
    ("unix:", "path of its unix socket is missing"),
    ("unix::1", "path of its unix socket is missing"),
    ("unix:run/redis.sock:0", "does not begin with /"),
    ("unix:/run/redis.sock:", "is missing"),
    ("unix:/run/redis.sock:x", "from 0 up"),
    ("unix:/run/a:b.sock:0", "%3A"),
    ("unix:/run/redis.sock?db=0", "URLs only"),
    ("unix://run", "has no host"),
    ("unix://", "path of its unix socket is missing"),
    ("unix:///run/%00?db=0", "NUL"),
    ("http://h/0", "redis://, rediss://, unix:// and memory:NAME"),
    ("://", "redis://, rediss://, unix:// and memory:NAME"),
    ("redis://", "no host"),
    ("redis:///0", "no host"),
    ("redis://h:", "port is missing"),
    ("redis://h:x", "from 1 to 65535"),
    ("redis://::1/0", "brackets"),
    ("redis://[::1]x/0", "neither"),
    ("redis://h/one", "from 0 up"),
    ("redis://h/0/", "from 0 up"),
    ("redis://h/-1", "from 0 up"),
    ("redis://h/0#x", "fragment"),
    ("redis://h/0?a", "name=value"),
    ("redis://h/0?db=1", "twice"),
    ("redis://h/?db=1&DB=1", "twice"),
    ("redis://:%4@h", "two hex digits"),
    ("redis://:%+4@h", "two hex digits"),
    ("redis://:%zz@h", "two hex digits"),
    ("redis://:%ff@h", "UTF-8"),
    ("redis://:a b@h", "%20"),
    ("memory:", "name of its store is missing"),
    ("user@h:6379:0", "stand in a URL"),
];

#[test]
fn every_wrong_form_gets_its_sentence_and_a_right_one() {
    for (entry, part) in WRONG {
        let error = parse(entry).expect_err(entry);
        assert_eq!(error.status(), crate::Status::Config);
        assert!(error.message().contains(part), "{entry:?}: {error}");
        assert!(
            error.message().contains("write it like") || error.message().contains(", as in "),
            "{entry:?}: {error}"
        );
    }
}

#[test]
fn the_right_form_in_each_sentence_is_right() {
    for (entry, _) in WRONG {
        let message = parse(entry).expect_err(entry).to_string();
        let example = message.rsplit(' ').next().unwrap();
        assert!(parse(example).is_ok(), "{entry:?} is told to write {example:?}");
    }
}

#[test]
fn no_password_is_shown_whatever_the_form() {
    for entry in [
        "redis://u:s3cret@h:1/0",
        "redis://:s3cret@h:x/0",
        "redis://s3cret@h:x/0",
        "redis://u:s3c@ret@h/0",
        "redis://u:s3/cret@h/0",
        "redis://u:s3?cret@h/0",
        "redis://u:s3#cret@h/0",
        "redis://u:s3&cret@h/0?password=s3cret",
        "redis://u:s3,cret@h/0",
        "redis://u:s3 cret@h/0",
        "redis://u:s3%cret@h/0",
        "redis://u:s3cret",
        "redis://u:s3cret:",
        "redis://u:s3cret/0",
        "redis://h/0?password=s3cret",
        "redis://h/x?PassWord=s3cret&db=1",
        "redis://h/x?pass%77ord=s3cret",
        "redis://h/x?pasword=s3cret",
        "redis://h/0?password=s3&cret",
        "redis://h/0?x=a@b&password=s3cret",
        "redis://h/0?password=s3cret:x@y",
        "redis/0?password=s3cret://",
        "redis://h&password=s3cret:x@y",
        "redis://h/0?sentinel_password=s3cret&signing_keys=s3cret#",
        "http://u:s3cret@h/0",
        "unix://u:s3cret@/run/x?db=x&db=y",
        "unix:u:s3cret@/run/x:0",
        "unix:/run/x?password=s3cret",
        "u:s3cret@h:1:0",
        "redis:u:s3cret@h:1:0",
        "redis://u:s3cret@h:1/0,redis://u:s3cret@h:x/0",
    ] {
        let shown = match parse(entry) {
            Ok(locations) => format!("{locations:?} {}", locations[0].label),
            Err(error) => format!("{error} {error:?}"),
        };
        for piece in ["s3cret", "cret", "s3c"] {
            assert!(!shown.contains(piece), "{entry}: {shown}");
        }
    }
}

#[test]
fn what_is_no_secret_is_shown() {
    for (entry, shown) in [
        (
            "redis://user:pw@[::1]:1/0?db=1&socket_timeout=2",
            "redis://user:***@[::1]:1/0?db=1&socket_timeout=2",
        ),
        ("redis://h:1/0?db=1&password=pw&x=y", "redis://h:1/0?db=1&password=***&***"),
        ("redis://[::1]/0", "redis://[::1]/0"),
        ("unix:/run/a@b:0", "unix:/run/a@b:0"),
        ("127.0.0.1:6379:0", "127.0.0.1:6379:0"),
        ("a\u{1b}b", "a\\u{1b}b"),
    ] {
        assert_eq!(masked(entry), shown);
    }
    assert_eq!(masked(&"x".repeat(1000)).len(), 203);
}
