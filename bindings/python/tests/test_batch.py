"""Many different calls in one round trip: each answers as it would alone."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

import pytest

import djredis

OBJECTS = [
    None, True, 1.5, -math.inf, "text", "", "\ud800", b"\xff", bytearray(b"a"), [1, [2]], {"a": {1, 2}}, (), 0, -1,
    2**63 - 1, -(2**63), 2**63, -(10**40), "x" * 70_000, b"y" * 70_000, "1", [b"\x80"] * 300,
]  # fmt: skip


def test_every_call_answers_as_it_would_alone(cache: djredis.Cache) -> None:
    cache.set("n", 5, timeout=50)
    cache.set("kept", {"a": 1}, timeout=None)
    with cache.batch() as batch:
        batch.get("n").get("missing").get("missing", "default").get("kept")
        batch.get_raw("n").get_raw("missing", b"")
        batch.set("new", [1], timeout=60).set("new", 2, nx=True).set("away", 2, xx=True).add("new", 3).add("added", 4)
        batch.has_key("new").has_key("missing")
        batch.incr("n").incr("n", 10).decr("n", 3)
        batch.ttl("n").ttl("kept").ttl("missing").pttl("n").pttl("kept").pttl("missing")
        batch.touch("n", None).touch("missing").pttl("n")
        batch.delete("new").delete("new")
    found = batch.results
    assert found[:4] == [5, None, "default", {"a": 1}]
    assert found[4:6] == [b"5", b""]
    assert found[6:11] == [True, False, False, False, True]
    assert found[11:13] == [True, False]
    assert found[13:16] == [6, 16, 13]
    assert found[16:19] == [50, None, 0]
    assert 40_000 <= found[19] <= 50_000
    assert found[20:22] == [None, 0]
    assert found[22:] == [True, False, None, True, False]
    assert all(type(answer) is bool for answer in found[6:13])


def test_values_of_every_kind_and_versions(cache: djredis.Cache) -> None:
    with cache.batch() as batch:
        for number, value in enumerate(OBJECTS):
            batch.set(f"é{number}", value, version=number)
            batch.get(f"é{number}", version=number)
    assert batch.results[::2] == [True] * len(OBJECTS)
    assert list(map(repr, batch.results[1::2])) == list(map(repr, OBJECTS))
    for number, value in enumerate(OBJECTS):
        assert repr(cache.get(f"é{number}", version=number)) == repr(value)
    assert cache.get_raw("é16", version=16) == b"9223372036854775808"


@pytest.mark.parametrize("key", ["", b"\xff\x00", "x" * 300, "y" * 70_000, "a\udcff", 7])
def test_any_key(cache: djredis.Cache, key: Any) -> None:
    assert cache.batch().set(key, "v").get(key).delete(key).execute() == [True, "v", True]


def test_one_round_trip(cache: djredis.Cache) -> None:
    def commands() -> int:
        return int(cache.command("INFO", "stats").split(b"total_reads_processed:")[1].split(b"\r")[0])

    before = commands()
    batch = cache.batch()
    for number in range(500):
        batch.set(f"k{number}", number).incr(f"k{number}")
    assert batch.execute() == [answer for number in range(500) for answer in (True, number + 1)]
    assert commands() - before < 20


def test_numbers_beyond_64_bits_and_floats(cache: djredis.Cache) -> None:
    cache.set_many({"big": 2**63 - 1, "float": 1.5})
    assert cache.batch().incr("big").incr("float", 2).execute() == [2**63, 3.5]


def test_an_error_is_the_result_of_its_call_alone(cache: djredis.Cache) -> None:
    cache.command("RPUSH", "list", "a", key_index=1)
    cache.set_raw("broken", b"\x80\x05broken")
    batch = cache.batch().get("list").incr("missing").get("broken").set("k", 1)
    found = batch.execute(raise_on_error=False)
    assert found is batch.results
    assert [type(answer) for answer in found] == [
        djredis.WrongTypeError, djredis.NotFoundError, djredis.DecodeError, bool,
    ]  # fmt: skip
    assert found[2].stored == b"\x80\x05broken"
    assert "broken" in str(found[2])
    with pytest.raises(djredis.NotFoundError, match="missing"), cache.batch() as batch:
        batch.incr("missing").incr("k")
    assert batch.results[1] == 2


def test_a_value_that_is_an_exception_is_no_failure(cache: djredis.Cache) -> None:
    (value,) = cache.batch().set("k", djredis.NotFoundError("cached")).get("k").execute()[1:]
    assert type(value) is djredis.NotFoundError
    assert str(value) == "cached"


def test_undecodable_values_as_misses(location: str) -> None:
    with djredis.Cache(location, decode_error="miss") as cache:
        cache.set_raw("broken", b"\x80\x05broken")
        assert cache.batch().get("broken", "default").execute() == ["default"]
        assert cache.stats()["decode_errors"] == 1


def test_what_can_not_be_sent_is_refused_at_once(cache: djredis.Cache) -> None:
    batch = cache.batch().set("good", 1)
    wrong: Any = "1"
    calls: list[tuple[type[Exception], Callable[[], Any]]] = [
        (djredis.EncodeError, lambda: batch.set("k", lambda: 1)),
        (djredis.ArgumentError, lambda: batch.get("\ud800")),
        (djredis.ArgumentError, lambda: batch.incr("k", 2**63)),
        (djredis.ArgumentError, lambda: batch.decr("k", -(2**63))),
        (djredis.ArgumentError, lambda: batch.get("k", version=2**63)),
        (djredis.ArgumentError, lambda: batch.touch("k", math.nan)),
        (TypeError, lambda: batch.touch("k", wrong)),
        (TypeError, lambda: batch.incr("k", wrong)),
    ]
    for refused, call in calls:
        with pytest.raises(refused):
            call()
    assert batch.execute() == [True]


def test_nx_with_xx_sends_nothing(cache: djredis.Cache) -> None:
    with pytest.raises(djredis.ArgumentError):
        cache.batch().set("good", 1).set("k", 1, nx=True, xx=True).execute()
    assert "good" not in cache


def test_nothing_at_all_and_again(cache: djredis.Cache) -> None:
    batch = cache.batch()
    assert batch.execute() == []
    assert batch.set("k", 1).execute() == [True]
    assert batch.get("k").execute() == [1]
    assert batch.execute() == batch.results == []


def test_an_exception_in_with_sends_nothing(cache: djredis.Cache) -> None:
    with pytest.raises(KeyError), cache.batch() as batch:
        batch.set("k", 1)
        raise KeyError
    assert "k" not in cache
    assert batch.results == []


def test_trouble(nobody: str, cache: djredis.Cache, caplog: pytest.LogCaptureFixture) -> None:
    with djredis.Cache(nobody) as away:
        batch = away.batch().set("k", 1)
        with pytest.raises(djredis.ConnectionError) as failed:
            batch.execute()
        assert failed.value.retryable
    with djredis.Cache(nobody, ignore_exceptions=True, log_ignored_exceptions=True) as away:
        batch = away.batch().get("k", 7).get_raw("k").set("k", 1).delete("k").incr("k").ttl("k").pttl("k").has_key("k")
        assert batch.execute() == [7, None, False, False, None, 0, 0, False]
    assert "IGNORE_EXCEPTIONS" in caplog.text
    cache.close()
    with pytest.raises(djredis.ClosedError):
        cache.batch().get("k").execute()


def test_a_server_that_stops_answering(location: str) -> None:
    with djredis.Cache(location, socket_timeout=0.2) as hasty, djredis.Cache(location) as cache:
        hasty.set("warm", 1)
        with cache.connection() as admin:
            admin.command("CLIENT", "PAUSE", 500, "ALL")
        with pytest.raises(djredis.TimeoutError) as failed:
            hasty.batch().set("k", 1).execute()
        assert not failed.value.retryable
        assert cache.get("warm") == 1


def test_threads_with_a_batch_each(cache: djredis.Cache) -> None:
    def work(n: int) -> None:
        for step in range(30):
            batch = cache.batch()
            for number in range(20):
                batch.set(f"{n}:{number}", (n, step, number)).get(f"{n}:{number}")
            assert batch.execute()[1::2] == [(n, step, number) for number in range(20)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


def test_in_the_memory_of_the_process() -> None:
    with djredis.Cache("memory:batch") as cache:
        assert cache.batch().set("k", [1]).get("k").incr("n").execute(raise_on_error=False)[:2] == [True, [1]]
