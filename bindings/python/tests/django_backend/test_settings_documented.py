"""The settings in the documentation of django-redis 3.3 run a site as they stand, on a server of our own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Server

from . import sites

DOCUMENTED = Path(__file__).resolve().parent / "documented"

VISIT = """
import json
from django.core.cache import cache
from django.test import Client
from redis_cache import get_redis_connection
import djredis, redis_cache.client

visitor = Client()
pages = [visitor.get("/").content.decode() for _ in range(2)]
seen = [visitor.get("/counter").content.decode() for _ in range(2)]
answers = [
    cache.set("key", "value1", nx=True), cache.set("key", "value2", nx=True), cache.get("key"),
    cache.set("session_a", {"n": [1]}, timeout=0), cache.ttl("session_a"),
    sorted(cache.keys("session_*")), cache.delete_pattern("session_*"), cache.keys("session_*"),
]
stored = len(cache.keys("*"))
print(json.dumps([pages, seen, answers, type(cache.client).__name__, stored > 0]))
"""


@pytest.fixture(scope="module")
def tcp() -> Iterator[tuple[Server, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = Server("--port", str(port))
    yield started, port
    started.stop()


@pytest.fixture
def locked() -> Iterator[Server]:
    started = Server("--requirepass", "foopassword")
    yield started
    started.stop()


def block(name: str) -> str:
    return (DOCUMENTED / f"{name}.py").read_text()


EXPECTED = '[["visit 1", "visit 1"], ["1", "2"], [true, false, "value1", true, null, ["session_a"], 1, []], "DefaultClient", true]'


@pytest.mark.parametrize("name", ["tcp", "before_3_0", "socket_timeout"])
def test_runs_a_site(name: str, tcp: tuple[Server, int], tmp_path: Path) -> None:
    settings = block(name).replace("6379", str(tcp[1]))
    code = f"from django.core.cache import cache; cache.clear()\n{VISIT}"
    assert sites.output(sites.run(tmp_path, settings, code)).strip() == EXPECTED


def test_the_database_is_the_documented_one(tcp: tuple[Server, int], tmp_path: Path) -> None:
    settings = block("before_3_0").replace("6379", str(tcp[1]))
    code = (
        "import djredis, sys; from django.core.cache import cache; cache.set('where', 1)\n"
        "print(djredis.Cache(sys.argv[1]).get('where'))"
    )
    assert sites.output(sites.run(tmp_path, settings, code, tcp[0].location(1))) == "1\n"


@pytest.mark.parametrize("parser", ["redis.connection.HiredisParser", "hiredis.Reader"])
def test_runs_a_site_on_a_unix_socket_with_a_password(parser: str, locked: Server, tmp_path: Path) -> None:
    settings = block("unix").replace("/path/to/socket/file.sock", locked.path)
    settings = settings.replace("redis.connection.HiredisParser", parser)
    assert sites.output(sites.run(tmp_path, settings, VISIT)).strip() == EXPECTED


def test_the_password_counts(locked: Server, tmp_path: Path) -> None:
    settings = block("unix").replace("/path/to/socket/file.sock", locked.path).replace("foopassword", "barpassword")
    done = sites.run(tmp_path, settings, "from django.core.cache import cache; cache.get('x')")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("djredis._exceptions.AuthError") and "default" in last and locked.path in last
    assert "barpassword" not in done.stderr


def test_runs_a_site_on_shards(tcp: tuple[Server, int], tmp_path: Path) -> None:
    settings = block("sharding").replace("6379", str(tcp[1]))
    code = f"from django.core.cache import cache; cache.clear()\n{VISIT}"
    assert sites.output(sites.run(tmp_path, settings, code)).strip() == EXPECTED.replace("DefaultClient", "ShardClient")
