"""What the library sent: read from the server's MONITOR."""

from __future__ import annotations

import re
from typing import Any, Optional

from .match import difference
from .notation import plain, shorten
from .resp import Client
from .server import AnyServer

Json = Any
HANDSHAKE = ("HELLO", "AUTH", "SELECT", "CLIENT", "CLUSTER")
MARK = "conformance-mark"
# +<time> [<db> <address or lua>] "<argument>" ...
LINE = re.compile(rb"[0-9.]+ \[\d+ (?P<who>.*?)\] (?P<arguments>\".*)\Z", re.S)
ARGUMENT = re.compile(rb'"((?:[^"\\]|\\.)*)"')
ESCAPE = re.compile(rb"\\(x[0-9a-f]{2}|.)")
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}


class SentCommands:
    """The commands that any client but the runner sent since the last look, those of one server after those of the other; what
    scripts call is not counted.
    """

    def __init__(self, server: AnyServer) -> None:
        self._watched = server.watched()
        for _, monitor in self._watched:
            monitor.command("MONITOR")

    def stop(self) -> None:
        for _, monitor in self._watched:
            monitor.close()

    def check(self, expected: list[list[str]]) -> Optional[str]:
        """In a command, "*" stands for any argument and "..." for all that follow."""
        commands = self._take()
        if len(commands) == len(expected) and all(map(_fits, expected, commands)):
            return None
        return f"expected the commands {shorten(expected)}, the server got {shorten(commands)}"

    def check_counts(self, expected: dict[str, Json]) -> Optional[str]:
        names = [command[0] for command in self._take()]
        for name, count in expected.items():
            problem = difference(plain(count), {"int": str(names.count(name))})
            if problem:
                return f"{name}: {problem}, of {shorten(names)}"
        return None

    def _take(self) -> list[list[str]]:
        return [command for client, monitor in self._watched for command in _since_the_last_mark(client, monitor)]


def _since_the_last_mark(client: Client, monitor: Client) -> list[list[str]]:
    client.command("ECHO", MARK)
    commands: list[list[str]] = []
    while True:
        parsed = LINE.match(monitor.receive())
        if parsed is None:
            continue
        arguments = [_unescape(text).decode("utf-8", "backslashreplace") for text in ARGUMENT.findall(parsed["arguments"])]
        if arguments == ["ECHO", MARK]:
            return commands
        arguments[0] = arguments[0].upper()
        who = parsed["who"].decode()
        if who not in (client.address, "lua") and arguments[0] not in HANDSHAKE:
            commands.append(arguments)


def _unescape(text: bytes) -> bytes:
    def replace(found: re.Match[bytes]) -> bytes:
        escape = found[1]
        return bytes.fromhex(escape[1:].decode()) if len(escape) == 3 else ESCAPES.get(escape, escape)

    return ESCAPE.sub(replace, text)


def _fits(expected: list[str], command: list[str]) -> bool:
    for index, part in enumerate(expected):
        if part == "...":
            return True
        if index >= len(command) or part not in ("*", command[index]):
            return False
    return len(expected) == len(command)
