use std::time::Duration;

use super::kind::Kind;
use super::time::{format_ms, parse_ms};
use super::*;
use crate::client::Selection;
use crate::net::{Address, Protocol};
use crate::{Error, Status};

const LOCAL: &str = "127.0.0.1:6379:0";

fn options(pairs: &[(&str, &str)]) -> Options {
    let mut options = Options::new();
    for (name, value) in pairs {
        options.set(name, value).unwrap();
    }
    options
}

fn config(location: &str, pairs: &[(&str, &str)]) -> Config {
    resolve(location, &options(pairs)).unwrap()
}

fn refused(location: &str, pairs: &[(&str, &str)]) -> Error {
    let error = resolve(location, &options(pairs)).expect_err(location);
    assert_eq!(error.status(), Status::Config);
    error
}

fn set(name: &str, value: &str) -> Result<String, String> {
    Options::new().set(name, value).map_err(|error| error.to_string())?;
    config(LOCAL, &[(name, value)]).option_text(name).map_err(|error| error.to_string())
}

#[test]
fn the_table_is_in_order() {
    for option in list() {
        assert!(option.kind.parse(option.default).is_some(), "the default of {}", option.name);
        assert!(option.doc.ends_with('.') && option.doc.len() > 10, "the doc of {}", option.name);
        assert_eq!(list().iter().filter(|other| other.name == option.name).count(), 1, "{}", option.name);
        if option.kind == Kind::Secret {
            assert_eq!(option.default, "", "{}", option.name);
        }
    }
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let config = config("h:1", &[]);
    let Backend::Server(endpoint) = &config.place else { panic!("no server") };
    assert_eq!(endpoint.address, Address::Tcp { host: "h".into(), port: 1 });
    assert_eq!((endpoint.db, endpoint.protocol), (0, Protocol::Resp2));
    assert_eq!((&endpoint.username, &endpoint.password), (&None, &None));
    assert_eq!(endpoint.connect_timeout, Some(Duration::from_secs(2)));
    assert_eq!(config.socket_timeout, Some(Duration::from_secs(5)));
    assert_eq!((config.pool_timeout, config.max_connections), (None, 16));
    assert_eq!((config.key_prefix.as_str(), config.version, config.scan_itersize), ("", 1, 1000));
    assert_eq!((config.timeout_ms, config.zero_timeout), (Some(300_000), ZeroTimeout::Forever));
    assert_eq!((config.clear, config.decode_error), (Clear::Db, DecodeError::Raise));
    assert_eq!((config.values.pickle_protocol, config.values.max_decoded_size), (5, 512 << 20));
    assert!(!config.ignore_exceptions);
}

#[test]
fn options_reach_the_configuration() {
    let config = config(
        "unix:/s",
        &[
            ("db", "3"),
            ("Username", "u"),
            ("PASSWORD", "pw"),
            ("socket_timeout", "none"),
            ("SOCKET_CONNECT_TIMEOUT", "0.25"),
            ("pool_timeout", "1"),
            ("protocol", "RESP3"),
            ("timeout", "-1"),
            ("zero_timeout", "expire"),
            ("clear", "prefix"),
            ("decode_error", "miss"),
            ("ignore_exceptions", "Yes"),
            ("pickle_version", "2"),
            ("client_class", "redis_cache.client.DefaultClient"),
            ("parser_class", "redis.connection.HiredisParser"),
            ("version", "1"),
            ("version", "-9223372036854775808"),
        ],
    );
    let Backend::Server(endpoint) = &config.place else { panic!("no server") };
    assert_eq!((endpoint.db, endpoint.protocol), (3, Protocol::Resp3));
    assert_eq!(endpoint.username.as_deref(), Some("u"));
    assert_eq!(endpoint.password.as_ref().map(|password| password.reveal()), Some("pw"));
    assert_eq!(endpoint.connect_timeout, Some(Duration::from_millis(250)));
    assert_eq!((config.socket_timeout, config.pool_timeout), (None, Some(Duration::from_secs(1))));
    assert_eq!((config.timeout_ms, config.zero_timeout), (Some(-1000), ZeroTimeout::Expire));
    assert_eq!((config.clear, config.decode_error), (Clear::Prefix, DecodeError::Miss));
    assert_eq!((config.values.pickle_protocol, config.version), (2, i64::MIN));
    assert!(config.ignore_exceptions);
    assert_eq!(config.option_text("client_class").unwrap(), "default");
}

