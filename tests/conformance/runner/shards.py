"""The servers of the layout `shard`, over which the cache spreads its keys.

Raw steps go to the server that holds their key, by a ring of the runner's own.
"""

from __future__ import annotations

import bisect
import hashlib
import re
from typing import Any, Callable, Sequence

from .cases import Case
from .resp import Argument, Client
from .server import Server

COUNT = 3
POINTS = 128
TAG = re.compile(rb".*\{(.*)\}.*")
# A connection to a server, which a sharded cache does not give.
CONNECTIONS = {"acquire", "conn_command", "pipeline", "send", "receive", "release"}
# Raw commands on many keys, with the number of arguments that belong to each.
OF_MANY_KEYS = {"MGET": 1, "EXISTS": 1, "MSET": 2}
WITHOUT_KEY = {"KEYS", "DBSIZE", "FLUSHALL", "CLIENT", "INFO", "SCRIPT", "SWAPDB", "PUBLISH"}


def fits(case: Case) -> bool:
    """Whether a case can be played where keys are spread over servers."""
    of_one = any(step.get("do") in CONNECTIONS for step in case.steps)
    return fits_one_location(case) and not (case.one_server or of_one)


def fits_one_location(case: Case) -> bool:
    """Whether a case opens no other location than the cell's."""
    return not any("location" in step for step in case.steps)


class Ring:
    """Which server a key is on, as in django-redis 3.4 and later."""

    def __init__(self, labels: Sequence[str]) -> None:
        points = [(_hash(b"%s:%d" % (label.encode(), x)), n) for n, label in enumerate(labels) for x in range(POINTS)]
        self._points, self._servers = zip(*sorted(points))

    def server_of(self, key: bytes) -> int:
        tag = TAG.match(key)
        before = bisect.bisect_right(self._points, _hash(tag[1] if tag else key)) - 1
        return int(self._servers[before])


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


class SpreadClient:
    """Answers raw commands as if all servers were one."""

    def __init__(self, clients: Sequence[Client], server_of: Callable[[bytes], int]) -> None:
        self._clients = clients
        self._server_of = server_of

    def command(self, *arguments: Argument) -> Any:
        name, *rest = arguments
        name = name.decode() if isinstance(name, bytes) else str(name)
        if name in WITHOUT_KEY:
            return _together([client.command(*arguments) for client in self._clients])
        if name in OF_MANY_KEYS:
            size = OF_MANY_KEYS[name]
            parts = [rest[start : start + size] for start in range(0, len(rest), size)]
            return _together([self._of(part[0]).command(name, *part) for part in parts])
        key = rest[2:3] if name == "EVAL" else rest[:1]
        server = self._of(key[0]) if key else self._clients[0]
        return server.command(*arguments)

    def _of(self, key: Argument) -> Client:
        return self._clients[self._server_of(key if isinstance(key, bytes) else str(key).encode())]


def _together(replies: list[Any]) -> Any:
    """Numbers are added up, lists joined; of other replies the last stands for all."""
    if all(isinstance(reply, int) for reply in replies):
        return sum(replies)
    if all(isinstance(reply, list) for reply in replies):
        return [element for reply in replies for element in reply]
    return replies[-1]


class ShardedServer:
    """Several servers, as a case has one."""

    def __init__(self, program: str, config: Sequence[str] = ()) -> None:
        self._servers = [Server(program, config) for _ in range(COUNT)]
        labels = [f"unix:{server.path}:0" for server in self._servers]
        self.client = SpreadClient([server.client for server in self._servers], Ring(labels).server_of)
        self.words = {**self._servers[0].words, "shards": ",".join(labels)}

    def settle(self) -> None:
        """Each server has its own keys at once."""

    def watched(self) -> list[tuple[Client, Client]]:
        return [pair for server in self._servers for pair in server.watched()]

    def stop(self) -> None:
        for server in self._servers:
            server.stop()
