"""The conformance driver for Python: one step in, one result out. See ../README.md."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any, Callable, Optional

import batch
import djredis
import stress
import whole
from step import MISSING, error, error_item, ok, timeout_of, version_of, writing, yes_or_no
from values import key_of, plain, value_of

Json = Any

caches: dict[str, djredis.Cache] = {}
connections: dict[str, djredis.Connection] = {}


def do_open(step: Json) -> Json:
    caches[step["cache"]] = djredis.Cache(step["location"], **step["options"])
    return ok()


def do_reset(_: Json) -> Json:
    connections.clear()
    # One that a traceback still holds would lend its connections to the next case, such as those that a server has closed.
    for cache in caches.values():
        cache.close()
    caches.clear()
    return ok()


def do_get(cache: djredis.Cache, step: Json) -> Json:
    value = cache.get(key_of(step["key"]), MISSING, version_of(step))
    return {"status": "MISS"} if value is MISSING else ok(plain(value))


def do_set(cache: djredis.Cache, step: Json) -> Json:
    return yes_or_no(cache.set(key_of(step["key"]), value_of(step["value"]), **writing(step)))


def do_add(cache: djredis.Cache, step: Json) -> Json:
    return yes_or_no(cache.add(key_of(step["key"]), value_of(step["value"]), **writing(step)))


def do_get_raw(cache: djredis.Cache, step: Json) -> Json:
    data = cache.get_raw(key_of(step["key"]), MISSING, version_of(step))
    return {"status": "MISS"} if data is MISSING else ok(plain(data))


def do_set_raw(cache: djredis.Cache, step: Json) -> Json:
    return yes_or_no(cache.set_raw(key_of(step["key"]), bytes.fromhex(step["data"]), **writing(step)))


def do_move(cache: djredis.Cache, step: Json) -> Json:
    cache.move(key_of(step["key"]), key_of(step["to"]), version_of(step))
    return ok()


def do_ttl(cache: djredis.Cache, step: Json) -> Json:
    left = cache.pttl(key_of(step["key"]), version_of(step))
    return {"status": "MISS"} if left == 0 else ok(plain(left))


def counted(number: Any) -> Json:
    """incr answers None only where IGNORE_EXCEPTIONS covers a failure; the error goes to the log alone."""
    return {"status": "IGNORED"} if number is None else ok(plain(number))


def do_incr(cache: djredis.Cache, step: Json) -> Json:
    return counted(cache.incr(key_of(step["key"]), int(step.get("delta", 1)), version_of(step)))


def do_incr_version(cache: djredis.Cache, step: Json) -> Json:
    return counted(cache.incr_version(key_of(step["key"]), int(step.get("delta", 1)), version_of(step)))


def do_get_many(cache: djredis.Cache, step: Json) -> Json:
    keys = [key_of(key) for key in step["keys"]]
    failed: Optional[djredis.Error] = None
    try:
        found = cache.get_many(keys, version_of(step))
    except djredis.DecodeError as problem:
        failed, found = problem, dict(problem.found)
    return ok({"items": [item_of(key, found, failed) for key in keys]})


def item_of(key: Any, found: Any, failed: Optional[djredis.Error]) -> Json:
    if key in found:
        return plain(found[key])
    if failed is not None and str(key) in str(failed):
        return error_item(failed)
    return {"missing": True}


def do_set_many(cache: djredis.Cache, step: Json) -> Json:
    mapping = {key_of(key): value_of(value) for key, value in step["items"]}
    failed = cache.set_many(mapping, **writing(step))
    return ok({"items": [{"error": "?"} if key in failed else {"none": True} for key in mapping]})


def do_delete_many(cache: djredis.Cache, step: Json) -> Json:
    return ok(plain(cache.delete_many([key_of(key) for key in step["keys"]], version_of(step))))


def key_item(key: str) -> Json:
    """A key that is no UTF-8 has surrogates; the other languages have bytes."""
    data = key.encode("utf-8", "surrogateescape")
    try:
        return {"utf8": data.decode("utf-8").encode().hex()}
    except UnicodeDecodeError:
        return {"bytes": data.hex()}


def itersize_of(step: Json) -> Optional[int]:
    return int(step["itersize"]) if "itersize" in step else None


def do_keys(cache: djredis.Cache, step: Json) -> Json:
    found = cache.keys(key_of(step["pattern"]), version_of(step), itersize_of(step))
    return ok({"items": [key_item(key) for key in found]})


def do_scan(cache: djredis.Cache, step: Json) -> Json:
    found = cache.iter_keys(key_of(step["pattern"]), itersize_of(step), version_of(step))
    return ok({"items": [key_item(key) for key in found]})


def do_delete_pattern(cache: djredis.Cache, step: Json) -> Json:
    return ok(plain(cache.delete_pattern(key_of(step["pattern"]), itersize_of(step), version_of(step))))


def do_make_key(cache: djredis.Cache, step: Json) -> Json:
    made = cache.make_key(key_of(step["key"]), version_of(step))
    return ok({"bytes": made.encode("utf-8", "surrogateescape").hex()})


def do_server_for(cache: djredis.Cache, step: Json) -> Json:
    return ok(plain(cache.server_for(key_of(step["key"]), version_of(step))))


def lock_of(cache: djredis.Cache, step: Json) -> djredis.Lock:
    token = bytes.fromhex(step["token"])
    return cache.lock(key_of(step["key"]), timeout_of(step), blocking=False, token=token, version=version_of(step))


def ours(act: Callable[[], Any]) -> Json:
    """What is done with a lock that may belong to somebody else."""
    try:
        act()
    except djredis.LockError:
        return yes_or_no(False)
    return yes_or_no(True)


def do_extend(cache: djredis.Cache, step: Json) -> Json:
    lock = lock_of(cache, {**step, "timeout": 1})
    return ours(lambda: lock.extend(timeout_of(step), replace_ttl=True))


def do_command(cache: djredis.Cache, step: Json) -> Json:
    index = int(step["key_index"]) if "key_index" in step else None
    return ok(plain(cache.command(*arguments(step["args"]), key_index=index, version=version_of(step))))


def arguments(args: Json) -> list[bytes]:
    return [bytes.fromhex(argument) for argument in args]


def do_acquire(cache: djredis.Cache, step: Json) -> Json:
    connections[step["conn"]] = cache.connection()
    return ok()


def do_pipeline(connection: djredis.Connection, step: Json) -> Json:
    replies = connection.pipeline([arguments(command) for command in step["commands"]], multi=bool(step.get("flags")))
    return {"status": "MISS"} if replies is None else ok({"items": [reply_item(reply) for reply in replies]})


def reply_item(reply: Any) -> Json:
    if isinstance(reply, djredis.Error):
        return error_item(reply)
    return plain(reply)


def do_receive(connection: djredis.Connection, step: Json) -> Json:
    timeout = int(step["deadline_ms"]) / 1000 if "deadline_ms" in step else djredis.DEFAULT
    reply = connection.receive(timeout, MISSING)
    return {"status": "MISS"} if reply is MISSING else ok(plain(reply))


def do_send(connection: djredis.Connection, step: Json) -> Json:
    connection.send(*arguments(step["args"]))
    return ok()


def do_release(connection: djredis.Connection, step: Json) -> Json:
    connections.pop(step["conn"]).release()
    return ok()


def do_close(cache: djredis.Cache, _: Json) -> Json:
    cache.close()
    return ok()


OPERATIONS: dict[str, Callable[[djredis.Cache, Json], Json]] = {
    "get": do_get,
    "set": do_set,
    "add": do_add,
    "delete": lambda cache, step: yes_or_no(cache.delete(key_of(step["key"]), version_of(step))),
    "has_key": lambda cache, step: yes_or_no(cache.has_key(key_of(step["key"]), version_of(step))),
    "touch": lambda cache, step: yes_or_no(cache.touch(key_of(step["key"]), timeout_of(step), version_of(step))),
    "ttl": do_ttl,
    "get_raw": do_get_raw,
    "set_raw": do_set_raw,
    "move": do_move,
    "incr": do_incr,
    "incr_version": do_incr_version,
    "get_many": do_get_many,
    "set_many": do_set_many,
    "delete_many": do_delete_many,
    "clear": lambda cache, step: yes_or_no(cache.clear()),
    "keys": do_keys,
    "scan": do_scan,
    "delete_pattern": do_delete_pattern,
    "make_key": do_make_key,
    "server_for": do_server_for,
    "batch": batch.play,
    "option": lambda cache, step: ok(plain(cache.option(step["name"]))),
    "stats": lambda cache, step: ok(plain(cache.stats())),
    "close": do_close,
    "lock": lambda cache, step: yes_or_no(lock_of(cache, step).acquire()),
    "extend": do_extend,
    "unlock": lambda cache, step: ours(lock_of(cache, step).release),
    "command": do_command,
    "acquire": do_acquire,
}

ON_CONNECTIONS: dict[str, Callable[[djredis.Connection, Json], Json]] = {
    "conn_command": lambda connection, step: ok(plain(connection.command(*arguments(step["args"])))),
    "pipeline": do_pipeline,
    "send": do_send,
    "receive": do_receive,
    "release": do_release,
}


def answer(step: Json) -> Json:
    try:
        if step["do"] == "open":
            return do_open(step)
        if step["do"] == "reset":
            return do_reset(step)
        if step["do"] in ON_CONNECTIONS:
            return ON_CONNECTIONS[step["do"]](connections[step["conn"]], step)
        cache = caches[step["cache"]]
        if "KEY_MADE" in step.get("flags", []):
            return whole.answer(cache, step)
        return OPERATIONS[step["do"]](cache, step)
    except djredis.Error as failed:
        return error(failed)


def main() -> None:
    # Warnings about values that the cases make unreadable on purpose.
    logging.getLogger("djredis").addHandler(logging.NullHandler())
    if "DJREDIS_STRESS" in os.environ:
        stress.begin()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


main()
