"""Every form that MessagePack has for a value is read."""

from __future__ import annotations

import struct
import sys
from typing import Any

import pytest

import djredis
from djredis._msgpack import decode

SET, BIG_NUMBER, ERROR, STATUS = 6, 4, 18, 19

FORMS = [
    ("00", 0), ("7f", 127), ("e0", -32), ("ff", -1), ("c0", None), ("c2", False), ("c3", True),
    ("ccff", 255), ("cdffff", 65535), ("ceffffffff", 2**32 - 1), ("cfffffffffffffffff", 2**64 - 1),
    ("d080", -128), ("d18000", -32768), ("d280000000", -(2**31)), ("d38000000000000000", -(2**63)),
    ("ca3fc00000", 1.5), ("cbbfb999999999999a", -0.1),
    ("a0", b""), ("a161", b"a"), ("bf" + "c3a9" * 15 + "61", "é".encode() * 15 + b"a"),
    ("d90161", b"a"), ("da000161", b"a"), ("db0000000161", b"a"),
    ("c400", b""), ("c401ff", b"\xff"), ("c50001ff", b"\xff"), ("c600000001ff", b"\xff"),
    ("90", []), ("9201c0", [1, None]), ("9f" + "05" * 15, [5] * 15), ("dc000101", [1]), ("dd0000000101", [1]),
    ("9292910190c0", [[[1], []], None]),
    ("80", {}), ("82c401610102c0", {b"a": 1, 2: None}), ("de00010102", {1: 2}), ("df000000010102", {1: 2}),
    ("82010201c3", {1: True}), ("8181010200", [({1: 2}, 0)]), ("81900a", [([], 10)]),
]  # fmt: skip


def _extensions(number: int, payload: bytes) -> list[bytes]:
    """An extension in every form that fits."""
    kind, size = bytes([number]), len(payload)
    forms = [bytes([tag]) + struct.pack(form, size) for tag, form in [(0xC7, ">B"), (0xC8, ">H"), (0xC9, ">I")]]
    forms += [bytes([0xD4 + power]) for power in range(5) if size == 1 << power]
    return [form + kind + payload for form in forms]


@pytest.mark.parametrize(("data", "value"), FORMS)
def test_forms(data: str, value: Any) -> None:
    found = decode(bytes.fromhex(data))
    assert (type(found), found) == (type(value), pytest.approx(value) if isinstance(value, float) else value)
    # Inside others, and not the last one.
    assert decode(bytes.fromhex(f"93{data}91{data}07")) == [found, [found], 7]


@pytest.mark.parametrize(
    ("number", "payload", "value"),
    [
        (SET, b"\x90", []), (SET, b"\x91\x07", [7]), (SET, b"\x93\x01\xc0\x02", [1, None, 2]),
        (SET, b"\x91\x91\x01", [[1]]), (SET, b"\xdc\x00\x05" + bytes(range(5)), list(range(5))),
        (BIG_NUMBER, b"7", 7), (BIG_NUMBER, b"-12345678901234567890", -12345678901234567890),
        *((STATUS, word, word) for word in (b"OK", b"", b"x" * 16, b"y" * 4)),
    ],
)  # fmt: skip
def test_extensions(number: int, payload: bytes, value: Any) -> None:
    for data in _extensions(number, payload):
        found = decode(data)
        assert (type(found), found) == (type(value), value)
        assert decode(b"\x93" + data + b"\x91" + data + b"\x07") == [value, [value], 7]


def test_errors_stand_among_the_others() -> None:
    for data in _extensions(ERROR, b"ERR no luck"):
        (found, after) = decode(b"\x92" + data + b"\x01")
        assert type(found) is djredis.ServerError
        assert (str(found), after) == ("ERR no luck", 1)


def test_depth_costs_no_stack() -> None:
    found = decode(b"\x91" * 50_000 + b"\x07")
    for _ in range(50_000):
        (found,) = found
    assert found == 7


@pytest.mark.parametrize("data", ["c1", "92c1", "d40300", "c70105ff"])
def test_what_no_reply_has(data: str) -> None:
    with pytest.raises(djredis.DecodeError, match="does not know"):
        decode(bytes.fromhex(data))


@pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="this Python has no limit of digits")
def test_an_integer_beyond_pythons_limit_of_digits() -> None:
    data = b"\xc8\x13\x88" + bytes([BIG_NUMBER]) + b"1" * 5000
    with pytest.raises(djredis.DecodeError, match="digits"):
        decode(data)
