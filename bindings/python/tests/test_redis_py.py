"""Replies are what redis-py's own connection reads: the same commands through both, values and types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Server

import djredis

redis = pytest.importorskip("redis")
resp2 = pytest.importorskip("redis._parsers.resp2")
resp3 = pytest.importorskip("redis._parsers.resp3")

# Run in order on an empty database. No reply may depend on the clock, on chance or on who is connected.
COMMANDS: list[tuple[Any, ...]] = [
    # Statuses, strings, nil and integers.
    ("PING",), ("PING", "hello"), ("ECHO", b"\x00\xff"), ("ECHO", ""), ("ECHO", "x" * 70_000),
    ("SET", "k", "v"), ("SET", "k", "w", "NX"), ("SET", "k", "w", "GET"), ("GET", "k"), ("GET", "missing"),
    ("TYPE", "k"), ("TYPE", "missing"), ("APPEND", "k", "more"), ("STRLEN", "k"), ("EXISTS", "k", "missing"),
    ("INCR", "n"), ("INCRBY", "n", 2**62), ("DECRBY", "n", 2**62 + 2), ("INCRBYFLOAT", "f", "1.5"), ("PTTL", "k"),
    ("OBJECT", "ENCODING", "k"), ("GETRANGE", "k", 0, 0), ("LASTSAVE", "wrong"), ("RENAME", "missing", "k"),
    # Lists, hashes, sets and scores.
    ("MGET", "k", "missing", "n"), ("RPUSH", "list", "a", b"\xff", "", "b" * 300), ("LRANGE", "list", 0, -1),
    ("LRANGE", "missing", 0, -1), ("LMPOP", 1, "list", "LEFT"), ("LMPOP", 1, "missing", "LEFT"), ("LPOS", "list", "z"),
    ("BLPOP", "missing", "0.01"), ("HSET", "hash", "a", 1, "b", b"\xfe"), ("HGETALL", "hash"), ("HGETALL", "missing"),
    ("HMGET", "hash", "a", "z"), ("HKEYS", "hash"), ("HRANDFIELD", "hash", 5, "WITHVALUES"), ("HSCAN", "hash", 0),
    ("SADD", "set", 1, 2, 3), ("SMEMBERS", "set"), ("SMEMBERS", "missing"), ("SINTER", "set", "missing"),
    ("SMISMEMBER", "set", 1, 9), ("SISMEMBER", "set", 1), ("SPOP", "missing", 3), ("SSCAN", "set", 0),
    ("ZADD", "scores", 1.5, "m", "inf", "top", "-inf", "low", "0.1", "tenth"), ("ZADD", "scores", "INCR", 1, "m"),
    ("ZSCORE", "scores", "m"), ("ZSCORE", "scores", "z"), ("ZMSCORE", "scores", "m", "z", "top"),
    ("ZRANGE", "scores", 0, -1), ("ZRANGE", "scores", 0, -1, "WITHSCORES"), ("ZPOPMIN", "scores"),
    ("ZPOPMIN", "scores", 1), ("ZRANDMEMBER", "missing", 2, "WITHSCORES"), ("ZMPOP", 1, "scores", "MIN"),
    ("ZRANK", "scores", "top"), ("ZINTER", 2, "scores", "set", "WITHSCORES"),
    ("GEOADD", "geo", 13.4, 52.5, "Berlin"), ("GEOPOS", "geo", "Berlin", "z"), ("GEODIST", "geo", "Berlin", "Berlin"),
    # Streams.
    ("XADD", "stream", "1-1", "a", 1), ("XADD", "stream", "1-2", "b", 2, "c", 3), ("XRANGE", "stream", "-", "+"),
    ("XREAD", "STREAMS", "stream", "0"), ("XREAD", "STREAMS", "stream", "9"), ("XGROUP", "CREATE", "stream", "g", "0"),
    ("XREADGROUP", "GROUP", "g", "me", "COUNT", 1, "STREAMS", "stream", ">"), ("XPENDING", "stream", "g"),
    ("XINFO", "STREAM", "stream"), ("XAUTOCLAIM", "stream", "g", "you", 10**9, "0"),
    # What the server knows.
    ("CONFIG", "GET", "maxmemory"), ("CONFIG", "GET", "no such"), ("COMMAND", "COUNT"),
    ("COMMAND", "DOCS", "get", "set"), ("COMMAND", "INFO", "get", "no such"),
    ("COMMAND", "GETKEYS", "MSET", "a", 1, "b", 2), ("CLIENT", "TRACKINGINFO"),
    ("CLIENT", "GETNAME"), ("ACL", "GETUSER", "default"), ("ACL", "WHOAMI"),
    ("LATENCY", "DOCTOR"), ("SLOWLOG", "RESET"), ("FUNCTION", "STATS"),
    ("SCAN", 0, "MATCH", "k", "COUNT", 1000), ("SORT", "list", "ALPHA"),
    # Errors: at the top, and inside.
    ("NOSUCH",), ("LPUSH", "k", 1), ("GET",), ("EVAL", "return {1, {err='BAD luck'}, {{err='WRONGTYPE so'}}}", 0),
    ("EVAL", "return {err='MINE alone'}", 0),
    # Transactions.
    ("MULTI",), ("INCR", "n"), ("LPUSH", "k", 1), ("HGETALL", "hash"), ("EXEC",), ("MULTI",), ("EXEC",),
    # Scripts: every type there is, nested too.
    *[
        ("EVAL", "redis.setresp(3) return " + value, 0)
        for value in (
            "{ok='FINE'}", "1", "3.99", "'text'", "false", "true", "nil", "{}", "{1, 'a', {ok='FINE'}, false}",
            "{double=-2.5}", "{double=1/0}", "{map={a=1}}", "{map={}}", "{map={a={map={b={set={c=true}}}}}}",
            "{set={a=true}}", "{set={}}", "{{}, {{}}, {{{7}}}}", "{true, {double=0.5}, {map={x=false}}}",
            "{map={[1]='one'}}", "redis.call('ZRANGE', 'scores', 0, -1, 'WITHSCORES')", "redis.call('HGETALL', 'hash')",
        )
    ],
    ("EVAL", "local t = {7} for i = 1, 100 do t = {t} end return t", 0),
]  # fmt: skip


@pytest.fixture(params=[2, 3], ids=["resp2", "resp3"])
def protocol(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture
def theirs(server: Server, protocol: int) -> Iterator[Any]:
    """A connection of redis-py with the parser that is written in Python: hiredis leaves big numbers as bytes."""
    parser = {2: resp2._RESP2Parser, 3: resp3._RESP3Parser}[protocol]
    connection = redis.UnixDomainSocketConnection(path=server.path, protocol=protocol, parser_class=parser)
    connection.connect()
    yield connection
    connection.disconnect()


def _their_replies(connection: Any, commands: list[tuple[Any, ...]]) -> list[Any]:
    def reply(command: tuple[Any, ...]) -> Any:
        connection.send_command(*command)
        try:
            return connection.read_response()
        except redis.ResponseError as error:
            return error

    return [reply(command) for command in commands]


def _our_replies(connection: djredis.Connection | djredis.Cache, commands: list[tuple[Any, ...]]) -> list[Any]:
    def reply(command: tuple[Any, ...]) -> Any:
        try:
            return connection.command(*command)
        except djredis.Error as error:
            return error

    return [reply(command) for command in commands]


def _same(ours: Any, theirs: Any) -> bool:
    """Whether two replies are equal in value and type, at every depth. An error is ours, with their text in it."""
    if isinstance(theirs, Exception):
        # Ours leaves out the arguments of an unknown command, which may be secret.
        return isinstance(ours, djredis.Error) and str(theirs).split(", with args")[0] in str(ours)
    if type(ours) is not type(theirs):
        return False
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_same, ours, theirs))
    if isinstance(theirs, dict):
        return len(ours) == len(theirs) and all(
            _same(key, other) and _same(ours[key], theirs[other]) for key, other in zip(ours, theirs)
        )
    return bool(ours == theirs)


@pytest.mark.parametrize("by", ["command", "pipeline", "cache"])
def test_every_shape(server: Server, theirs: Any, protocol: int, by: str) -> None:
    commands = [command for command in COMMANDS if by != "cache" or command[0] not in ("MULTI", "EXEC", "CLIENT")]
    expected = _their_replies(theirs, [("FLUSHALL",), *commands])[1:]
    with djredis.Cache(server.location(), protocol=protocol) as cache, cache.connection() as connection:
        cache.clear()
        if by == "pipeline":
            found = connection.pipeline(commands)
        else:
            found = _our_replies(connection if by == "command" else cache, commands)
    assert found is not None
    wrong = [reply for reply in zip(commands, found, expected) if not _same(*reply[1:])]
    assert not wrong, "\n".join(map(repr, wrong))[:4000]
    assert len(found) == len(commands)


def test_other_types_are_told_apart() -> None:
    for ours, other in [
        (b"a", "a"), (1, True), (1, 1.0), ([1], (1,)), ({b"a": 1}, {b"a": True}), ([b"a"], [b"a", None]),
        (djredis.ServerError("no"), b"no"), (b"no", redis.ResponseError("no")),
    ]:  # fmt: skip
        assert not _same(ours, other)


def test_big_numbers_and_verbatim_strings(server: Server, theirs: Any, protocol: int) -> None:
    commands: list[tuple[Any, ...]] = [
        ("EVAL", "redis.setresp(3) return {big_number='-123456789012345678901234567890'}", 0),
        ("EVAL", "redis.setresp(3) return {{big_number='99999999999999999999'}}", 0),
        ("EVAL", "redis.setresp(3) return {verbatim_string={format='txt', string='as it is'}}", 0),
        ("EVAL", "redis.setresp(3) return {{verbatim_string={format='mkd', string='*is*'}}}", 0),
    ]
    with djredis.Cache(server.location(), protocol=protocol) as cache, cache.connection() as connection:
        found = _our_replies(connection, commands)
    assert all(map(_same, found, _their_replies(theirs, commands)))
    number: Any = -123456789012345678901234567890
    assert found[0] == (number if protocol == 3 else b"%d" % number)
    assert found[2] == b"as it is"


def test_pushed_messages(server: Server, theirs: Any, protocol: int) -> None:
    with djredis.Cache(server.location(), protocol=protocol) as cache, cache.connection() as connection:
        theirs.send_command("SUBSCRIBE", "news")
        connection.send("SUBSCRIBE", "news")
        for _ in range(2):
            assert _same(connection.receive(10), theirs.read_response(push_request=True))
            cache.command("PUBLISH", "news", b"\xff")


def test_values_of_redis_clients(server: Server, cache: djredis.Cache) -> None:
    """execute_command of a command without a callback of its own gives the same, whatever protocol it speaks."""
    with redis.Redis(unix_socket_path=server.path) as client:
        client.set("k", "v")
        for command in [("OBJECT", "ENCODING", "k"), ("ECHO", "a"), ("GET", "k"), ("INCR", "n"), ("MGET", "k", "x")]:
            client.delete("n")
            theirs = client.execute_command(*command)
            client.delete("n")
            assert _same(cache.command(*command), theirs)
