"""Beside the real django-redis and Django's own RedisCache, call by call: what is returned, and what stands in Redis."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from typing import Any, Callable

import pytest
import redis
from conftest import Server

from .conftest import DJANGO, DJANGO_REDIS, OURS, Make

Steps = Callable[[Any], Any]


def outcome(step: Callable[[], Any]) -> Any:
    """What a step returns, or the builtin class that its exception has."""
    try:
        return step()
    except ValueError:
        return ValueError


def moment(seconds: int) -> datetime:
    return datetime.now(timezone.utc) + timedelta(seconds=seconds)


def stored(server: Server, db: int) -> dict[bytes, Any]:
    """Everything in a database, as it stands there."""
    client = redis.Redis(unix_socket_path=server.path, db=db)
    found = {}
    for key in client.keys():
        kind = client.type(key)
        if kind == b"set":
            found[key] = client.smembers(key)
        elif kind == b"hash":
            found[key] = client.hgetall(key)
        elif kind == b"zset":
            found[key] = client.zrange(key, 0, -1, withscores=True)
        else:
            found[key] = client.get(key)
    return found


# The rows of the table "Return values" of docs/django.md: with the default, and with COMPAT = "django-redis".
RETURNS: dict[str, Steps] = {
    "set": lambda c: [c.set("k", 1), c.set("k", 1, timeout=0), c.set("k", 1, timeout=-1), c.get("k")],
    "set_many": lambda c: [c.set_many({"a": 1, "b": "x"}), c.set_many({})],
    "delete_many": lambda c: [c.set("a", 1) and None, c.delete_many(["a", "b"]), c.delete_many([])],
    "delete": lambda c: [c.delete("k"), c.add("k", 1), c.delete("k")],
    "touch": lambda c: [c.touch("k"), c.add("k", 1), c.touch("k", 5), c.touch("k", 0), c.get("k")],
    "add": lambda c: [c.add("k", 1), c.add("k", 2), c.add("z", 1, timeout=0), c.get("z"), c.get("k")],
    "clear": lambda c: [c.clear()],
    "get": lambda c: [c.get("no"), c.get("no", 7), c.add("k", None), c.get("k", 7), c.get_many(["k", "no"])],
    "has_key": lambda c: [c.has_key("k"), "k" in c, c.add("k", 1), c.has_key("k"), "k" in c],
    "incr": lambda c: [outcome(lambda: c.incr("k")), c.add("k", 1), c.incr("k"), c.decr("k", 5), c.get("k")],
    "incr_version": lambda c: [
        outcome(lambda: c.incr_version("k")),
        c.add("k", [1]),
        c.incr_version("k"),
        c.get("k", version=2),
        c.decr_version("k", version=2),
        c.get("k"),
    ],
    "get_or_set": lambda c: [c.get_or_set("k", 5), c.get_or_set("k", 6), c.get_or_set("n", lambda: None)],
}

# What only django-redis has.
MORE: dict[str, Steps] = {
    "set nx xx": lambda c: [c.set("k", 1, xx=True), c.set("k", 1, nx=True), c.set("k", 2, nx=True), c.set("k", 3, xx=True)],
    "set nx timeout 0": lambda c: [c.set("k", 1, nx=True, timeout=0), c.get("k"), c.set("k", 1), c.set("k", 1, 0, nx=True)],
    "ttl": lambda c: [c.ttl("k"), c.set("k", 1, None), c.ttl("k"), c.set("k", 1, 50), c.ttl("k"), c.pttl("k") > 49000],
    "pttl": lambda c: [c.pttl("k"), c.set("k", 1, None), c.pttl("k")],
    "persist": lambda c: [c.persist("k"), c.set("k", 1, 50), c.persist("k"), c.persist("k"), c.ttl("k")],
    "expire": lambda c: [c.expire("k", 5), c.set("k", 1), c.expire("k", 5), c.ttl("k"), c.expire("k", timedelta(seconds=9)), c.ttl("k")],
    "pexpire": lambda c: [c.pexpire("k", 5), c.set("k", 1), c.pexpire("k", 5500), c.ttl("k") in (5, 6)],
    "expire_at": lambda c: [c.expire_at("k", 5), c.set("k", 1), c.expire_at("k", moment(50)), c.ttl("k") > 47, c.expire_at("k", int(time.time()) - 1), c.get("k")],
    "pexpire_at": lambda c: [c.pexpire_at("k", 5), c.set("k", 1), c.pexpire_at("k", moment(50)), c.ttl("k") > 47, c.pexpire_at("k", 1), c.get("k")],
    "incr ignore": lambda c: [c.incr("k", 4, ignore_key_check=True), c.incr("k", 4, ignore_key_check=True), c.ttl("k")],
    "incr wide": lambda c: [c.set("k", 2**63 - 1), c.incr("k"), c.get("k"), c.set("t", 1.5), c.incr("t"), c.get("t")],
    "keys": lambda c: [c.set("a_1", 1), c.set("a_2", 1), c.set("b", 1), c.set("a_3", 1, version=2), sorted(c.keys("a_*")), sorted(c.iter_keys("a_*", itersize=1)), c.keys("a_*", version=2), c.keys("none*")],
    "delete_pattern": lambda c: [c.set("a_1", 1), c.set("a_2", 1), c.set("b", 1), c.delete_pattern("a_*"), c.delete_pattern("a_*"), c.keys("*"), c.delete_pattern("*", version=5), c.delete_pattern("b", prefix="other")],
    "lock": lambda c: [c.lock("l", timeout=5).acquire(), c.lock("l", blocking=False).acquire(), c.delete("l")],
    "sets": lambda c: [c.sadd("s", 1, "1", (1, 2), None), c.sadd("s", 1), c.scard("s"), c.sismember("s", 1), c.sismember("s", 2), c.smembers("s"), c.smismember("s", 1, 2), c.srem("s", 1, 7), c.smembers("none")],
    "set algebra": lambda c: [c.sadd("s", 1, 2, 3), c.sadd("t", 3, 4), c.sdiff("s", "t"), c.sinter("s", "t"), c.sunion("s", "t"), c.sdiffstore("d", "s", "t"), c.sinterstore("i", "s", "t"), c.sunionstore("u", "s", "t"), c.smembers("u")],
    "set versions": lambda c: [c.sadd("s", 1, 2, version=2), c.sadd("t", 2, version=2), c.sdiffstore("d", "s", "t", version_dest=3, version_keys=2), c.smembers("d", version=3), c.sinterstore("i", "s", "t", version=2), c.sunionstore("u", "s", "t", version=2)],
    "smove": lambda c: [c.sadd("s", 1, "x"), c.smove("s", "t", "x"), c.smove("s", "t", "x"), c.smembers("t")],
    "spop": lambda c: [c.spop("s"), c.spop("s", 2), c.sadd("s", "x"), c.spop("s"), c.sadd("s", 1, "y"), c.spop("s", 5), c.scard("s")],
    "srandmember": lambda c: [c.srandmember("s"), c.srandmember("s", 2), c.sadd("s", "x"), c.srandmember("s"), c.srandmember("s", 5), c.srandmember("s", -2)],
    "sscan": lambda c: [c.sscan("s"), c.sadd("s", *range(100), "x"), len(c.sscan("s", count=500)), c.sscan("s", match="x", count=500), len(set(c.sscan_iter("s"))), list(c.sscan_iter("s", match="x"))],
    "hashes": lambda c: [c.hset("h", "f", 1), c.hset("h", "f", (1, 2)), c.hset("h", mapping={"g": "x", "i": None}), c.hlen("h"), sorted(c.hkeys("h")), c.hexists("h", "f"), c.hexists("h", "no"), c.hdel("h", "f"), c.hdel("h", "f"), c.hkeys("no")],
    "sorted sets": lambda c: [c.zadd("z", {1: 1.5, "b": 2, ("c",): 3}), c.zadd("z", {1: 9}, nx=True), c.zadd("z", {1: 9, "d": 4}, ch=True), c.zadd("z", {1: 1}, incr=True), c.zadd("z", {1: 1}, gt=True, ch=True), c.zcard("z"), c.zcount("z", 2, "+inf"), c.zincrby("z", 2.5, "b"), c.zscore("z", "b"), c.zscore("z", "no")],
    "zrange": lambda c: [c.zadd("z", {n: n / 2 for n in range(9)}), c.zrange("z", 0, 2), c.zrange("z", 0, -1, desc=True), c.zrange("z", 0, 1, withscores=True), c.zrange("z", 2, 2, withscores=True, score_cast_func=int), c.zrevrange("z", 0, 1, withscores=True), c.zrange("no", 0, -1, withscores=True)],
    "zrangebyscore": lambda c: [c.zadd("z", {n: n for n in range(9)}), c.zrangebyscore("z", 3, "(6"), c.zrangebyscore("z", "-inf", "+inf", start=2, num=2), c.zrevrangebyscore("z", 4, 2, withscores=True), c.zremrangebyscore("z", 0, 3), c.zcard("z")],
    "zrank": lambda c: [c.zadd("z", {"a": 1, "b": 2}), c.zrank("z", "b"), c.zrank("z", "no"), c.zrem("z", "a", "no")],
    "zpop": lambda c: [c.zpopmax("z"), c.zpopmin("z", 2), c.zadd("z", {n: n for n in range(5)}), c.zpopmax("z"), c.zpopmin("z"), c.zpopmin("z", 2), c.zpopmax("z", 1)],
    "odd keys": lambda c: [c.set("a b\n", 1), c.set("", 2), c.set(5, 3), c.set("ü:x", 4), c.set(b"raw", 5), c.get("5"), sorted(c.keys("*"))],
    "versions": lambda c: [c.set("k", 1, version=0), c.get("k", version=0), c.get("k"), c.delete("k", version=0)],
    "prefix": lambda c: [c.set("k", 1), c.delete("k", prefix="other"), c.delete("k", prefix="pre")],
    "client": lambda c: [c.client.get("k"), c.client.make_key("k"), c.client.make_key("k", version=2, prefix="p"), c.client.set(c.client.make_key("k"), 1), c.get("k")],
}

#: What releases before 7 lack: sorted sets, hset of a mapping. Django before 5.2 can't have 7.
SINCE_7 = {"hashes", "sorted sets", "zrange", "zrangebyscore", "zrank", "zpop"}
INSTALLED = version("django-redis")


def steps_of(name: str) -> Steps:
    """The steps of this name, where the installed django-redis has what they call."""
    if name in SINCE_7 and int(INSTALLED.partition(".")[0]) < 7:
        pytest.skip(f"django-redis {INSTALLED} lacks what is called here: {name}")
    return {**RETURNS, **MORE}[name]


SERIALIZERS = ("pickle.PickleSerializer", "json.JSONSerializer", "msgpack.MSGPackSerializer")
NO_TUPLES = {"sets", "hashes", "sorted sets", "incr wide"}


def both(server: Server, make: Make, steps: Steps, theirs: str, options: dict[str, Any], **more: Any) -> None:
    """The same steps on ours and on theirs: the same results, and the same bytes in Redis."""
    compat = {"COMPAT": "django-redis"} if theirs == DJANGO_REDIS else {}
    found = []
    for db, backend in ((1, OURS), (2, theirs)):
        cache = make(backend, db=db, OPTIONS={**options, **(compat if backend == OURS else {})}, **more)
        redis.Redis(unix_socket_path=server.path, db=db).flushdb()
        found.append((steps(cache), stored(server, db)))
    assert found[0] == found[1]


@pytest.mark.parametrize("name", [*RETURNS, *MORE])
def test_django_redis_returns_the_same(server: Server, make: Make, name: str) -> None:
    both(server, make, steps_of(name), DJANGO_REDIS, {"PICKLE_VERSION": 4}, KEY_PREFIX="pre")


@pytest.mark.filterwarnings("ignore::django.core.cache.CacheKeyWarning")
@pytest.mark.parametrize("name", RETURNS)
def test_django_returns_the_same(server: Server, make: Make, name: str) -> None:
    both(server, make, RETURNS[name], DJANGO, {}, KEY_PREFIX="pre")


@pytest.mark.parametrize("name", sorted({*RETURNS, *MORE} - NO_TUPLES))
@pytest.mark.parametrize("serializer", SERIALIZERS)
def test_with_other_serializers_and_a_compressor(server: Server, make: Make, name: str, serializer: str) -> None:
    options = {
        "SERIALIZER": f"django_redis.serializers.{serializer}",
        "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor",
        "PICKLE_VERSION": 4,
    }
    steps = steps_of(name)
    if name != "sscan":  # with match=
        both(server, make, steps, DJANGO_REDIS, options)


def custom(key: str, prefix: str, version: int) -> str:
    return f"{version}/{prefix}/{key}"


def custom_reverse(key: str) -> str:
    return key.split("/", 2)[2]


# delete_pattern(prefix=...) and make_key are the key function's there too; incr_version cuts keys at the last colon there.
@pytest.mark.parametrize("name", sorted({*RETURNS, *MORE} - {"client", "incr_version"}))
def test_with_a_key_function(server: Server, make: Make, name: str) -> None:
    functions = {"KEY_FUNCTION": custom, "REVERSE_KEY_FUNCTION": f"{__name__}.custom_reverse"}
    both(server, make, steps_of(name), DJANGO_REDIS, {"PICKLE_VERSION": 4}, KEY_PREFIX="pre", **functions)


def test_conditions_return_whether_it_was_stored_in_any_case(backend: Any) -> None:
    found = [backend.set("k", 1, xx=True), backend.set("k", 1, nx=True), backend.set("k", 2, nx=True), backend.set("k", 3, xx=True)]
    assert found == [False, True, False, True]


def test_smove_keeps_the_version(backend: Any) -> None:
    backend.sadd("s", 1, version=3)
    assert backend.smove("s", "t", 1, version=3)
    assert backend.smembers("t", version=3) == {1}


def test_a_stored_none_moves_to_another_version(backend: Any) -> None:
    backend.set("k", None)
    assert backend.incr_version("k") == 2
    assert backend.get("k", "missing", version=2) is None
