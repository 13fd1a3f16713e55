"""What settings.read makes of an entry of CACHES, and what it refuses."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

import djredis
import djredis.django
from djredis.django import clients
from djredis.django.settings import DJANGO, REDIS_CACHE, Settings, read

SERVER = "127.0.0.1:6379:1"


def options(given: Mapping[str, Any], flavour: str = DJANGO) -> dict[str, Any]:
    """What OPTIONS become, without what is always there."""
    found = dict(read(SERVER, {"OPTIONS": given}, flavour).options)
    for name in ("KEY_PREFIX", "VERSION", "TIMEOUT", "ZERO_TIMEOUT"):
        del found[name]
    return found


def refusal(given: Any = None, server: Any = SERVER, **params: Any) -> str:
    """The sentence with which a backend refuses its settings."""
    with pytest.raises(ImproperlyConfigured) as caught:
        djredis.django.RedisCache(server, {"OPTIONS": given, **params})
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("127.0.0.1:6379:1", "127.0.0.1:6379:1"),
        ("[::1]:6379:0", "[::1]:6379:0"),
        (" 127.0.0.1:6379:1 ", "127.0.0.1:6379:1"),
        (["127.0.0.1:6379:1"], "127.0.0.1:6379:1"),
        (("a:1:1", "b:1:1"), ["a:1:1", "b:1:1"]),
        ("a:1:1,b:1:1", ["a:1:1", "b:1:1"]),
        ("redis://a/1;redis://b/1", ["redis://a/1", "redis://b/1"]),
        ("redis://:p;q@a/1", "redis://:p;q@a/1"),
        ("unix:/run/redis.sock:1", "unix:/run/redis.sock:1"),
        ("/run/redis.sock", "unix:/run/redis.sock"),
        (Path("/run/redis.sock"), "unix:/run/redis.sock"),
        ("unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
        ("redis://user:p%40ss@h:6379/1", "redis://user:p%40ss@h:6379/1"),
        ("redis://h:6379?db=3", "redis://h:6379?db=3"),
        ("redis://h:6379/1?db=3", "redis://h:6379?db=3"),
        ("redis://h/0?max_connections=7&health_check_interval=30", "redis://h/0?max_connections=7"),
        ("redis://h/0?socket_timeout=0&protocol=3", "redis://h/0?socket_timeout=none&protocol=3"),
        ("redis://", "redis://localhost"),
        ("redis:///2", "redis://localhost/2"),
    ],
)
def test_every_way_to_write_a_location(written: Any, means: Any) -> None:
    assert read(written, {}).location == means


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        ("", "LOCATION is empty; give the server, such as 'redis://127.0.0.1:6379/1'"),
        (None, "LOCATION is text or a list of texts"),
        (["127.0.0.1:6379", 1], "LOCATION is text or a list of texts"),
        ("127.0.0.1", "it has no port; write it like 127.0.0.1:6379:0"),
        ("redis://h/none", "its database is not a whole number from 0 up"),
        ("redis://h?decode_responses=True", "stored values are bytes, not text"),
        ("redis://h?timeout=20", "POOL_TIMEOUT in OPTIONS for the wait for a connection"),
        ("redis://h?key_prefix=a", "key_prefix in the query of LOCATION can't be used: it stands beside OPTIONS"),
        ("redis://h?ignore_exceptions=1", "it stands in OPTIONS"),
        ("redis://h?sokcet_timeout=1", "did you mean SOCKET_TIMEOUT?"),
        ("rediss://h/1?ssl_ca_certs=/none.pem", 'option TLS_CA is "/none.pem", which can\'t be used: No such file'),
        ("rediss://h/1?ssl_check_hostname=False", "TLS_SERVER_NAME"),
        ("a:1:1,b:1:2", "have the databases 1 and 2, but a replica has its primary's keys"),
        (["a:1:1", "a:1:1"], "are the same server: give the primary first"),
    ],
)
def test_locations_that_are_refused(server: Any, sentence: str) -> None:
    assert sentence in refusal(server=server)


@pytest.mark.parametrize("server", ["127.0.0.1:6379", "[::1]:6379", "unix:/run/redis.sock", ["127.0.0.1:6379"]])
def test_the_documented_paths_want_a_database(server: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="names no database; write .*:0, .*before 3.0 meant 1"):
        read(server, {}, REDIS_CACHE)
    assert read(server, {"OPTIONS": {"DB": 1}}, REDIS_CACHE).options["DB"] == 1
    assert "DB" not in read(server, {}, DJANGO).options


def test_a_password_is_in_no_refusal() -> None:
    for server in (
        "redis://:secret,word@h:1/0",
        "redis://u:secret@h:x/0",
        "secret@h:6379",
        "redis://u:secret@h/0?tls_ca=a",
    ):
        with pytest.raises(ImproperlyConfigured) as caught:
            djredis.django.RedisCache(server, {})
        assert "secret" not in str(caught.value)
    assert "secret" not in refusal({"PASSWORD": "secret", "SOKET_TIMEOUT": 1})


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ({"socket_timeout": 0.5}, {"SOCKET_TIMEOUT": 0.5}),
        ({"SOCKET_TIMEOUT": "5"}, {"SOCKET_TIMEOUT": "5"}),
        (
            {"SOCKET_TIMEOUT": 0, "SOCKET_CONNECT_TIMEOUT": None},
            {"SOCKET_TIMEOUT": None, "SOCKET_CONNECT_TIMEOUT": None},
        ),
        ({"CLIENT_CLASS": "django_redis.client.DefaultClient"}, {}),
        ({"CLIENT_CLASS": "redis_cache.client.DefaultClient"}, {}),
        ({"CLIENT_CLASS": "django_redis.client.ShardClient"}, {"CLIENT_CLASS": "shard"}),
        ({"CLIENT_CLASS": "redis_cache.client.ClusterClient"}, {"CLIENT_CLASS": "cluster"}),
        ({"CLIENT_CLASS": "django_redis.client.herd.HerdClient"}, {"CLIENT_CLASS": "herd", "HERD_TIMEOUT": 60}),
        ({"PARSER_CLASS": "redis.connection.HiredisParser"}, {}),
        ({"PARSER_CLASS": "redis.connection.PythonParser"}, {}),
        ({"PARSER_CLASS": "redis.connection.DefaultParser"}, {}),
        ({"PARSER_CLASS": "HiredisParser"}, {"PARSER_CLASS": "HiredisParser"}),
        ({"PARSER_CLASS": "redis.connection._HiredisParser"}, {}),
        ({"parser_class": "redis._parsers._HiredisParser"}, {}),
        ({"PARSER_CLASS": "hiredis.Reader"}, {"PARSER_CLASS": "hiredis.Reader"}),
        ({"CONNECTION_POOL_KWARGS": {"parser_class": "hiredis.Reader"}}, {"PARSER_CLASS": "hiredis.Reader"}),
        ({"SERIALIZER": "django_redis.serializers.pickle.PickleSerializer"}, {"SERIALIZER": "pickle"}),
        ({"SERIALIZER": "django_redis.serializers.json.JSONSerializer"}, {"SERIALIZER": "json"}),
        ({"SERIALIZER": "django_redis.serializers.msgpack.MSGPackSerializer"}, {"SERIALIZER": "msgpack"}),
        ({"serializer": "django.core.cache.backends.redis.RedisSerializer"}, {"SERIALIZER": "pickle"}),
        (
            {"COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor"},
            {"COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor"},
        ),
        ({"COMPRESS_MIN_LEN": 10}, {"COMPRESSOR": "zlib", "COMPRESS_MIN_LENGTH": 9}),
        ({"COMPRESS_MIN_LEN": 0}, {}),
        ({"PICKLE_VERSION": -1}, {"PICKLE_VERSION": -1}),
        ({"PICKLE_VERSION": "2"}, {"PICKLE_VERSION": 2}),
        (
            {"CONNECTION_POOL_KWARGS": {"max_connections": 100, "retry_on_timeout": True, "socket_keepalive": True}},
            {"MAX_CONNECTIONS": 100},
        ),
        (
            {"CONNECTION_POOL_KWARGS": {"socket_timeout": 1, "socket_connect_timeout": 2, "health_check_interval": 30}},
            {"SOCKET_TIMEOUT": 1, "SOCKET_CONNECT_TIMEOUT": 2},
        ),
        ({"CONNECTION_POOL_KWARGS": {"ssl_cert_reqs": "required"}}, {"TLS_VERIFY": True}),
        ({"CONNECTION_POOL_KWARGS": {"ssl_cert_reqs": None}}, {"TLS_VERIFY": False}),
        (
            {"CONNECTION_POOL_KWARGS": {"ssl_ca_certs": "/ca", "ssl_certfile": "/c"}},
            {"TLS_CA": "/ca", "TLS_CERT": "/c"},
        ),
        ({"CONNECTION_POOL_CLASS": "redis.connection.BlockingConnectionPool"}, {}),
        ({"CONNECTION_POOL_CLASS": "redis.BlockingConnectionPool", "timeout": 20}, {"POOL_TIMEOUT": 20}),
        (
            {"CONNECTION_POOL_CLASS_KWARGS": {"max_connections": 50, "timeout": 20}},
            {"MAX_CONNECTIONS": 50, "POOL_TIMEOUT": 20},
        ),
        ({"CONNECTION_FACTORY": "django_redis.pool.ConnectionFactory"}, {}),
        ({"CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory"}, {"CLIENT_CLASS": "sentinel"}),
        ({"REDIS_CLIENT_CLASS": "redis.client.StrictRedis", "REDIS_CLIENT_KWARGS": {}}, {}),
        ({"REPLICA_READ_ONLY": False, "MAX_ENTRIES": 1000, "CULL_FREQUENCY": 3}, {}),
        ({"SENTINELS": [("h", 26379), ("::1", 26379)]}, {"SENTINELS": "h:26379,[::1]:26379"}),
        ({"SENTINEL_KWARGS": {"password": "p", "socket_timeout": 0.1}}, {"SENTINEL_PASSWORD": "p"}),
        (
            {"db": 3, "username": "u", "password": "p", "max_connections": 5, "protocol": 3},
            {"DB": 3, "USERNAME": "u", "PASSWORD": "p", "MAX_CONNECTIONS": 5, "PROTOCOL": 3},
        ),
        ({"Clear": "prefix", "accept": "json"}, {"CLEAR": "prefix", "ACCEPT": "json"}),
    ],
)
def test_names_of_options(given: dict[str, Any], means: dict[str, Any]) -> None:
    assert options(given) == means


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (3, "OPTIONS is a dict, not int"),
        ({"SOKET_TIMEOUT": 5}, 'OPTIONS["SOKET_TIMEOUT"] is no option; did you mean SOCKET_TIMEOUT?'),
        (
            {"CONNECTION_POOL_KWARGS": {"max_conections": 5}},
            '["max_conections"] is no option; did you mean max_connections?',
        ),
        ({"CONNECTION_POOL_KWARGS": 5}, "is a dict, not int"),
        ({"CONNECTION_POOL_KWARGS": {"decode_responses": True}}, "stored values are bytes, not text"),
        ({"CONNECTION_POOL_KWARGS": {"retry": object()}}, "when to try again is fixed"),
        ({"CONNECTION_POOL_KWARGS": {"ssl_ca_certs": "/ca"}}, "is not encrypted: write it as rediss://"),
        ({"xyzzy": 5}, 'OPTIONS["xyzzy"] is no option; docs/options.md and docs/migration.md have all names'),
        ({"TIMEOUT": 5}, 'OPTIONS["TIMEOUT"] stands beside OPTIONS, not in it'),
        ({"KEY_PREFIX": "a"}, "stands beside OPTIONS"),
        ({5: 5}, "has the key 5, but its keys are texts"),
        ({"SOCKET_TIMEOUT": "soon"}, 'option SOCKET_TIMEOUT is "soon", but it must be seconds above 0'),
        ({"PICKLE_VERSION": "x"}, "is 'x', but it must be 2, 3, 4 or 5"),
        ({"PICKLE_VERSION": 1}, "is 1, but it must be 2, 3, 4 or 5"),
        ({"PARSER_CLASS": "my.Parser"}, "option PARSER_CLASS is 'my.Parser', which can't be imported: ModuleNotFoundError"),
        ({"PARSER_CLASS": "MyParser"}, 'option PARSER_CLASS is "MyParser", but it must be builtin'),
        ({"PARSER_CLASS": dict}, "option PARSER_CLASS is builtins.dict, which has no feed and no gets"),
        ({"SERIALIZER": "no.such.Serializer"}, "'no.such.Serializer' can't be made: ModuleNotFoundError"),
        ({"SERIALIZER": "os.path"}, "it has no dumps and no loads"),
        ({"SERIALIZER": "yaml"}, 'option SERIALIZER is "yaml", but it must be pickle'),
        ({"COMPRESSOR": "my.Compressor"}, "a class of one's own can't compress"),
        ({"COMPRESSOR": "zip"}, 'option COMPRESSOR is "zip", but it must be identity'),
        ({"CONNECTION_POOL_CLASS": "my.Pool"}, "the pool is the library's own"),
        ({"CONNECTION_FACTORY": "my.Factory"}, "connections are the library's own"),
        ({"REDIS_CLIENT_CLASS": "my.Redis"}, "get_redis_connection gives redis.Redis"),
        ({"REDIS_CLIENT_KWARGS": {"a": 1}}, "get_redis_connection gives a redis.Redis of its own"),
        ({"CLIENT_CLASS": "sharded"}, "is 'sharded', but it must be default, shard"),
        ({"CLIENT_CLASS": "no.such.Client"}, "the CLIENT_CLASS 'no.such.Client' can't be imported"),
        ({"CLIENT_CLASS": "os.path"}, "is no class derived from redis_cache.client.DefaultClient"),
        ({"CLIENT_CLASS": "django_redis.client.SimpleFailoverClient"}, "can't be imported"),
        (
            {"CLIENT_CLASS": "django_redis.client.HerdClient", "SERIALIZER": "json"},
            "SERIALIZER is json, but CLIENT_CLASS herd stores pickles",
        ),
        ({"HERD_TIMEOUT": 5}, "option HERD_TIMEOUT is given, but CLIENT_CLASS is not herd"),
        ({"SENTINELS": [("h", 1)]}, "option SENTINELS is for CLIENT_CLASS sentinel"),
        ({"IGNORE_EXCEPTIONS": "perhaps"}, "must be True or False"),
        ({"COMPAT": "valkey"}, 'must be "django" or "django-redis"'),
        ({"DB": "one"}, 'option DB is "one"'),
        ({"host": "h"}, "the server stands in LOCATION"),
        (
            {"SERIALIZER_CLASS": "redis_cache.serializers.JSONSerializer"},
            "give SERIALIZER = 'pickle', 'json' or 'msgpack'",
        ),
    ],
)
def test_options_that_are_refused(given: Any, sentence: str) -> None:
    said = refusal(given)
    assert said.startswith("CACHES: ") and sentence in said


@pytest.mark.parametrize("package", ["redis_cache.client", "django_redis.client", "djredis.django.clients"])
@pytest.mark.parametrize(
    ("kind", "module"), [("DefaultClient", "default."), ("ShardClient", "sharded."), ("HerdClient", "herd.")]
)
def test_every_path_of_a_client(package: str, kind: str, module: str) -> None:
    name = kind.replace("Client", "").lower()
    for given in (name, f"{package}.{kind}", f"{package}.{module}{kind}", getattr(clients, kind)):
        made = djredis.django.RedisCache(SERVER, {"OPTIONS": {"CLIENT_CLASS": given}})
        assert type(made.client) is getattr(clients, kind)
        assert made.client.cache.option("CLIENT_CLASS") == name
    own = type("Own", (getattr(clients, kind),), {})
    made = djredis.django.RedisCache(SERVER, {"OPTIONS": {"CLIENT_CLASS": own}})
    assert type(made.client) is own and made.client.cache.option("CLIENT_CLASS") == name


def test_what_stands_beside_options() -> None:
    found = read(SERVER, {"KEY_PREFIX": 7, "VERSION": "2", "TIMEOUT": "60"})
    assert [found.options[name] for name in ("KEY_PREFIX", "VERSION", "TIMEOUT", "ZERO_TIMEOUT")] == [
        "7",
        2,
        60,
        "expire",
    ]
    assert read(SERVER, {}, REDIS_CACHE).options["ZERO_TIMEOUT"] == "forever"
    for given, means in ((None, None), (0.5, 0.5), (0, 0), (-1, -1), (timedelta(minutes=1), 60), (2.0, 2)):
        assert read(SERVER, {"TIMEOUT": given}).options["TIMEOUT"] == means
    assert djredis.django.RedisCache(SERVER, {"TIMEOUT": 0.5}).default_timeout == 0.5
    assert "must be seconds, such as 300 or 0.5, or None for ever" in refusal(TIMEOUT="soon")
    assert "must be seconds" in refusal(TIMEOUT=float("inf"))
    assert "VERSION is 'v2', but it must be a whole number" in refusal(VERSION="v2")


def test_whose_return_values() -> None:
    assert (read(SERVER, {}).compat, read(SERVER, {}, REDIS_CACHE).compat) == ("django", "django-redis")
    assert read(SERVER, {"OPTIONS": {"COMPAT": "django-redis"}}).compat == "django-redis"
    assert read(SERVER, {"OPTIONS": {"COMPAT": "django"}}, REDIS_CACHE).compat == "django"


def switches(found: Settings) -> tuple[bool, bool, bool, str]:
    return found.ignore_exceptions, found.log_ignored, found.close_connection, found.logger


def test_settings_for_all_caches() -> None:
    assert switches(read(SERVER, {})) == (False, False, False, "djredis.django")
    everywhere = {
        "DJANGO_REDIS_IGNORE_EXCEPTIONS": True,
        "DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS": True,
        "DJANGO_REDIS_CLOSE_CONNECTION": True,
        "DJANGO_REDIS_LOGGER": "site.cache",
        "DJANGO_REDIS_SCAN_ITERSIZE": 25,
        "DJANGO_REDIS_CONNECTION_FACTORY": "django_redis.pool.ConnectionFactory",
        "CACHE_HERD_TIMEOUT": 30,
    }
    with override_settings(**everywhere):
        found = read(SERVER, {"OPTIONS": {"CLIENT_CLASS": "herd"}})
        assert switches(found) == (True, True, True, "site.cache")
        assert (found.options["SCAN_ITERSIZE"], found.options["HERD_TIMEOUT"]) == (25, 30)
        own = {"IGNORE_EXCEPTIONS": False, "LOG_IGNORED_EXCEPTIONS": "no", "CLOSE_CONNECTION": 0, "SCAN_ITERSIZE": 5}
        found = read(SERVER, {"OPTIONS": own})
        assert switches(found)[:3] == (False, False, False) and found.options["SCAN_ITERSIZE"] == 5
    with override_settings(DJANGO_REDIS_CONNECTION_FACTORY="my.Factory"):
        assert "the setting DJANGO_REDIS_CONNECTION_FACTORY" in refusal({})


def test_a_refusal_names_the_alias() -> None:
    params = {"OPTIONS": {"SOKET_TIMEOUT": 1}, "KEY_PREFIX": "a"}
    caches = {
        "default": {"BACKEND": "djredis.django.RedisCache", "LOCATION": SERVER},
        "pages": {"BACKEND": "djredis.django.RedisCache", "LOCATION": SERVER, **params},
    }
    with (
        override_settings(CACHES=caches),
        pytest.raises(ImproperlyConfigured, match=r'CACHES\["pages"\]: OPTIONS\["SOK'),
    ):
        read(SERVER, params)


class Own:
    """A serializer as django-redis has them."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options

    def dumps(self, value: Any) -> bytes:
        return pickle.dumps((self.options["LABEL"], value))

    def loads(self, data: bytes) -> Any:
        return pickle.loads(data)[1]