#[test]
fn the_location_wins_over_options() {
    let given = [("DB", "9"), ("PASSWORD", "b"), ("KEY_PREFIX", "q")];
    let config = config("redis://:a@h/3?key_prefix=p", &given);
    let Backend::Server(endpoint) = &config.place else { panic!("no server") };
    assert_eq!(endpoint.db, 3);
    assert_eq!(endpoint.password.as_ref().map(|password| password.reveal()), Some("a"));
    assert_eq!(config.key_prefix, "p");
    assert_eq!(config.option_text("DB").unwrap(), "3");
}

#[test]
fn an_unknown_name_is_told_the_nearest_one() {
    for (name, nearest) in [
        ("SOKET_TIMEOUT", "SOCKET_TIMEOUT"),
        ("prefix", "KEY_PREFIX"),
        ("password ", "PASSWORD"),
        ("max-connections", "MAX_CONNECTIONS"),
        ("TIMEOUTS", "TIMEOUT"),
        ("", "DB"),
    ] {
        let error = Options::new().set(name, "1").unwrap_err();
        assert_eq!(error.status(), Status::Config);
        assert!(error.message().ends_with(&format!("did you mean {nearest}?")), "{name}: {error}");
    }
    let long = Options::new().set(&"x".repeat(100_000), "1").unwrap_err();
    assert!(long.message().len() < 300, "{long}");
    let error = refused("redis://h?soket_timeout=1", &[]);
    assert!(
        error.message().contains("soket_timeout") && error.message().contains("SOCKET_TIMEOUT"),
        "{error}"
    );
}

#[test]
fn bad_values_are_refused_by_name_with_what_is_allowed() {
    for (name, value, allowed) in [
        ("DB", "-1", "from 0 to"),
        ("DB", "+1", "from 0 to"),
        ("DB", " 1", "from 0 to"),
        ("DB", "", "from 0 to"),
        ("MAX_CONNECTIONS", "0", "from 1 to"),
        ("VERSION", "9223372036854775808", "a whole number"),
        ("IGNORE_EXCEPTIONS", "maybe", "true or false"),
        ("PICKLE_VERSION", "0", "2, 3, 4 or 5"),
        ("PICKLE_VERSION", "1", "2, 3, 4 or 5"),
        ("PICKLE_VERSION", "6", "2, 3, 4 or 5"),
        ("PICKLE_VERSION", "1.7", "2, 3, 4 or 5"),
        ("SOCKET_TIMEOUT", "0", "or none for no limit"),
        ("SOCKET_TIMEOUT", "-1", "or none for no limit"),
        ("SOCKET_TIMEOUT", "nan", "or none for no limit"),
        ("SOCKET_TIMEOUT", "inf", "or none for no limit"),
        ("SOCKET_TIMEOUT", "5s", "or none for no limit"),
        ("TIMEOUT", "NaN", "or none for ever"),
        ("TIMEOUT", "-inf", "or none for ever"),
        ("TIMEOUT", "1e400", "or none for ever"),
        ("CLEAR", "all", "db, prefix"),
        ("CLIENT_CLASS", "my.Client", "django_redis.client.ShardClient), herd"),
        ("PARSER_CLASS", "my.Parser", "redis.connection.HiredisParser"),
    ] {
        let message = set(name, value).expect_err(value);
        assert!(message.contains(name) && message.contains(allowed), "{name}={value}: {message}");
    }
}

