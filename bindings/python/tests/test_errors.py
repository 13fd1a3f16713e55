"""Exceptions: their tree, what they carry, and what they never say."""

from __future__ import annotations

import builtins
import copy
import logging
import pickle
from typing import Any, Callable

import pytest
from conftest import Server, arguments_in_vain

import djredis
from djredis import _abi, _exceptions

SECRET = "s3cr3t-pässwörd"
ERRORS: list[type[djredis.Error]] = sorted(set(_exceptions.BY_STATUS.values()), key=lambda error: error.__name__)


def test_every_status_has_a_public_class() -> None:
    statuses = {number for name, number in vars(_abi).items() if name.startswith("DJREDIS_ERR_")}
    assert set(_exceptions.BY_STATUS) == statuses
    for error in ERRORS:
        assert getattr(djredis, error.__name__) is error
        assert error.__name__ in djredis.__all__
        assert error.__doc__


@pytest.mark.parametrize(
    ("error", "also"),
    [
        (djredis.ConnectionError, builtins.ConnectionError), (djredis.TimeoutError, builtins.TimeoutError),
        (djredis.NotFoundError, ValueError), (djredis.ArgumentError, ValueError), (djredis.ConfigError, ValueError),
        (djredis.WrongTypeError, TypeError), (djredis.UnsupportedError, NotImplementedError),
        (djredis.InterruptedError, builtins.InterruptedError),
    ],
)  # fmt: skip
def test_they_are_what_programs_expect(error: type[djredis.Error], also: type[Exception]) -> None:
    with pytest.raises(also):
        raise error("text")


@pytest.mark.parametrize("error", ERRORS)
def test_they_survive_pickle_and_copy(error: type[djredis.Error]) -> None:
    made = error("a sentence")
    made.retryable, made.stored = True, b"bytes"
    for other in (pickle.loads(pickle.dumps(made)), copy.copy(made)):
        assert type(other) is error
        assert (str(other), other.status, other.retryable, other.stored) == ("a sentence", error.status, True, b"bytes")


def test_a_refused_connection_is_retryable(nobody: str) -> None:
    with djredis.Cache(nobody) as cache:
        with pytest.raises(djredis.ConnectionError, match=nobody.rsplit(":", 1)[0]) as failed:
            cache.set("k", 1)
        assert failed.value.retryable
        assert failed.value.status == _abi.DJREDIS_ERR_CONNECTION


def test_a_server_that_says_nothing_times_out(silent: str) -> None:
    with djredis.Cache(silent, socket_timeout=0.2) as cache:
        with pytest.raises(builtins.TimeoutError):
            cache.get("k")


def test_incr_of_a_missing_key_is_a_value_error(cache: djredis.Cache) -> None:
    for call in (cache.incr, cache.decr, cache.incr_version, cache.decr_version):
        with pytest.raises(ValueError, match="missing") as failed:
            call("missing")
        assert isinstance(failed.value, djredis.NotFoundError)


@pytest.mark.parametrize("delta", [2**63, -(2**63) - 1])
def test_a_delta_beyond_64_bits(cache: djredis.Cache, delta: int) -> None:
    cache.set("n", 1)
    for call in (cache.incr, cache.decr, cache.incr_version, cache.decr_version):
        with pytest.raises(djredis.ArgumentError, match="delta"):
            call("n", delta)
    with pytest.raises(djredis.ArgumentError, match="delta"):
        cache.decr("n", -(2**63))
    wrong: Any = 1.5
    with pytest.raises(TypeError):
        cache.incr("n", wrong)
    assert cache.get("n") == 1


def test_nx_with_xx(cache: djredis.Cache) -> None:
    with pytest.raises(djredis.ArgumentError):
        cache.set("k", 1, nx=True, xx=True)


CALLS: dict[str, Callable[[djredis.Cache], Any]] = {
    "get": lambda c: c.get("k"), "get_raw": lambda c: c.get_raw("k"), "set": lambda c: c.set("k", 1),
    "set_raw": lambda c: c.set_raw("k", b"a"), "add": lambda c: c.add("k", 1),
    "get_or_set": lambda c: c.get_or_set("k", 1), "delete": lambda c: c.delete("k"),
    "has_key": lambda c: c.has_key("k"), "in": lambda c: "k" in c,
    "incr": lambda c: c.incr("k"), "decr": lambda c: c.decr("k"), "incr_version": lambda c: c.incr_version("k"),
    "decr_version": lambda c: c.decr_version("k"), "move": lambda c: c.move("k", "l"),
    "touch": lambda c: c.touch("k"), "ttl": lambda c: c.ttl("k"), "pttl": lambda c: c.pttl("k"),
    "expire": lambda c: c.expire("k", 5), "pexpire": lambda c: c.pexpire("k", 5), "persist": lambda c: c.persist("k"),
    "expire_at": lambda c: c.expire_at("k", 0), "pexpire_at": lambda c: c.pexpire_at("k", 0),
    "get_many": lambda c: c.get_many(["k"]), "set_many": lambda c: c.set_many({"k": 1}),
    "delete_many": lambda c: c.delete_many(["k"]), "clear": lambda c: c.clear(), "keys": lambda c: c.keys(),
    "iter_keys": lambda c: c.iter_keys(), "delete_pattern": lambda c: c.delete_pattern("k"),
    "lock": lambda c: c.lock("k").acquire(), "command": lambda c: c.command("PING"),
    "option": lambda c: c.option("VERSION"), "make_key": lambda c: c.make_key("k"),
    "server_for": lambda c: c.server_for("k"), "connection": lambda c: c.connection(),
    "batch": lambda c: c.batch().get("k").execute(),
}  # fmt: skip


