"""The operations that a step can ask of a driver, with the C function each of them stands for."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, Decimal
from typing import Any, NamedTuple

from .notation import key_hex, plain

Json = Any


class Operation(NamedTuple):
    function: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    # Whether OK comes with a value, which a case must then state.
    answers: bool = False


CALL = ("version", "flags", "deadline_ms")
WRITE = (*CALL, "timeout")
SCAN = (*CALL, "itersize")
CONN = ("conn", "deadline_ms")

OPERATIONS = {
    "open": Operation("cache_open", (), ("location", "options")),
    "close": Operation("cache_close"),
    "get": Operation("cache_get", ("key",), CALL, True),
    "get_raw": Operation("cache_get_raw", ("key",), CALL, True),
    "set": Operation("cache_set", ("key", "value"), WRITE),
    "add": Operation("cache_set", ("key", "value"), WRITE),
    "set_raw": Operation("cache_set_raw", ("key", "data"), WRITE),
    "set_payload": Operation("cache_set_payload", ("key", "data", "format"), WRITE),
    "delete": Operation("cache_delete", ("key",), CALL),
    "has_key": Operation("cache_has_key", ("key",), CALL),
    "touch": Operation("cache_touch", ("key",), WRITE),
    "ttl": Operation("cache_ttl", ("key",), CALL, True),
    "incr": Operation("cache_incr", ("key",), (*CALL, "delta"), True),
    "incr_version": Operation("cache_incr_version", ("key",), (*CALL, "delta"), True),
    # get into a slot, set of the same slot: what was not touched is written back as it was.
    "copy": Operation("cache_get", ("key", "to"), ("version",)),
    "move": Operation("cache_move", ("key", "to"), CALL),
    "get_many": Operation("cache_get_many", ("keys",), CALL, True),
    "get_many_raw": Operation("cache_get_many_raw", ("keys",), CALL, True),
    "set_many": Operation("cache_set_many", ("items",), WRITE, True),
    "set_many_raw": Operation("cache_set_many_raw", ("raw_items",), WRITE, True),
    "set_many_payload": Operation("cache_set_many_payload", ("raw_items", "format"), WRITE, True),
    "delete_many": Operation("cache_delete_many", ("keys",), CALL, True),
    "clear": Operation("cache_clear", (), CALL),
    "keys": Operation("cache_keys", ("pattern",), SCAN, True),
    "scan": Operation("cache_scan", ("pattern",), SCAN, True),
    "delete_pattern": Operation("cache_delete_pattern", ("pattern",), SCAN, True),
    "lock": Operation("cache_lock", ("key", "token"), WRITE),
    "extend": Operation("cache_extend", ("key", "token"), WRITE),
    "unlock": Operation("cache_unlock", ("key", "token"), CALL),
    "command": Operation("cache_command", ("args",), (*CALL, "key_index"), True),
    "batch": Operation("cache_batch", ("calls",), ("deadline_ms",), True),
    # A raw connection is kept by the name in `conn`.
    "acquire": Operation("conn_acquire", (), CONN),
    "conn_command": Operation("conn_command", ("args",), CONN, True),
    "pipeline": Operation("conn_pipeline", ("commands",), (*CONN, "flags"), True),
    "send": Operation("conn_send", ("args",), CONN),
    "receive": Operation("conn_receive", (), CONN, True),
    "release": Operation("conn_release", (), CONN),
    "make_key": Operation("cache_make_key", ("key",), CALL, True),
    "encode": Operation("cache_encode", ("value",), (), True),
    "decode": Operation("cache_decode", ("data",), (), True),
    "option": Operation("cache_option", ("name",), (), True),
    "server_for": Operation("cache_server_for", ("key",), CALL, True),
    "stats": Operation("cache_stats", (), (), True),
    "options_list": Operation("options_list", (), (), True),
}

_HEX_FIELDS = ("key", "to", "pattern", "data", "token")
# As decimal text: a JSON number loses digits in some languages.
_INTEGER_FIELDS = ("version", "delta", "itersize", "deadline_ms", "ttl_ms", "key_index")


def request(step: Json) -> Json:
    """What the driver is sent for a step: plain values, hex keys, the timeout in milliseconds too."""
    message = {name: field for name, field in step.items() if name != "expect"}
    message.setdefault("cache", "c")
    message.setdefault("conn", "r")
    for name in _HEX_FIELDS:
        if name in message:
            message[name] = key_hex(message[name])
    if "keys" in message:
        message["keys"] = [key_hex(key) for key in message["keys"]]
    if "args" in message:
        message["args"] = [_argument(part) for part in message["args"]]
    if "commands" in message:
        message["commands"] = [[_argument(part) for part in command] for command in message["commands"]]
    if "calls" in message:
        message["calls"] = [_call(call) for call in message["calls"]]
    if "value" in message:
        message["value"] = plain(message["value"])
    if "items" in message:
        message["items"] = [[key_hex(key), plain(value)] for key, value in message["items"]]
    if "raw_items" in message:
        message["items"] = [[key_hex(key), key_hex(data)] for key, data in message.pop("raw_items")]
    _use_text_for_numbers(message)
    return message


def _call(call: Json) -> Json:
    """One call of a batch: an operation and fields as in a step."""
    message = {**call, "key": key_hex(call["key"])}
    if "value" in call:
        message["value"] = plain(call["value"])
    _use_text_for_numbers(message)
    return message


def _use_text_for_numbers(message: Json) -> None:
    if "timeout" in message:
        message.update(timeout_fields(message["timeout"]))
    for name in _INTEGER_FIELDS:
        if message.get(name) is not None:
            message[name] = str(message[name])


def _argument(part: Json) -> str:
    """An argument of a command, as hex; a number is its digits."""
    return key_hex(str(part) if isinstance(part, int) else part)


def timeout_fields(timeout: Json) -> Json:
    """`timeout` in seconds for languages that take those, `ttl_ms` for those that take milliseconds; None: for ever."""
    if timeout is None:
        return {"timeout": None, "ttl_ms": None}
    number = float(timeout)
    if not math.isfinite(number):
        return {"timeout": str(number)}
    milliseconds = (Decimal(str(timeout)) * 1000).to_integral_value(ROUND_CEILING)
    # Rounding must not turn "just below zero" into zero.
    return {"timeout": timeout, "ttl_ms": min(int(milliseconds), -1) if number < 0 else int(milliseconds)}
