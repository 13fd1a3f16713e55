"""What a Django developer sees when something is wrong: the cache's alias, the key, the server and what to do."""

from __future__ import annotations

import pickle
import sys
import threading
import types
from typing import Any

import pytest
import redis
from conftest import Server, arguments_in_vain
from django.core.exceptions import ImproperlyConfigured

import djredis

from .conftest import Make


class Explodes:
    """Its pickle raises while it is loaded."""

    def __reduce__(self) -> Any:
        return (_explode, ())


def _explode() -> None:
    raise RuntimeError("boom")


def raw(server: Server) -> redis.Redis:
    return redis.Redis(unix_socket_path=server.path)


def test_a_server_that_is_down(make: Make, nobody: str) -> None:
    cache = make(location=nobody, alias="pages")
    server = nobody.rpartition(":")[0]
    with pytest.raises(djredis.ConnectionError, match=f"^cache 'pages': could not connect to {server}: .*refused") as raised:
        cache.get("k")
    assert isinstance(raised.value, ConnectionError)  # the builtin one
    assert "Check the location" in str(raised.value)


def test_a_server_that_is_slow(make: Make, silent: str) -> None:
    cache = make(location=silent, OPTIONS={"SOCKET_TIMEOUT": 0.1, "SOCKET_CONNECT_TIMEOUT": 0.1})
    with pytest.raises(djredis.TimeoutError, match=r"^cache 'default': .*127\.0\.0\.1:.*TIMEOUT"):
        cache.get("k")


def test_a_wrong_password(make: Make) -> None:
    locked = Server("--requirepass", "right")
    try:
        with pytest.raises(djredis.AuthError, match="^cache 'default': .*PASSWORD") as raised:
            make(location=locked.location(), OPTIONS={"PASSWORD": "wr0ng"}).set("k", 1)
        assert locked.path in str(raised.value)
        assert "wr0ng" not in str(raised.value)
    finally:
        locked.stop()


def test_another_type(backend: Any) -> None:
    backend.sadd("s", 1)
    with pytest.raises(djredis.WrongTypeError, match="^cache 'default': key 's': unix:.*KEY_PREFIX") as raised:
        backend.get("s")
    assert isinstance(raised.value, TypeError)


def test_a_value_that_nobody_can_read(backend: Any, server: Server) -> None:
    raw(server).set(":1:page", b"\x80\x04garbage")
    with pytest.raises(djredis.DecodeError, match="^cache 'default': .*'page'") as raised:
        backend.get("page")
    assert isinstance(raised.value, pickle.UnpicklingError)
    assert raised.value.stored == b"\x80\x04garbage"


@pytest.mark.parametrize(
    ("call", "key", "fix"),
    [
        (lambda cache: cache.get("page"), "'page'", 'delete it, or give OPTIONS["DECODE_ERROR"] = "miss"'),
        (lambda cache: cache.get_many(["page"]), "'page'", "delete it"),
        (lambda cache: cache.set("k", threading.Lock()), "'k'", "store something plainer"),
        (lambda cache: cache.set_many({"a": 1, "b": threading.Lock()}), "'b'", "store something plainer"),
        (lambda cache: cache.get_or_set("k", threading.Lock), "'k'", "store something plainer"),
        (lambda cache: cache.incr("none"), ":1:none'", "set it first"),
        (lambda cache: cache.incr_version("none"), ":1:none'", "set it first"),
        (lambda cache: cache.incr("text"), "text'", "set one before incr"),
        (lambda cache: cache.sadd("text", 1), "text'", "KEY_PREFIX is shared"),
    ],
)
def test_the_alias_the_key_the_server_and_the_fix(make: Make, server: Server, call: Any, key: str, fix: str) -> None:
    cache = make(alias="pages")
    cache.clear()
    cache.set("text", "abc")
    raw(server).set(":1:page", b"\x80\x04garbage")
    with pytest.raises(djredis.Error) as raised:
        call(cache)
    said = str(raised.value)
    assert said.startswith("cache 'pages': ")
    assert said.count(key) == 1 and server.path in said and fix in said


def test_members_that_nobody_can_read(backend: Any, server: Server) -> None:
    raw(server).sadd(":1:s", b"\x80\x04garbage")
    with pytest.raises(djredis.DecodeError, match="^cache 'default': .*'s'"):
        backend.smembers("s")


