"""OPTIONS as Django sites write them: this library's names in either case, django-redis's, and those of Django's own
backend, which are redis-py's.

What has a counterpart is mapped, what needs none is accepted, and anything else is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from django.conf import settings as site
from django.utils.module_loading import import_string

from .._options import is_built_in_parser
from . import _pool_names
from ._known import names
from ._refusal import Entry, nearest

_BESIDE = ("TIMEOUT", "KEY_PREFIX", "VERSION", "KEY_FUNCTION", "REVERSE_KEY_FUNCTION", "BACKEND", "LOCATION")
#: Read by the backend, and not by the library.
_OWN = frozenset({"COMPAT", "IGNORE_EXCEPTIONS", "LOG_IGNORED_EXCEPTIONS", "CLOSE_CONNECTION"})
_CLIENTS = {
    **{name: name for name in ("default", "shard", "herd", "sentinel", "cluster")},
    **{
        f"{package}.{path}{kind}": name
        for package in ("redis_cache.client", "django_redis.client", "djredis.django.clients", "djredis.django")
        for name, kind, module in (
            ("default", "DefaultClient", "default."),
            ("shard", "ShardClient", "sharded."),
            ("herd", "HerdClient", "herd."),
            ("sentinel", "SentinelClient", "sentinel."),
            ("cluster", "ClusterClient", "cluster."),
        )
        for path in ("", module)
    },
}
_FACTORIES = ("django_redis.pool.ConnectionFactory", "redis_cache.pool.ConnectionFactory")
_POOLS = (
    *(f"redis.{path}{kind}" for path in ("", "connection.") for kind in ("ConnectionPool", "BlockingConnectionPool")),
    *(f"redis.{path}SentinelConnectionPool" for path in ("", "sentinel.")),
)
_RAW_CLIENTS = ("redis.Redis", "redis.client.Redis", "redis.StrictRedis", "redis.client.StrictRedis")
_COMPRESSORS = "give COMPRESSOR = 'zlib', 'gzip', 'lzma', 'lz4' or 'zstd'"
_REFUSED = {
    "FALLBACK": "it never did anything; leave it out",
    "COMPRESS_COMPRESSOR": "a function of one's own can't compress; " + _COMPRESSORS,
    "COMPRESS_DECOMPRESSOR": "a function of one's own can't decompress; " + _COMPRESSORS,
    "COMPRESS_COMPRESSOR_ERROR": "what can't be decompressed raises DecodeError; leave it out",
    "COMPRESS_DECOMPRESSOR_ERROR": "what can't be decompressed raises DecodeError; leave it out",
    "SERIALIZER_CLASS": "give SERIALIZER = 'pickle', 'json' or 'msgpack', or a class with dumps and loads",
    "SERIALIZER_CLASS_KWARGS": "give PICKLE_VERSION for pickle's; a serializer of one's own gets options=",
    "COMPRESSOR_CLASS": _COMPRESSORS,
    "COMPRESSOR_CLASS_KWARGS": "give COMPRESS_LEVEL",
    "MASTER_CACHE": "the first entry of LOCATION is the primary",
    "BASE_CLIENT_CLASS": "get_redis_connection gives redis.Redis; leave it out",
    "BASE_CLIENT_KWARGS": "get_redis_connection gives redis.Redis; leave it out",
}
#: Django's culling, which Redis does itself (maxmemory).
_NEEDLESS = frozenset({"MAX_ENTRIES", "CULL_FREQUENCY"})


class Found:
    """What OPTIONS says."""

    def __init__(self) -> None:
        #: For djredis.Cache.
        self.options: dict[str, Any] = {}
        #: For the backend.
        self.own: dict[str, Any] = {}
        self.client_class: Any = None


def translate(entry: Entry, given: Mapping[str, Any]) -> Found:
    """OPTIONS in this library's words. Raises ImproperlyConfigured."""
    found = Found()
    unknown: list[str] = []
    blocking = any("Blocking" in str(given.get(name)) for name in ("pool_class", "CONNECTION_POOL_CLASS"))
    everywhere = getattr(site, "DJANGO_REDIS_CONNECTION_FACTORY", None)
    if everywhere and not given.get("CONNECTION_FACTORY"):
        _connection_factory(entry, found, "the setting DJANGO_REDIS_CONNECTION_FACTORY", everywhere)
    for name, value in given.items():
        if not isinstance(name, str):
            raise entry.refusal(f"OPTIONS has the key {name!r}, but its keys are texts")
        if name == "timeout" and blocking:
            found.options["POOL_TIMEOUT"] = value
        elif not _translate_one(entry, found, name, value, given):
            unknown.append(name)
    _judge_unknown(entry, found, unknown)
    return found


