"""One Redis with a real Django site that uses django-redis, both ways."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

django = pytest.importorskip("django")
pytest.importorskip("django_redis")

from conftest import Server  # noqa: E402
from django.conf import settings  # noqa: E402

import djredis  # noqa: E402

VALUES = {
    "user": {"id": 42, "name": "Ada", "tags": ["a", ("b", None)], "joined": datetime.datetime(2024, 1, 2, 3, 4, 5)},
    "count": 5,
    "big": 2**80,
    "flag": True,
    "nothing": None,
    "price": decimal.Decimal("9.99"),
    "id": uuid.UUID(int=7),
    "text": "é\U0001f600",
    "blob": b"\x00\xff",
    "set": {1, 2},
}


@pytest.fixture(params=["django_redis.cache.RedisCache", "django.core.cache.backends.redis.RedisCache"])
def site(request: pytest.FixtureRequest, server: Server) -> Any:
    """A cache of Django, made by Django."""
    if not settings.configured:
        settings.configure()
        django.setup()
    from django.core.cache import CacheHandler

    conf = {"BACKEND": request.param, "LOCATION": f"unix://{server.path}?db=2", "KEY_PREFIX": "shop", "TIMEOUT": 300}
    return CacheHandler({"default": conf})["default"]


@pytest.fixture
def ours(server: Server) -> Iterator[djredis.Cache]:
    with djredis.Cache(server.location(2), key_prefix="shop") as cache:
        cache.clear()
        yield cache


@pytest.mark.parametrize("name", VALUES)
def test_each_reads_what_the_other_wrote(site: Any, ours: djredis.Cache, name: str) -> None:
    value = VALUES[name]
    site.set("theirs", value)
    ours.set("ours", value)
    assert ours.get("theirs") == value == site.get("ours")
    assert type(ours.get("theirs")) is type(value) is type(site.get("ours"))
    assert 0 < (ours.ttl("theirs") or 0) <= 300


def test_many_keys(site: Any, ours: djredis.Cache) -> None:
    site.set_many(VALUES)
    assert ours.get_many(VALUES) == VALUES
    ours.clear()
    assert site.get_many(VALUES) == {}
    ours.set_many(VALUES)
    assert site.get_many(VALUES) == VALUES


def test_they_count_together(site: Any, ours: djredis.Cache) -> None:
    site.set("n", 1)
    assert ours.incr("n") == 2
    assert site.incr("n", 10) == 12
    assert ours.decr("n", 2) == 10
    assert site.get("n") == 10


def test_adds_deletes_versions_and_conditions(site: Any, ours: djredis.Cache) -> None:
    assert ours.add("k", "ours")
    assert not site.add("k", "theirs")
    assert site.incr_version("k") == 2
    assert ours.get("k", version=2) == "ours"
    assert ours.decr_version("k", version=2) == 1
    assert site.delete("k")
    assert "k" not in ours
    assert ours.make_key("k", version=7) == site.make_key("k", version=7)


def test_patterns(site: Any, ours: djredis.Cache) -> None:
    if not hasattr(site, "keys"):
        pytest.skip("Django's own backend has no patterns")
    ours.set_many(dict.fromkeys(["session_1", "session_2", "other"], 1))
    assert sorted(site.keys("session_*")) == sorted(ours.keys("session_*")) == ["session_1", "session_2"]
    assert ours.delete_pattern("session_*") == 2
    assert site.keys("*") == ["other"]
