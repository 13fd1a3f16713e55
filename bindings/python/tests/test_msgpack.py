"""Every form that MessagePack has for a value is read."""

from __future__ import annotations

import struct
import sys
from typing import Any

import pytest

import djredis
from djredis._msgpack import decode

FORMS = [
    ("00", 0), ("7f", 127), ("e0", -32), ("ff", -1), ("c0", None), ("c2", False), ("c3", True),
    ("ccff", 255), ("cdffff", 65535), ("ceffffffff", 2**32 - 1), ("cfffffffffffffffff", 2**64 - 1),
    ("d080", -128), ("d18000", -32768), ("d280000000", -(2**31)), ("d38000000000000000", -(2**63)),
    ("ca3fc00000", 1.5), ("cb" + struct.pack(">d", -0.1).hex(), -0.1),
    ("a0", ""), ("a161", "a"), ("d90161", "a"), ("da000161", "a"), ("db0000000161", "a"),
    ("c400", b""), ("c401ff", b"\xff"), ("c50001ff", b"\xff"), ("c600000001ff", b"\xff"),
    ("90", []), ("9201c0", [1, None]), ("dc000101", [1]), ("dd0000000101", [1]), ("929192019103c0", [[[1, [3]]], None]),
    ("80", {}), ("82c401610102c0", {b"a": 1, 2: None}), ("de00010102", {1: 2}), ("df000000010102", {1: 2}),
    ("82010201c3", {1: True}), ("81900a", [([], 10)]),
    ("d4049005", None), ("d40435", 5), ("c7043" "3303030", None),
    ("c70306920102", {1, 2}), ("c8000306920102", {1, 2}), ("c900000003" "06920102", {1, 2}), ("d50691c0", {None}),
    ("c9000000020691" "90", None), ("92c9000000020691" "01c3", [{1}, True]), ("d50690" "90", None),
    ("d5134f4b", "OK"), ("c7024f", None),
]  # fmt: skip
