"""What every step has: its settings, and the notation of an answer."""

from __future__ import annotations

from typing import Any, Optional

import djredis

Json = Any
MISSING = object()

STATUSES = {
    djredis.ArgumentError: "ERR_ARGUMENT",
    djredis.ConfigError: "ERR_CONFIG",
    djredis.PanicError: "ERR_PANIC",
    djredis.ConnectionError: "ERR_CONNECTION",
    djredis.TimeoutError: "ERR_TIMEOUT",
    djredis.PoolError: "ERR_POOL",
    djredis.AuthError: "ERR_AUTH",
    djredis.ServerError: "ERR_SERVER",
    djredis.ProtocolError: "ERR_PROTOCOL",
    djredis.EncodeError: "ERR_ENCODE",
    djredis.DecodeError: "ERR_DECODE",
    djredis.NotFoundError: "ERR_NOT_FOUND",
    djredis.UnsupportedError: "ERR_UNSUPPORTED",
    djredis.ClosedError: "ERR_CLOSED",
    djredis.ForkedError: "ERR_FORKED",
    djredis.WrongTypeError: "ERR_TYPE",
    djredis.UnavailableError: "ERR_UNAVAILABLE",
    djredis.InterruptedError: "ERR_INTERRUPTED",
}


def ok(value: Json = None) -> Json:
    return {"status": "OK"} if value is None else {"status": "OK", "value": value}


def yes_or_no(done: bool) -> Json:
    return {"status": "OK" if done else "MISS"}


def error(failed: djredis.Error) -> Json:
    return {"status": STATUSES[type(failed)], "message": str(failed), "stored": failed.stored.hex()}


def error_item(failed: djredis.Error) -> Json:
    """An error among other answers."""
    return {"error": STATUSES[type(failed)], "message": str(failed)}


def version_of(step: Json) -> Optional[int]:
    return int(step["version"]) if "version" in step else None


def timeout_of(step: Json) -> Any:
    if "timeout" not in step:
        return djredis.DEFAULT
    timeout = step["timeout"]
    return float(timeout) if isinstance(timeout, str) else timeout


def writing(step: Json) -> Json:
    """The keyword arguments of a write."""
    arguments = {"timeout": timeout_of(step), "version": version_of(step)}
    arguments.update((flag.lower(), True) for flag in step.get("flags", []))
    return arguments