def test_every_method_is_in_the_table() -> None:
    methods = {name for name in dir(djredis.Cache) if not name.startswith("_")}
    assert methods - {"close", "stats"} == set(CALLS) - {"in"}


def test_a_closed_cache(location: str) -> None:
    cache = djredis.Cache(location)
    with cache as opened:
        assert opened is cache
        batch, lock = cache.batch().get("k"), cache.lock("k")
    cache.close()
    for name, call in CALLS.items():
        with pytest.raises(djredis.ClosedError, match="open it again"):
            pytest.fail(f"{name} answered {call(cache)!r}")
    for late in (batch.execute, lock.acquire):
        with pytest.raises(djredis.ClosedError):
            late()
    assert cache.stats()["errors"] == 0
    assert "Cache" in repr(cache)


@pytest.mark.parametrize("location", ["", "nonsense", "127.0.0.1:port:1", "redis://h:1/x", "http://h:1/0"])
def test_bad_locations(location: str) -> None:
    with pytest.raises(djredis.ConfigError):
        djredis.Cache(location)


def test_locations_that_are_no_text() -> None:
    wrong: Any
    for wrong in (b"127.0.0.1:1:1", [1], None, 5):
        with pytest.raises(TypeError):
            djredis.Cache(wrong)
    with pytest.raises(djredis.ConfigError, match="%2C"):
        djredis.Cache(["unix:/a,b:1"])


@pytest.mark.parametrize(
    "options",
    [
        {"bogus": 1}, {"KEY_PREFX": ""}, {"timeout": "soon"}, {"socket_timeout": float("nan")}, {"socket_timeout": -1},
        {"pickle_version": 99}, {"version": 1.5}, {"ignore_exceptions": "perhaps"}, {"max_connections": 0},
    ],
    ids=repr,
)  # fmt: skip
def test_bad_options_are_named(nobody: str, options: Any) -> None:
    (name,) = options
    with pytest.raises(djredis.ConfigError, match=f"(?i){name}"):
        djredis.Cache(nobody, **options)


def _everything_said(error: BaseException) -> str:
    return "".join([str(error), repr(error), repr(error.args), repr(getattr(error, "__dict__", ""))])


def test_no_password_is_ever_shown(nobody: str, caplog: pytest.LogCaptureFixture) -> None:
    place = nobody.rsplit(":", 1)[0]
    caplog.set_level(logging.DEBUG)
    quoted = "s3cr3t-p%C3%A4ssw%C3%B6rd"
    caches = [
        djredis.Cache(f"redis://user:{quoted}@{place}/0"),
        djredis.Cache(nobody, username="user", password=SECRET, ignore_exceptions=True, log_ignored_exceptions=True),
        djredis.Cache(f"redis://{place}/0", password=SECRET.encode()),
    ]
    said = [caplog.text]
    for cache in caches:
        said += [repr(cache), str(cache.stats()), cache.option("password"), cache.option("username")]
        try:
            cache.get("k")
        except djredis.Error as error:
            said.append(_everything_said(error))
        try:
            pickle.dumps(cache)
        except TypeError as error:
            said.append(_everything_said(error))
    for wrong in (f"redis://user:{quoted}@host:port/0", f"redis://:{quoted}@/x", f"user:{quoted}@host"):
        with pytest.raises(djredis.ConfigError) as refused:
            djredis.Cache(wrong, password=SECRET)
        said.append(_everything_said(refused.value))
    assert "***" in "".join(said)
    for text in [*said, caplog.text]:
        assert SECRET not in text
        assert quoted not in text


def test_a_wrong_password_is_an_auth_error_even_where_exceptions_are_ignored() -> None:
    server = Server("--requirepass", "right")
    try:
        with djredis.Cache(server.location(), password="right") as cache:
            assert cache.set("k", 1)
        for options in ({"password": SECRET}, {}):
            with djredis.Cache(server.location(), ignore_exceptions=True, **options) as cache:
                with pytest.raises(djredis.AuthError) as failed:
                    cache.get("k")
                assert SECRET not in _everything_said(failed.value)
    finally:
        server.stop()


def test_a_wrong_argument_is_named_with_its_type_and_the_fix(cache: djredis.Cache) -> None:
    cache.set("k", 1)
    for said, call in arguments_in_vain(cache):
        with pytest.raises(TypeError) as refused:
            call()
        assert str(refused.value) == said
    for said, call in (
        ("version is a whole number, not str", lambda: cache.batch().get("k", version="2")),  # type: ignore[arg-type]
        ("delta is a whole number, not str", lambda: cache.batch().incr("k", "2")),  # type: ignore[arg-type]
        ("timeout is a number of seconds", lambda: cache.batch().set("k", 1, timeout="5")),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError, match=said):
            call()
