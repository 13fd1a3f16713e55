"""delete_pattern: 10,000 keys of 20,000, and how long the server could answer nobody else meanwhile."""

from __future__ import annotations

from typing import Any, Callable, Dict, Tuple

import redis

HALF = 10_000
WORKLOAD = "delete_pattern 10,000 of 20,000"
# It takes so much longer than the others.
FEWER_ROUNDS = 8
COMMANDS = (b"SCAN", b"UNLINK", b"DEL")


def delete_rounds(
    sides: Dict[str, Any], server: redis.Redis, measure: Callable[..., Any], rounds: int
) -> Tuple[Dict[str, list[Any]], Dict[str, float]]:
    """What each round cost, and the slowest command of each side in milliseconds. Django's own backend has no such method."""
    able = {name: side for name, side in sides.items() if hasattr(side, "delete_pattern")}
    found: Dict[str, list[Any]] = {name: [] for name in able}
    slowest = dict.fromkeys(able, 0.0)
    server.config_set("slowlog-log-slower-than", 0)
    server.config_set("slowlog-max-len", 100_000)
    sides["ours"].set_many({f"kept_{number}": number for number in range(HALF)})
    for _ in range(max(3, rounds // FEWER_ROUNDS)):
        for name, side in able.items():
            sides["ours"].set_many({f"doomed_{number}": number for number in range(HALF)})
            server.slowlog_reset()
            found[name].append(measure(lambda _: delete(side), 1))
            slowest[name] = max(slowest[name], slowest_command(server))
    server.config_set("slowlog-log-slower-than", -1)
    sides["ours"].delete_pattern("kept_*")
    return found, slowest


def delete(cache: Any) -> None:
    deleted = cache.delete_pattern("doomed_*")
    if deleted != HALF:
        raise SystemExit(f"patterns.py: {cache!r} deleted {deleted} keys, not {HALF}")


def slowest_command(server: redis.Redis) -> float:
    """In milliseconds."""
    entries = server.slowlog_get(100_000)
    return max(int(entry["duration"]) for entry in entries if entry["command"].split()[0] in COMMANDS) / 1000


def note(slowest: Dict[str, float]) -> str:
    times = ", ".join(f"{'libdjredis' if name == 'ours' else name} {ms:.1f} ms" for name, ms in slowest.items())
    return f"The longest that one command of delete_pattern kept the server from answering others: {times}."
