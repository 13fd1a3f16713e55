"""Real servers, started for the run on free ports and sockets and stopped by their pid."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from typing import Any, Optional, Protocol, Sequence

from .resp import Argument, Client, ReplyError

START_TIMEOUT = 20.0
# Somebody else may be given the same port before the server listens on it.
START_TRIES = 5
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
    """One redis-server with a unix socket and a TCP port, in a folder of its own. `ports` are settings that get a free port each."""

    def __init__(self, program: str, config: Sequence[str] = (), ports: Sequence[str] = ()) -> None:
        self.folder = tempfile.mkdtemp(prefix="djredis-conformance-")
        self.path = os.path.join(self.folder, "redis.sock")
        self._password = next((line.split()[1] for line in config if line.startswith("requirepass ")), None)
        self._client: Optional[Client] = None
        for tries_left in reversed(range(START_TRIES)):
            self.ports = {name: free_port() for name in ("port", *ports)}
            self._process = self._start(program, config)
            if self._is_up():
                return
            if not tries_left:
                problem = NotStarted(f"{self._process.args!r} did not start:\n{self._log()}")
                self.stop()
                raise problem
            self._end()

    @property
    def port(self) -> int:
        return self.ports["port"]

    def _start(self, program: str, config: Sequence[str]) -> subprocess.Popen[bytes]:
        config_path = os.path.join(self.folder, "redis.conf")
        lines = [
            f"dir {self.folder}",
            f"unixsocket {self.path}",
            "bind 127.0.0.1 ::1",
            *(f"{name} {port}" for name, port in self.ports.items()),
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

    def _is_up(self) -> bool:
        """Waits until it answers: a node of a cluster listens for a moment before it finds its other port taken, and ends."""
        deadline = time.monotonic() + START_TIMEOUT
        while not accepts(self.path):
            if self._process.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        try:
            with contextlib.closing(Client(self.port)) as client, contextlib.suppress(ReplyError):
                client.command("PING")
            return True
        except OSError:
            return False

    def _log_path(self) -> str:
        return os.path.join(self.folder, "redis.log")

    def _log(self) -> str:
        try:
            with open(self._log_path(), encoding="utf-8", errors="replace") as file:
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

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait()
        for path in (self.path, self._log_path()):
            if os.path.exists(path):
                os.remove(path)

    def stop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
