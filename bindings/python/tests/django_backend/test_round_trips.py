"""What docs/django.md says of round trips: one for each of Django's methods, three for get_or_set of a missing key."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Server

from .conftest import Make


class Counter:
    """A server between the cache and Redis that counts how often requests begin after a reply."""

    def __init__(self, path: str) -> None:
        self.trips = 0
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.location = f"127.0.0.1:{self._listener.getsockname()[1]}:0"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as redis:
            redis.connect(self._path)
            while data := client.recv(1 << 16):
                self.trips += 1
                redis.sendall(data)
                client.sendall(redis.recv(1 << 16))  # short requests and replies come in one piece

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def counter(server: Server) -> Iterator[Counter]:
    made = Counter(server.path)
    yield made
    made.close()


ONE: dict[str, Any] = {
    "set": lambda c: c.set("k", {"name": "Ada"}, timeout=300),
    "set for ever": lambda c: c.set("k", 1, timeout=None),
    "set nx": lambda c: c.set("k", 1, nx=True),
    "add": lambda c: c.add("k", 1),
    "get": lambda c: c.get("k"),
    "set_many": lambda c: c.set_many({"a": 1, "b": 2}, timeout=60),
    "get_many": lambda c: c.get_many(["a", "b", "none"]),
    "delete": lambda c: c.delete("k"),
    "delete_many": lambda c: c.delete_many(["a", "b"]),
    "incr": lambda c: c.incr("n"),
    "incr_version": lambda c: c.incr_version("there"),
    "touch": lambda c: c.touch("n", 600),
    "touch for ever": lambda c: c.touch("n", None),
    "in": lambda c: "n" in c,
    "get_or_set": lambda c: c.get_or_set("n", 1),
    "ttl": lambda c: c.ttl("n"),
    "sadd": lambda c: c.sadd("s", 1, 2),
    "hset": lambda c: c.hset("h", mapping={"a": 1, "b": 2}),
    "zadd": lambda c: c.zadd("z", {"a": 1, "b": 2}),
}


@pytest.mark.parametrize("name", ONE)
def test_one(make: Make, counter: Counter, name: str) -> None:
    cache = make(location=counter.location)
    cache.clear()
    cache.set_many({"n": 1, "there": 2})
    cache.incr("n")  # the server has the script from now on
    before = counter.trips
    ONE[name](cache)
    assert counter.trips - before == 1


def test_three_for_get_or_set_of_a_missing_key(make: Make, counter: Counter) -> None:
    cache = make(location=counter.location)
    cache.clear()
    before = counter.trips
    assert cache.get_or_set("k", lambda: [1]) == [1]
    assert counter.trips - before == 3
