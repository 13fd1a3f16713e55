"""Sentinel and replicas in a site's settings: as django-redis has them, beside the real one on real sentinels."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

import djredis
from djredis.django.settings import read

from .conftest import DJANGO_REDIS, OURS, Server

SERVICE = "mymaster"
CLIENT = "django_redis.client.SentinelClient"
FACTORY = "django_redis.pool.SentinelConnectionFactory"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def sentinel() -> Iterator[tuple[Server, int]]:
    """A server, and the port of a sentinel that knows it."""
    port, of_primary = free_port(), str(free_port())
    primary = Server("--port", of_primary, "--bind", "127.0.0.1")
    folder = Path(tempfile.mkdtemp(prefix="djredis-sentinel-"))
    config = folder / "sentinel.conf"
    config.write_text(f"port {port}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor {SERVICE} 127.0.0.1 {of_primary} 1\n")
    process = subprocess.Popen(["redis-server", str(config), "--sentinel"], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert time.monotonic() < deadline, "the sentinel did not start"
        time.sleep(0.01)
    yield primary, port
    process.terminate()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
    primary.stop()


def entry(backend: str, port: int, **more: Any) -> dict[str, Any]:
    options = {"SENTINELS": [("127.0.0.1", port)], "CLIENT_CLASS": CLIENT, **more.pop("OPTIONS", {})}
    return {"BACKEND": backend, "LOCATION": f"redis://{SERVICE}/0", "OPTIONS": options, **more}


def test_shares_keys_with_django_redis(sentinel: tuple[Server, int]) -> None:
    _, port = sentinel
    entries = {"default": entry(OURS, port), "theirs": entry(DJANGO_REDIS, port)}
    with override_settings(CACHES=entries, DJANGO_REDIS_CONNECTION_FACTORY=FACTORY):
        caches["default"].set("k", {"a": 1})
        assert caches["theirs"].get("k") == {"a": 1}
        caches["theirs"].set_many({"l": 1, "m": 2})
        assert caches["default"].get_many(["l", "m", "n"]) == {"l": 1, "m": 2}
        assert caches["default"].client.get_client().ping()


@pytest.mark.parametrize(
    ("location", "given", "means"),
    [
        (f"redis://{SERVICE}/1", {"CLIENT_CLASS": CLIENT}, {"SENTINEL_REPLICAS": True}),
        (f"redis://{SERVICE}/1", {"CLIENT_CLASS": CLIENT, "SENTINEL_REPLICAS": False}, {"SENTINEL_REPLICAS": False}),
        (f"redis://{SERVICE}/1", {"CLIENT_CLASS": "sentinel"}, {}),
        (f"redis://{SERVICE}/1", {"CONNECTION_FACTORY": FACTORY}, {}),
        (f"redis://{SERVICE}/1?is_master=1", {"CONNECTION_FACTORY": FACTORY}, {}),
        (
            [f"redis://{SERVICE}/1?is_master=1", f"redis://{SERVICE}/1?is_master=0"],
            {"CONNECTION_FACTORY": FACTORY, "CONNECTION_POOL_CLASS": "redis.sentinel.SentinelConnectionPool"},
            {"SENTINEL_REPLICAS": True},
        ),
    ],
)
def test_settings_of_django_redis(location: Any, given: dict[str, Any], means: dict[str, Any]) -> None:
    found = read(location, {"OPTIONS": {"SENTINELS": [("h", 1)], **given}})
    assert found.location == f"redis://{SERVICE}/1"
    assert {name: value for name, value in found.options.items() if name == "SENTINEL_REPLICAS"} == means
    assert (found.options["CLIENT_CLASS"], found.options["SENTINELS"]) == ("sentinel", "h:1")


class OwnClient(djredis.django.clients.SentinelClient):
    """A client of one's own."""


