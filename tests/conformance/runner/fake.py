"""A server that logs a client in and then answers every command with planted bytes."""

from __future__ import annotations

import socket
import threading
from typing import BinaryIO, Optional

HANDSHAKE = {b"AUTH", b"SELECT", b"CLIENT"}


class FakeServer:
    """Listens on a TCP port of its own. `reply` None closes the connection instead of answering."""

    def __init__(self, reply: Optional[bytes]) -> None:
        self._reply = reply
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
            while (name := read_command(stream)) is not None:
                answer = self._answer(name)
                if answer is None:
                    return
                try:
                    connection.sendall(answer)
                except OSError:
                    return

    def _answer(self, name: bytes) -> Optional[bytes]:
        if name in HANDSHAKE:
            return b"+OK\r\n"
        if name == b"HELLO":
            return b"%1\r\n$5\r\nproto\r\n:3\r\n"
        return self._reply


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
