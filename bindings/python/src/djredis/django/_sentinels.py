"""What django-redis says of sentinels: LOCATION with a service's name, SENTINELS, SENTINEL_KWARGS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._options import option_text
from . import _locations, _pool_names
from ._refusal import Entry

#: In the query of a URL: whether it means the primary or its replicas.
_ROLE = r"[?&]is_master=([^&]*)"
_NO = ("0", "f", "false", "n", "no")
#: How long a sentinel may take follows from the call's deadline.
_NEEDLESS = ("SOCKET_TIMEOUT", "SOCKET_CONNECT_TIMEOUT")


def location(entry: Entry, server: Any, options: dict[str, Any]) -> str | list[str]:
    """LOCATION of an entry with CLIENT_CLASS sentinel: one service, such as redis://mymaster/0.

    django-redis names primary and replicas by is_master in the query; with a replica among them reads go to replicas.
    """
    if not server and options.get("SENTINEL_SERVICE"):
        return ""
    written = _locations.entries(entry, server)
    roles = {role.lower() in _NO for text in written for role in re.findall(_ROLE, text)}
    if roles == {True}:
        raise entry.refusal(
            "LOCATION has is_master=0 alone, but a cache that is only read from can't be had: leave is_master out, and give "
            "SENTINEL_REPLICAS = True to read from replicas"
        )
    if True in roles:
        options.setdefault("SENTINEL_REPLICAS", True)
    services = list(dict.fromkeys(_without_role(text) for text in written))
    return _locations.read(entry, services, strict=False)


def _without_role(text: str) -> str:
    place, mark, query = text.partition("?")
    rest = "&".join(pair for pair in query.split("&") if not pair.startswith("is_master="))
    return place + mark + rest if rest else place


def addresses(entry: Entry, where: str, value: Any) -> str:
    """SENTINELS: a list of (host, port), or of texts."""
    if isinstance(value, str):
        return value
    if not isinstance(value, (list, tuple)):
        raise entry.refusal(f"{where} is a list of (host, port), not {type(value).__name__}")
    for part in value:
        if not isinstance(part, str) and (not isinstance(part, (list, tuple)) or len(part) != 2):
            raise entry.refusal(f"{where} is a list of (host, port), and has {part!r} in it")
    return option_text("SENTINELS", value) or ""


def login(entry: Entry, where: str, keywords: Any) -> Mapping[str, Any]:
    """SENTINEL_KWARGS, as options."""
    options: dict[str, Any] = {}
    for name, meant in _pool_names.translate_all(entry, where, keywords or {}).items():
        if name in ("USERNAME", "PASSWORD"):
            options[f"SENTINEL_{name}"] = meant
        elif name not in _NEEDLESS:
            raise entry.refusal(
                f"{where} gives {name}, but sentinels have a login of their own and nothing else: give {name} in OPTIONS, for "
                "the servers, or leave it out"
            )
    return options
