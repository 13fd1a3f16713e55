"""PARSER_CLASS: redis-py's names, hiredis's reader, parsers of one's own, and what those may do wrong."""

from __future__ import annotations

import functools
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import djredis
import pytest
from conftest import Server, run_python
from djredis import _parsers

hiredis = pytest.importorskip("hiredis")


class Parser(hiredis.Reader):  # type: ignore[misc, name-defined]
    """A parser of one's own that counts."""

    fed: list[bytes] = []

    def feed(self, data: bytes) -> None:
        self.fed.append(bytes(data))
        super().feed(data)


class Base:
    """To be spoilt."""

    def __init__(self) -> None:
        self.reader = hiredis.Reader()

    def feed(self, data: bytes) -> None:
        self.reader.feed(data)

    def gets(self) -> Any:
        return self.reader.gets()


def make_hiredis() -> Any:
    return hiredis.Reader()


@pytest.mark.parametrize(
    "parser",
    [
        "redis.connection.HiredisParser",
        "redis.connection.PythonParser",
        "redis.connection.DefaultParser",
        "redis.connection._HiredisParser",
        "redis._parsers._RESP2Parser",
        "redis._parsers.hiredis._HiredisParser",
        "HiredisParser",
        "PythonParser",
        "DefaultParser",
        "builtin",
        None,
    ],
)
def test_what_stands_for_the_built_in_one(server: Server, parser: Any) -> None:
    with djredis.Cache(server.location(), parser_class=parser) as cache:
        assert cache.option("PARSER_CLASS") == "builtin"
        assert cache.set("k", 1) and cache.get("k") == 1


def test_redis_pys_classes_themselves(server: Server) -> None:
    redis_connection = pytest.importorskip("redis.connection")
    with djredis.Cache(server.location(), parser_class=redis_connection.DefaultParser) as cache:
        assert cache.option("PARSER_CLASS") == "builtin"


OWN = [Parser, hiredis.Reader, "hiredis.Reader", f"{__name__}.Parser", make_hiredis, functools.partial(hiredis.Reader)]


@pytest.mark.parametrize("protocol", ["resp2", "resp3"])
@pytest.mark.parametrize("parser", OWN, ids=str)
def test_every_kind_of_reply(server: Server, parser: Any, protocol: str) -> None:
    with djredis.Cache(server.location(), parser_class=parser, protocol=protocol) as cache:
        assert cache.option("PARSER_CLASS") == "own"
        cache.clear()
        assert cache.set("n", 1) is True
        assert cache.set("n", 2, nx=True) is False
        assert cache.incr("n", 4) == 5
        value = {"name": "Ada", "langs": ["en", "fr"], "big": 10**30, "raw": b"\0\r\n", "long": "x" * 100_000}
        cache.set("v", value)
        assert cache.get("v") == value
        assert cache.get("no such key") is None
        assert cache.set_many({"a": 1, "b": None, "c": "ü"}) == []
        assert cache.get_many(["a", "b", "c", "d"]) == {"a": 1, "b": None, "c": "ü"}
        assert sorted(cache.keys("?")) == ["a", "b", "c", "n", "v"]
        assert cache.ttl("a") == 300 and cache.touch("a", 10) and cache.incr_version("a") == 2
        assert cache.delete("b") is True
        with cache.batch() as batch:
            batch.set("a", 1, timeout=60)
            batch.get("a")
            batch.incr("a", 5).ttl("a").delete("a")
        assert batch.results == [True, 1, 6, 60, True]
        with cache.lock("lock", timeout=10):
            pass
        with pytest.raises(djredis.WrongTypeError):
            cache.incr("v")
        assert cache.delete_pattern("*") == 3


@pytest.fixture
def debugged() -> Iterator[Server]:
    """A server that sends every type of reply on demand."""
    started = Server("--enable-debug-command", "yes")
    yield started
    started.stop()


