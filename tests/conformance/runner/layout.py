"""Where the cases run: one entry for each server and way to reach it."""

from __future__ import annotations

from typing import Callable, NamedTuple

from .server import Server


class Layout(NamedTuple):
    """A column of the matrix. `options` are added to those of every cache that a case opens."""

    name: str
    program: str
    location: Callable[[Server], str]
    options: dict[str, str]


def _unix(server: Server) -> str:
    return f"unix:{server.path}:0"


def _tcp(server: Server) -> str:
    return f"127.0.0.1:{server.port}:0"


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("redis", "redis-server", _unix, {}),
        Layout("redis-tcp", "redis-server", _tcp, {}),
        Layout("redis-resp3", "redis-server", _unix, {"PROTOCOL": "resp3"}),
    )
}
