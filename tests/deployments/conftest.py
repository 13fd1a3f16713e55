"""The site, deployed as sites are: what serves it comes from PyPI, one package at a time, and from Debian."""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import site
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "tests" / "conformance"), str(ROOT / "bindings" / "python" / "src")]

from runner.server import Server, free_port  # noqa: E402

BINDING = ROOT / "bindings" / "python" / "src"
FOLDER = ROOT / "build" / "deployments"
# What docs/django.md says may be missing on a machine where all tests pass.
MAY_BE_MISSING: frozenset[str] = frozenset()
START = 60
missing: dict[str, str] = {}


@functools.cache
def environment() -> Path:
    """A virtual environment that sees the packages of this one."""
    if not (FOLDER / "bin" / "python").exists():
        venv.create(FOLDER, with_pip=True)
    inside = next((FOLDER / "lib").glob("python*/site-packages"))
    (inside / "shared.pth").write_text("\n".join([str(BINDING), *site.getsitepackages()]) + "\n")
    return FOLDER / "bin"


@functools.cache
def refusal(package: str) -> str:
    """Why pip can't install a package of requirements.txt; nothing if it can."""
    lines = (HERE / "requirements.txt").read_text().splitlines()
    pinned = next(line for line in lines if line.split("==")[0].split("[")[0] == package)
    pip = [environment() / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", pinned]
    done = subprocess.run(pip, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stderr.strip() or f"pip ended with status {done.returncode}"


def need(package: str) -> Path:
    """Where the programs of a package are; skips the test, and counts it, where the package can't be installed."""
    reason = refusal(package)
    if reason:
        missing[package] = reason
        pytest.skip(f"{package} can't be installed: {reason}")
    return environment()


def need_program(name: str) -> str:
    """A program that tools/setup installs from Debian; skips the test, and counts it, where there is none."""
    program = shutil.which(name)
    if program is None:
        missing[name] = f"there is no program {name}"
        pytest.skip(f"install {name}")
    return program


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for package, reason in missing.items():
        terminalreporter.write_line(f"missing: {package}: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if set(missing) - MAY_BE_MISSING and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


class Site:
    """A process that serves the site, and those it starts."""

    def __init__(self, command: list[Any], port: int, folder: Path, names: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "log"
        self._output = open(self.log, "wb")
        self.process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env={**os.environ, **names},
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._await()

    def _await(self) -> None:
        end = time.monotonic() + START
        while True:
            try:
                self.get("edition")
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{self.process.args} does not serve:\n{self.log.read_text()}") from None
                time.sleep(0.05)

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/{path}", timeout=30) as reply:
            return json.load(reply)

    def get_all(self, paths: list[str], threads: int = 8) -> list[Any]:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(self.get, paths))

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._output.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    started = Server("redis-server")
    yield started
    started.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the site, which a test may change."""
    for name in ("kiosk", "manage.py", "booth"):
        source = HERE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    return tmp_path


@pytest.fixture
def names(server: Server, tmp_path: Path) -> dict[str, str]:
    """The environment of the site, on an empty database."""
    server.client.command("FLUSHALL")
    return {
        "KIOSK_LOCATION": f"unix:{server.path}:0",
        "KIOSK_DATABASE": str(tmp_path / "db.sqlite"),
        "KIOSK_BROKER": f"redis+socket://{server.path}?virtual_host=5",
        "PYTHONPATH": f"{tmp_path}:{BINDING}",
        "RUBYLIB": str(ROOT / "bindings" / "ruby" / "lib"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture
def serve(folder: Path, names: dict[str, str]) -> Iterator[Any]:
    """Starts the site: serve(command) with {port} in its words."""
    started: list[Site] = []

    def start(*command: Any, **more: str) -> Site:
        port = free_port()
        words = [str(word).format(port=port) for word in command]
        started.append(Site(words, port, folder, {**names, **more}))
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def run(folder: Path, names: dict[str, str]) -> Any:
    """Runs a program of the site to its end."""

    def ended(code: str, **more: str) -> str:
        done = subprocess.run(
            [environment() / "python", "-c", code],
            cwd=folder,
            env={**os.environ, **names, "DJANGO_SETTINGS_MODULE": "kiosk.settings", **more},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return ended