#[test]
fn values_in_force_are_told_in_one_spelling() {
    for (name, value, text) in [
        ("SOCKET_TIMEOUT", "5.0", "5"),
        ("SOCKET_TIMEOUT", "0.0001", "0.001"),
        ("SOCKET_TIMEOUT", "NONE", "none"),
        ("TIMEOUT", "Forever", "none"),
        ("TIMEOUT", "-0.5", "-0.5"),
        ("IGNORE_EXCEPTIONS", "ON", "true"),
        ("PICKLE_VERSION", "-3", "5"),
        ("PROTOCOL", "3", "resp3"),
        ("COMPRESSOR", "Identity", "identity"),
        ("KEY_PREFIX", "a b", "a b"),
        ("PASSWORD", "pw", "***"),
        ("PASSWORD", "", ""),
    ] {
        assert_eq!(set(name, value).as_deref(), Ok(text), "{name}={value}");
    }
    assert!(config(LOCAL, &[]).option_text("nothing").is_err());
}

#[test]
fn what_is_not_there_yet_is_refused_unless_it_is_the_default() {
    let error = refused(LOCAL, &[("COMPAT", "django-redis")]);
    assert!(error.message().contains("COMPAT") && error.message().contains("this release"), "{error}");
    let defaults: Vec<(&str, &str)> = list().iter().map(|option| (option.name, option.default)).collect();
    config(LOCAL, &defaults);
}

#[test]
fn values_are_written_as_the_options_say() {
    let values = |options: &[(&str, &str)]| config(LOCAL, options).values;
    assert!(values(&[]).compression.is_none());
    for (name, min_length) in [("zlib", 15), ("gzip", 15), ("lzma", 100), ("lz4", 15), ("zstd", 15)] {
        let compression = values(&[("COMPRESSOR", name)]).compression.unwrap();
        assert_eq!(
            (compression.compressor.name(), compression.level, compression.min_length),
            (name, None, min_length)
        );
    }
    let given = [("COMPRESSOR", "gzip"), ("COMPRESS_LEVEL", "1"), ("COMPRESS_MIN_LENGTH", "0")];
    let compression = values(&given).compression.unwrap();
    assert_eq!((compression.level, compression.min_length), (Some(1), 0));
    let accepting = values(&[("SERIALIZER", "json"), ("ACCEPT", " pickle, ZLIB,,")]);
    assert_eq!(accepting.accept_serializers, [crate::Format::Pickle]);
    assert_eq!(accepting.accept_compressors, [crate::compress::Compressor::Zlib]);
    let dotted = values(&[
        ("SERIALIZER", "django_redis.serializers.json.JSONSerializer"),
        ("COMPRESSOR", "django_redis.compressors.zlib.ZlibCompressor"),
    ]);
    assert_eq!(dotted.serializer, crate::Format::Json);
}

#[test]
fn options_of_values_that_make_no_sense_are_refused() {
    for (options, reason) in [
        (&[("SIGNING_KEYS", "short")][..], "key 1 of option SIGNING_KEYS has 5 bytes"),
        (&[("SIGNING_ACCEPT_UNSIGNED", "true")], "SIGNING_KEYS is empty"),
        (&[("COMPRESSOR", "zlib"), ("COMPRESS_LEVEL", "10")], "the levels of zlib are 0 to 9"),
        (&[("COMPRESSOR", "lz4"), ("COMPRESS_LEVEL", "1")], "lz4 has no levels here"),
        (&[("SERIALIZER", "raw"), ("ACCEPT", "pickle")], "SERIALIZER raw takes all bytes"),
    ] {
        assert!(refused(LOCAL, options).message().contains(reason), "{options:?}");
    }
    let mut options = Options::new();
    for (name, value, reason) in [
        ("ACCEPT", "json,yaml", "any of pickle, json"),
        ("COMPRESS_LEVEL", "fast", "or empty"),
        ("COMPRESS_MIN_LENGTH", "-1", "from 0"),
        ("SERIALIZER", "yaml", "pickle"),
    ] {
        assert!(options.set(name, value).unwrap_err().message().contains(reason), "{name}");
    }
}

