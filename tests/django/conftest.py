"""A Redis of our own, the site on it with each of its backends, and programs in Go, Ruby and C beside the site."""

from __future__ import annotations

import functools
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import redis

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "conformance"))

from runner.server import Server  # noqa: E402

BACKENDS = ["django-redis", "django"]
LANGUAGES = ["go", "ruby", "c"]
READERS = HERE / "readers"
RELEASE = ROOT / "target" / "release"
C_FLAGS = f"-std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -I{ROOT}/include"
C_LIBRARIES = f"-L{RELEASE} -Wl,-rpath,{RELEASE} -ldjredis -lcjson"
BUILD = {
    "go": f"go build -C {READERS}/go -o {{program}} .",
    "ruby": "true",
    "c": f"cc {C_FLAGS} {READERS}/c/main.c {READERS}/c/shown.c {READERS}/c/write.c -o {{program}} {C_LIBRARIES}",
}
# What `edit` makes of a title.
TITLES = {"go": "Edited in Go", "ruby": "Edited in Ruby", "c": "Edited in C"}
RUN = {"go": "{program}", "ruby": f"ruby -I{ROOT}/bindings/ruby/lib {READERS}/ruby/reader.rb", "c": "{program}"}


class Program:
    """A program that answers each line with a line of JSON. One that fails says why and ends."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )

    def ask(self, *words: str) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\t".join(words) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended on {words!r}")
        return read(line)

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


def read(text: str) -> Any:
    """A text in the notation of bookshop/notation.py, to be compared: 1, 1.0 and true differ."""
    return json.loads(
        text,
        parse_int=lambda digits: {"$int": digits},
        parse_float=lambda digits: {"$float": float(digits)},
        object_hook=comparable,
    )


def comparable(entries: dict[str, Any]) -> Any:
    """Sets have no order."""
    if "$set" in entries:
        return {"$set": sorted(entries["$set"])}
    return entries


def as_shown_in(language: str, expected: Any) -> Any:
    """Ruby's BigDecimal has no trailing zeros: 9.50 is 9.5."""
    if language != "ruby":
        return expected
    if isinstance(expected, list):
        return [as_shown_in(language, item) for item in expected]
    if isinstance(expected, dict) and "$decimal" in expected:
        return {"$decimal": f"{Decimal(expected['$decimal']).normalize():f}"}
    if isinstance(expected, dict):
        return {key: as_shown_in(language, item) for key, item in expected.items()}
    return expected


class Site:
    """The site with one backend, and what it has cached: [command, key, expected] by name."""

    def __init__(self, backend: str, server: Server, folder: Path) -> None:
        self.backend = backend
        self._location = f"unix:{server.path}:0"
        self._redis = redis.Redis(unix_socket_path=server.path)
        self._programs = folder
        environment = {
            "BOOKSHOP_BACKEND": backend,
            "BOOKSHOP_SOCKET": server.path,
            "BOOKSHOP_DATABASE": str(folder / f"{backend}.sqlite"),
        }
        self._shop = Program([sys.executable, str(HERE / "shop.py")], environment)
        self._readers: dict[tuple[str, ...], Program] = {}
        self.ask = self._shop.ask
        self.cached = self.ask("visit")

    @functools.cached_property
    def formats(self) -> Any:
        """The same by the alias of a cache: those with other serializers and compressors."""
        return self.ask("formats")

    def reader(self, language: str, **options: str) -> Program:
        """The program in a language, on this site's default cache or on one with other options."""
        options = {"key_prefix": self.backend, **options}
        words = [f"{name}={value}" for name, value in options.items()]
        key = (language, *words)
        if key not in self._readers:
            command = shlex.split(RUN[language].format(program=self._programs / language))
            self._readers[key] = Program([*command, self._location, *words], {})
        return self._readers[key]

    def stored(self, key: str, prefix: str = "") -> bytes:
        """What stands in Redis."""
        return self._redis.get(f"{prefix or self.backend}:1:{key}")

    def lives(self, key: str) -> int:
        """How many milliseconds a key still lives."""
        return self._redis.pttl(f"{self.backend}:1:{key}")

    def stop(self) -> None:
        for program in [self._shop, *self._readers.values()]:
            program.stop()
        self._redis.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    started = Server("redis-server")
    yield started
    started.stop()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the programs, built once."""
    made = tmp_path_factory.mktemp("programs")
    for language, command in BUILD.items():
        subprocess.run(shlex.split(command.format(program=made / language)), check=True)
    return made


@pytest.fixture(scope="session", params=BACKENDS)
def site(request: pytest.FixtureRequest, server: Server, folder: Path) -> Iterator[Site]:
    opened = Site(request.param, server, folder)
    yield opened
    opened.stop()


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param
