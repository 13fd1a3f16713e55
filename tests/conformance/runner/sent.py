"""What the library sent: read from the server's slow log, which is set to keep every command."""

from __future__ import annotations

from typing import Any, Optional

from .match import difference
from .notation import plain, shorten
from .server import Server

Json = Any
RUNNER_NAME = "conformance-runner"
HANDSHAKE = ("HELLO", "AUTH", "SELECT", "CLIENT")
MORE_THAN_KEPT = 4096


class SentCommands:
    """The commands that any client but the runner sent since the last look."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def start(self) -> None:
        self._server.client.command("CLIENT", "SETNAME", RUNNER_NAME)
        self._server.client.command("SLOWLOG", "RESET")

    def _take(self) -> list[list[str]]:
        entries = self._server.client.command("SLOWLOG", "GET", MORE_THAN_KEPT)
        self._server.client.command("SLOWLOG", "RESET")
        commands = []
        for entry in reversed(entries):
            arguments = [part.decode("utf-8", "backslashreplace") for part in entry[3]]
            arguments[0] = arguments[0].upper()
            if entry[5].decode() != RUNNER_NAME and arguments[0] not in HANDSHAKE:
                commands.append(arguments)
        return commands

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


def _fits(expected: list[str], command: list[str]) -> bool:
    for index, part in enumerate(expected):
        if part == "...":
            return True
        if index >= len(command) or part not in ("*", command[index]):
            return False
    return len(expected) == len(command)
