"""A program that uses every public name, for mypy --strict: test_types.py checks what mypy says about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import djredis
from djredis import DEFAULT, Cache

cache = Cache("127.0.0.1:6379:1", key_prefix="shop", timeout=None, socket_timeout=0.5)
shards = Cache(["127.0.0.1:6379:1", "127.0.0.1:6380:1"])
moving = Cache("127.0.0.1:6379:1", serializer="json", accept=["pickle", "zlib"], compressor="zlib")


class Codec:
    def dumps(self, value: object) -> bytes:
        return repr(value).encode()

    def loads(self, data: bytes) -> object:
        return data


serializer: djredis.Serializer = Codec()
with_own = [Cache("memory:own", serializer=codec) for codec in (serializer, Codec, "typed_program.Codec")]

value: Any = cache.get("k", default=1, version=2)
stored: bool = cache.set("k", [1], timeout=timedelta(seconds=3), version=2, nx=True)
stored = cache.set(b"k", None, DEFAULT, xx=True)
stored = cache.add("k", 1, 0.5)
value = cache.get_or_set("k", lambda: 5, timeout=None)
found: dict[str, Any] = cache.get_many(["a", "b"])
numbered: dict[int, Any] = cache.get_many(number for number in range(3))
failed: list[str] = cache.set_many({"a": 1}, timeout=5)
gone: bool = cache.delete("k")
count: int = cache.delete_many({"a", "b"})
there: bool = cache.has_key("k") or "k" in cache
touched: bool = cache.touch("k", timeout=None)
left: int | None = cache.ttl("k")
left = cache.pttl("k")
set_: bool = cache.expire("k", timedelta(1)) or cache.pexpire("k", 500) or cache.persist("k")
set_ = cache.expire_at("k", datetime.now()) or cache.pexpire_at("k", 1_700_000_000_000)
count = cache.incr("k") + cache.decr("k", 2) + cache.incr_version("k") + cache.decr_version("k")
names: list[str] = cache.keys("user:*", version=2)
some: Iterator[str] = cache.iter_keys("user:*", itersize=100)
count = cache.delete_pattern("user:*", itersize=100)
cleared: bool = cache.clear()
key: str = cache.make_key("k", version=3)
counters: dict[str, Any] = cache.stats()
option: str = cache.option("TIMEOUT")
raw: Any = cache.get_raw("k", b"default", version=2)
stored = cache.set_raw("k", b"a", timeout=5, nx=True) and cache.set_raw("k", memoryview(b"a"))
cache.move("k", "l", version=2)
server: str = cache.server_for("k")
names = cache.keys(itersize=10)

with cache.batch() as batch:
    own_batch: djredis.Batch = batch.get("a", 1).set("b", 1, timeout=5, nx=True).add("c", [1]).incr("n").decr("n", 2)
    batch.get_raw("a").delete("a").has_key("a").touch("a", None).ttl("a").pttl("a", version=2)
answers: list[Any] = batch.results + batch.execute(raise_on_error=False)

reply: Any = cache.command("RPUSH", "k", "a", b"b", 5, 1.5, key_index=1, version=2)
with cache.lock("k", timeout=5, blocking_timeout=0.5, token=b"me") as held:
    lock: djredis.Lock = held
    longer: bool = lock.extend(5, replace_ttl=True) and lock.reacquire() and lock.owned() and lock.locked()
taken: bool = cache.lock("k", timeout=timedelta(1)).acquire(blocking=False, token="me")
with cache.connection() as connection:
    own: djredis.Connection = connection
    reply = own.command("GET", "k")
    replies: list[Any] | None = own.pipeline([("GET", "k"), [b"SET", "k", 1]], multi=True)
    own.send("SUBSCRIBE", "news")
    reply = own.receive(timeout=0.5)
    own.release()

with Cache("unix:/tmp/s:1") as opened:
    same: Cache = opened
    opened.close()

error: type[djredis.Error] = djredis.NotFoundError
try:
    cache.incr("k")
except djredis.TimeoutError as timed_out:
    again: bool = timed_out.retryable
except djredis.DecodeError as undecodable:
    stored_bytes: bytes = undecodable.stored
    number_of_status: int = undecodable.status

abi: int = djredis.ABI
version: str = djredis.__version__

# What follows is wrong, line by line.
cache.get(5.5)
cache.set("k", 1, timeout="5")
cache.expire("k", None)
cache.expire_at("k", "tomorrow")
cache.get_many(5)
cache.incr("k", "1")
cache.ttl("k") + 1
cache.bogus()
Cache(5)
cache.command(None)
cache.lock("k", timeout="5")
own.pipeline([5])
cache.set_raw("k", "text")
batch.touch("k", "5")
