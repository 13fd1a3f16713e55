"""Python's objects in the plain notation of README.md, and back."""

from __future__ import annotations

import struct
from typing import Any, Union

import extensions

Json = Any


def key_of(hexed: str) -> Union[str, bytes]:
    """A key as a Python program has it: text where it can be."""
    data = bytes.fromhex(hexed)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def value_of(json: Json) -> Any:
    ((kind, content),) = json.items()
    if kind == "none":
        return None
    if kind == "bool":
        return content
    if kind == "int":
        return int(content)
    if kind == "float":
        return struct.unpack(">d", bytes.fromhex(content))[0]
    if kind in ("utf8", "surrogates"):
        return bytes.fromhex(content).decode("utf-8", "surrogatepass")
    if kind in ("bytes", "bytearray"):
        return (bytes if kind == "bytes" else bytearray).fromhex(content)
    if kind == "ext":
        return extensions.object_of(int(content[0]), bytes.fromhex(content[1]))
    if kind == "dict":
        return {value_of(key): value_of(item) for key, item in content}
    return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](map(value_of, content))


def plain(value: Any) -> Json:
    if value is None:
        return {"none": True}
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": struct.pack(">d", value).hex()}
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (bytes, bytearray)):
        return {type(value).__name__: value.hex()}
    if type(value) is dict:
        return {"dict": [[plain(key), plain(item)] for key, item in value.items()]}
    if type(value) in (list, tuple, set, frozenset):
        return {type(value).__name__: [plain(item) for item in value]}
    return extensions.plain(value)


def _text(value: str) -> Json:
    try:
        return {"utf8": value.encode().hex()}
    except UnicodeEncodeError:
        return {"surrogates": value.encode("utf-8", "surrogatepass").hex()}