def test_replies_of_connections(debugged: Server) -> None:
    with djredis.Cache(debugged.location(), parser_class=Parser, protocol="resp3") as cache, cache.connection() as raw:
        assert raw.command("SET", "k", "v") == b"OK"  # hiredis has no other word for a status
        assert raw.command("GET", "k") == b"v"
        assert raw.command("HSET", "h", "f", "1") == 1
        assert raw.command("HGETALL", "h") == {b"f": b"1"}
        assert raw.command("DEBUG", "PROTOCOL", "TRUE") is True
        assert raw.command("DEBUG", "PROTOCOL", "FALSE") is False
        assert raw.command("DEBUG", "PROTOCOL", "DOUBLE") == 3.141
        assert raw.command("DEBUG", "PROTOCOL", "NULL") is None
        assert raw.pipeline([("INCR", "n"), ("INCR", "n")], multi=True) == [1, 2]
        with pytest.raises(djredis.ServerError, match="unknown command"):
            raw.command("NOSUCHCOMMAND")


@pytest.mark.parametrize("protocol", ["resp2", "resp3"])
def test_messages(server: Server, protocol: str) -> None:
    with djredis.Cache(server.location(), parser_class=Parser, protocol=protocol) as cache, cache.connection() as raw:
        raw.send("SUBSCRIBE", "news")
        assert raw.receive() == [b"subscribe", b"news", 1]
        cache.command("PUBLISH", "news", "hi")
        assert raw.receive() == [b"message", b"news", b"hi"]


def test_each_reply_is_fed_whole_and_alone(server: Server) -> None:
    Parser.fed = []
    with djredis.Cache(server.location(), parser_class=Parser) as cache, cache.connection() as raw:
        raw.command("SET", "k", "x" * 100_000)
        raw.pipeline([("GET", "k"), ("GET", "no such key"), ("PING",)])
    assert Parser.fed == [b"+OK\r\n", b"$100000\r\n" + b"x" * 100_000 + b"\r\n", b"$-1\r\n", b"+PONG\r\n"]


def spoilt(**methods: Any) -> type:
    """A parser with other methods."""
    return type("Spoilt", (Base,), methods)


def raises(_: Any, *__: Any) -> Any:
    raise RuntimeError("out of order")


def twice() -> type:
    """A parser that gives each reply twice."""

    class Twice(Base):
        last: Any = False

        def gets(self) -> Any:
            reply = super().gets()
            if reply is False:
                self.last, reply = False, self.last
            else:
                self.last = reply
            return reply

    return Twice


