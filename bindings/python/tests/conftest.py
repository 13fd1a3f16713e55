"""A redis-server of our own on a unix socket, and servers that misbehave."""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import djredis

SOURCE = Path(__file__).resolve().parent.parent / "src"
CERTIFICATES = Path(__file__).resolve().parents[3] / "tests" / "support" / "certificates"


class Server:
    """A redis-server in a folder of its own, stopped by its process id."""

    def __init__(self, *settings: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="djredis-")  # short: the path of a socket has 108 bytes at most
        self.path = os.path.join(self.folder, "s")
        command = ["redis-server", "--port", "0", "--unixsocket", self.path, "--dir", self.folder, "--save", ""]
        self.process = subprocess.Popen([*command, *settings], stdout=subprocess.DEVNULL)
        self._await()

    def _await(self) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(self.path) == 0:
                    return
            time.sleep(0.01)
        raise RuntimeError("redis-server did not start")

    def location(self, db: int = 0) -> str:
        return f"unix:{self.path}:{db}"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class TlsServer(Server):
    """A redis-server that wants certificates of its clients."""

    def __init__(self, files: Path) -> None:
        self.files = files
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        super().__init__(
            *("--tls-port", str(self.port), "--tls-ca-cert-file", str(files / "ca.pem")),
            *("--tls-cert-file", str(files / "server.pem"), "--tls-key-file", str(files / "server.key")),
        )

    @property
    def url(self) -> str:
        return f"rediss://localhost:{self.port}/1"

    def names(self) -> dict[str, Any]:
        """redis-py's, with what they have to be here."""
        return {
            "ssl_cert_reqs": "required",
            "ssl_ca_certs": str(self.files / "ca.pem"),
            "ssl_certfile": str(self.files / "client.pem"),
            "ssl_keyfile": str(self.files / "client.key"),
        }


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    files = tmp_path_factory.mktemp("certificates")
    subprocess.run([str(CERTIFICATES), str(files)], check=True, stderr=subprocess.DEVNULL)
    started = TlsServer(files)
    yield started
    started.stop()


@pytest.fixture
def location(server: Server) -> str:
    return server.location()


@pytest.fixture
def cache(location: str) -> Iterator[djredis.Cache]:
    with djredis.Cache(location) as opened:
        opened.clear()
        yield opened


@pytest.fixture
def silent() -> Iterator[str]:
    """The location of a server that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}:0"


@pytest.fixture
def nobody() -> str:
    """The location of a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}:0"


def run_python(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program that can import djredis, in a Python of its own."""
    names = {**os.environ, "PYTHONPATH": str(SOURCE), **environment}
    command: list[str] = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=names, capture_output=True, text=True, timeout=60)


def arguments_in_vain(cache: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Calls with a wrong argument, and the sentence that says so."""
    wrong: Any
    version = "version is a whole number, not {}; give an int, such as version=2, or leave it out"
    for wrong in ("2", 1.5, [1]):
        said = version.format(type(wrong).__name__)
        for name in ("get", "has_key", "delete", "touch", "incr", "decr", "incr_version", "ttl", "persist"):
            yield said, functools.partial(getattr(cache, name), "k", version=wrong)
        for name in ("get_many", "delete_many"):
            yield said, functools.partial(getattr(cache, name), ["k"], version=wrong)
        yield said, functools.partial(cache.set, "k", 1, version=wrong)
        yield said, functools.partial(cache.set_many, {"k": 1}, version=wrong)
    for wrong in ("2", 1.5, None, [1]):
        said = f"delta is a whole number, not {type(wrong).__name__}; give an int, such as delta=2, or leave it out"
        for name in ("incr", "decr", "incr_version", "decr_version"):
            yield said, functools.partial(getattr(cache, name), "k", wrong)
    for wrong in ("5", [1], b"5"):
        said = f"timeout is a number of seconds, a timedelta or None (for ever), not {type(wrong).__name__}; give timeout=300, say"
        yield said, functools.partial(cache.touch, "k", wrong)
        for name in ("set", "add"):
            yield said, functools.partial(getattr(cache, name), "k", 1, timeout=wrong)
