//! docs/options.md is made from the library's table of options. `make docs` writes it; this test compares.

use std::{env, fs};

use djredis::config::{OptionInfo, list};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/options.md");

const HEAD: &str = "\
<!-- Made from the table in src/config/table.rs by `make docs`. Change it there. -->
# Options

Every language takes the same options: by name, as text, in either case. They may also stand in the query of a
URL, `redis://127.0.0.1:6379/0?socket_timeout=2`. What the location gives (its query, its database, its
credentials) wins over an option. An unknown name is refused, with the nearest known one; a bad value is refused,
with what is allowed.

Times are seconds in decimal (`5`, `0.5`); a fraction of a millisecond rounds up.

| option | what it takes | default | what it does |
|---|---|---|---|
";

const LATER: &str = "
## Not available yet

These choices are known, but a cache can't be opened with them:

";

const DJANGO: &str = "
## In Django

Where an entry of CACHES has each of them. Names in OPTIONS are in either case; values may be Python's own, as `True`, `2.5`, `None`
or a list. Names of django-redis, redis-py and Django's own backend are taken [as well](migration.md#options). Only Django has
`OPTIONS[\"CLOSE_CONNECTION\"]`, and `KEY_FUNCTION` and `REVERSE_KEY_FUNCTION` beside OPTIONS.

| option | in CACHES | in Django also |
|---|---|---|
";

const COUNTERS: &str = "
## Counters

What `stats` (`djredis_cache_stats`) counts, by name, and since when:

| counter | what it counts | since |
|---|---|---|
| `hits`, `misses` | keys that reads found, and did not find | the cache was opened |
| `sets` | keys that were written | the cache was opened |
| `errors` | calls that failed, ignored ones included | the cache was opened |
| `decode_errors` | values that could not be read | the cache was opened |
| `connects` | connections made | the pool was made in this process; caches that share it share this |
| `retries` | calls that were sent again, on another connection | as `connects` |
| `rides` | calls that were sent together with another's, since all connections were in use ([pool.md](pool.md)) | as `connects` |
| `breaker_opens` | how often calls began to fail at once, since a server was away ([outages.md](outages.md)) | as `connects` |
| `breaker_refusals` | calls that failed at once meanwhile | as `connects` |
| `near_hits`, `near_misses` | keys that reads found in the near cache, and did not find there | the cache was opened |
| `near_invalidations` | keys that the server named as changed to the near cache | the near cache was made in this process; caches that share it share this |
| `near_flushes` | how often everything in it was dropped: the server was emptied, or the connection lost | as `near_invalidations` |
";

fn table_row(option: &OptionInfo) -> String {
    let default =
        if option.default().is_empty() { "(empty)".into() } else { format!("`{}`", option.default()) };
    let values = option.allowed();
    let doc = option
        .doc()
        .replace("docs/pool.md", "[pool.md](pool.md)")
        .replace("docs/security.md", "[security.md](security.md)");
    let name = option.name();
    let doc = if name.starts_with("TLS_") { format!("{doc} [tls.md](tls.md)") } else { doc };
    format!("| `{name}` | {values} | {default} | {doc} |\n")
}

fn django_row(option: &OptionInfo) -> String {
    let name = option.name();
    let place = match name {
        "KEY_PREFIX" | "VERSION" | "TIMEOUT" => format!("`{name}`, beside OPTIONS"),
        _ => format!("`OPTIONS[\"{name}\"]`"),
    };
    format!("| `{name}` | {place} | {} |\n", also_in_django(name))
}

fn also_in_django(name: &str) -> &'static str {
    match name {
        "DB" | "USERNAME" | "PASSWORD" => "in LOCATION",
        "SOCKET_TIMEOUT" | "SOCKET_CONNECT_TIMEOUT" => "`0` is no limit, as `None`",
        "POOL_TIMEOUT" => "`timeout` in OPTIONS, beside a blocking `pool_class`",
        "CLIENT_CLASS" => "the dotted path of a subclass of `djredis.django.DefaultClient`, or the class",
        "SCAN_ITERSIZE" => "for all caches, the setting `DJANGO_REDIS_SCAN_ITERSIZE`",
        "HERD_TIMEOUT" => "for all caches, the setting `CACHE_HERD_TIMEOUT`",
        "TIMEOUT" => "a `timedelta`",
        "ZERO_TIMEOUT" => "the default is `expire`; with `redis_cache.cache.RedisCache` it is `forever`",
        "SERIALIZER" => "an object with `dumps` and `loads`, its class, or the dotted path of that",
        "IGNORE_EXCEPTIONS" => "for all caches, the setting `DJANGO_REDIS_IGNORE_EXCEPTIONS`",
        "LOG_IGNORED_EXCEPTIONS" => {
            "for all caches, the setting `DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS`; the logger: `DJANGO_REDIS_LOGGER`"
        }
        "COMPAT" => "`django-redis` can be used; with `redis_cache.cache.RedisCache` it is the default",
        _ => "",
    }
}

fn document() -> String {
    let mut text = HEAD.to_owned();
    text.extend(list().iter().map(table_row));
    text.push_str(LATER);
    text.extend(list().iter().filter_map(choices_to_come));
    text.push_str(DJANGO);
    text.extend(list().iter().map(django_row));
    text + COUNTERS
}

fn choices_to_come(option: &OptionInfo) -> Option<String> {
    let missing = option.unavailable_choices();
    (!missing.is_empty()).then(|| format!("* `{}`: {}\n", option.name(), missing.join(", ")))
}

#[test]
fn the_document_is_the_table() {
    let made = document();
    if env::var_os("WRITE_DOCS").is_some() {
        fs::write(PATH, &made).unwrap();
    }
    let checked_in = fs::read_to_string(PATH).unwrap();
    assert!(made == checked_in, "docs/options.md is not what the table makes: run `make docs`");
}
