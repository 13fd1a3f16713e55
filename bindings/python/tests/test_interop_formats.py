"""One Redis with django-redis, for each of its serializers and compressors, both ways."""

from __future__ import annotations

import datetime
import decimal
import json
import uuid
from typing import Any

import pytest

pytest.importorskip("django")
pytest.importorskip("django_redis")

from conftest import Server  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.serializers.json import DjangoJSONEncoder  # noqa: E402

import djredis  # noqa: E402

SERIALIZERS = {"pickle": "PickleSerializer", "json": "JSONSerializer", "msgpack": "MSGPackSerializer"}
COMPRESSORS = {
    "identity": "IdentityCompressor",
    "zlib": "ZlibCompressor",
    "gzip": "GzipCompressor",
    "lzma": "LzmaCompressor",
    "lz4": "Lz4Compressor",
    "zstd": "ZStdCompressor",
}
PLAIN: dict[str, Any] = {
    "none": None,
    "true": True,
    "number": 5,
    "negative": -(2**63),
    "float": 1.5,
    "text": "\xe9\u20ac\U0001f600",
    "long text": "x" * 5000,
    "list": [1, "a", None, [True, 2.5]],
    "dict": {"id": 42, "tags": ["a", "b"] * 50, "deep": {"a": {}}},
    "random": "".join(chr(33 + number * 7919 % 90) for number in range(2000)),
}
ONLY_JSON: dict[str, Any] = {
    "moment": datetime.datetime(2024, 1, 2, 3, 4, 5, 678901, datetime.timezone.utc),
    "price": decimal.Decimal("9.99"),
    "all": [uuid.UUID(int=7), datetime.date(2024, 1, 2), datetime.timedelta(1, 2, 3), datetime.time(1, 2, 3, 4)],
}
ONLY_PICKLE: dict[str, Any] = {**ONLY_JSON, "set": {1, 2}, "tuple": (1, (2,)), "blob": b"\x00\xff" * 300}
ONLY_MSGPACK: dict[str, Any] = {"blob": b"\x00\xff" * 300, "blobs": [b"", b"a"], "wide": [2**64 - 1]}
VALUES = {"pickle": {**PLAIN, **ONLY_PICKLE}, "json": {**PLAIN, **ONLY_JSON}, "msgpack": {**PLAIN, **ONLY_MSGPACK}}


def site_of(server: Server, serializer: str, compressor: str) -> Any:
    """Django's cache, by django-redis."""
    if not settings.configured:
        settings.configure()
    from django.core.cache import CacheHandler

    options = {
        "SERIALIZER": f"django_redis.serializers.{serializer}.{SERIALIZERS[serializer]}",
        "COMPRESSOR": f"django_redis.compressors.{compressor}.{COMPRESSORS[compressor]}",
    }
    conf = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": f"unix://{server.path}?db=3", "OPTIONS": options}
    return CacheHandler({"default": conf})["default"]


def as_read(serializer: str, value: Any) -> Any:
    """What a serializer makes of a value."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder)) if serializer == "json" else value


@pytest.mark.parametrize("compressor", COMPRESSORS)
@pytest.mark.parametrize("serializer", SERIALIZERS)
def test_each_reads_what_the_other_wrote(server: Server, serializer: str, compressor: str) -> None:
    site = site_of(server, serializer, compressor)
    with djredis.Cache(server.location(3), serializer=serializer, compressor=compressor) as ours:
        ours.clear()
        values = VALUES[serializer]
        site.set_many({f"theirs {name}": value for name, value in values.items()})
        assert ours.set_many({f"ours {name}": value for name, value in values.items()}) == []
        read = ours.get_many([f"theirs {name}" for name in values])
        for name, value in values.items():
            expected = as_read(serializer, value)
            for found in (ours.get(f"theirs {name}"), read[f"theirs {name}"], site.get(f"ours {name}")):
                assert found == expected, name
                assert type(found) is type(expected), name


@pytest.mark.parametrize("serializer", ["json", "msgpack"])
def test_they_store_the_same_bytes(server: Server, serializer: str) -> None:
    site = site_of(server, serializer, "identity")
    with djredis.Cache(server.location(3), serializer=serializer) as ours:
        ours.clear()
        for name, value in VALUES[serializer].items():
            site.set("theirs", value)
            ours.set("ours", value)
            assert ours.get_raw("ours") == ours.get_raw("theirs"), name


@pytest.mark.parametrize("serializer", SERIALIZERS)
def test_djangos_own_names_are_options(server: Server, serializer: str) -> None:
    names = {
        "SERIALIZER": f"django_redis.serializers.{serializer}.{SERIALIZERS[serializer]}",
        "COMPRESSOR": "django_redis.compressors.zstd.ZStdCompressor",
    }
    with djredis.Cache(server.location(3), **names) as ours:
        assert (ours.option("SERIALIZER"), ours.option("COMPRESSOR")) == (serializer, "zstd")
        ours.set("k", ["x" * 100])
        assert site_of(server, serializer, "zstd").get("k") == ["x" * 100]


@pytest.mark.parametrize("name", SERIALIZERS)
def test_django_redis_own_classes_are_serializers(server: Server, name: str) -> None:
    """A class of its own is made and used as django-redis does it."""
    module = __import__(f"django_redis.serializers.{name}", fromlist=["*"])
    site = site_of(server, name, "zlib")
    with djredis.Cache(server.location(3), serializer=getattr(module, SERIALIZERS[name]), compressor="zlib") as ours:
        for value in PLAIN.values():
            ours.set("ours", value)
            site.set("theirs", value)
            assert site.get("ours") == ours.get("theirs") == value


def test_a_migration_from_pickle_to_json(server: Server) -> None:
    old, new = site_of(server, "pickle", "zlib"), site_of(server, "json", "identity")
    old.set("old", ["x" * 100])
    with djredis.Cache(server.location(3), serializer="json", accept=["pickle", "zlib"]) as ours:
        assert ours.get("old") == ["x" * 100]
        ours.set("old", ours.get("old"))
        assert new.get("old") == ["x" * 100]
