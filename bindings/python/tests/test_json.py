"""The JSON that is stored: byte for byte what Django's encoder writes."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import json
import uuid
import zoneinfo
from typing import Any

import pytest

from djredis import _json

UTC = datetime.timezone.utc
NOON = datetime.datetime(2024, 2, 29, 12, 0, 5, 123456)


class Colour(enum.IntEnum):
    RED = 1


class Size(str, enum.Enum):
    SMALL = "s"


Pair = collections.namedtuple("Pair", "a b")

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")

VALUES = [
    None, True, 1.5, 1e16, 5e-324, float("inf"), "", "h\xe9 \u20ac \U0001f600 \ud800 \x7f\n\"", 2**70,
    [], {}, [1, (2, [3])], {"a": {1: None, None: 2, 2.5: 3}}, {True: 4}, {"z": 1, "a": 2},
    collections.OrderedDict(b=1), collections.Counter("aab"), Pair(1, 2),
    Colour.RED, Size.SMALL, [Colour.RED, {Size.SMALL: 1}],
    NOON, NOON.replace(microsecond=0), NOON.replace(microsecond=1), NOON.replace(second=0, microsecond=0),
    NOON.replace(tzinfo=UTC), NOON.replace(microsecond=0, tzinfo=UTC), NOON.replace(tzinfo=BERLIN),
    NOON.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))),
    NOON.replace(tzinfo=datetime.timezone(datetime.timedelta(seconds=1, microseconds=5))), datetime.datetime(1, 1, 1),
    NOON.date(), NOON.time(), datetime.time(23, 59), datetime.time(1, 2, 3, 999), datetime.time(1, tzinfo=BERLIN),
    datetime.timedelta(0), datetime.timedelta(1, 2, 3), datetime.timedelta(-1, 86_398, 999_999),
    datetime.timedelta(microseconds=-1), datetime.timedelta.min, datetime.timedelta.max,
    decimal.Decimal("-1.50"), decimal.Decimal("NaN"), decimal.Decimal("1E+3"), uuid.UUID(int=5),
]  # fmt: skip
REFUSED = [
    {1}, frozenset(), b"a", [bytearray(b"a")], 1j, object(), collections.deque(), range(3), ...,
    datetime.time(1, tzinfo=UTC), {(1, 2): 3}, {b"a": 1}, {decimal.Decimal(1): 1},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_it_is_djangos(value: Any) -> None:
    encoder = pytest.importorskip("django.core.serializers.json").DjangoJSONEncoder
    assert _json.dumps(value) == json.dumps(value, cls=encoder).encode()
    assert repr(_json.loads(_json.dumps(value))) == repr(json.loads(json.dumps(value, cls=encoder)))


@pytest.mark.parametrize("value", REFUSED, ids=ascii)
def test_it_refuses_what_django_refuses(value: Any) -> None:
    encoder = pytest.importorskip("django.core.serializers.json").DjangoJSONEncoder
    refusals = (TypeError, ValueError, OverflowError)
    with pytest.raises(refusals):
        json.dumps(value, cls=encoder)
    with pytest.raises(refusals):
        _json.dumps(value)


def test_djangos_lazy_strings() -> None:
    lazy = pytest.importorskip("django.utils.functional").lazystr
    assert _json.dumps(["a", lazy("b")]) == b'["a", "b"]'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "offset 0"),
        (b"[1, 2", "offset 5"),
        ('["\u20ac", x]'.encode(), "offset 8"),
        (b'{"a": 01}', "offset 7"),
        (b"[1] x", "offset 4"),
        (b'"\xff"', "utf-8"),
        (b'"\xed\xa0\x80"', "utf-8"),
    ],
)
def test_what_is_no_json(data: bytes, why: str) -> None:
    for text in (data, memoryview(data)):
        with pytest.raises(ValueError, match=why):
            _json.loads(text)


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    deep = b"[" * 1_000_000 + b"]" * 1_000_000
    with pytest.raises(RecursionError):
        _json.loads(deep)
