"""Real servers, started for the run on free ports and sockets and stopped by their pid."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from typing import Any, Optional, Protocol, Sequence

from .resp import Argument, Client

START_TIMEOUT = 20.0
LOG_TAIL = 2000


class Commands(Protocol):
    """What takes the raw commands of a case."""

    def command(self, *arguments: Argument) -> Any: ...


class AnyServer(Protocol):
    """Where a case runs."""

    @property
    def client(self) -> Commands: ...

    @property
    def words(self) -> dict[str, str]: ...

    def settle(self) -> None: ...

    def watched(self) -> list[tuple[Client, Client]]: ...

    def stop(self) -> None: ...


class NotStarted(RuntimeError):
    """A server that a layout needs does not start: nothing more can be played on it."""


def accepts(path: str) -> bool:
    """Whether somebody listens on a unix socket; its file is there a moment earlier."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


class Server:
    """One redis-server with a unix socket and a TCP port, in a folder of its own."""

    def __init__(self, program: str, config: Sequence[str] = ()) -> None:
        self.folder = tempfile.mkdtemp(prefix="djredis-conformance-")
        self.path = os.path.join(self.folder, "redis.sock")
        self.port = free_port()
        self._process = self._start(program, config)
        self._password = next((line.split()[1] for line in config if line.startswith("requirepass ")), None)
        self._client: Optional[Client] = None
        self._wait_until_up()

    def _start(self, program: str, config: Sequence[str]) -> subprocess.Popen[bytes]:
        config_path = os.path.join(self.folder, "redis.conf")
        lines = [
            f"dir {self.folder}",
            f"unixsocket {self.path}",
            "bind 127.0.0.1 ::1",
            f"port {self.port}",
            'save ""',
            "logfile redis.log",
            *config,
        ]
        with open(config_path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        try:
            return subprocess.Popen([program, config_path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError as error:
            raise NotStarted(f"{program}: {error}; install it") from error

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not accepts(self.path):
            if self._process.poll() is not None or time.monotonic() > deadline:
                problem = NotStarted(f"{self._process.args!r} did not start:\n{self._log()}")
                self.stop()
                raise problem
            time.sleep(0.01)

    def _log(self) -> str:
        try:
            with open(os.path.join(self.folder, "redis.log"), encoding="utf-8", errors="replace") as file:
                return file.read()[-LOG_TAIL:]
        except OSError as error:
            return str(error)

    @property
    def client(self) -> Client:
        """The runner's connection, made when it is first asked for."""
        if self._client is None:
            self._client = self.connect()
        return self._client

    def connect(self) -> Client:
        """A connection for the runner's own use, logged in."""
        client = Client(self.port)
        if self._password is not None:
            client.command("AUTH", self._password)
        return client

    def settle(self) -> None:
        """Reads see what was written at once."""

    def watched(self) -> list[tuple[Client, Client]]:
        """Of each server: the runner's connection, and one more to watch with."""
        return [(self.client, self.connect())]

    @property
    def words(self) -> dict[str, str]:
        """What stands for this server in the texts of a case."""
        return {
            "path": self.path,
            "port": str(self.port),
            "dead_path": self.path + ".dead",
            "dead_port": str(free_port()),
        }

    def stop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
