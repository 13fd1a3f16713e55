"""Values as JSON that keeps their types; the readers in Go, Ruby and C print the same.

What JSON has stands for itself. Everything else is an object with one key that starts with "$": see `shown`.
"""

from __future__ import annotations

import datetime
import decimal
import types
import uuid
import zoneinfo
from typing import Any

from django.utils.safestring import SafeString

from .models import Book

# What a book is compared by.
FIELDS = ("id", "author_id", "title", "price", "published", "isbn", "details", "in_print", "genre", "loan", "cover")


def shown(value: Any) -> Any:
    """The JSON of a value; of an object of a class of its own how pickle makes it, without running anything."""
    if isinstance(value, SafeString):
        return {"$safe": str(value)}
    for kind, show in SHOWS.items():
        if type(value) is kind:
            return show(value)
    return shown_record(value)


def shown_book(book: Book) -> dict[str, Any]:
    """The fields of a book, and the author's name if the author was cached with it."""
    author = book._state.fields_cache.get("author")
    return {name: shown(getattr(book, name)) for name in FIELDS} | {"author": author and author.name}


def shown_datetime(value: datetime.datetime) -> dict[str, Any]:
    """The wall time and its zone: a name, seconds east of UTC, or null."""
    zone: Any = value.utcoffset()
    if isinstance(value.tzinfo, zoneinfo.ZoneInfo):
        zone = value.tzinfo.key
    elif zone is not None:
        zone = int(zone.total_seconds())
    return {"$datetime": value.strftime("%Y-%m-%dT%H:%M:%S.%f"), "zone": zone}


def shown_record(value: Any) -> dict[str, Any]:
    if isinstance(value, (type, types.FunctionType)):
        return {"$class": f"{value.__module__}.{value.__qualname__}", "args": None}
    made_by, arguments = value.__reduce_ex__(4)[:2]
    return {"$class": f"{made_by.__module__}.{made_by.__qualname__}", "args": [shown(item) for item in arguments]}


def itself(value: Any) -> Any:
    return value


SHOWS = {
    type(None): itself,
    bool: itself,
    int: itself,
    float: itself,
    str: itself,
    bytes: lambda value: {"$bytes": value.hex()},
    list: lambda value: [shown(item) for item in value],
    dict: lambda value: {key: shown(item) for key, item in value.items()},
    tuple: lambda value: {"$tuple": [shown(item) for item in value]},
    set: lambda value: {"$set": [shown(item) for item in value]},
    datetime.datetime: shown_datetime,
    datetime.date: lambda value: {"$date": value.isoformat()},
    datetime.timedelta: lambda value: {"$timedelta": [value.days, value.seconds, value.microseconds]},
    decimal.Decimal: lambda value: {"$decimal": str(value)},
    uuid.UUID: lambda value: {"$uuid": str(value)},
}
