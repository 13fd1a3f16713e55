"""Pickles that somebody planted in a shared Redis: they run in no cache that was not asked to unpickle."""

from __future__ import annotations

import pickle
import zlib
from pathlib import Path
from typing import Any, Callable

import pytest

import djredis


class Own:
    """A serializer that is not fooled."""

    def dumps(self, value: Any) -> bytes:
        return b"own:" + repr(value).encode()

    def loads(self, data: bytes) -> Any:
        if not data.startswith(b"own:"):
            raise ValueError("this is not ours")
        return data[4:].decode()


class Touches:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


SITES: dict[str, dict[str, Any]] = {
    "json": {"serializer": "json"},
    "json that accepts more": {"serializer": "json", "accept": ("msgpack", "gzip")},
    "json that accepts raw": {"serializer": "json", "accept": ["raw"]},
    "msgpack": {"serializer": "msgpack"},
    "msgpack that accepts json": {"serializer": "msgpack", "accept": "json"},
    "raw": {"serializer": "raw"},
    "own": {"serializer": Own},
    "django-redis's name": {"serializer": "django_redis.serializers.json.JSONSerializer"},
}
TAKES_BYTES = {"raw", "json that accepts raw"}


def planted(path: Path) -> list[bytes]:
    """The same by every protocol, by hand too."""
    old = b"cos\nsystem\n(S'touch " + bytes(path) + b"'\ntR."
    pickles = [pickle.dumps(Touches(path), protocol) for protocol in range(6)] + [old, b"[" + old, b"\x80\x02" + old]
    return pickles + [zlib.compress(data) for data in pickles]


READS: dict[str, Callable[[djredis.Cache], Any]] = {
    "get": lambda cache: cache.get("k"),
    "get_many": lambda cache: cache.get_many(["k"])["k"],
    "batch": lambda cache: cache.batch().get("k").execute()[0],
    "get_or_set": lambda cache: cache.get_or_set("k", 1),
    "incr": lambda cache: cache.incr("k"),
    "batch incr": lambda cache: cache.batch().incr("k").execute()[0],
}


@pytest.mark.parametrize("compressor", ["identity", "zlib"])
@pytest.mark.parametrize("site", SITES)
def test_nothing_runs(location: str, tmp_path: Path, site: str, compressor: str) -> None:
    file = tmp_path / "ran"
    with djredis.Cache(location, **SITES[site], compressor=compressor) as cache:
        for data in planted(file):
            cache.set_raw("k", data)
            for name, read in READS.items():
                if site in TAKES_BYTES and "incr" not in name:
                    assert read(cache) in (data, _plain(data)), name
                else:
                    with pytest.raises((djredis.DecodeError, djredis.WrongTypeError)):
                        read(cache)
            assert not file.exists(), data


def _plain(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return data


@pytest.mark.parametrize("options", [{}, {"serializer": "json", "accept": ["pickle"]}], ids=["pickle", "accepted"])
def test_they_do_run_where_pickle_is_asked_for(location: str, tmp_path: Path, options: dict[str, Any]) -> None:
    """Or the test above would say nothing."""
    file = tmp_path / "ran"
    with djredis.Cache(location, **options) as cache:
        cache.set_raw("k", pickle.dumps(Touches(file)))
        cache.get("k")
    assert file.exists()


@pytest.mark.parametrize("site", SITES)
def test_there_is_no_way_to_unpickle(location: str, site: str) -> None:
    """Even if the library called a payload a pickle."""
    with djredis.Cache(location, **SITES[site]) as cache, pytest.raises(djredis.DecodeError, match="ACCEPT") as failed:
        cache._codec.loads(1, pickle.dumps(1), "k")
    assert failed.value.stored == pickle.dumps(1)
