//! The one table of options. The parser, the defaults, `djredis_options_list` and docs/options.md come from it.

use super::kind::{Choice, Kind, built, later, now};

/// Whether an option does something in this release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    Now,
    /// Only its default, which means "not used", is accepted when a cache is opened.
    Later,
}

/// One option: a row of the table.
#[derive(Debug)]
pub struct OptionInfo {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) default: &'static str,
    pub(super) doc: &'static str,
    pub(super) ready: Ready,
}

impl OptionInfo {
    /// Its name, in capitals.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its type in one word: `text`, `secret`, `boolean`, `integer`, `seconds`, `choice` or
    /// `choices`.
    pub fn type_name(&self) -> &'static str {
        self.kind.name()
    }

    /// What its value may be, in words: `seconds above 0, or none for no limit`.
    pub fn allowed(&self) -> String {
        self.kind.to_string()
    }

    /// Its default, as text that [`Options::set`](super::Options::set) takes.
    pub fn default(&self) -> &'static str {
        self.default
    }

    /// What it does, in a sentence or two.
    pub fn doc(&self) -> &'static str {
        self.doc
    }

    /// Whether it does something in this release; if not, a cache opens only with its default.
    pub fn is_available(&self) -> bool {
        self.ready == Ready::Now
    }

    /// The values that are known, but that a cache can't be opened with in this release.
    pub fn unavailable_choices(&self) -> Vec<&'static str> {
        match self.kind {
            Kind::Choice(choices) | Kind::Names(choices) if self.is_available() => {
                choices.iter().filter(|choice| !choice.available).map(|choice| choice.name).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether its value is never shown.
    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret
    }
}

