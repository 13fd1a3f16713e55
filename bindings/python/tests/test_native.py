"""The hot methods without ctypes: they are on, and answer as those with ctypes, which stand beside them in every cache."""

from __future__ import annotations

import enum
import gc
import inspect
import os
import pickle
import re
import shutil
import sys
import typing
from collections import OrderedDict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import run_python

import djredis
from djredis import _calls, _native
from djredis._commands import Commands
from djredis._native import Native, plain_keys

HOT = ("get", "set", "delete", "has_key", "touch", "incr", "get_many", "set_many")
SHOW = "import djredis; print(djredis.NATIVE, isinstance(djredis.Cache('memory:shown'), djredis._native.Native))"

needs_native = pytest.mark.skipif(os.environ.get("DJREDIS_NATIVE") == "0", reason="switched off for this run")


@needs_native
def test_it_is_on() -> None:
    assert djredis.NATIVE
    assert issubclass(djredis.Cache, Native)


@needs_native
def test_plain_keys() -> None:
    for keys, plain in (
        ([], True), (["a", "b!~"], True), (["12345"], True), (["a", "123456"], False), (["a b"], False), (["\x7f"], False),
        (["\xe9"], False), (["\ud800"], False), ([b"a"], False), ([5], False), ([Text("a")], False), (("a",), False), ("a", False),
    ):  # fmt: skip
        assert plain_keys(keys, 5) is plain, keys
    assert plain_keys([], -1) is False


@pytest.mark.parametrize("protocol", range(2, 6))
def test_texts_are_pickled_as_pickle_does(protocol: int) -> None:
    """The library writes and reads them without asking pickle."""
    with djredis.Cache(f"memory:texts-{protocol}", pickle_version=protocol) as cache:
        for text in ("", "a", "a\0b", "\xe9" * 300, "\U0001f40d", "\ud800", "x" * 255, "x" * 256, "x" * 100_000, Text("own")):
            cache.set("one", text)
            assert cache.set_many({"many": text}) == []
            for key in ("one", "many"):
                assert cache.get_raw(key) == pickle.dumps(text, protocol)
                assert cache.get(key) == cache.get_many([key])[key] == text
                assert type(cache.get(key)) is type(cache.get_many([key])[key]) is type(text)


@pytest.mark.parametrize(
    ("before", "environment", "native"),
    [
        ("", {"DJREDIS_NATIVE": ""}, True),
        ("", {"DJREDIS_NATIVE": "0"}, False),
        ("import sys; sys.implementation.name = 'pypy'", {}, False),
        ("import sys; sys.getobjects = None", {}, False),
        ("import sys; sys.abiflags = 't'", {}, False),
    ],
)
def test_where_it_is_on(before: str, environment: dict[str, str], native: bool) -> None:
    done = run_python(f"{before}\n{SHOW}", **{"DJREDIS_NATIVE": "1", **environment})
    assert done.stdout == f"{native} {native}\n", done.stderr


def _pythons() -> list[str]:
    """Other CPythons of this machine, by their versions."""
    found = {}
    for minor in range(9, 15):
        places = [*Path("~/.pyenv/versions").expanduser().glob(f"3.{minor}.*/bin/python"), shutil.which(f"python3.{minor}")]
        if places[0] is not None:
            found[f"3.{minor}"] = str(places[0])
    return list(found.values())