#[test]
fn times_are_exact_and_round_up() {
    for (text, ms) in [
        ("5", 5000),
        ("0.5", 500),
        (".5", 500),
        ("5.", 5000),
        ("005.000", 5000),
        ("4.035", 4035),
        ("1.001", 1001),
        ("1.0010000000000000000000001", 1002),
        ("0.0000000001", 1),
        ("1e-05", 1),
        ("1e-30000", 1),
        ("2.5E1", 25_000),
        ("1e3", 1_000_000),
        ("0e9", 0),
        ("0", 0),
        ("-0", 0),
        ("-0.0001", -1),
        ("-1.5", -1500),
        ("4611686018427387.904", 1 << 62),
    ] {
        assert_eq!(parse_ms(text), Some(ms), "{text}");
    }
    for text in [
        "",
        "-",
        ".",
        "e5",
        "1e",
        "1e99999",
        "1.2.3",
        "--1",
        "+1",
        "1_0",
        " 1",
        "1 ",
        "0x1",
        "nan",
        "inf",
        "-inf",
        "infinity",
        "١",
        "4611686018427387.9041",
        "1e16",
        "99999999999999999999",
        "1e30000",
    ] {
        assert_eq!(parse_ms(text), None, "{text}");
    }
    for (ms, text) in [(0, "0"), (1, "0.001"), (1500, "1.5"), (60_000, "60"), (-20, "-0.02")] {
        assert_eq!(format_ms(ms), text);
        assert_eq!(parse_ms(text), Some(ms));
    }
}

#[test]
fn secrets_are_never_printed() {
    let given =
        options(&[("PASSWORD", "s3kr1t"), ("SIGNING_KEYS", "s3kr1t"), ("SENTINEL_PASSWORD", "s3kr1t")]);
    let long = "s3kr1t-s3kr1t-s3kr1t-s3kr1t-s3kr1t";
    let mut shown = format!("{given:?}");
    shown += &resolve(LOCAL, &given).unwrap_err().to_string();
    let config = config(&format!("redis://u:s3kr1t@h/0?signing_keys={long}"), &[]);
    shown += &format!("{config:?}");
    for option in list() {
        shown += &config.option_text(option.name).unwrap();
    }
    for location in [
        "redis://h?password=s3&kr1t=1",
        "redis://:s3kr1t@h?pasword=x",
        "redis://:s3kr1t@h?socket_timeout=x",
        "redis://h?password=s3kr1t&db=x",
        "redis://h?db=/0?password=s3kr1t",
        "rediss://:s3kr1t@h?tls_ca=/none",
        "redis://:s3kr1t@h,redis://:s3kr1t@g/1",
    ] {
        shown += &refused(location, &[]).to_string();
    }
    assert!(!shown.to_lowercase().contains("kr1t"), "{shown}");
}

#[test]
fn several_servers_are_shards() {
    let places = |location, options: &[(&str, &str)]| match config(location, options).place {
        Backend::Shards { endpoints, selection, .. } => (endpoints, selection),
        other => panic!("{other:?}"),
    };
    let shard = ("CLIENT_CLASS", "shard");
    let (endpoints, selection) =
        places("h:1:0,unix:/s:2,redis://u:p@h:1/1", &[shard, ("DB", "5"), ("PASSWORD", "q")]);
    let passwords: Vec<_> = endpoints.iter().map(|place| place.password.as_ref().unwrap().reveal()).collect();
    assert_eq!(endpoints.iter().map(|place| place.db).collect::<Vec<_>>(), [0, 2, 1]);
    assert_eq!(passwords, ["q", "q", "p"]);
    assert_eq!(selection, Selection::Before);
    assert_eq!(places("h:1:0", &[shard, ("RING", "3.2")]).1, Selection::After);
    // Given twice, it is one server, as in django-redis.
    assert_eq!(places("h:1:0,h:2:0,h:1:0", &[shard]).0.len(), 2);
    // In two spellings, it has two nodes on the ring.
    let Backend::Shards { endpoints, homes, .. } = config("h:1:0,h:2:0,redis://h:1/0", &[shard]).place else {
        panic!()
    };
    assert_eq!((endpoints.len(), homes), (2, vec![0, 1, 0]));
    for path in ["redis_cache.client.ShardClient", "django_redis.client.ShardClient"] {
        assert_eq!(places("h:1:0,h:2:0", &[("CLIENT_CLASS", path)]).0.len(), 2);
    }
    assert_eq!(places("redis://h:1/0?client_class=shard,redis://h:2/0?client_class=shard", &[]).0.len(), 2);
    assert_eq!(config("h:1:0,redis://:pw@h:2/0", &[shard]).label.to_string(), "h:1:0,redis://:***@h:2/0");
}