@pytest.mark.parametrize(
    ("location", "given"),
    [
        (f"redis://{SERVICE}/1", {}),
        ([f"redis://{SERVICE}/1?is_master=1", f"redis://{SERVICE}/1?is_master=0"], {}),
        ("", {"SENTINEL_SERVICE": SERVICE}),
    ],
)
@pytest.mark.parametrize("client", [OwnClient, f"{__name__}.OwnClient"])
def test_a_class_of_ones_own_is_what_it_is_derived_from(location: Any, given: dict[str, Any], client: Any) -> None:
    options = {"CLIENT_CLASS": client, "SENTINELS": "h:1", **given}
    for flavour in ("django", "redis_cache"):
        found = read(location, {"OPTIONS": options}, flavour)
        assert found.location == (location and f"redis://{SERVICE}/1")
        assert (found.options["CLIENT_CLASS"], found.options["SENTINEL_REPLICAS"]) == ("sentinel", True)
        assert djredis.django.clients.load(found) is OwnClient


def test_the_factory_of_all_caches_and_of_one() -> None:
    with override_settings(DJANGO_REDIS_CONNECTION_FACTORY=FACTORY):
        assert read(f"redis://{SERVICE}/1", {"OPTIONS": {"SENTINELS": "h:1"}}).options["CLIENT_CLASS"] == "sentinel"
        own = {"CONNECTION_FACTORY": "django_redis.pool.ConnectionFactory"}
        assert "CLIENT_CLASS" not in read("redis://h/1", {"OPTIONS": own}).options


def test_a_service_without_a_location() -> None:
    found = read("", {"OPTIONS": {"CLIENT_CLASS": "sentinel", "SENTINELS": "h:1", "SENTINEL_SERVICE": "my own"}})
    assert (found.location, found.options["SENTINEL_SERVICE"]) == ("", "my own")


@pytest.mark.parametrize(
    ("location", "given", "sentence"),
    [
        (f"redis://{SERVICE}/1?is_master=0", {}, "is_master=0 alone"),
        (f"redis://{SERVICE}/1", {"SENTINELS": [("h",)]}, "list of (host, port), and has ('h',) in it"),
        (f"redis://{SERVICE}/1", {"SENTINEL_KWARGS": {"db": 1}}, "sentinels have a login of their own and nothing else"),
        (f"redis://{SERVICE}/1", {"SENTINELS": []}, "needs SENTINELS"),
        ("127.0.0.1:6379:1", {}, "write the name of their service, as in redis://mymaster/0"),
        ([f"redis://{SERVICE}/1", "redis://other/1"], {}, "the location is one service"),
        ("", {}, "LOCATION is empty"),
    ],
)
def test_what_does_not_fit(location: Any, given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        djredis.django.RedisCache(location, {"OPTIONS": {"CLIENT_CLASS": "sentinel", "SENTINELS": "h:1", **given}})
    assert sentence in str(caught.value)


def test_a_list_of_servers_is_read_from_its_replicas(sentinel: tuple[Server, int]) -> None:
    primary, _ = sentinel
    replica = Server()
    try:
        with override_settings(CACHES={"default": {"BACKEND": OURS, "LOCATION": [primary.location(), replica.location()]}}):
            cache = caches["default"]
            cache.set("k", 1)
            assert cache.get("k") is None, "the replica is none in truth"
            djredis.Cache(replica.location()).set("k", 2)
            assert cache.get("k") == 2
        with pytest.raises(ImproperlyConfigured, match="writes go to the first server"):
            read([primary.location(), replica.location()], {"OPTIONS": {"REPLICA_READ_ONLY": False}})
    finally:
        replica.stop()


def test_addresses_are_pairs_too() -> None:
    cache = djredis.Cache(f"redis://{SERVICE}/0", CLIENT_CLASS="sentinel", SENTINELS=[("127.0.0.1", 1), "127.0.0.1:2"])
    assert cache.option("SENTINELS") == "127.0.0.1:1,127.0.0.1:2"
    with pytest.raises(djredis.ConnectionError, match="no sentinel of"):
        cache.get("k")
