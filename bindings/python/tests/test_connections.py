"""A connection of one's own: pipelines, MULTI, WATCH, publish and subscribe; what becomes of it."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from test_fork import _in_child

import djredis

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


@pytest.fixture
def one(location: str) -> Iterator[djredis.Cache]:
    """A cache with one connection in its pool."""
    with djredis.Cache(location, max_connections=1, pool_timeout=0.2) as cache:
        cache.clear()
        yield cache


def _connects(cache: djredis.Cache) -> int:
    return cache.stats()["connects"]


def test_commands(cache: djredis.Cache) -> None:
    with cache.connection() as connection:
        assert connection.command("SET", "k", "v") == b"OK"
        assert connection.command("GET", "k") == b"v"
        assert connection.command("GET", "missing") is None
        assert connection.command("MGET", "k", "missing") == [b"v", None]
        with pytest.raises(djredis.WrongTypeError):
            connection.command("LPUSH", "k", 1)
        assert connection.command("STRLEN", "k") == 1
        for wrong in [(), ("SUBSCRIBE", "c")]:
            with pytest.raises(djredis.ArgumentError):
                connection.command(*wrong)
        assert connection.command("GET", cache.make_key("k")) is None


def test_pipelines(cache: djredis.Cache) -> None:
    with cache.connection() as connection:
        commands = [("SET", "k", "v"), ["INCR", "k"], ("GET", "k"), (b"MGET", "k", "x"), ("LLEN", "none")]
        replies = connection.pipeline(commands)
        assert replies is not None
        assert replies[:1] + replies[2:] == [b"OK", b"v", [b"v", None], 0]
        assert type(replies[1]) is djredis.WrongTypeError
        assert replies[1].status == -18
        with pytest.raises(djredis.WrongTypeError):
            connection.pipeline(commands, raise_on_error=True)
        assert connection.pipeline([]) == []
        assert connection.pipeline(("INCR", "n") for _ in range(3)) == [1, 2, 3]
        assert connection.pipeline([("ECHO", b"x" * 100_000)] * 100) == [b"x" * 100_000] * 100
        with pytest.raises(djredis.ArgumentError):
            connection.pipeline([("PING",), ()])
        for wrong in ["GET", b"GET"]:
            with pytest.raises(TypeError, match="sequence"):
                connection.pipeline([wrong])
        assert connection.command("PING") == b"PONG"


def test_pipelines_of_the_newer_protocol(location: str) -> None:
    with djredis.Cache(location, protocol=3) as cache, cache.connection() as connection:
        connection.command("ZADD", "scores", 2.5, "m")
        assert connection.pipeline([("ZSCORE", "scores", "m"), ("HGETALL", "none")]) == [2.5, {}]


def test_transactions(cache: djredis.Cache) -> None:
    with cache.connection() as connection:
        assert connection.pipeline([("SET", "n", 1), ("INCR", "n")], multi=True) == [b"OK", 2]
        assert connection.pipeline([], multi=True) == []
        replies = connection.pipeline([("LPUSH", "n", 1), ("INCR", "n")], multi=True)
        assert replies is not None
        assert type(replies[0]) is djredis.WrongTypeError
        assert replies[1] == 3
        with pytest.raises(djredis.ServerError, match="wrong number of arguments"):
            connection.pipeline([("INCR", "n"), ("INCR",)], multi=True)
        assert connection.command("GET", "n") == b"3"


def test_a_lost_watch(cache: djredis.Cache) -> None:
    with cache.connection() as connection:
        connection.command("WATCH", "n")
        cache.command("SET", "n", 5)
        assert connection.pipeline([("INCR", "n")], multi=True) is None
        connection.command("WATCH", "n")
        connection.command("MULTI")
        assert connection.command("INCR", "n") == b"QUEUED"
        cache.command("SET", "n", 6)
        assert connection.command("EXEC") is None
        connection.command("WATCH", "n")
        assert connection.pipeline([("INCR", "n")], multi=True) == [7]


@pytest.mark.parametrize("protocol", [2, 3])
def test_publish_and_subscribe(location: str, protocol: int) -> None:
    with djredis.Cache(location, protocol=protocol) as cache, cache.connection() as connection:
        connection.send("SUBSCRIBE", "news", "weather")
        assert connection.receive() == [b"subscribe", b"news", 1]
        assert connection.receive(5) == [b"subscribe", b"weather", 2]
        began = time.monotonic()
        assert connection.receive(timeout=0.1) is None
        assert time.monotonic() - began >= 0.1
        assert connection.receive(0, default="quiet") == "quiet"
        cache.command("PUBLISH", "news", "one")
        cache.command("PUBLISH", "weather", b"\xff")
        assert connection.receive() == [b"message", b"news", b"one"]
        assert connection.receive() == [b"message", b"weather", b"\xff"]
        connection.send("PSUBSCRIBE", "n*")
        assert connection.receive() == [b"psubscribe", b"n*", 3]
        cache.command("PUBLISH", "news", "two")
        assert [connection.receive(), connection.receive()] == [
            [b"message", b"news", b"two"],
            [b"pmessage", b"n*", b"news", b"two"],
        ]
        with pytest.raises(djredis.Error):
            connection.receive(-(10**30))


def test_a_blocking_command_beyond_the_socket_timeout(location: str) -> None:
    with djredis.Cache(location, socket_timeout=0.2) as cache, cache.connection() as connection:
        cache.command("DEL", "queue")
        connection.send("BLPOP", "queue", 0)
        assert connection.receive(djredis.DEFAULT, default="nothing") == "nothing"
        with pytest.raises(djredis.ArgumentError, match="not received"):
            connection.command("PING")
        timer = threading.Timer(0.5, cache.command, ("RPUSH", "queue", "job"))
        timer.start()
        assert connection.receive(timeout=None) == [b"queue", b"job"]
        timer.join()
        assert connection.command("PING") == b"PONG"


@pytest.mark.parametrize(
    ("commands", "closed"),
    [
        ([("SET", "k", 1), ("GET", "k")], False), ([("MULTI",), ("INCR", "n"), ("EXEC",)], False),
        ([("WATCH", "k"), ("UNWATCH",)], True), ([("WATCH", "k"), ("MULTI",), ("EXEC",)], False),
        ([("SELECT", 3)], True), ([("CLIENT", "SETNAME", "me")], True), ([("MULTI",)], True), ([("WATCH", "k")], True),
        ([("NOSUCH",)], True),
    ],
    ids=repr,
)  # fmt: skip
def test_only_a_clean_connection_goes_back(one: djredis.Cache, commands: Any, closed: bool) -> None:
    with one.connection() as connection:
        for command in commands:
            try:
                connection.command(*command)
            except djredis.ServerError:
                pass
    assert one.get("k") in (None, 1)
    assert _connects(one) == (2 if closed else 1)


def test_what_was_not_received_is_never_read_by_the_next(one: djredis.Cache) -> None:
    one.set("k", 5)
    with one.connection() as connection:
        connection.send("ECHO", "left behind")
    assert one.get("k") == 5
    with one.connection() as connection:
        connection.send("ECHO", "fetched")
        assert connection.receive() == b"fetched"
    assert one.get("k") == 5
    assert _connects(one) == 2


def test_release(one: djredis.Cache) -> None:
    connection = one.connection()
    with pytest.raises(djredis.PoolError):
        one.get("k")
    with pytest.raises(djredis.PoolError):
        one.connection()
    connection.release()
    connection.release()
    assert one.get("k") is None
    for call in (
        lambda: connection.command("PING"), lambda: connection.pipeline([]), lambda: connection.send("PING"),
        lambda: connection.receive(1),
    ):  # fmt: skip
        with pytest.raises(djredis.ClosedError, match="given back"):
            call()
    assert _connects(one) == 1


def test_an_error_in_with_releases_too(one: djredis.Cache) -> None:
    with pytest.raises(KeyError), one.connection():
        raise KeyError
    assert one.get("k") is None


def test_an_unreleased_connection_that_nobody_has(one: djredis.Cache) -> None:
    one.connection().command("PING")
    gc.collect()
    assert one.get("k") is None
    cycle: Any = [one.connection()]
    cycle.append(cycle)
    del cycle
    gc.collect()
    assert one.get("k") is None
    assert _connects(one) == 1


def test_a_connection_keeps_its_cache(location: str) -> None:
    connection = djredis.Cache(location).connection()
    gc.collect()
    assert connection.command("PING") == b"PONG"


def test_a_closed_cache(cache: djredis.Cache) -> None:
    connection = cache.connection()
    cache.close()
    with pytest.raises(djredis.ClosedError):
        connection.command("PING")
    with pytest.raises(djredis.ClosedError):
        cache.connection()
    connection.release()


def test_trouble_is_raised_even_where_it_is_ignored(nobody: str) -> None:
    with djredis.Cache(nobody, ignore_exceptions=True) as cache:
        with pytest.raises(djredis.ConnectionError):
            cache.connection()


def test_another_thread_is_refused_while_one_waits(cache: djredis.Cache) -> None:
    with cache.connection() as connection, ThreadPoolExecutor(1) as pool:
        connection.send("SUBSCRIBE", "news")
        connection.receive()
        waiting = pool.submit(connection.receive, 20)
        while connection._idle:
            time.sleep(0.001)
        for call in (lambda: connection.command("PING"), connection.release):
            with pytest.raises(djredis.ArgumentError, match="in use"):
                call()
        cache.command("PUBLISH", "news", "x")
        assert waiting.result(20) == [b"message", b"news", b"x"]


def test_many_threads_with_a_connection_each(cache: djredis.Cache) -> None:
    def work(n: int) -> int:
        for _ in range(20):
            with cache.connection() as connection:
                replies = connection.pipeline([("ECHO", f"{n}-{step}") for step in range(20)])
                assert replies == [b"%d-%d" % (n, step) for step in range(20)]
        return n

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(16))) == list(range(16))


def test_a_forked_child(one: djredis.Cache) -> None:
    connection = one.connection()
    connection.send("SUBSCRIBE", "news")
    connection.receive()

    def work() -> None:
        for call in (lambda: connection.command("PING"), lambda: connection.receive(1)):
            with pytest.raises(djredis.ForkedError):
                call()
        connection.release()
        with one.connection() as own:
            assert own.command("PING") == b"PONG"
            own.command("PUBLISH", "news", "from the child")

    assert _in_child(work) == 0
    assert connection.receive(20) == [b"message", b"news", b"from the child"]


class Stop(Exception):
    pass


def test_a_signal_handler_ends_a_wait(cache: djredis.Cache) -> None:
    refused: list[djredis.Error] = []

    def handler(*_: Any) -> None:
        with pytest.raises(djredis.ArgumentError, match="signal") as wrong:
            connection.command("PING")
        refused.append(wrong.value)
        raise Stop

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with cache.connection() as connection:
            connection.send("SUBSCRIBE", "news")
            connection.receive()
            timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1))
            timer.start()
            with pytest.raises(Stop):
                connection.receive()
            timer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert len(refused) == 1
    assert cache.get("k") is None