#[test]
fn several_servers_are_a_primary_and_its_replicas() {
    let Backend::Replicas { primary, replicas } =
        config("h:1:2,redis://u:p@h:2/2,h:3", &[("DB", "2"), ("PASSWORD", "q")]).place
    else {
        panic!("no replicas")
    };
    assert_eq!(primary.address.to_string(), "h:1");
    assert_eq!(replicas.iter().map(|place| place.address.to_string()).collect::<Vec<_>>(), ["h:2", "h:3"]);
    assert!(replicas.iter().all(|place| place.db == 2));
    assert_eq!(replicas[0].password.as_ref().unwrap().reveal(), "p");
}

#[test]
fn sentinels_stand_for_a_primary() {
    let sentinel = ("CLIENT_CLASS", "sentinel");
    let given = |location, options: &[(&str, &str)]| match config(location, options).place {
        Backend::Sentinel(given) => given,
        other => panic!("{other:?}"),
    };
    let own = [
        sentinel,
        ("SENTINELS", "a:1, [::1]:2,b:26379"),
        ("SENTINEL_PASSWORD", "s"),
        ("PASSWORD", "p"),
        ("DB", "4"),
    ];
    let config_of = given("redis://mymaster", &own);
    assert_eq!((config_of.service.as_str(), config_of.replicas), ("mymaster", false));
    assert_eq!((config_of.server.db, config_of.server.password.as_ref().unwrap().reveal()), (4, "p"));
    let sentinels: Vec<_> = config_of.sentinels.iter().map(|place| place.address.to_string()).collect();
    assert_eq!(sentinels, ["a:1", "[::1]:2", "b:26379"]);
    assert!(config_of.sentinels.iter().all(|place| place.db == 0));
    assert_eq!(config_of.sentinels[0].password.as_ref().unwrap().reveal(), "s");
    let by_option = [&own[..], &[("SENTINEL_SERVICE", "my own"), ("SENTINEL_REPLICAS", "yes")]].concat();
    let config_of = given("", &by_option);
    assert_eq!((config_of.service.as_str(), config_of.replicas), ("my own", true));
    assert_eq!(config("", &by_option).label.to_string(), "my own");
    for path in ["redis_cache.client.SentinelClient", "django_redis.client.SentinelClient"] {
        assert_eq!(given("redis://m/1", &[("CLIENT_CLASS", path), ("SENTINELS", "a:1")]).server.db, 1);
    }
}

#[test]
fn what_sentinels_can_not_do_without() {
    let (sentinel, sentinels) = (("CLIENT_CLASS", "sentinel"), ("SENTINELS", "a:1"));
    for (location, options, words) in [
        ("redis://m/0", &[sentinel][..], &["needs SENTINELS", "26379"][..]),
        ("", &[sentinel, sentinels], &["SENTINEL_SERVICE", "redis://mymaster/0"]),
        ("redis://m/0", &[sentinels], &["SENTINELS is for CLIENT_CLASS sentinel"]),
        ("redis://m/0", &[("SENTINEL_REPLICAS", "true")], &["SENTINEL_REPLICAS is for"]),
        (
            "10.0.0.1:6379:0",
            &[sentinel, sentinels],
            &["10.0.0.1:6379:0", "address of a server", "redis://mymaster/0"],
        ),
        ("redis://10.0.0.1:6380/0", &[sentinel, sentinels], &["address of a server"]),
        ("unix:/a:0", &[sentinel, sentinels], &["unix:/a:0", "address of a server"]),
        ("memory:a", &[sentinel, sentinels], &["memory:a"]),
        ("redis://m/0,redis://n/0", &[sentinel, sentinels], &["redis://m/0", "one service"]),
        (
            "redis://m/0",
            &[sentinel, sentinels, ("SENTINEL_SERVICE", "n")],
            &["\"m\"", "leave SENTINEL_SERVICE out"],
        ),
        ("redis://m/0", &[sentinel, ("SENTINELS", "a")], &["option SENTINELS", "no port"]),
        (
            "redis://m/0",
            &[sentinel, ("SENTINELS", "redis://:secret@a:1")],
            &["SENTINEL_PASSWORD", "host:port"],
        ),
        ("redis://m/0", &[sentinel, sentinels, ("NEAR_CACHE", "1000000")], &["NEAR_CACHE", "leave it out"]),
        ("redis://m/0", &[sentinel, sentinels, ("RING", "3.2")], &["RING"]),
    ] {
        let error = refused(location, options);
        assert_eq!(error.status(), Status::Config);
        assert!(words.iter().all(|word| error.message().contains(word)), "{location}: {error}");
        assert!(!error.message().contains("secret"), "{error}");
    }
}