def endless(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


circle: list[Any] = []
circle.append(circle)

MISBEHAVING = {
    "feed raises": (spoilt(feed=raises), djredis.CallbackError, "RuntimeError: out of order"),
    "gets raises": (spoilt(gets=raises), djredis.CallbackError, "RuntimeError: out of order"),
    "none": (spoilt(gets=endless(False)), djredis.CallbackError, "gave none"),
    "twice": (twice(), djredis.CallbackError, "gave more than one"),
    "endless": (spoilt(gets=endless(None)), djredis.CallbackError, "gave more than one"),
    "no reply": (spoilt(gets=endless(object())), djredis.CallbackError, "TypeError: gets.. returned a object, which is no reply"),
    "part of it": (spoilt(gets=endless([1, object()])), djredis.CallbackError, "TypeError"),
    "a circle": (spoilt(gets=endless(circle)), djredis.CallbackError, "RecursionError"),
    "takes nothing": (spoilt(feed=lambda: None), djredis.CallbackError, "TypeError"),
}


@pytest.mark.parametrize("name", MISBEHAVING)
def test_one_that_misbehaves_costs_its_connection(server: Server, name: str) -> None:
    parser, kind, words = MISBEHAVING[name]
    broken = True

    def make() -> Any:
        return parser() if broken else hiredis.Reader()

    with djredis.Cache(server.location(), parser_class=make, max_connections=1) as cache:
        for call in (lambda: cache.get("k"), lambda: cache.set("k", 1), lambda: cache.get_many(["k", "l"]), lambda: cache.ttl("k")):
            with pytest.raises(kind, match=words) as caught:
                call()
            assert "PARSER_CLASS" in str(caught.value) and server.path in str(caught.value)
            assert not caught.value.retryable
        broken = False
        assert cache.get("k") == 1
        assert not _parsers._raised


def test_the_parsers_own_exception_is_the_cause(server: Server) -> None:
    with djredis.Cache(server.location(), parser_class=spoilt(gets=raises)) as cache:
        with pytest.raises(djredis.CallbackError) as caught:
            cache.get("k")
        assert isinstance(caught.value.__cause__, RuntimeError)


def test_another_type_of_reply(server: Server) -> None:
    with djredis.Cache(server.location(), parser_class=twice_as_long) as cache:
        with pytest.raises(djredis.ProtocolError, match="sent the parser of PARSER_CLASS made an array where a string belongs"):
            cache.get("k")


def twice_as_long() -> Any:
    class Wrong(Base):
        def gets(self) -> Any:
            reply = super().gets()
            return reply if reply is False else [reply, reply]

    return Wrong()


def test_ctrl_c_in_a_parser_is_ctrl_c(server: Server) -> None:
    def interrupted(_: Any) -> Any:
        raise KeyboardInterrupt

    with djredis.Cache(server.location(), parser_class=spoilt(gets=interrupted), ignore_exceptions=True) as cache:
        with pytest.raises(KeyboardInterrupt):
            cache.get("k")


def test_none_can_be_made(server: Server) -> None:
    with djredis.Cache(server.location(), parser_class=lambda: 1 / 0) as cache:
        with pytest.raises(djredis.CallbackError, match="no parser of PARSER_CLASS could be made for .* ZeroDivisionError") as caught:
            cache.set("k", 1)
        assert caught.value.retryable


@pytest.mark.parametrize(
    "parser, words",
    [
        (dict, "option PARSER_CLASS is builtins.dict, which has no feed and no gets: a parser has feed"),
        (5, "option PARSER_CLASS is 5, but it must be a class with feed"),
        ("no.such.Parser", "option PARSER_CLASS is 'no.such.Parser', which can't be imported: ModuleNotFoundError"),
        ("hiredis.NoSuchParser", "option PARSER_CLASS is 'hiredis.NoSuchParser', which can't be imported: AttributeError"),
        ("redis.connection.NoSuch", "which can't be imported"),
        ("Parser", 'option PARSER_CLASS is "Parser", but it must be builtin'),
    ],
)
def test_what_is_refused(server: Server, parser: Any, words: str) -> None:
    with pytest.raises(djredis.ConfigError, match=words):
        djredis.Cache(server.location(), parser_class=parser)


def test_a_subclass_of_redis_pys_is_told_what_it_lacks(server: Server) -> None:
    redis_connection = pytest.importorskip("redis.connection")
    own = type("OwnParser", (redis_connection.DefaultParser,), {"__module__": "shop.parsers"})
    with pytest.raises(djredis.ConfigError, match="shop.parsers.OwnParser, which has no feed and no gets"):
        djredis.Cache(server.location(), parser_class=own)


def test_the_deadline_holds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with djredis.Cache(f"127.0.0.1:{port}:0", parser_class=Parser, socket_timeout=0.2) as cache:
            with pytest.raises(djredis.TimeoutError):
                cache.get("k")


def test_more_threads_than_connections(server: Server) -> None:
    seen: dict[int, set[int]] = {}

    class Watched(Base):
        def feed(self, data: bytes) -> None:
            seen.setdefault(id(self), set()).add(threading.get_ident())
            super().feed(data)

    wrong: list[Any] = []

    def work(cache: djredis.Cache, number: int) -> None:
        for _ in range(100):
            cache.set(f"thread{number}", number)
            found = cache.get(f"thread{number}")
            if found != number:
                wrong.append(found)

    with djredis.Cache(server.location(), parser_class=Watched, max_connections=3) as cache:
        threads = [threading.Thread(target=work, args=(cache, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong and len(seen) <= 3
        assert set().union(*seen.values()) <= {thread.ident for thread in threads}


def test_a_parser_may_use_the_cache(server: Server) -> None:
    class Curious(Base):
        inside = False

        def gets(self) -> Any:
            if not Curious.inside:
                Curious.inside = True
                assert cache.get("no such key") is None
            return super().gets()

    with djredis.Cache(server.location(), parser_class=Curious) as cache:
        cache.set("k", 1)
        assert cache.get("k") == 1


def test_a_forked_child_has_its_own(server: Server) -> None:
    made: list[int] = []

    def make() -> Any:
        made.append(os.getpid())
        return hiredis.Reader()

    with djredis.Cache(server.location(), parser_class=make) as cache:
        cache.set("k", 1)
        child = os.fork()
        if child == 0:
            os._exit(0 if cache.get("k") == 1 and made == [os.getppid(), os.getpid()] else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert cache.get("k") == 1 and made == [os.getpid()]


def test_caches_with_the_same_class_share_connections(server: Server) -> None:
    made: list[Any] = []

    class Counted(Base):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    before = len(_parsers._parsers)
    with djredis.Cache(server.location(), parser_class=Counted) as one, djredis.Cache(server.location(), parser_class=Counted) as other:
        one.set("k", 1)
        assert other.get("k") == 1
        assert len(made) == 1 and len(_parsers._parsers) == before + 1
    assert len(_parsers._parsers) == before


def test_a_store_inside_the_process_has_no_replies() -> None:
    with djredis.Cache("memory:parsed", parser_class=Parser) as cache:
        cache.set("k", 1)
        assert cache.get("k") == 1


def answering(*parts: bytes) -> tuple[str, threading.Event]:
    """The location of a server that logs one client in, and sends one part for each command or, once the event is set, at once."""
    listener, go_on = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        client, _ = listener.accept()
        with listener, client:
            client.recv(4096)
            client.sendall(b"+OK\r\n+OK\r\n")
            client.recv(4096)
            for part in parts:
                client.sendall(part)
                go_on.wait(20)
                go_on.clear()

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}:0", go_on


def test_a_message_that_comes_in_parts_waits_for_the_rest() -> None:
    location, go_on = answering(b"*3\r\n$7\r\nmess", b"age\r\n$1\r\nc\r\n$2\r\n", b"hi\r\n*1\r\n:7\r\n")
    Parser.fed = []
    with djredis.Cache(location, parser_class=Parser) as cache, cache.connection() as raw:
        raw.send("SUBSCRIBE", "c")
        for _ in range(2):
            assert raw.receive(timeout=0.05, default="nothing") == "nothing"
            assert not Parser.fed
            go_on.set()
        assert raw.receive(timeout=20) == [b"message", b"c", b"hi"]
        assert raw.receive(timeout=20) == [7]
        go_on.set()


@pytest.mark.parametrize("more", [b":1\r\n", b"$5\r\nhel"])
def test_a_reply_that_nobody_asked_for_ends_the_connection(more: bytes) -> None:
    location, _ = answering(b":1\r\n" + more)
    with djredis.Cache(location, parser_class=Parser, socket_timeout=5) as cache:
        with pytest.raises(djredis.ProtocolError, match="sent more than was asked for"):
            cache.has_key("k")


def test_what_is_no_reply_is_not_fed() -> None:
    location, _ = answering(b"HTTP/1.1 400 Bad Request\r\n")
    Parser.fed = []
    with djredis.Cache(location, parser_class=Parser, socket_timeout=5) as cache:
        with pytest.raises(djredis.ProtocolError, match="Check that a Redis server listens there"):
            cache.has_key("k")
    assert not Parser.fed


def test_a_call_at_the_interpreters_end(server: Server) -> None:
    code = """
import sys, threading, djredis, hiredis
cache = djredis.Cache(sys.argv[1], parser_class=hiredis.Reader)

def work():
    while True:
        cache.get("k")

for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
cache.get("k")
sys.keep = cache
"""
    for _ in range(5):
        done = run_python(code, server.location())
        assert (done.returncode, done.stderr) == (0, "")
