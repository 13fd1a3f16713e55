"""Random calls from four threads through a proxy that breaks connections: see main.rs.

    faults.py LOCATION CALLS SEED
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from djredis import Cache, ConnectionError, Error, PoolError, ProtocolError, TimeoutError

THREADS, OWN, SHARED, HANG = 4, 10, 50, 10
EXPECTED = (ConnectionError, PoolError, ProtocolError, TimeoutError)


def text_of(key: str, serial: int | None) -> str | None:
    """What stands under a key: it names the key, and the write that made it."""
    if serial is None:
        return None
    return f"{key} {serial} " + "x" * (5000 if serial % 50 == 49 else serial % 100)


class Worker(threading.Thread):
    """One thread's calls. It knows what stands under its own keys, so it knows each right answer."""

    def __init__(self, cache: Cache, number: int, calls: int, seed: int) -> None:
        super().__init__()
        self.cache, self.number, self.calls = cache, number, calls
        self.random = random.Random(seed * 1000 + number)
        self.next = self.highest = 0
        self.tally: Counter[str] = Counter()
        # The serial numbers of the own keys' values.
        self.own: dict[str, int | None] = {self.new_key(): None for _ in range(OWN)}

    def run(self) -> None:
        operations: list[Callable[[str], None]] = [self.get, self.get, self.set, self.set, self.set]
        operations += [self.delete, self.incr, self.get_many, self.has_key, self.get_shared]
        for _ in range(self.calls):
            begun = time.monotonic()
            self.tally["calls"] += 1
            self.random.choice(operations)(self.random.choice(list(self.own)))
            self.tally["hangs"] += time.monotonic() - begun > HANG

    def serial(self) -> int:
        self.next += 1
        return self.next

    def new_key(self) -> str:
        return f"own{self.number}-{self.serial()}"

    def judge(self, what: str, answer: Any, right: bool) -> None:
        if not right:
            self.tally["wrong"] += 1
            print(f"{what}: {answer!r}"[:500], file=sys.stderr)

    def failed(self, error: Error) -> None:
        """An error that says that the connection failed is as good as an answer; any other is a wrong one."""
        self.tally["failed"] += 1
        self.judge("error", error, isinstance(error, EXPECTED) and bool(str(error)))

    def read(self, what: str, call: Any, right: Any) -> None:
        try:
            answer = call()
        except Error as error:
            self.failed(error)
        else:
            self.judge(what, answer, answer == right)

    def write(self, what: str, key: str, call: Any, right: bool, serial: int | None) -> None:
        """A write that may have been done all the same costs the key."""
        try:
            answer = call()
        except Error as error:
            self.failed(error)
            if not error.retryable:
                del self.own[key]
                self.own[self.new_key()] = None
        else:
            self.judge(what, answer, answer is right)
            self.own[key] = serial

    def get(self, key: str) -> None:
        self.read("get", lambda: self.cache.get(key), text_of(key, self.own[key]))

    def get_shared(self, _: str) -> None:
        key = f"shared{self.random.randrange(SHARED)}"
        self.read("get", lambda: self.cache.get(key), text_of(key, 1))

    def get_many(self, _: str) -> None:
        there = {key: text_of(key, serial) for key, serial in self.own.items() if serial is not None}
        self.read("get_many", lambda: self.cache.get_many(list(self.own)), there)

    def has_key(self, key: str) -> None:
        self.read("has_key", lambda: self.cache.has_key(key), self.own[key] is not None)

    def set(self, key: str) -> None:
        serial = self.serial()
        self.write("set", key, lambda: self.cache.set(key, text_of(key, serial)), True, serial)

    def delete(self, key: str) -> None:
        self.write("delete", key, lambda: self.cache.delete(key), self.own[key] is not None, None)

    def incr(self, _: str) -> None:
        try:
            counted = self.cache.incr(f"count{self.number}")
        except Error as error:
            self.failed(error)
            self.tally["in_doubt"] += not error.retryable
        else:
            self.tally["acknowledged"] += 1
            most = self.tally["acknowledged"] + self.tally["in_doubt"]
            self.judge("incr", counted, self.highest < counted <= most)
            self.highest = counted


def main() -> None:
    location, calls, seed = sys.argv[1:]
    with Cache(location) as cache:
        workers = [Worker(cache, number, int(calls) // THREADS, int(seed)) for number in range(THREADS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    tally = sum((worker.tally for worker in workers), Counter[str]())
    names = ["calls", "failed", "wrong", "hangs", "acknowledged", "in_doubt"]
    print(*(f"{name}={tally[name]}" for name in names))


main()
