"""A redis.Redis on a cache's connections: what redis-py's own tests don't ask."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import djredis

redis = pytest.importorskip("redis")
from djredis.django._plain_client import PlainClient  # noqa: E402
from djredis.django._redis_py import redis_client  # noqa: E402


@pytest.fixture
def client(cache: djredis.Cache) -> Iterator[Any]:
    yield redis_client(cache)


def test_it_is_redis_pys_own_class_and_replies_bytes(client: Any) -> None:
    assert type(client) is redis.Redis
    assert client.set("k", "v", ex=10) is True
    assert client.get("k") == b"v"
    assert client.hset("h", mapping={"f": 1, "g": 2.5}) == 2
    assert client.hgetall("h") == {b"f": b"1", b"g": b"2.5"}


def test_it_decodes_where_it_is_told(cache: djredis.Cache) -> None:
    client = redis_client(cache, decode_responses=True)
    client.rpush("l", "ä", "b")
    assert client.lrange("l", 0, -1) == ["ä", "b"]


def test_what_the_cache_decides_is_refused(cache: djredis.Cache) -> None:
    with pytest.raises(TypeError, match="socket_timeout can't be given here"):
        redis_client(cache, socket_timeout=1)


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (("LPUSH", "text", "x"), redis.exceptions.ResponseError),
        (("EVALSHA", "0" * 40, 0), redis.exceptions.NoScriptError),
        (("NOSUCH",), redis.exceptions.ResponseError),
        (("AUTH", "nobody", "wrong"), redis.exceptions.AuthenticationError),
        (("EVAL", "return redis.error_reply('LOADING wait')", 0), redis.exceptions.BusyLoadingError),
        (("EVAL", "return redis.error_reply('READONLY no')", 0), redis.exceptions.ReadOnlyError),
        (("EVAL", "return redis.error_reply('NOPERM no')", 0), redis.exceptions.NoPermissionError),
    ],
)
def test_an_error_reply_is_redis_pys_exception(client: Any, command: tuple[Any, ...], kind: type[Exception]) -> None:
    client.set("text", "v")
    with pytest.raises(kind):
        client.execute_command(*command)
    assert client.get("text") == b"v"


def test_the_librarys_advice_is_not_taken_for_the_servers_words(client: Any) -> None:
    with pytest.raises(redis.exceptions.ConnectionError, match="^max number of clients reached$"):
        client.eval("return redis.error_reply('ERR max number of clients reached')", 0)


def test_nobody_listens(nobody: str) -> None:
    with djredis.Cache(nobody) as cache, pytest.raises(redis.exceptions.ConnectionError):
        redis_client(cache).ping()


def test_a_server_that_is_silent(silent: str) -> None:
    with djredis.Cache(silent, socket_timeout=0.1) as cache, pytest.raises(redis.exceptions.TimeoutError):
        redis_client(cache).ping()


def test_a_closed_cache(location: str) -> None:
    cache = djredis.Cache(location)
    client = redis_client(cache)
    cache.close()
    with pytest.raises(redis.exceptions.ConnectionError, match="closed"):
        client.ping()


def test_more_connections_than_there_are(location: str) -> None:
    with djredis.Cache(location, max_connections=1, socket_timeout=0.1) as cache:
        client = redis_client(cache)
        with client.client(), pytest.raises(redis.exceptions.ConnectionError):
            client.ping()
        assert client.ping() is True


def test_one_connection_serves_the_cache_and_the_client(cache: djredis.Cache, client: Any) -> None:
    before = cache.stats()["connects"]
    for number in range(20):
        client.set("k", number)
        pipeline = client.pipeline()
        pipeline.get("k").incr("n")
        assert pipeline.execute()[0] == str(number).encode()
        cache.set("c", number)
    assert cache.stats()["connects"] - before <= 1


def test_another_database_does_not_stay_with_the_connection(cache: djredis.Cache, client: Any) -> None:
    client.set("k", "here")
    client.select(1)
    assert client.get("k") == b"here"


def test_a_blocking_command_waits_longer_than_the_socket_timeout(location: str) -> None:
    with djredis.Cache(location, socket_timeout=0.2) as cache:
        client = redis_client(cache)
        client.delete("empty")
        started = time.monotonic()
        assert client.blpop("empty", timeout=0.5) is None
        assert time.monotonic() - started > 0.4
        assert client.ping() is True


def test_a_blocking_command_in_a_pipeline(client: Any) -> None:
    client.rpush("l", "a")
    assert client.pipeline(transaction=False).blpop("l", 1).ping().execute() == [(b"l", b"a"), True]
    assert client.pipeline().blpop("l", 0).ping().execute() == [None, True]


def test_a_transaction_whose_watched_key_changed(client: Any) -> None:
    with client.pipeline() as pipeline:
        pipeline.watch("k")
        client.set("k", 1)
        pipeline.multi()
        pipeline.set("k", 2)
        with pytest.raises(redis.exceptions.WatchError):
            pipeline.execute()
    assert client.get("k") == b"1"


def test_messages_come_while_another_thread_subscribes(client: Any) -> None:
    pubsub = client.pubsub(ignore_subscribe_messages=True)
    got: list[bytes] = []
    pubsub.subscribe(first=lambda message: got.append(message["data"]))
    thread = pubsub.run_in_thread(sleep_time=5, daemon=True)
    try:
        pubsub.subscribe(second=lambda message: got.append(message["data"]))
        end = time.monotonic() + 10
        while len(got) < 2 and time.monotonic() < end:
            if client.publish("second", "2") and not got:
                client.publish("first", "1")
            time.sleep(0.01)
        assert b"2" in got
    finally:
        thread.stop()
        thread.join(10)
    assert not thread.is_alive()


def test_a_subscriber_that_lost_its_connection_subscribes_again(client: Any) -> None:
    pubsub = client.pubsub()
    pubsub.subscribe("news")
    assert pubsub.get_message(timeout=60)["type"] == "subscribe"
    pubsub.connection.disconnect()
    assert pubsub.get_message(timeout=60)["type"] == "subscribe"
    client.publish("news", "hello")
    assert pubsub.get_message(timeout=60)["data"] == b"hello"


def test_threads(client: Any) -> None:
    failures: list[BaseException] = []

    def work(name: int) -> None:
        try:
            for number in range(200):
                client.set(f"k{name}", number)
                assert client.get(f"k{name}") == str(number).encode()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_child_has_connections_of_its_own(client: Any) -> None:
    held = client.client()
    held.set("k", "parent")
    child = os.fork()
    if child == 0:
        os._exit(0 if (held.get("k"), client.get("k")) == (b"parent", b"parent") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert held.get("k") == b"parent"


def test_a_lost_connection_is_told_once(client: Any) -> None:
    held = client.client()
    identity = held.client_id()
    client.client_kill_filter(_id=identity)
    with pytest.raises(redis.exceptions.ConnectionError):
        held.ping()
    assert held.ping() is True


def test_bytes_packed_by_others_are_refused(client: Any) -> None:
    connection = client.connection_pool.get_connection()
    with pytest.raises(redis.exceptions.DataError, match="pack_command"):
        connection.send_packed_command([b"*1\r\n$4\r\nPING\r\n"])
    client.connection_pool.release(connection)


def test_without_redis_py(cache: djredis.Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    client = redis_client(cache)
    assert type(client) is PlainClient
    assert client.set("k", 1) == b"OK"
    assert client.config_get("maxmemory") == [b"maxmemory", b"0"]
    assert client.delete("k", "none") == 1
    assert client.pipeline().set("k", 2).get("k").execute() == [b"OK", b"2"]
    assert client.blpop("empty", 0.01) is None
    with pytest.raises(djredis.WrongTypeError):
        client.pipeline().set("k", 2).lpush("k", 1).execute()


def test_importing_the_library_imports_no_redis_py() -> None:
    from conftest import run_python

    code = "import djredis, djredis.django._redis_py, sys; print('redis' in sys.modules, 'django' in sys.modules)"
    assert run_python(code).stdout.split()[:1] == ["False"]
