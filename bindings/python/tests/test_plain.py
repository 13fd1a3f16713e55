"""Plain MessagePack without the package msgpack: the same bytes, the same values, the same refusals."""

from __future__ import annotations

import collections
import datetime
import enum
import random
import subprocess
from typing import Any

import pytest
from conftest import run_python

import djredis
from djredis import _plain

msgpack = pytest.importorskip("msgpack")


class Colour(enum.IntEnum):
    RED = 1


INTEGERS = [sign * 2**bits + more for sign in (1, -1) for bits in range(64) for more in (-1, 0, 1)]

VALUES = [
    None, True, False, 0.0, -1.5, float("inf"), "", "a", "\u20ac", b"", b"\xff", bytearray(b"ab"),
    memoryview(b"abc")[1:], [], {}, (), (1, (2,)), {"a": {1: None, b"k": [True]}},
    collections.OrderedDict(b=1), collections.Counter("aab"), Colour.RED,
    *(number for number in INTEGERS if number >= -(2**63)), 2**64 - 1,
    *(kind * size for kind in ("x", b"x") for size in (15, 16, 31, 32, 255, 256, 65535, 65536)),
    *([0] * size for size in (15, 16, 65535, 65536)), *(dict.fromkeys(range(size)) for size in (15, 16, 65535, 65536)),
]  # fmt: skip
REFUSED = [
    {1}, 1j, object(), datetime.datetime(2024, 1, 1), datetime.date(2024, 1, 1), collections.deque(),
    2**64, -(2**63) - 1, [2**64], "\ud800", {1: {2}},
]  # fmt: skip
#: Points in time with more nanoseconds than a second has.
NANOSECONDS = [b"\xd7\xff" + b"\xff" * 8, b"\xc7\x0c\xff" + b"\xff" * 12]
BROKEN = [
    b"", b"\x92\x01", b"\xc0\xc0", b"\xc1", b"\xc4\x05abc", b"\xa5abc", b"\xa1\xff", b"\xdd\xff\xff\xff\xff",
    b"\x81\x90\x01", b"\xcf\x00", b"\xd4\x05a", b"\xc7\x03\x00abc", b"\xd4\xff\x00", b"\xd7\xff\x00",
    *NANOSECONDS,
]  # fmt: skip


def _packages() -> Any:
    return _plain.codec()


def test_bytes_and_values_are_the_packages() -> None:
    pack, unpack = _packages()
    assert pack is not _plain.dumps
    for value in VALUES:
        data = msgpack.dumps(value)
        assert _plain.dumps(value) == data == pack(value)
        found = _plain.loads(data)
        assert found == unpack(data) == unpack(memoryview(data))
        assert repr(found) == repr(unpack(data))


@pytest.mark.parametrize("value", REFUSED, ids=ascii)
def test_refusals_are_the_packages(value: Any) -> None:
    with pytest.raises(Exception) as expected:
        msgpack.dumps(value)
    for dumps in (_plain.dumps, _packages()[0]):
        with pytest.raises(Exception) as refused:
            dumps(value)
        assert isinstance(refused.value, (TypeError, ValueError, OverflowError)), expected.value


def test_depth_and_loops() -> None:
    deep: Any = []
    for _ in range(_plain.DEPTH - 1):
        deep = [deep]
    assert _plain.loads(_plain.dumps(deep)) == msgpack.loads(msgpack.dumps(deep)) == deep
    loop: list[Any] = []
    loop.append(loop)
    for dumps, value in ((_plain.dumps, [[deep]]), (_plain.dumps, loop), (_packages()[0], loop)):
        with pytest.raises(ValueError):
            dumps(value)


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_none(broken: bytes) -> None:
    assert _outcome(_plain.loads, broken) == "an error"
    if broken in NANOSECONDS and msgpack.version < (1, 2):
        pytest.skip("msgpack before 1.2 takes them")
    assert _outcome(_packages()[1], broken) == "an error"


def test_points_in_time() -> None:
    for moment in (
        "2024-02-29T12:00:05+00:00",
        "2024-02-29T12:00:05.123456+00:00",
        "1969-12-31T23:59:59+00:00",
        "9999-12-31T00:00:00+00:00",
    ):
        when = datetime.datetime.fromisoformat(moment)
        data = msgpack.dumps([when], datetime=True)
        assert _plain.loads(data) == _packages()[1](data) == [when]


def test_both_agree_on_arbitrary_bytes() -> None:
    chance = random.Random(7)
    unpack = _packages()[1]
    for _ in range(20_000):
        data = bytes(chance.choice((chance.randrange(256), 0x81, 0x91, 0xA1, 0x01)) for _ in range(chance.randrange(8)))
        assert _outcome(_plain.loads, data) == _outcome(unpack, data), data


def _outcome(loads: Any, data: bytes) -> str:
    try:
        return repr(loads(data))
    except Exception:
        return "an error"


def test_without_the_package() -> None:
    code = """
import sys
sys.modules["msgpack"] = None
import djredis
cache = djredis.Cache("memory:plain", serializer="msgpack")
cache.set("k", {"a": [1, b"b", None]})
print(cache.get_raw("k").hex(), cache.get("k"))
try:
    cache.set("k", {1, 2})
except djredis.EncodeError as error:
    print(error)
"""
    done: subprocess.CompletedProcess[str] = run_python(code)
    data = msgpack.dumps({"a": [1, b"b", None]}).hex()
    assert done.stdout.splitlines()[0] == f"{data} {{'a': [1, b'b', None]}}", done.stderr
    assert "a set can't be stored with SERIALIZER msgpack" in done.stdout


def test_an_old_package_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(msgpack, "version", (0, 6, 2))
    assert _plain.codec() == (_plain.dumps, _plain.loads)


def test_keys_that_are_no_text_come_back(cache: djredis.Cache, location: str) -> None:
    with djredis.Cache(location, serializer="msgpack") as packed:
        packed.set("k", {1: "a", None: "b"})
        assert packed.get("k") == {1: "a", None: "b"}