def test_a_pickle_that_raises_while_it_is_loaded(backend: Any) -> None:
    backend.set("k", Explodes())
    with pytest.raises(djredis.DecodeError, match="^cache 'default': .*'k' can't be unpickled: RuntimeError: boom") as raised:
        backend.get("k")
    assert isinstance(raised.value.__cause__, RuntimeError)


def test_get_many_reads_all_others(backend: Any) -> None:
    backend.set_many({"a": 1, "k": Explodes(), "z": 2})
    with pytest.raises(djredis.DecodeError, match="^cache 'default': .*'k'") as raised:
        backend.get_many(["a", "k", "z"])
    assert raised.value.found == {"a": 1, "z": 2}


def test_a_model_class_that_is_gone(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    models = types.ModuleType("shop_models")
    exec("class Book: pass", models.__dict__)
    monkeypatch.setitem(sys.modules, "shop_models", models)
    backend.set("book", models.Book())
    del models.Book
    with pytest.raises(djredis.DecodeError, match="^cache 'default': .*'book' .*AttributeError.*Book"):
        backend.get("book")
    assert backend.delete("book")


@pytest.mark.parametrize("value", [threading.Lock(), lambda: 0, (n for n in ())], ids=["lock", "lambda", "generator"])
def test_nothing_is_written_of_what_can_not_be_pickled(backend: Any, server: Server, value: Any) -> None:
    for store in (
        lambda: backend.set("k", value),
        lambda: backend.add("k", value),
        lambda: backend.set_many({"a": 1, "k": value}),
        lambda: backend.sadd("s", 1, value),
        lambda: backend.hset("h", "f", value),
        lambda: backend.zadd("z", {"a": 1, value: 2}),
    ):
        with pytest.raises(djredis.EncodeError, match="^cache 'default': .*value of type .* can't be pickled") as raised:
            store()
        assert isinstance(raised.value, (pickle.PicklingError, TypeError))
    assert raw(server).keys() == []


def test_a_key_of_a_megabyte(backend: Any) -> None:
    key = "k" * (1 << 20)
    with pytest.warns(RuntimeWarning, match="longer than 250"):
        backend.set(key, 1)
    with pytest.warns(RuntimeWarning, match="longer than 250"):
        assert backend.get(key) == 1


def test_another_raw_client_is_refused(backend: Any, server: Server) -> None:
    with pytest.raises(NotImplementedError, match=r"get_client\(\) of the same cache .* redis\.client\.Redis"):
        backend.get("k", client=raw(server))
    with pytest.raises(NotImplementedError):
        backend.sadd("k", 1, client=raw(server))


@pytest.mark.parametrize("location", ["", None, []])
def test_no_location(make: Make, location: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="LOCATION"):
        make(LOCATION=location)


def test_an_unknown_option(make: Make) -> None:
    with pytest.raises(ImproperlyConfigured, match="SOCKET_TIMEOUT"):
        make(OPTIONS={"SOKET_TIMEOUT": 5})


@pytest.mark.parametrize("name", ["COMPRESS_MIN_LEN", "SENTINELS", "SENTINEL_KWARGS", "SOCKET_TIMEOUT", "PICKLE_VERSION"])
@pytest.mark.parametrize("value", ["soon", 5j, object()], ids=["text", "complex", "object"])
def test_an_option_of_another_type(make: Make, name: str, value: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf'^CACHES\["default"\]: .*{name}'):
        make(OPTIONS={name: value})


def test_a_client_class_that_is_not_there(make: Make) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"CLIENT_CLASS 'shop\.cache\.Client'"):
        make(OPTIONS={"CLIENT_CLASS": "shop.cache.Client"})


def test_a_wrong_argument_is_named_with_its_type_and_the_fix(backend: Any) -> None:
    backend.set("k", 1)
    for said, call in arguments_in_vain(backend):
        with pytest.raises(TypeError) as refused:
            call()
        assert str(refused.value) == said


def test_wrong_arguments(backend: Any) -> None:
    for call in (
        lambda: backend.set("k", 1, timeout="soon"),
        lambda: backend.zadd("z", {}),
        lambda: backend.zadd("z", {"a": 1, "b": 2}, incr=True),
        lambda: backend.zrangebyscore("z", 0, 1, start=1),
        lambda: backend.hset("h"),
        lambda: backend.set("k", 1, nx=True, xx=True),
        lambda: backend.incr("k", 1.5),
    ):
        with pytest.raises((TypeError, ValueError)):
            call()
            pytest.fail("accepted")
