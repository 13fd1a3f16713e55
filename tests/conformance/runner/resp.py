"""The runner's own way to the server: a RESP2 client that shares no code with the library under test."""

from __future__ import annotations

import socket
from typing import Any, Sequence, Union

Argument = Union[bytes, str, int]
REPLY_TIMEOUT = 30.0


class ReplyError(Exception):
    """An error reply of the server."""


class Client:
    """One connection. A reply is None, an int, bytes or a list; an error reply raises ReplyError."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), REPLY_TIMEOUT)
        self._file = self._socket.makefile("rb")

    @property
    def address(self) -> str:
        """This end of the connection, as the server names it."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def command(self, *arguments: Argument) -> Any:
        self._socket.sendall(pack(arguments))
        return self._read()

    def receive(self) -> bytes:
        """One status line that came without being asked for, as MONITOR sends them."""
        return bytes(self._read())

    def _read(self) -> Any:
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            raise ReplyError(rest.decode("utf-8", "replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return self._bulk(int(rest))
        if kind == b"*":
            return None if rest == b"-1" else self._array(int(rest))
        raise ConnectionError(f"not a reply: {line[:60]!r}")

    def _line(self) -> bytes:
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server closed the connection")
        return line[:-2]

    def _bulk(self, length: int) -> Any:
        if length < 0:
            return None
        return self._file.read(length + 2)[:-2]

    def _array(self, count: int) -> list[Any]:
        return [self._element() for _ in range(count)]

    def _element(self) -> Any:
        try:
            return self._read()
        except ReplyError as error:
            return error


def pack(arguments: Sequence[Argument]) -> bytes:
    """One command as an array of bulk strings."""
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        data = argument if isinstance(argument, bytes) else str(argument).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)
