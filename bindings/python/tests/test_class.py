"""The Cache as a Python class: subclasses, context managers, copies, what it shows."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import djredis
from djredis._options import option_text


class Counting(djredis.Cache):
    """A subclass with its own constructor, state and overridden methods."""

    def __init__(self, location: str, name: str) -> None:
        self.name = name
        self.calls = 0
        super().__init__(location, key_prefix=name)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        self.calls += 1
        return super().get(key, default, version)


def test_a_subclass(location: str) -> None:
    with Counting(location, "shop") as cache:
        cache.clear()
        cache.set("k", 1)
        assert cache.get("k") == 1
        assert cache.get_or_set("other", 2) == 2
        assert cache.calls == 3
        assert cache.make_key("k") == "shop:1:k"
        assert repr(cache).startswith("<Counting ")
    with pytest.raises(djredis.ClosedError):
        cache.get("k")


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy])
def test_copies_are_refused(cache: djredis.Cache, way: Any) -> None:
    with pytest.raises(TypeError, match="open it again"):
        way(cache)


def test_the_default_sentinel_stays_itself() -> None:
    assert repr(djredis.DEFAULT) == "DEFAULT"
    assert pickle.loads(pickle.dumps(djredis.DEFAULT)) is djredis.DEFAULT
    assert copy.deepcopy(djredis.DEFAULT) is djredis.DEFAULT


def test_options_in_either_case_with_python_values(location: str) -> None:
    options: Any = {
        "timeout": None,
        "Key_Prefix": "shop",
        "SOCKET_TIMEOUT": 5.0,
        "ignore_exceptions": True,
        "password": None,
    }
    with djredis.Cache(location, **options) as cache:
        assert cache.option("ignore_exceptions") == "true"
        assert cache.option("KEY_PREFIX") == "shop"
        cache.set("k", 1)
        assert cache.ttl("k") is None
        with pytest.raises(djredis.ConfigError, match="BOGUS"):
            cache.option("BOGUS")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"), (False, "false"), (5, "5"), (0.5, "0.5"), (1e-5, "0.00001"), (1e22, "1" + "0" * 22),
        (None, None),
        (timedelta(milliseconds=1500), "1.5"), (b"\xc3\xa9", "é"), (Path("/ca.pem"), "/ca.pem"),
        (["a:1", "b:2"], "a:1,b:2"),
        (float("nan"), "NaN"), (float("inf"), "Infinity"),
    ],
)  # fmt: skip
def test_option_values_as_text(value: Any, text: str | None) -> None:
    assert option_text("KEY_PREFIX", value) == text


def test_a_list_of_one_location(location: str) -> None:
    with djredis.Cache([location]) as cache:
        assert cache.set("k", 1)


def test_stats_count(cache: djredis.Cache) -> None:
    before = cache.stats()
    cache.set("k", 1)
    cache.get("k")
    cache.get("missing")
    after = cache.stats()
    formats = after.pop("formats")
    assert all(isinstance(number, int) for number in [*after.values(), *formats.values()])
    assert formats["integer"] == before["formats"]["integer"] + 1
    assert after["hits"] - before["hits"] == 1
    assert after["misses"] - before["misses"] == 1


def test_opening_touches_no_socket(nobody: str) -> None:
    with djredis.Cache(nobody) as cache:
        assert cache.make_key("k") == ":1:k"
        assert nobody in repr(cache)
