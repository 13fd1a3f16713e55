"""LOCATION, in every way that Django sites write it."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit

from . import _pool_names
from ._refusal import Entry

EXAMPLE = "'redis://127.0.0.1:6379/1' or '127.0.0.1:6379:1'"
_PLAIN = r"(?:\[[^\]]*\]|[^:/@\[\]]+):\d+|unix:/[^:]*"


def read(entry: Entry, server: Any, *, strict: bool) -> str | list[str]:
    """The location as the library reads it: text, or a list of texts where there are several servers.

    strict: a server without its database is refused, as by the releases that wrote host:port:db.
    """
    found = [_written(entry, text) for text in entries(entry, server)]
    if strict:
        for text in found:
            if re.fullmatch(_PLAIN, text):
                raise entry.refusal(
                    f'LOCATION "{text}" names no database; write {text}:0, or the number of the one in use: '
                    "without one releases before 3.0 meant 1"
                )
    return found[0] if len(found) == 1 else found


def entries(entry: Entry, server: Any) -> list[str]:
    """The servers as they are written, however they are listed."""
    if isinstance(server, os.PathLike):
        server = f"unix:{os.fspath(server)}"
    if isinstance(server, str):
        # A semicolon separates servers for Django, a comma for django-redis; it may also stand in a password.
        parts = re.split("[;,]", server)
        server = server.split(",") if any(_is_rest_of_password(part) for part in parts[1:]) else parts
    if not isinstance(server, (list, tuple, set, frozenset)) or not all(isinstance(part, str) for part in server):
        raise entry.refusal(f"LOCATION is text or a list of texts, such as {EXAMPLE}, not {type(server).__name__}")
    found = [part.strip() for part in (sorted(server) if isinstance(server, (set, frozenset)) else server)]
    if not any(found):
        raise entry.refusal(f"LOCATION is empty; give the server, such as {EXAMPLE}")
    return found


def _is_rest_of_password(part: str) -> bool:
    return "@" in part and "://" not in part


def _written(entry: Entry, text: str) -> str:
    """An entry in the library's words: a bare path is a unix socket, a URL's query is redis-py's."""
    if text.startswith("/"):
        return f"unix:{text}"
    if "://" not in text:
        return text
    scheme, rest = text.split("://", 1)
    if scheme in ("redis", "rediss") and rest[:1] in ("", "/", "?"):
        text = f"{scheme}://localhost{rest}"
    return _pool_names.translate_query(entry, text) if urlsplit(text).query else text