def _translate_one(entry: Entry, found: Found, name: str, value: Any, given: Mapping[str, Any]) -> bool:
    """Whether the name is known."""
    upper, where = name.upper(), f'OPTIONS["{name}"]'
    if upper in _BESIDE:
        raise entry.refusal(f"{where} stands beside OPTIONS, not in it")
    if upper in _REFUSED:
        raise entry.refusal(f"{where} can't be used: {_REFUSED[upper]}")
    if upper in _OWN:
        found.own[upper] = value
    elif upper in _SPECIAL:
        _SPECIAL[upper](entry, found, where, value)
    elif upper == "SERIALIZER":
        from . import _serializers

        found.options[upper] = _serializers.serializer(entry, where, value, given, django=name == "serializer")
    elif name.lower() in _pool_names.KNOWN:
        found.options.update(_translated(entry, found, where, name.lower(), value))
    elif upper in names():
        found.options[upper] = value
    elif upper not in _NEEDLESS:
        return False
    return True


def _translated(entry: Entry, found: Found, where: str, name: str, value: Any) -> dict[str, Any]:
    if name == "parser_class":
        _parser_class(entry, found, where, value)
        return {}
    return _pool_names.translate(entry, where, name, value)


def _judge_unknown(entry: Entry, found: Found, unknown: list[str]) -> None:
    """A class of one's own may read names of its own, but none that looks like a slip in one of ours."""
    owned = found.client_class is not None or not isinstance(found.options.get("SERIALIZER", ""), str)
    for name in unknown:
        if not owned or nearest(name, known_names(), 0.8):
            raise entry.unknown("OPTIONS", name, known_names())


def known_names() -> frozenset[str]:
    """Every name that OPTIONS may have."""
    return frozenset({*names(), *_OWN, *_SPECIAL, *_NEEDLESS, "SERIALIZER"} - set(_BESIDE))


def reverse_key_function(given: Any) -> Any:
    """REVERSE_KEY_FUNCTION, None for what is the default in django-redis too."""
    return None if given == "django_redis.util.default_reverse_key" else given


def _path(value: Any) -> str:
    """The dotted path of a class, given as one or as itself."""
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    return str(value)


def _client_class(entry: Entry, found: Found, where: str, value: Any) -> None:
    if not value:
        return
    path = _path(value)
    kind = _CLIENTS.get(path)
    if kind is None and "." not in path:
        raise entry.refusal(
            f"{where} is {path!r}, but it must be default, shard, herd, sentinel, cluster or the dotted path of a "
            "class of your own that is derived from redis_cache.client.DefaultClient"
        )
    is_own = kind is None
    if is_own:
        found.client_class, kind = value, _layout_of(value)
    if kind != "default":
        found.options["CLIENT_CLASS"] = kind
    if kind == "sentinel" and (is_own or path.startswith(("django_redis.", "redis_cache."))):
        found.options.setdefault("SENTINEL_REPLICAS", True)  # as that class of django-redis does


def _layout_of(value: Any) -> Any:
    """What a class of one's own is derived from; `clients.load` says what is wrong with one that can't be had."""
    try:
        found = import_string(value) if isinstance(value, str) else value
    except ImportError:
        return "default"
    return getattr(found, "_layout", "default")


def _parser_class(entry: Entry, found: Found, where: str, value: Any) -> None:
    """redis-py's parsers are the library's own, which is the default."""
    if value and not is_built_in_parser(value):
        found.options["PARSER_CLASS"] = value


def _pool_class(entry: Entry, found: Found, where: str, value: Any) -> None:
    if value and not _is_one_of(value, _POOLS):
        raise entry.refusal(
            f"{where} is {_path(value)!r}, but the pool is the library's own: MAX_CONNECTIONS and POOL_TIMEOUT say how "
            "it behaves, CLIENT_CLASS chooses the servers; leave it out"
        )


def _connection_factory(entry: Entry, found: Found, where: str, value: Any) -> None:
    if not value or _path(value) in _FACTORIES:
        return
    if _path(value).endswith("SentinelConnectionFactory"):
        found.options["CLIENT_CLASS"] = "sentinel"
        return
    raise entry.refusal(
        f"{where} is {_path(value)!r}, but connections are the library's own; leave it out, and give what it adds to a "
        "connection as options (docs/options.md)"
    )


