"""SIGNING_KEYS: nothing that somebody planted in a shared Redis is unpickled."""

from __future__ import annotations

import pickle
import zlib
from pathlib import Path
from typing import Any, Callable

import pytest

import djredis

KEY = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"

READS: dict[str, Callable[[djredis.Cache], Any]] = {
    "get": lambda cache: cache.get("k"),
    "get with a version": lambda cache: cache.get("k", version=1),
    "get_many": lambda cache: cache.get_many(["k"]),
    "batch": lambda cache: cache.batch().get("k").execute()[0],
    "get_or_set": lambda cache: cache.get_or_set("k", 1),
    "incr": lambda cache: cache.incr("k"),
    "batch incr": lambda cache: cache.batch().incr("k").execute()[0],
    "get_many of many": lambda cache: cache.get_many(["other", "k", "third"]),
}
SITES: dict[str, dict[str, Any]] = {
    "plain": {},
    "compressed": {"compressor": "zlib"},
    "json that accepts pickle": {"serializer": "json", "accept": ["pickle"]},
    "near": {"near_cache": 1 << 20},
    "two keys": {"signing_keys": [OTHER, KEY]},
}


class Touches:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path, size: int = 0) -> None:
        self.path = path
        self.weight = b"x" * size

    def __reduce__(self) -> Any:
        return (_touch, (self.path, self.weight))


def _touch(path: Path, weight: bytes) -> None:
    path.touch()


def planted(cache: djredis.Cache, file: Path) -> list[bytes]:
    """Unsigned, compressed, signed for another key, by nobody, and what only seems to be signed."""
    signed = _signed_for("another", Touches(file), cache)
    pickles = [pickle.dumps(Touches(file, size), protocol) for protocol in (2, 5) for size in (0, 100_000)]
    seeming = [signed[:36] + data for data in pickles] + [signed[:4] + data for data in pickles]
    return [*pickles, *map(zlib.compress, pickles), signed, *seeming]


def _signed_for(key: str, value: Any, cache: djredis.Cache) -> bytes:
    cache.set(key, value)
    stored = cache.get_raw(key)
    assert isinstance(stored, bytes)
    return stored


@pytest.mark.parametrize("site", SITES)
def test_nothing_runs(location: str, tmp_path: Path, site: str) -> None:
    file = tmp_path / "ran"
    with djredis.Cache(location, **{"signing_keys": KEY, **SITES[site]}) as cache, djredis.Cache(location) as attacker:
        with djredis.Cache(location, signing_keys=KEY) as writer:
            stored = planted(writer, file)
        for data in stored:
            attacker.set_raw("k", data)
            for name, read in READS.items():
                with pytest.raises((djredis.DecodeError, djredis.WrongTypeError), match="sign"):
                    read(cache)
                assert not file.exists(), (name, data)


def test_they_do_run_where_they_are_signed(location: str, tmp_path: Path) -> None:
    """Or the test above would say nothing."""
    file = tmp_path / "ran"
    with djredis.Cache(location, signing_keys=KEY) as cache:
        cache.set("k", Touches(file))
        cache.get("k")
    assert file.exists()


def test_a_near_hit_is_verified_for_its_key(location: str) -> None:
    with djredis.Cache(location, signing_keys=KEY, near_cache=1 << 20) as cache:
        cache.set("k", ["value"])
        for _ in range(50):
            assert cache.get("k") == ["value"]
            assert cache.get_many(["k"]) == {"k": ["value"]}
        assert cache.stats()["near_hits"] > 0
        with djredis.Cache(location, near_cache=1 << 20) as reader:
            for _ in range(50):
                with pytest.raises(djredis.DecodeError, match="is signed"):
                    reader.get("k")


def test_a_serializer_of_ones_own_gets_what_was_verified(location: str) -> None:
    seen: list[bytes] = []

    class Own:
        def dumps(self, value: Any) -> bytes:
            return b"own:" + str(value).encode()

        def loads(self, data: bytes) -> Any:
            seen.append(data)
            return data[4:].decode()

    with djredis.Cache(location, signing_keys=KEY, serializer=Own) as cache:
        cache.set("k", "text")
        assert cache.get("k") == "text"
        assert cache.get_many(["k"]) == {"k": "text"}
        cache.set_raw("k", b"own:planted")
        for read in READS.values():
            with pytest.raises((djredis.DecodeError, djredis.WrongTypeError), match="sign"):
                read(cache)
    assert set(seen) == {b"own:text"}


def test_what_has_no_key_is_refused(location: str) -> None:
    with djredis.Cache(location, signing_keys=KEY) as cache:
        for value in (1, "text"):
            with pytest.raises(djredis.UnsupportedError, match="SIGNING_KEYS"):
                cache._encode(value)
        for stored in (b"1", pickle.dumps("text")):
            with pytest.raises(djredis.UnsupportedError, match="SIGNING_KEYS"):
                cache._decode_many([stored])


def test_no_key_is_shown(location: str) -> None:
    with djredis.Cache(location, signing_keys=KEY) as cache:
        assert cache.option("SIGNING_KEYS") == "***"
        assert KEY not in repr(cache) + repr(vars(cache))
    with pytest.raises(djredis.ConfigError, match="32") as failed:
        djredis.Cache(location, signing_keys="hunter2")
    assert "hunter2" not in str(failed.value)