@pytest.mark.parametrize("python", _pythons())
def test_other_versions(python: str, location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
import sys, djredis
cache = djredis.Cache(sys.argv[1], key_prefix=sys.version)
assert cache.set("k", {"a": [1.5, None]}, timeout=5.5) and cache.get("k") == {"a": [1.5, None]}
assert cache.set_many({"a": 1, "b": "x", "long": 2**70}) == [] and cache.incr("a", 2) == 3
assert cache.get_many(["a", "b", "c", "long"]) == {"a": 3, "b": "x", "long": 2**70}
assert cache.get("c", "nothing") == "nothing" and "b" in cache and cache.touch("b", None) and cache.delete("b")
try:
    cache.incr("c")
except djredis.NotFoundError:
    print(djredis.NATIVE)
"""
    monkeypatch.setattr(sys, "executable", python)
    done = run_python(code, location, DJREDIS_NATIVE="1")
    assert done.stdout == "True\n", done.stderr


@needs_native
@pytest.mark.parametrize("name", HOT)
def test_they_look_like_the_others(name: str) -> None:
    ours, theirs = getattr(djredis.Cache, name), getattr(Commands, name)
    assert ours is not theirs
    assert ours.__doc__ == theirs.__doc__
    assert inspect.signature(ours) == inspect.signature(theirs)
    if sys.version_info >= (3, 10):  # before, it can't read `int | None`
        assert typing.get_type_hints(ours) == typing.get_type_hints(theirs)


@needs_native
@pytest.mark.parametrize("name", HOT)
def test_wrong_arguments_of_the_functions_themselves(name: str) -> None:
    function = getattr(_native, "_store_many" if name == "set_many" else f"_{name}")
    cache = djredis.Cache("memory:native")
    for arguments in ((), (cache,), (cache, None), (cache, ()), (cache, cache._native)):  # type: ignore[attr-defined]
        with pytest.raises((TypeError, djredis.Error)):
            function(*arguments)


class Text(str):
    def __str__(self) -> str:
        return "other text"


class Number(int):
    pass


class Level(enum.IntEnum):
    HIGH = 3


class Refuses:
    def __reduce__(self) -> Any:
        raise LookupError("never")

    __str__ = __reduce__
    __index__ = __reduce__
    __float__ = __reduce__


def _explode() -> None:
    raise LookupError("boom")


class Explosive:
    def __reduce__(self) -> Any:
        return _explode, ()


KEYS: list[Any] = ["k", "", "\xe9", "\U0001f600", "\ud800", b"k", bytearray(b"k"), 7, None, Text("k"), Refuses(), "x" * 70_000]
VALUES: list[Any] = [
    0, -1, True, False, None, 2**63 - 1, -(2**63), 2**63, -(2**70), 10**5000, Number(5), Level.HIGH, 1.5, float("nan"), "text",
    "\ud800", b"", b"\xff", [1, (2,)], {"a": {1, 2}}, lambda: 0, Refuses(), Explosive(), timedelta(1), "x" * 200_000, (1, 2),
]  # fmt: skip
VERSIONS: list[Any] = [None, 1, 7, -(2**63), 2**63, True, Number(7), "7", 1.5, _calls.MADE, djredis.DEFAULT]
TIMEOUTS: list[Any] = [
    djredis.DEFAULT, None, 0, -5, 1, 300, 2**63, 10**16, True, Number(9), 1.5001, 1e300, float("nan"), float("inf"), "9", b"",
    timedelta(seconds=2), timedelta.max, Refuses(), 2**53 + 1,
]  # fmt: skip
OPTIONS: list[dict[str, Any]] = [
    {}, {"serializer": "json"}, {"serializer": "msgpack"}, {"serializer": "raw"}, {"serializer": pickle},
    {"compressor": "zlib", "compress_min_length": 1}, {"decode_error": "miss"}, {"pickle_version": 2, "accept": "json"},
    {"key_prefix": "p", "version": 7, "timeout": None, "zero_timeout": "expire"},
]  # fmt: skip


def _outcome(cache: djredis.Cache, way: type, name: str, arguments: tuple[Any, ...], **named: Any) -> Any:
    """What a call answers and leaves behind, to be compared."""
    try:
        answer = getattr(way, name)(cache, *arguments, **named)
    except Exception as error:
        told = {**vars(error), "found": list(getattr(error, "found", ()))}
        cause = type(error.__cause__), str(error.__cause__), error.__suppress_context__
        answer = type(error), re.sub(r"\w+(\.\w+\(\))", r"\1", str(error)), told, cause  # without the class of the method
    left = cache.get_raw("k"), cache.ttl("k")
    stats = {key: value for key, value in cache.stats().items() if key in ("hits", "misses", "sets", "errors", "formats")}
    return repr(answer), left, stats


def _same(options: dict[str, Any], location: str, name: str, arguments: tuple[Any, ...], stored: Any = b"12", **named: Any) -> None:
    outcomes = []
    for way in (Native, Commands):
        with djredis.Cache(location, **options) as cache:
            cache.clear()
            for key in ("k", "", "7"):
                cache.set_raw(key, stored, timeout=1000) if stored is not None else None
            outcomes.append(_outcome(cache, way, name, arguments, **named))
    assert outcomes[0] == outcomes[1], (name, arguments, named)


def _calls_of_each() -> Iterator[tuple[str, tuple[Any, ...]]]:
    for key in KEYS:
        yield from (("get", (key,)), ("set", (key, "v")), ("delete", (key,)), ("has_key", (key,)))
        yield from (("touch", (key, 5)), ("incr", (key, 5)), ("get_many", ([key, "k", "k"],)))
        if not isinstance(key, (bytearray, Refuses)):
            yield "set_many", ({key: "v"},)
    for version in VERSIONS:
        yield from (("get", ("k", "default", version)), ("set", ("k", "v", 5, version)), ("delete", ("k", version)))
        yield from (("has_key", ("k", version)), ("touch", ("k", 5, version)), ("incr", ("k", 1, version)))
        yield from (("get_many", (["k"], version)), ("set_many", ({"k": "v"}, 5, version)))
    for timeout in TIMEOUTS:
        yield from (("set", ("k", 1, timeout)), ("touch", ("k", timeout)), ("set_many", ({"k": 1}, timeout)))
    flags: Any
    for flags in ((True, False), (False, True), (True, True), (1, 0), (0, "x"), (None, [])):
        yield from (("set", ("k", 5, 9, None, *flags)), ("set", ("new", 5, 9, None, *flags)))
    for delta in (0, -3, 2**63 - 1, -(2**63), 2**63, True, 1.5, "1", None, Number(4), Refuses()):
        yield "incr", ("k", delta)
    for keys in ("k", b"k", [], (), {"k": 1}, {"k"}, iter(["k", "x"]), None, 5, ["k"] * 3, [None], [["k"]]):
        yield "get_many", (keys if not isinstance(keys, Iterator) else ["k", "x"],)
    for mapping in ({}, OrderedDict(k=1), {"k": 1, "x": "y"}, [], None, [("k", 1)], {"k": 2**70, 5: "five"}, {None: 1}):
        yield "set_many", (mapping,)
    yield from (("get", ()), ("get", ("k", 1, 2, 3)), ("set", ("k",)), ("incr", ()), ("get_many", ()), ("touch", ()))


@needs_native
@pytest.mark.parametrize("location_of", ["memory:native", "a server"])
def test_the_same_answers(location_of: str, location: str) -> None:
    where = location if location_of == "a server" else location_of
    for name, arguments in _calls_of_each():
        _same({}, where, name, arguments)


@needs_native
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_same_values(options: dict[str, Any]) -> None:
    for value in VALUES:
        _same(options, "memory:native", "set", ("k", value))
        _same(options, "memory:native", "set_many", ({"k": value, "l": 1, "m": "text"},))
        _same(options, "memory:native", "set_many", ({"m": "text", "k": value},))


STORED = [
    b"", b"5", b"-0", b"007", b"9223372036854775808", b"1" * 5000, b"1.5", b"text", b"\x80\x05N.", b"\x80\x05K\x05.", b"\x80\x05K",
    b'"json"', b"[1,", b"null", b"\xc0", b"\xff\xfe", b"\x93\x01", pickle.dumps(Explosive()), pickle.dumps("x" * 100), b"\x80\x05X",
    pickle.dumps(1.5), pickle.dumps(True), b"x\x9cK\x04\x00\x00b\x00b", b"cos\nsystem\n(S'true'\ntR.", pickle.dumps(2**70),
]  # fmt: skip


@needs_native
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_same_of_what_is_stored(options: dict[str, Any]) -> None:
    for stored in STORED:
        _same(options, "memory:native", "get", ("k", "default"), stored)
        _same(options, "memory:native", "incr", ("k",), stored)
        _same(options, "memory:native", "get_many", (["k", "missing", "", "7"],), stored)


@needs_native
@pytest.mark.parametrize("options", [{}, {"ignore_exceptions": True}, {"ignore_exceptions": True, "log_ignored_exceptions": True}])
def test_the_same_without_a_server(nobody: str, options: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    with djredis.Cache(nobody, breaker_failures=0, **options) as cache:
        for name, arguments in (
            ("get", ("k", "default")), ("set", ("k", 1)), ("delete", ("k",)), ("has_key", ("k",)), ("touch", ("k",)),
            ("incr", ("k",)), ("get_many", (["k", "l"],)), ("set_many", ({"k": 1, "l": "m"},)),
        ):  # fmt: skip
            told = []
            for way in (Native, Commands):
                caplog.clear()
                try:
                    answer: Any = getattr(way, name)(cache, *arguments)
                except djredis.Error as error:
                    answer = type(error), str(error), vars(error)
                told.append((answer, caplog.messages))
            assert told[0] == told[1], name
            assert bool(caplog.messages) == ("log_ignored_exceptions" in options)


@needs_native
def test_without_a_handle(location: str) -> None:
    cache = djredis.Cache.__new__(djredis.Cache)
    with pytest.raises(djredis.Error, match="cache is NULL"):
        cache.get("k")
    djredis.Cache.__init__(cache, location)
    cache.__del__()
    for call in (lambda: cache.get("k"), lambda: cache.get_many(["k"]), lambda: cache.set("k", 1)):
        with pytest.raises(djredis.Error, match="cache is NULL"):
            call()


class Interrupts:
    def __init__(self, kind: type[BaseException], calls: list[str]) -> None:
        self.kind, self.calls = kind, calls

    def dumps(self, _: Any) -> bytes:
        self.calls.append("dumps")
        raise self.kind("in dumps")

    def loads(self, _: bytes) -> Any:
        self.calls.append("loads")
        raise self.kind("in loads")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_a_program_comes_out_of_a_serializer(location: str, kind: type[BaseException]) -> None:
    calls: list[str] = []
    with djredis.Cache(location, serializer=Interrupts(kind, calls)) as cache:
        cache.set_raw("k", b"what it can't read")
        for name, arguments in (("set", ("x", [])), ("set_many", ({"x": []},)), ("get", ("k",)), ("get_many", (["k"],))):
            with pytest.raises(kind, match="in dumps" if "set" in name else "in loads"):
                getattr(cache, name)(*arguments)
        assert cache.has_key("x") is False
    assert calls == ["dumps", "dumps", "loads", "loads"]


def test_what_ends_a_program_comes_out_of_a_timeout(cache: djredis.Cache) -> None:
    asked: list[str] = []

    class Interrupting(float):
        def __float__(self) -> float:
            asked.append("seconds")
            raise KeyboardInterrupt

    for call in (lambda: cache.set("k", 1, Interrupting(5)), lambda: cache.touch("k", Interrupting(5))):
        with pytest.raises(KeyboardInterrupt):
            call()
    assert asked == ["seconds"] * 2
    assert cache.has_key("k") is False


def test_serializers_that_use_the_cache_themselves(location: str) -> None:
    """Each call has what it needs on its own stack."""

    class Nested:
        def dumps(self, value: Any) -> bytes:
            assert cache.get("plain") == 1
            assert cache.set_many({"other": 5}) == []
            return str(value).encode()

        def loads(self, data: bytes) -> Any:
            assert cache.get_many(["plain", "other"]) == {"plain": 1, "other": 5}
            names.clear()
            return data.decode()

    names: list[Any] = []
    with djredis.Cache(location, serializer=Nested()) as cache:
        cache.clear()
        cache.set_many({"plain": 1, "other": 5})
        assert cache.set_many({f"k{n}": [n] for n in range(50)}) == []
        names[:] = [f"k{n}" for n in range(50)]
        assert cache.get_many(names) == {f"k{n}": f"[{n}]" for n in range(50)}
        assert cache.get("k7") == "[7]"


def test_a_mapping_that_changes_meanwhile(location: str) -> None:
    class Changes:
        def dumps(self, value: Any) -> bytes:
            mapping.clear()
            gc.collect(0)  # all of it, a hundred times, takes ten seconds after the other tests
            return str(value).encode()

        def loads(self, data: bytes) -> Any:
            return data.decode()

    mapping = {f"key {n}": [n] for n in range(100)}
    with djredis.Cache(location, serializer=Changes()) as cache:
        cache.clear()
        assert cache.set_many(mapping) == []
        assert cache.get_many([f"key {n}" for n in range(100)]) == {f"key {n}": f"[{n}]" for n in range(100)}


def test_what_is_near_is_counted_once(location: str) -> None:
    with djredis.Cache(location, key_prefix="near-native", near_cache=1 << 20) as cache:
        cache.set_many({"a": "1", "b": [2]})
        assert [cache.get("a") for _ in range(3)] == ["1"] * 3
        assert cache.get("gone") is None
        assert [cache.get_many(["a", "b"]) for _ in range(3)] == [{"a": "1", "b": [2]}] * 3
        assert cache.get_many(["a", "gone"]) == {"a": "1"}
        assert cache.has_key("a") and not cache.has_key("gone")
        stats = cache.stats()
        assert (stats["near_hits"], stats["near_misses"]) == (9, 5)
        assert (stats["hits"], stats["misses"]) == (10, 2)
        cache.set("a", "new")
        assert cache.get("a") == "new"


def test_what_is_near_and_can_not_be_read_is_an_error_each_time(location: str) -> None:
    with djredis.Cache(location, key_prefix="near-broken", near_cache=1 << 20) as cache:
        cache.set_raw("broken", b"\x80\x05broken")
        for _ in range(3):
            with pytest.raises(djredis.DecodeError):
                cache.get("broken")