def _raw_client_class(entry: Entry, found: Found, where: str, value: Any) -> None:
    if value and not _is_one_of(value, _RAW_CLIENTS):
        raise entry.refusal(f"{where} is {_path(value)!r}, but get_redis_connection gives redis.Redis; leave it out")


def _raw_client_kwargs(entry: Entry, found: Found, where: str, value: Any) -> None:
    if value:
        raise entry.refusal(f"{where} can't be used: get_redis_connection gives a redis.Redis of its own; leave it out")


def _pool_kwargs(entry: Entry, found: Found, where: str, value: Any) -> None:
    for name, meant in _pool_names.translate_all(entry, where, value or {}).items():
        if name == "PARSER_CLASS":
            _parser_class(entry, found, where, meant)
        else:
            found.options.setdefault(name, meant)


def _replica_read_only(entry: Entry, found: Found, where: str, value: Any) -> None:
    """Writes go to the primary alone, which is what True says; with one server there is nothing to choose."""
    if value is not None and not value and entry.has_several_servers():
        raise entry.refusal(
            f"{where} is {value!r}, but what a replica is sent to write is lost: writes go to the first server of LOCATION "
            "alone; leave it out"
        )


def _sentinel_addresses(entry: Entry, found: Found, where: str, value: Any) -> None:
    from . import _sentinels

    found.options["SENTINELS"] = _sentinels.addresses(entry, where, value)


def _sentinel_kwargs(entry: Entry, found: Found, where: str, value: Any) -> None:
    from . import _sentinels

    found.options.update(_sentinels.login(entry, where, value))


def _socket_timeout(name: str) -> Callable[[Entry, Found, str, Any], None]:
    def read(entry: Entry, found: Found, where: str, value: Any) -> None:
        found.options[name] = None if value in _pool_names.NO_LIMIT else value

    return read


def _compress_min_len(entry: Entry, found: Found, where: str, value: Any) -> None:
    """Of 3.8: 0 was off; what has this length or more was compressed."""
    try:
        length = int(value or 0)
    except (TypeError, ValueError):
        raise entry.refusal(f"{where} is {value!r}, but it must be a number of bytes, or 0 for off") from None
    if length > 0:
        found.options.setdefault("COMPRESSOR", "zlib")
        found.options["COMPRESS_MIN_LENGTH"] = length - 1


def _pickle_version(entry: Entry, found: Found, where: str, value: Any) -> None:
    try:
        version = int(value)
    except (TypeError, ValueError):
        version = None
    if version is None or version in (0, 1) or version > 5:
        raise entry.refusal(
            f"{where} is {value!r}, but it must be 2, 3, 4 or 5, or a negative number for the highest; every protocol "
            "from 0 to 5 is read"
        )
    found.options["PICKLE_VERSION"] = version


def _is_one_of(value: Any, paths: tuple[str, ...]) -> bool:
    return _path(value) in paths


def _compressor(entry: Entry, found: Found, where: str, value: Any) -> None:
    path = _path(value)
    if "." in path and not path.startswith("django_redis.compressors."):
        raise entry.refusal(
            f"{where} is {path!r}, but a class of one's own can't compress; {_COMPRESSORS}, or compress in a "
            "SERIALIZER of your own"
        )
    found.options["COMPRESSOR"] = path


_SPECIAL: dict[str, Callable[[Entry, Found, str, Any], None]] = {
    "CLIENT_CLASS": _client_class,
    "PARSER_CLASS": _parser_class,
    "POOL_CLASS": _pool_class,
    "CONNECTION_POOL_CLASS": _pool_class,
    "CONNECTION_POOL_KWARGS": _pool_kwargs,
    "CONNECTION_POOL_CLASS_KWARGS": _pool_kwargs,
    "CONNECTION_FACTORY": _connection_factory,
    "REDIS_CLIENT_CLASS": _raw_client_class,
    "REDIS_CLIENT_KWARGS": _raw_client_kwargs,
    "REPLICA_READ_ONLY": _replica_read_only,
    "SENTINELS": _sentinel_addresses,
    "SENTINEL_KWARGS": _sentinel_kwargs,
    "SOCKET_TIMEOUT": _socket_timeout("SOCKET_TIMEOUT"),
    "SOCKET_CONNECT_TIMEOUT": _socket_timeout("SOCKET_CONNECT_TIMEOUT"),
    "COMPRESS_MIN_LEN": _compress_min_len,
    "COMPRESSOR": _compressor,
    "PICKLE_VERSION": _pickle_version,
}
