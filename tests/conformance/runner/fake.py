"""A server that logs a client in and then answers every command with planted bytes."""

from __future__ import annotations

import itertools
import socket
import threading
from typing import BinaryIO, Optional, Sequence

HANDSHAKE = {b"AUTH", b"SELECT", b"CLIENT"}


class FakeServer:
    """Listens on a TCP port of its own.

    The commands of a connection get the replies in turn, and the last one from then on; None closes the connection.
    """

    def __init__(self, replies: Sequence[Optional[bytes]]) -> None:
        self._replies = replies
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        # Closing alone does not wake a thread that waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            replies = itertools.chain(self._replies, itertools.repeat(self._replies[-1]))
            while (name := read_command(stream)) is not None:
                answer = handshake_answer(name) or next(replies)
                if answer is None:
                    return
                try:
                    connection.sendall(answer)
                except OSError:
                    return


def handshake_answer(name: bytes) -> bytes:
    """What logs a client in; nothing for other commands."""
    if name in HANDSHAKE:
        return b"+OK\r\n"
    if name == b"HELLO":
        return b"%1\r\n$5\r\nproto\r\n:3\r\n"
    return b""


def read_command(stream: BinaryIO) -> Optional[bytes]:
    """Reads one command; its name in capitals, None at the end of the stream."""
    try:
        header = stream.readline()
        if not header.startswith(b"*"):
            return None
        arguments = [stream.read(int(stream.readline()[1:]) + 2)[:-2] for _ in range(int(header[1:]))]
    except OSError:
        return None
    return arguments[0].upper()