const fn row(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> OptionInfo {
    OptionInfo { name, kind, default, doc, ready: Ready::Now }
}

/// One that the library may have been built without.
const fn tls(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> OptionInfo {
    let ready = if cfg!(feature = "tls") { Ready::Now } else { Ready::Later };
    OptionInfo { name, kind, default, doc, ready }
}

const CLIENTS: &[Choice] = &[
    now("default", &["redis_cache.client.DefaultClient", "django_redis.client.DefaultClient"]),
    now("shard", &["redis_cache.client.ShardClient", "django_redis.client.ShardClient"]),
    now("herd", &["redis_cache.client.HerdClient", "django_redis.client.HerdClient"]),
    now("sentinel", &["redis_cache.client.SentinelClient", "django_redis.client.SentinelClient"]),
    now("cluster", &["redis_cache.client.ClusterClient"]),
];

const PARSERS: &[Choice] = &[now(
    "builtin",
    &[
        "DefaultParser",
        "HiredisParser",
        "PythonParser",
        "redis.connection.DefaultParser",
        "redis.connection.HiredisParser",
        "redis.connection.PythonParser",
    ],
)];

const SERIALIZERS: &[Choice] = &[
    now("pickle", &["django_redis.serializers.pickle.PickleSerializer"]),
    now("json", &["django_redis.serializers.json.JSONSerializer"]),
    now("msgpack", &["django_redis.serializers.msgpack.MSGPackSerializer"]),
    now("raw", &[]),
];

const COMPRESSORS: &[Choice] = &[
    now("identity", &["none", "django_redis.compressors.identity.IdentityCompressor"]),
    now("zlib", &["django_redis.compressors.zlib.ZlibCompressor"]),
    now("gzip", &["django_redis.compressors.gzip.GzipCompressor"]),
    built("lzma", cfg!(feature = "lzma"), &["django_redis.compressors.lzma.LzmaCompressor"]),
    now("lz4", &["django_redis.compressors.lz4.Lz4Compressor"]),
    built("zstd", cfg!(feature = "zstd"), &["django_redis.compressors.zstd.ZStdCompressor"]),
];

/// What ACCEPT can name.
const FORMATS: &[Choice] = &[
    now("pickle", &[]),
    now("json", &[]),
    now("msgpack", &[]),
    now("raw", &[]),
    now("zlib", &[]),
    now("gzip", &[]),
    built("lzma", cfg!(feature = "lzma"), &[]),
    now("lz4", &[]),
    built("zstd", cfg!(feature = "zstd"), &[]),
];

const POSITIVE: Kind = Kind::Integer { min: 1, max: u32::MAX as i64 };

/// Every option, in the order of the documentation.
pub(super) static OPTIONS: &[OptionInfo] = &[
    // The connection.
    row(
        "DB",
        Kind::Integer { min: 0, max: u32::MAX as i64 },
        "0",
        "The number of the database, where the location names none.",
    ),
    row("USERNAME", Kind::Text, "", "The user name of the server's ACL; empty: the default user."),
    row("PASSWORD", Kind::Secret, "", "The server's password. Empty: no AUTH is sent."),
    row(
        "SOCKET_TIMEOUT",
        Kind::Limit,
        "5",
        "The most a call may take: connecting, waiting for a connection, writing and reading together. What walks over keys may take it for each step.",
    ),
    row(
        "SOCKET_CONNECT_TIMEOUT",
        Kind::Limit,
        "2",
        "The most that connecting and logging in may take; the call's deadline may be earlier.",
    ),
    row(
        "POOL_TIMEOUT",
        Kind::Limit,
        "none",
        "The most that may pass until a call is on its way, on a connection of its own or with others; none: what is left of the call.",
    ),
    row(
        "MAX_CONNECTIONS",
        POSITIVE,
        "16",
        "The most connections to one server that this process keeps open. Calls beyond them share (docs/pool.md); raw connections and blocking commands need one each.",
    ),
    row(
        "PROTOCOL",
        Kind::Choice(&[now("resp2", &["2"]), now("resp3", &["3"])]),
        "resp2",
        "The wire protocol. resp3 needs Redis 6 or newer.",
    ),
    row(
        "PARSER_CLASS",
        Kind::Choice(PARSERS),
        "builtin",
        "What reads replies. The names that redis-py had select the built-in parser as well. C and Python also take one of the program's own: docs/parsers.md.",
    ),
    row("CLIENT_CLASS", Kind::Choice(CLIENTS), "default", "Which server gets which key."),
    // Keys.
    row("KEY_PREFIX", Kind::Text, "", "The first part of every key: prefix:version:key."),
    row(
        "VERSION",
        Kind::Integer { min: i64::MIN, max: i64::MAX },
        "1",
        "The second part of every key, where a call gives no version.",
    ),
    row(
        "CLEAR",
        Kind::Choice(&[now("db", &[]), now("prefix", &[])]),
        "db",
        "What clear() takes: the whole database, as Django does, or this prefix's keys, of all versions.",
    ),
    row(
        "SCAN_ITERSIZE",
        POSITIVE,
        "1000",
        "How many keys the server looks at in one step of keys, scan and delete_pattern.",
    ),
    // Times.
    row("TIMEOUT", Kind::Expiry, "300", "How long a value lives, where a call gives no timeout."),
    row(
        "ZERO_TIMEOUT",
        Kind::Choice(&[now("forever", &[]), now("expire", &[])]),
        "forever",
        "What a timeout of 0 or below means: never expires, or expires at once, as in Django today.",
    ),
    // Values.
    row("SERIALIZER", Kind::Choice(SERIALIZERS), "pickle", "How values other than integers are stored."),
    row(
        "PICKLE_VERSION",
        Kind::PickleVersion,
        "-1",
        "The pickle protocol that is written. Every protocol from 0 to 5 is read.",
    ),
    row(
        "ACCEPT",
        Kind::Names(FORMATS),
        "",
        "Serializers and compressors that are recognized on reading beside those in use, as json,zlib. Where pickle is in \
         use, json and msgpack always are.",
    ),
    row(
        "DECODE_ERROR",
        Kind::Choice(&[now("raise", &[]), now("miss", &[])]),
        "raise",
        "What a stored value that can't be read is: an error, or a miss.",
    ),
    row(
        "MAX_DECODED_SIZE",
        POSITIVE,
        "536870912",
        "The most bytes that a value may have once it is decompressed.",
    ),
    row("COMPRESSOR", Kind::Choice(COMPRESSORS), "identity", "How stored values are compressed."),
    row(
        "COMPRESS_LEVEL",
        Kind::OptionalInteger { min: -100, max: 22 },
        "",
        "0 to 9 for zlib, gzip and lzma, -100 to 22 for zstd; lz4 has none. Empty: 6, 9, 4 and 3, as django-redis has them.",
    ),
    row(
        "COMPRESS_MIN_LENGTH",
        Kind::OptionalInteger { min: 0, max: u32::MAX as i64 },
        "",
        "Values up to this many bytes stay as they are. Empty: 15, for lzma 100, as in django-redis.",
    ),
    row(
        "SIGNING_KEYS",
        Kind::Secret,
        "",
        "Keys that sign values, of 32 bytes or more, with commas between them: the first one signs, all verify. What is not \
         signed is not read; integers are never signed: docs/security.md. Empty: nothing is signed.",
    ),
    row(
        "SIGNING_ACCEPT_UNSIGNED",
        Kind::Bool,
        "false",
        "Whether values without a signature are read beside signed ones: while a site begins to sign, and no longer.",
    ),
    // Trouble.
    row("IGNORE_EXCEPTIONS", Kind::Bool, "false", "Treat a server that can't be reached as an empty cache."),
    row(
        "LOG_IGNORED_EXCEPTIONS",
        Kind::Bool,
        "false",
        "Whether the language's logger gets each error that IGNORE_EXCEPTIONS hides.",
    ),
    row(
        "COMPAT",
        Kind::Choice(&[now("django", &[]), later("django-redis", &[])]),
        "django",
        "Whose return values the methods have where Django and django-redis differ.",
    ),
    row(
        "BREAKER_FAILURES",
        Kind::Integer { min: 0, max: u32::MAX as i64 },
        "3",
        "After this many failures in a row to reach a server, calls fail at once for a moment; 0: never.",
    ),
    row(
        "BREAKER_RESET",
        Kind::Seconds,
        "5",
        "The longest such moment: it is a tenth of a second at first and doubles while the server stays away.",
    ),
    // Several servers.
    row(
        "RING",
        Kind::Choice(&[now("current", &[]), now("3.2", &[])]),
        "current",
        "Which releases of django-redis the shards agree with: 3.4 and newer, or 3.0 to 3.3.",
    ),
    row(
        "READ_YOUR_WRITES",
        Kind::Bool,
        "false",
        "Where reads go to replicas: keys that this cache wrote in the last 10 seconds are read from the primary.",
    ),
    row(
        "HERD_TIMEOUT",
        Kind::Seconds,
        "60",
        "How long a value outlives its timeout under CLIENT_CLASS herd, so that few callers renew it at the same time.",
    ),
    row("SENTINELS", Kind::Text, "", "The sentinels, host:port with commas between them."),
    row(
        "SENTINEL_SERVICE",
        Kind::Text,
        "",
        "The name under which the sentinels know the primary, where the location does not say it.",
    ),
    row("SENTINEL_USERNAME", Kind::Text, "", "The user name for the sentinels."),
    row("SENTINEL_PASSWORD", Kind::Secret, "", "The password for the sentinels; the servers' is PASSWORD."),
    row(
        "SENTINEL_REPLICAS",
        Kind::Bool,
        "false",
        "Whether reads go to the replicas that the sentinels know.",
    ),
    // TLS, for rediss:// locations: docs/tls.md.
    tls("TLS_CA", Kind::Text, "", "The PEM file of the certificates that are trusted; empty: the system's."),
    tls(
        "TLS_CERT",
        Kind::Text,
        "",
        "The PEM file of the client's certificate, where the server asks for one.",
    ),
    tls("TLS_KEY", Kind::Text, "", "The PEM file of the client's private key; empty: it stands in TLS_CERT."),
    tls(
        "TLS_VERIFY",
        Kind::Bool,
        "true",
        "Whether the server has to prove who it is. With false anybody between can read and change everything, the password included.",
    ),
    tls(
        "TLS_SERVER_NAME",
        Kind::Text,
        "",
        "The name that the server's certificate must have; empty: the location's host.",
    ),
    // Memory.
    row(
        "NEAR_CACHE",
        Kind::Integer { min: 0, max: i64::MAX },
        "0",
        "How many bytes of values that were read this process keeps at hand, until the server says that they changed; 0: \
         none. It needs Redis 6 or newer: docs/near-cache.md.",
    ),
    row(
        "MEMORY_MAX",
        Kind::Integer { min: 1, max: i64::MAX },
        "67108864",
        "The most bytes of a memory: store: keys, values and 96 for each. What was used longest ago goes first.",
    ),
];

/// The option of that name, in either case.
pub(super) fn find(name: &str) -> Option<&'static OptionInfo> {
    OPTIONS.iter().find(|option| option.name.eq_ignore_ascii_case(name))
}

/// Every option of the library, in the order of docs/options.md.
pub fn list() -> &'static [OptionInfo] {
    OPTIONS
}

/// Whether that is the name of an option whose value may be shown.
pub(crate) fn is_public(name: &str) -> bool {
    find(name).is_some_and(|option| !option.is_secret())
}

/// Whether that is the name of an option whose value is never shown.
pub(crate) fn is_secret(name: &str) -> bool {
    find(name).is_some_and(OptionInfo::is_secret)
}
