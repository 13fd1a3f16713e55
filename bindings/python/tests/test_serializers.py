"""The option SERIALIZER, one's own serializers, and what ACCEPT and COMPRESSOR do beside it."""

from __future__ import annotations

import datetime
import enum
import json
import marshal
import pickle
import zlib
from typing import Any

import pytest
from conftest import Server

import djredis


class Colour(enum.IntEnum):
    RED = 53  # the one byte of its MessagePack is a digit


class Marked:
    """A serializer without any argument, whose values can be told apart."""

    def dumps(self, value: Any) -> bytes:
        return b"marked:" + pickle.dumps(value)

    def loads(self, data: bytes) -> Any:
        assert type(data) is bytes
        return pickle.loads(data[len(b"marked:") :])


class Configured(Marked):
    """One that is made as django-redis makes it."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options


class Wrong:
    def dumps(self, value: Any) -> Any:
        return str(value)

    def loads(self, data: bytes) -> Any:
        raise LookupError("never")


VALUES = [None, True, 1.5, "text", "7", "", [1, ["a"]], {"a": {"b": None}}]


@pytest.mark.parametrize(
    "serializer", ["json", "msgpack", "JSON", Marked, Marked(), "test_serializers.Marked", Configured, marshal]
)
@pytest.mark.parametrize("compressor", ["identity", "zlib"])
def test_values_come_back_by_every_method(location: str, serializer: Any, compressor: str) -> None:
    with djredis.Cache(location, serializer=serializer, compressor=compressor) as cache:
        cache.clear()
        for value in [*VALUES, 5, 2**70]:
            cache.set("k", value)
            cache.set_many({"many": value, "other": 1})
            with cache.batch() as batch:
                batch.set("batch", value).get("batch")
            cache.add("added", value)
            cache.delete("made")
            found = [cache.get("k"), cache.get("added"), batch.results[1], cache.get_or_set("made", lambda: value)]  # noqa: B023
            for found_one in [*found, *cache.get_many(["k", "many", "batch"]).values()]:
                assert found_one == value
                assert type(found_one) is type(value)
            cache.delete("added")


@pytest.mark.parametrize("serializer", ["pickle", "json", "msgpack", "raw", Marked, "test_serializers.Configured"])
def test_integers_are_digits(location: str, serializer: Any) -> None:
    with djredis.Cache(location, SERIALIZER=serializer, COMPRESSOR="zlib", COMPRESS_MIN_LENGTH=0) as cache:
        cache.set("n", 41)
        assert cache.incr("n") == 42
        assert cache.get_raw("n") == b"42"
        cache.set_many({"big": 10**30})
        assert cache.get_raw("big") == b"1" + b"0" * 30
        assert cache.get("big") == 10**30


@pytest.mark.parametrize("serializer", ["json", "msgpack", "raw", Marked])
def test_members_of_an_intenum_are_their_numbers(location: str, serializer: Any) -> None:
    """Only a pickle keeps their class: see test_values.py."""
    with djredis.Cache(location, serializer=serializer) as cache:
        cache.set("k", Colour.RED)
        cache.set_many({"many": Colour.RED})
        cache.batch().set("batch", Colour.RED).execute()
        assert [cache.get_raw(key) for key in ("k", "many", "batch")] == [b"53"] * 3
        assert type(cache.get("k")) is int


def test_raw(location: str) -> None:
    with djredis.Cache(location, serializer="raw", compressor="zlib") as cache:
        for value, stored in [
            (b"\x80\x05N.", b"\x80\x05N."),
            ("h\xe9", "h\xe9".encode()),
            (bytearray(b"a"), b"a"),
            (memoryview(b"abc")[1:], b"bc"),
            (b"x" * 500, b"x" * 500),
        ]:
            cache.set("k", value)
            assert cache.get("k") == cache.get_many(["k"])["k"] == stored
        for refused in (None, True, 1.5, [b"a"], b"42", "42", "\ud800"):
            with pytest.raises(djredis.EncodeError):
                cache.set("bad", refused)
        assert "bad" not in cache


@pytest.mark.parametrize(
    ("serializer", "value", "why"),
    [
        ("json", {1}, "a set can't be stored with SERIALIZER json"),
        ("json", [b"a"], "a byte string"),
        ("json", {(1,): 1}, "a key"),
        ("msgpack", datetime.date(2024, 1, 1), "a date can't be stored with SERIALIZER msgpack"),
        ("msgpack", [2**64], "an integer over 64 bits"),
        ("raw", [1], "SERIALIZER raw"),
        (Wrong, 1.5, "SERIALIZER Wrong.*dumps must return bytes, not str"),
        (json, [1], "SERIALIZER json.*dumps must return bytes, not str"),
        (marshal, object(), "SERIALIZER marshal.*unmarshallable"),
    ],
)
def test_what_cannot_be_stored_is_refused_before_anything_is_written(
    location: str, serializer: Any, value: Any, why: str
) -> None:
    with djredis.Cache(location, serializer=serializer) as cache:
        cache.clear()
        for write in (
            lambda: cache.set("k", value),
            lambda: cache.set_many({"a": 1, "k": value}),
            lambda: cache.batch().set("k", value),
        ):
            with pytest.raises(djredis.EncodeError, match=why) as refused:
                write()
            assert refused.value.__cause__ is not None or serializer == "raw"
        assert cache.keys() == []


def test_json_that_goes_round_in_circles(location: str) -> None:
    loop: list[Any] = []
    loop.append(loop)
    for serializer in ("json", "msgpack"):
        with (
            djredis.Cache(location, serializer=serializer) as cache,
            pytest.raises(djredis.EncodeError, match=serializer),
        ):
            cache.set("k", loop)


def test_payloads_that_are_digits_are_refused(location: str) -> None:
    class Digits(Wrong):
        def dumps(self, value: Any) -> bytes:
            return b"42"

    with djredis.Cache(location, serializer=Digits) as cache:
        cache.delete("k")
        with pytest.raises(djredis.EncodeError, match="decimal number"):
            cache.set("k", "forty-two")
        assert "k" not in cache


@pytest.mark.parametrize(
    ("serializer", "stored", "why"),
    [
        ("json", b"[1, 2", "no valid JSON.*offset 5"),
        ("json", b"80", None),
        ("json", b"", "JSON"),
        ("msgpack", b"\x92\x01", "no valid MessagePack"),
        ("msgpack", b"\xd4\x05a", "MessagePack.*extension"),
        (Wrong, b"a", "can't be read by Wrong: LookupError: never"),
        (marshal, b"?", "can't be read by marshal"),
    ],
)
def test_what_cannot_be_read(location: str, serializer: Any, stored: bytes, why: str | None) -> None:
    with djredis.Cache(location, serializer=serializer) as cache:
        cache.set_many({"good": 1})
        cache.set_raw("bad", stored)
        if why is None:
            assert cache.get("bad") == int(stored)
            return
        for read in (lambda: cache.get("bad"), lambda: cache.batch().get("bad").execute()):
            with pytest.raises(djredis.DecodeError, match=f"'bad'.*{why}") as failed:
                read()
            assert failed.value.stored == stored
            assert failed.value.__cause__ is not None
        with pytest.raises(djredis.DecodeError, match=why) as failed:
            cache.get_many(["good", "bad", "missing"])
        assert failed.value.found == {"good": 1}
    with djredis.Cache(location, serializer=serializer, decode_error="miss") as lenient:
        assert lenient.get("bad", "default") == "default"
        assert lenient.get_many(["good", "bad"]) == {"good": 1}
        assert lenient.batch().get("bad", 0).execute() == [0]
        assert lenient.get_or_set("bad", 5) == 5
        assert lenient.stats()["decode_errors"] == 5


@pytest.mark.parametrize("serializer", ["pickle", "json", "msgpack", "raw", Marked])
def test_bombs(location: str, serializer: Any) -> None:
    bomb = zlib.compress(b'"' + b"x" * 1_000_000 + b'"')
    options = {"serializer": serializer, "compressor": "zlib", "max_decoded_size": 1000}
    with djredis.Cache(location, **options) as cache:
        cache.set_raw("bomb", bomb)
        with pytest.raises(djredis.DecodeError, match="MAX_DECODED_SIZE") as failed:
            cache.get("bomb")
        assert failed.value.stored == bomb
        for read in (lambda: cache.get_many(["bomb"]), lambda: cache.batch().get("bomb").execute()):
            with pytest.raises(djredis.DecodeError, match="MAX_DECODED_SIZE"):
                read()
    with djredis.Cache(location, decode_error="miss", **options) as lenient:
        assert lenient.get("bomb", "default") == "default"
        assert lenient.get_many(["bomb"]) == {}
        assert lenient.batch().get("bomb", 0).execute() == [0]


def test_damaged_compressed_values_name_the_compressor(location: str) -> None:
    for serializer in ("pickle", "json", "msgpack", "raw", Marked):
        with djredis.Cache(location, serializer=serializer, compressor="zlib") as cache:
            cache.set_raw("k", zlib.compress(b"x" * 100)[:-3])
            with pytest.raises(djredis.DecodeError, match="zlib"):
                cache.get("k")


def test_accept_takes_lists_and_text(location: str) -> None:
    stored = {"p": pickle.dumps([1]), "j": b"[1]", "m": b"\x91\x01", "z": zlib.compress(b"[1]")}
    for accept in (["pickle", "msgpack", "zlib"], ("pickle", "msgpack", "zlib"), "pickle,msgpack,zlib"):
        with djredis.Cache(location, serializer="json", accept=accept) as cache:
            for key, data in stored.items():
                cache.set_raw(key, data)
            assert cache.get_many(stored) == dict.fromkeys(stored, [1])
            formats = cache.stats()["formats"]
            assert [formats[name] for name in ("pickle", "json", "msgpack", "zlib")] == [1, 2, 1, 1]
            cache.set("p", [1])
            assert cache.get_raw("p") == b"[1]"


def test_what_only_looks_like_json_is_bytes_where_raw_is_accepted(location: str) -> None:
    with djredis.Cache(location, serializer="json", accept=["raw"]) as cache:
        for data in (b"{no json}", b"other", b"\xff"):
            cache.set_raw("k", data)
            assert cache.get("k") == cache.get_many(["k"])["k"] == data
        cache.set_raw("k", b"{}")
        assert cache.get("k") == {}


def test_accept_is_refused_beside_ones_own(location: str) -> None:
    with pytest.raises(djredis.ConfigError, match="ACCEPT"):
        djredis.Cache(location, serializer=Marked, accept=["json"])


def test_the_location_wins(server: Server) -> None:
    with djredis.Cache(f"unix://{server.path}?db=0&serializer=json", serializer=Marked) as cache:
        cache.set("k", [1])
        assert cache.get_raw("k") == b"[1]"


def test_a_class_gets_the_options_if_it_takes_them(location: str) -> None:
    with djredis.Cache(location, serializer=Configured, Pickle_Version=4, extra=None) as cache:
        assert cache.option("SERIALIZER") == "raw"
        assert cache._codec._name == "Configured"
    seen: list[dict[str, Any]] = []

    class Remembers(Configured):
        def __init__(self, options: dict[str, Any]) -> None:
            seen.append(options)

    djredis.Cache(location, serializer=Remembers, pickle_version=4)
    assert seen == [{"SERIALIZER": Remembers, "PICKLE_VERSION": 4}]


class Breaks:
    def __init__(self) -> None:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("serializer", "why"),
    [
        ("yaml", "SERIALIZER"),
        ("django_redis.serializers.yaml.YAMLSerializer", "SERIALIZER"),
        ("no.such.module", "'no.such.module'.*ModuleNotFoundError"),
        ("test_serializers.Missing", "AttributeError"),
        ("test_serializers.VALUES", "dumps"),
        (5, "5.*dumps"),
        (object, "dumps"),
        (Breaks, "RuntimeError: no"),
    ],
)
def test_what_is_no_serializer(serializer: Any, why: str) -> None:
    with pytest.raises(djredis.ConfigError, match=why):
        djredis.Cache("memory:none", serializer=serializer)
