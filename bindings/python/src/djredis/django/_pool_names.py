"""What redis-py's connections and pools take by name, in this library's words.

django-redis passes CONNECTION_POOL_KWARGS to them, Django's own backend all of OPTIONS, and both the query of a URL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from ._refusal import Entry

#: The same thing under another name.
_NAMES = {
    "db": "DB",
    "username": "USERNAME",
    "password": "PASSWORD",
    "socket_timeout": "SOCKET_TIMEOUT",
    "socket_connect_timeout": "SOCKET_CONNECT_TIMEOUT",
    "max_connections": "MAX_CONNECTIONS",
    "protocol": "PROTOCOL",
    "timeout": "POOL_TIMEOUT",
    "parser_class": "PARSER_CLASS",
    "ssl_ca_certs": "TLS_CA",
    "ssl_certfile": "TLS_CERT",
    "ssl_keyfile": "TLS_KEY",
}
#: What stands for no limit in a socket's timeout: django-redis asks whether it is true.
NO_LIMIT = (None, 0, "0", "")
#: Accepted, since what they are for needs no setting here, or is only about redis-py itself.
_NEEDLESS = frozenset(
    {
        "retry_on_timeout",  # a read whose idle connection died is sent again by itself, a write never
        "health_check_interval",  # a connection is looked at before it is used again
        "socket_keepalive",
        "socket_keepalive_options",
        "socket_read_size",
        "socket_type",
        "encoding_errors",
        "lib_name",
        "lib_version",
        "driver_info",
        "queue_class",
        "maint_notifications_config",
        "single_connection_client",
        "auto_close_connection_pool",
    }
)
_RETRIES = (
    "when to try again is fixed: a read whose idle connection died is sent once more, a write never; leave it out"
)
_REFUSED = {
    "host": "the server stands in LOCATION",
    "port": "the server stands in LOCATION",
    "path": "the socket stands in LOCATION, as unix:/path/to/socket.sock:0",
    "unix_socket_path": "the socket stands in LOCATION, as unix:/path/to/socket.sock:0",
    "client_name": "connections have no name yet; leave it out",
    "retry": _RETRIES,
    "retry_on_error": _RETRIES,
    "credential_provider": "it can't be asked for credentials; give USERNAME and PASSWORD",
    "redis_connect_func": "connections are the library's own; leave it out",
    "connection_class": "connections are the library's own; leave it out, and use rediss:// for TLS",
    "command_packer": "connections are the library's own; leave it out",
    "cache": "redis-py's client side cache belongs to redis-py; leave it out",
    "cache_config": "redis-py's client side cache belongs to redis-py; leave it out",
    "ssl": "write LOCATION as rediss://host:port/db",
    "ssl_ca_data": "certificates are read from a file; give ssl_ca_certs",
    "ssl_ca_path": "certificates are read from a file; give ssl_ca_certs",
    "ssl_password": "the private key's file can't have a password; leave it out",
    "ssl_validate_ocsp": "OCSP is not supported; leave it out",
    "ssl_validate_ocsp_stapled": "OCSP is not supported; leave it out",
    "ssl_min_version": "the lowest TLS version is fixed; leave it out",
    "ssl_ciphers": "the ciphers of TLS are fixed; leave it out",
}
#: What the backend has to know itself, or what means one thing to redis-py and another to the library.
_ELSEWHERE = {
    "TIMEOUT": "write TIMEOUT beside OPTIONS for the values', POOL_TIMEOUT in OPTIONS for the wait for a connection",
    **dict.fromkeys(("KEY_PREFIX", "VERSION"), "it stands beside OPTIONS"),
    **dict.fromkeys(
        ("CLIENT_CLASS", "COMPAT", "IGNORE_EXCEPTIONS", "LOG_IGNORED_EXCEPTIONS", "CLOSE_CONNECTION"),
        "it stands in OPTIONS",
    ),
}
KNOWN = frozenset(
    {*_NAMES, *_NEEDLESS, *_REFUSED, "decode_responses", "encoding", "ssl_cert_reqs", "ssl_check_hostname"}
)


def translate(entry: Entry, where: str, name: str, value: Any) -> dict[str, Any]:
    """The options that a keyword of redis-py stands for: one or none. `where`: how messages name its place."""
    if name in _NEEDLESS:
        return {}
    if name in _NAMES:
        no_limit = name in ("socket_timeout", "socket_connect_timeout") and value in NO_LIMIT
        return {_NAMES[name]: None if no_limit else value}
    if name in _REFUSED:
        raise entry.refusal(f"{where} can't be used: {_REFUSED[name]}")
    return _of_value(entry, where, name, value)


def _of_value(entry: Entry, where: str, name: str, value: Any) -> dict[str, Any]:
    """Those that depend on what they are set to."""
    text = str(value).rpartition(".")[2].lower()
    if name == "decode_responses":
        if text in ("true", "1", "yes"):
            raise entry.refusal(f"{where} can't be used: stored values are bytes, not text; leave it out")
    elif name == "encoding":
        if text.replace("-", "").replace("_", "") != "utf8":
            raise entry.refusal(f"{where} can't be used: keys are UTF-8 in every language; leave it out")
    elif name == "ssl_check_hostname":
        if text in ("false", "0", "no"):
            raise entry.refusal(
                f"{where} can't be used: give TLS_SERVER_NAME where the certificate has another name than the server in "
                "LOCATION, or TLS_VERIFY = False, which verifies nothing"
            )
    elif name == "ssl_cert_reqs":
        return {"TLS_VERIFY": text not in ("none", "cert_none", "0")}
    return {}


def translate_query(entry: Entry, url: str) -> str:
    """A URL whose query has the library's names."""
    place, _, query = url.partition("?")
    if place.startswith("redis") and re.search("(?:^|&)db=", query):
        # Where both name a database, the query's counts.
        place = re.sub(r"(?<=[^/])/\d*$", "", place)
    pairs: list[tuple[str, str]] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.upper() in _ELSEWHERE:
            raise entry.refusal(f"{name} in the query of LOCATION can't be used: {_ELSEWHERE[name.upper()]}")
        if name.lower() not in KNOWN:
            pairs.append((name, value))
            continue
        for option, meant in translate(entry, f"{name} in the query of LOCATION", name.lower(), value).items():
            pairs.append((option.lower(), "none" if meant is None else str(meant)))
    text = urlencode(pairs, quote_via=quote)
    return f"{place}?{text}" if text else place


def translate_all(entry: Entry, where: str, keywords: Any) -> dict[str, Any]:
    """A dict of such keywords, as CONNECTION_POOL_KWARGS has."""
    if not isinstance(keywords, Mapping):
        raise entry.refusal(f"{where} is a dict, not {type(keywords).__name__}")
    options: dict[str, Any] = {}
    for name, value in keywords.items():
        if name not in KNOWN:
            raise entry.unknown(where, name, KNOWN)
        options.update(translate(entry, f'{where}["{name}"]', name, value))
    return options