class DjangosOwn:
    """A serializer as Django's backend has them: text is fine, and nothing is given."""

    def dumps(self, value: Any) -> Any:
        return value if isinstance(value, int) else repr(value)

    def loads(self, data: bytes) -> Any:
        return eval(data)


def test_a_serializer_of_ones_own_gets_the_options() -> None:
    params = {"OPTIONS": {"SERIALIZER": f"{__name__}.Own", "LABEL": "a"}}
    made = read(SERVER, params).options["SERIALIZER"]
    assert isinstance(made, Own) and made.options == params["OPTIONS"]
    assert read(SERVER, params).options["SERIALIZER"] is made, "threads share it, and so their cache"
    other = {"OPTIONS": {**params["OPTIONS"], "LABEL": "b"}}
    assert read(SERVER, other).options["SERIALIZER"] is not made
    slip = {"OPTIONS": {**params["OPTIONS"], "SOKET_TIMEOUT": 3}}
    with pytest.raises(ImproperlyConfigured, match="did you mean SOCKET_TIMEOUT"):
        read(SERVER, slip)


@pytest.mark.parametrize("given", [f"{__name__}.DjangosOwn", DjangosOwn, DjangosOwn()])
def test_a_serializer_for_djangos_backend(given: Any, location: str) -> None:
    backend = djredis.django.RedisCache(location, {"OPTIONS": {"serializer": given}})
    backend.set("k", {"a": (1, None)})
    assert backend.get("k") == {"a": (1, None)}
    with djredis.Cache(location, serializer="raw") as raw:
        assert raw.get("k") == b"{'a': (1, None)}"


def test_every_thread_has_the_same_cache() -> None:
    given: dict[str, Any] = {"OPTIONS": {"serializer": DjangosOwn(), "CONNECTION_POOL_KWARGS": {"max_connections": 3}}}
    one, two = (djredis.django.RedisCache("h:1:0", given) for _ in range(2))
    assert one.client.cache is two.client.cache
    assert djredis.django.RedisCache("h:1:1", given).client.cache is not one.client.cache


def test_a_reverse_key_function_of_django_redis_needs_no_django_redis() -> None:
    given = {"REVERSE_KEY_FUNCTION": "django_redis.util.default_reverse_key"}
    assert read(SERVER, given).reverse_key_function is None
    own = f"{__name__}.switches"
    assert read(SERVER, {"REVERSE_KEY_FUNCTION": own}).reverse_key_function == own
    assert "KEY_FUNCTION 'no.such' can't be imported" in refusal(KEY_FUNCTION="no.such")
    assert "REVERSE_KEY_FUNCTION 'os.sep' is no function" in refusal(REVERSE_KEY_FUNCTION="os.sep")
