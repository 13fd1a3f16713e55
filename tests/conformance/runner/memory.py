"""The server of the layout `memory`, which is none: a store inside the driver's process, looked at through the driver.

Raw steps become calls on whole keys and whole bytes. Cases that need a real server are left out.
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

from .cases import Case
from .driver import Driver
from .resp import Argument, Client

Json = Any

# Operations and steps that only a server can do.
SERVER_OPERATIONS = {"acquire", "conn_command", "pipeline", "send", "receive", "release", "command"}
SERVER_STEPS = {"fake"}


class MemoryClient:
    """Answers raw commands as a server would, by asking the driver."""

    def __init__(self, driver: Driver, location: str) -> None:
        self._driver = driver
        self._location = location

    def command(self, *arguments: Argument) -> Any:
        name, *rest = (_hex(argument) for argument in arguments)
        return COMMANDS[bytes.fromhex(name).decode()](self, rest)

    def _ask(self, operation: str, **fields: Json) -> Json:
        # Opened for each command, since the driver forgets its caches at the end of a case.
        self._driver.ask({"do": "open", "cache": "raw", "location": self._location, "options": {}})
        answer = self._driver.ask({"do": operation, "cache": "raw", "flags": ["KEY_MADE"], **fields})
        if answer["status"] not in ("OK", "MISS"):
            raise ConnectionError(f"{operation}: {answer}")
        return answer

    def get(self, arguments: Sequence[str]) -> Any:
        answer = self._ask("get_raw", key=arguments[0])
        return bytes.fromhex(answer["value"]["bytes"]) if answer["status"] == "OK" else None

    def set(self, arguments: Sequence[str]) -> bytes:
        key, data, *expiry = arguments
        unit, number = [bytes.fromhex(part).decode() for part in expiry] or ("PX", None)
        milliseconds = number and str(int(number) * {"PX": 1, "EX": 1000}[unit])
        self._ask("set_raw", key=key, data=data, timeout=None, ttl_ms=milliseconds)
        return b"OK"

    def set_all(self, arguments: Sequence[str]) -> bytes:
        for key, data in zip(arguments[::2], arguments[1::2]):
            self.set([key, data])
        return b"OK"

    def get_all(self, arguments: Sequence[str]) -> list[Any]:
        return [self.get([key]) for key in arguments]

    def part(self, arguments: Sequence[str]) -> bytes:
        key, *ends = arguments
        first, last = (int(bytes.fromhex(end)) for end in ends)
        return (self.get([key]) or b"")[first : last + 1]

    def length(self, arguments: Sequence[str]) -> int:
        return len(self.get(arguments) or b"")

    def exists(self, arguments: Sequence[str]) -> int:
        return sum(self._ask("has_key", key=key)["status"] == "OK" for key in arguments)

    def time_left(self, arguments: Sequence[str]) -> int:
        answer = self._ask("ttl", key=arguments[0])
        if answer["status"] == "MISS":
            return -2
        return int(answer["value"].get("int", -1))

    def persist(self, arguments: Sequence[str]) -> int:
        return int(self._ask("touch", key=arguments[0], timeout=None, ttl_ms=None)["status"] == "OK")

    def keys(self, arguments: Sequence[str]) -> list[bytes]:
        items = self._ask("keys", pattern=arguments[0])["value"]["items"]
        return [bytes.fromhex(next(iter(item.values()))) for item in items]

    def count(self, arguments: Sequence[str]) -> int:
        return len(self.keys([_hex("*")]))


COMMANDS: dict[str, Callable[[MemoryClient, Sequence[str]], Any]] = {
    "GET": MemoryClient.get,
    "SET": MemoryClient.set,
    "MGET": MemoryClient.get_all,
    "MSET": MemoryClient.set_all,
    "GETRANGE": MemoryClient.part,
    "STRLEN": MemoryClient.length,
    "EXISTS": MemoryClient.exists,
    "PTTL": MemoryClient.time_left,
    "PERSIST": MemoryClient.persist,
    "KEYS": MemoryClient.keys,
    "DBSIZE": MemoryClient.count,
}
# What the driver must be able to do for them.
NEEDED = {"get_raw", "set_raw", "has_key", "ttl", "touch", "keys", "KEY_MADE"}


def _hex(argument: Argument) -> str:
    data = argument if isinstance(argument, bytes) else str(argument).encode()
    return data.hex()


def fits(case: Case, lacking: set[str]) -> bool:
    """Whether a case can be played without a server, by a driver that lacks these features."""
    if case.server_config:
        return False
    for step in case.steps:
        kind = next(iter(step))
        raw = step.get("redis") or step.get("wait") or (["GET"] if kind == "unpickles" else None)
        if kind in SERVER_STEPS or step.get("do") in SERVER_OPERATIONS or "location" in step:
            return False
        if raw and (raw[0] not in COMMANDS or NEEDED & lacking):
            return False
    return True


class MemoryServer:
    """What a case has for a server. The store ends with the driver."""

    def __init__(self, driver: Driver, location: str) -> None:
        self.client = MemoryClient(driver, location)
        self.words = {"store": location}

    def settle(self) -> None:
        """A store has what was written at once."""

    def watched(self) -> list[tuple[Client, Client]]:
        raise NotImplementedError("a store in memory is sent nothing")

    def stop(self) -> None:
        pass