#[test]
fn servers_and_options_that_do_not_fit_are_refused() {
    let shard = ("CLIENT_CLASS", "shard");
    for (location, options, words) in [
        ("h:1:0,h:2:1", &[][..], &["h:1:0", "h:2:1", "databases 0 and 1", "CLIENT_CLASS shard"][..]),
        ("h:1:0,h:2:0,redis://h:1/0", &[], &["h:1:0", "redis://h:1/0", "the same server"]),
        ("h:1:0,memory:a", &[], &["memory:a", "give servers"]),
        ("h:1:0,h:2:0", &[("RING", "3.2")], &["RING is 3.2", "CLIENT_CLASS shard"]),
        ("h:1:0,h:2:0", &[("NEAR_CACHE", "1000000")], &["NEAR_CACHE", "older value"]),
        ("redis://h:1/0?timeout=5,h:2:0", &[], &["TIMEOUT", "h:2:0", "as an option"]),
        ("h:1:0,,h:2:0", &[shard], &["empty entry"]),
        ("memory:a", &[shard], &["memory:a", "give servers"]),
        ("h:1:0,memory:a", &[shard], &["memory:a", "give servers"]),
        ("h:1:0,rediss://h:2/0?tls_ca=/none", &[shard], &["rediss://h:2/0", "TLS_CA", "/none"]),
        ("rediss://h:1/0?tls_verify=0,h:2:0", &[shard, ("TLS_VERIFY", "0")], &["h:2:0", "TLS_VERIFY"]),
        ("redis://h:1/0?timeout=5,h:2:0", &[shard], &["TIMEOUT", "h:2:0", "as an option"]),
        ("redis://h:1/0?client_class=shard,h:2:0", &[], &["CLIENT_CLASS", "as an option"]),
        ("h:1:0", &[("RING", "3.2")], &["RING is 3.2", "CLIENT_CLASS shard"]),
        ("h:1:0,rediss://h:2/0", &[("CLIENT_CLASS", "cluster")], &["h:1:0", "rediss://h:2/0", "encrypted"]),
        ("redis://:secret@h:1/0?key_prefix=a,redis://:secret@h:2/0", &[shard], &["***", "KEY_PREFIX"]),
    ] {
        let error = refused(location, options);
        assert_eq!(error.status(), Status::Config);
        assert!(words.iter().all(|word| error.message().contains(word)), "{location}: {error}");
        assert!(!error.message().contains("secret"), "{error}");
    }
}

#[test]
fn a_herd_may_have_replicas() {
    let found = config("h:1:0,h:2:0", &[("CLIENT_CLASS", "herd")]);
    assert!(matches!(found.place, Backend::Replicas { .. }) && found.herd.is_some());
}

#[cfg(feature = "tls")]
#[test]
fn replicas_are_encrypted_each_in_its_way() {
    let entry = |host: &str| format!("rediss://{host}:1/0?tls_verify=0&tls_server_name={host}");
    let Backend::Replicas { primary, replicas } =
        config(&format!("{},{},h:2:0", entry("a"), entry("b")), &[]).place
    else {
        panic!("no replicas")
    };
    let name = |endpoint: &crate::net::Endpoint| endpoint.tls.clone().map(|tls| tls.server_name);
    assert_eq!(name(&primary), Some("a".into()));
    assert_eq!(replicas.iter().map(name).collect::<Vec<_>>(), [Some("b".into()), None]);
}
