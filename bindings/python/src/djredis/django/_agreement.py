"""What migrate_check tries with two caches."""

from __future__ import annotations

import datetime
import decimal
import pickle
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Callable

from django.core.exceptions import ImproperlyConfigured
from django.utils.safestring import SafeString

import djredis

from ._ignore import AWAY
from .backend import RedisCache

_MISSING = object()
#: Probes expire by themselves if this process is killed.
_LIFE = 60
#: How many keys of one kind of trouble are named.
_SHOWN = 5

VALUES: dict[str, Any] = {
    "text": "Zoë's 猫",
    "empty text": "",
    "digits as text": "42",
    "bytes": b"\x00\xff",
    "zero": 0,
    "integer": 42,
    "negative integer": -7,
    "big integer": 10**30,
    "true": True,
    "false": False,
    "none": None,
    "float": 1.5,
    "infinity": float("inf"),
    "list": [1, "two", 3.0, None, [True]],
    "tuple": (1, ("a", b"b")),
    "dict": {"id": 1, "tags": ["a"], "nested": {"x": None}},
    "dict with integers as keys": {1: "a"},
    "set": {"a"},
    "datetime": datetime.datetime(2013, 6, 6, 17, 5, 58, 123456),
    "datetime with a zone": datetime.datetime(2013, 6, 6, 17, 5, tzinfo=datetime.timezone.utc),
    "date": datetime.date(2013, 6, 6),
    "timedelta": datetime.timedelta(days=1, microseconds=3),
    "decimal": decimal.Decimal("1.10"),
    "uuid": uuid.UUID(int=7),
    "safe text": SafeString("<b>"),
    "long text": "all work and no play " * 300,
    "long list": list(range(1000)),
}


@dataclass
class Report:
    """What was found; it is printed as it comes."""

    differences: list[str] = field(default_factory=list)

    def tried(self, sentence: str) -> None:
        """Something was tried, and the two agree."""
        print(f"  same    {sentence}")

    def differ(self, sentence: str) -> None:
        """The two don't agree."""
        self.differences.append(sentence)
        print(f"  DIFFER  {sentence}")

    def note(self, sentence: str) -> None:
        """What is worth to know, and does not hinder."""
        print(f"  note    {sentence}")


class Agreement:
    """Two caches on one Redis."""

    def __init__(self, old: str, new: str, old_cache: Any, new_cache: Any, report: Report) -> None:
        if not isinstance(new_cache, RedisCache):
            kind = type(new_cache)
            raise ImproperlyConfigured(
                f"the cache {new!r} is a {kind.__module__}.{kind.__qualname__}: the new backend is "
                "djredis.django.RedisCache or redis_cache.cache.RedisCache"
            )
        self.old, self.new = (old, old_cache), (new, new_cache)
        self.report = report
        self._probe = f"djredis-migrate-check-{uuid.uuid4().hex}"
        self._names: set[str] = set()

    def _key(self, name: str) -> str:
        key = f"{self._probe}-{name.replace(' ', '-')}"
        self._names.add(key)
        return key

    def _ways(self) -> Iterator[tuple[tuple[str, Any], tuple[str, Any]]]:
        yield self.old, self.new
        yield self.new, self.old

    def clean(self) -> None:
        """Removes the probes."""
        cache = self.new[1]
        for version in (None, 2):
            cache.delete_many(sorted(self._names), version=version)

    def attempt(self, step: Callable[[], None]) -> None:
        """Takes a step; where one of the caches fails in it, they don't agree."""
        try:
            step()
        except (*AWAY, ImproperlyConfigured):
            raise
        except Exception as error:
            self.report.differ(f"{step.__name__}: {type(error).__name__}: {self._without_probe(error)}")

    def _without_probe(self, error: Exception) -> str:
        return str(error).replace(self._probe, "probe")

    def same_redis(self) -> bool:
        """Whether each sees the other's keys at all."""
        for (writer, written), (reader, read) in self._ways():
            key = self._key(f"seen-by-{reader}")
            written.set(key, 1, _LIFE)
            if written.get(key) != 1:
                raise djredis.ConnectionError(
                    f"the cache {writer!r} does not keep what it is given: is its server there, and are errors ignored?"
                )
            if read.get(key) != 1:
                self.report.differ(
                    f"{reader!r} does not see what {writer!r} stores: compare LOCATION, its database, KEY_PREFIX, "
                    f"VERSION and KEY_FUNCTION; of 'k' {writer!r} makes {written.make_key('k')!r} and {reader!r} "
                    f"{read.make_key('k')!r}"
                )
                return False
        self.report.tried("both are on one Redis and see each other's keys")
        return True

    def same_keys(self) -> None:
        """Keys as they stand in Redis."""
        names = ("k", "a:b:c", "with blank", "ü", "{tag}x", "k" * 300)
        for name in names:
            for version in (None, 2):
                made = [str(cache.make_key(name, version=version)) for _, cache in (self.old, self.new)]
                if made[0] != made[1]:
                    self.report.differ(f"the key {name!r} is {made[0]!r} for the old and {made[1]!r} for the new")
                    return
        key = self._key("version")
        for (writer, written), (_, read) in self._ways():
            written.set(key, writer, _LIFE, version=2)
            if (read.get(key, version=2), read.get(key)) != (writer, None):
                self.report.differ(f"versions: what {writer!r} stores with version=2 is not there alone for the other")
                return
        self.report.tried(f"keys: {len(names)} of them, with and without a version")

    def values(self) -> None:
        """Values that one writes and the other reads, of the kinds that the old one keeps."""
        kinds = {name: value for name, value in VALUES.items() if self._keeps(self.old[1], name, value)}
        if len(kinds) < len(VALUES):
            lost = ", ".join(name for name in VALUES if name not in kinds)
            self.report.note(f"{self.old[0]!r} can't keep, and so nobody stores: {lost}")
        for (writer, written), (reader, read) in self._ways():
            alike = 0
            for name, value in kinds.items():
                if self._keeps(written, name, value):
                    alike += self._compare(f"{name}, stored by {writer!r}", self._key(name), written, read)
                else:
                    self.report.differ(f"{name}: {writer!r} can't keep it")
            self.report.tried(f"values: {alike} of {len(kinds)} kinds that {writer!r} stores and {reader!r} reads")

    def _keeps(self, cache: Any, name: str, value: Any) -> bool:
        key = self._key(name)
        try:
            cache.set(key, value, _LIFE)
            cache.get(key)
        except AWAY:
            raise
        except Exception:
            return False
        return True

    def _compare(self, what: str, key: str, one: Any, other: Any) -> bool:
        found, seen = _answer(one, key), _answer(other, key)
        if same(found, seen):
            return True
        self.report.differ(f"{what}: read as {_shown(found)} by itself and as {_shown(seen)} by the other")
        return False

    def many(self) -> None:
        """set_many, get_many, add, delete and delete_many on each other's keys."""
        one, two, three = (self._key(f"many-{number}") for number in (1, 2, 3))
        for (writer, written), (_, read) in self._ways():
            written.set_many({one: [1], two: 2}, _LIFE)
            problem = None
            if read.get_many([one, two, three]) != {one: [1], two: 2}:
                problem = "get_many does not find what set_many stored"
            elif read.add(one, "other", _LIFE) or read.get(one) != [1]:
                problem = "add does not see the key that is there"
            elif not read.touch(one, _LIFE) or not read.delete(one) or one in written:
                problem = "touch and delete don't reach it"
            read.delete_many([one, two])
            if problem is None and written.get_many([one, two]):
                problem = "delete_many leaves keys"
            if problem is not None:
                self.report.differ(f"what {writer!r} stores, used by the other: {problem}")
                return
        self.report.tried("set_many, get_many, add, touch, delete, delete_many on each other's keys")

    def integers(self) -> None:
        """Counters that both count."""
        key = self._key("counter")
        for (writer, written), (_, read) in self._ways():
            written.set(key, 10, _LIFE)
            counted = [read.incr(key), written.incr(key, 5), read.decr(key), written.get(key), read.get(key)]
            if counted != [11, 16, 15, 15, 15]:
                self.report.differ(f"a counter that {writer!r} began counts {counted}, not [11, 16, 15, 15, 15]")
                return
        self.report.tried("integers: incr and decr by both on one key")

    def misses(self) -> None:
        """Keys that are not there, and a None that is."""
        key, none = self._key("missing"), self._key("stored-none")
        answers = [
            (cache.get(key), cache.get(key, "D"), key in cache, cache.get_many([key]), _raised(cache.incr, key))
            for _, cache in (self.old, self.new)
        ]
        if answers[0] != answers[1]:
            self.report.differ(f"a missing key: {answers[0]} for the old, {answers[1]} for the new")
            return
        for (_, written), (_, read) in self._ways():
            written.set(none, None, _LIFE)
            if written.get(none, "D") != read.get(none, "D") or none not in read:
                self.report.differ("a stored None is not the same for both")
                return
        self.report.tried("misses: defaults, in, incr of a missing key, a stored None")

    def timeouts(self) -> None:
        """How long values live that each of them stores."""
        before = len(self.report.differences)
        ends: dict[str, list[str]] = {}
        for given in (100, None, 0, -1, 1.9):
            for alias, cache in (self.old, self.new):
                key = self._key(f"timeout-{given}")
                cache.delete(key)
                cache.set(key, "v", given)
                ends.setdefault(str(given), []).append(self._life(key))
                self.new[1].delete(key)
            if ends[str(given)][0] != ends[str(given)][1]:
                life = " and ".join(
                    f"{text} by {alias!r}" for text, (alias, _) in zip(ends[str(given)], (self.old, self.new))
                )
                say = self.report.note if given == 1.9 else self.report.differ
                say(f"timeout={given}: {life}")
        if before == len(self.report.differences):
            self.report.tried("timeouts: whole seconds, None, 0 and below")

    def _life(self, key: str) -> str:
        left = self.new[1].pttl(key)
        if left is None:
            return "kept for ever"
        return f"kept {round(left / 1000, 1):g} s" if left else "removed at once"

    def returns(self) -> None:
        """What methods return, which programs may look at."""
        key = self._key("returns")
        asked: dict[str, Callable[[Any], Any]] = {
            "set": lambda cache: cache.set(key, 1, _LIFE),
            "set_many": lambda cache: cache.set_many({key: 1}, _LIFE),
            "delete": lambda cache: (cache.set(key, 1, _LIFE), cache.delete(key))[1],
            "delete_many": lambda cache: (cache.set(key, 1, _LIFE), cache.delete_many([key]))[1],
        }
        for name, ask in asked.items():
            old, new = (ask(cache) for _, cache in (self.old, self.new))
            if not same(old, new):
                self.report.note(f"{name} returns {old!r} with the old and {new!r} with the new; see the option COMPAT")

    def live(self, sample: int, match: str) -> None:
        """Keys that are there, read by both."""
        tried = unreadable = 0
        different: list[str] = []
        for key in self._live_keys(sample, match):
            found, seen = self._both(key)
            if not same(found, seen):
                # It may have changed or gone in between.
                found, seen = self._both(key)
            tried += 1
            if not same(found, seen):
                different.append(f"{key!r} is {_shown(found)} for the old and {_shown(seen)} for the new")
            elif isinstance(found, Exception):
                unreadable += 1
        for sentence in different[:_SHOWN]:
            self.report.differ(f"a live key: {sentence}")
        if len(different) > _SHOWN:
            self.report.differ(f"live keys: {len(different) - _SHOWN} more")
        self.report.tried(f"live keys: {tried - len(different)} of {tried} read the same")
        if unreadable:
            self.report.note(f"{unreadable} of the live keys are no values of a cache, for both")

    def _both(self, key: str) -> tuple[Any, Any]:
        """What the two answer for a live key."""
        found, seen = (_answer(cache, key) for _, cache in (self.old, self.new))
        if found is _MISSING and isinstance(seen, djredis.WrongTypeError):
            # A set, say: django-redis with IGNORE_EXCEPTIONS hides that it can't be read.
            found = seen
        return found, seen

    def _live_keys(self, sample: int, match: str) -> Iterator[str]:
        count = 0
        for key in self.new[1].iter_keys(match):
            if count >= sample:
                return
            if not key.startswith("djredis-migrate-check-"):
                count += 1
                yield key


def same(one: Any, other: Any) -> bool:
    """Whether two answers are the same, down to the types. Two failures are."""
    if isinstance(one, Exception) or isinstance(other, Exception):
        return isinstance(one, Exception) and isinstance(other, Exception)
    if type(one) is not type(other):
        return False
    try:
        if one == other and repr(one) == repr(other):
            return True
        # Objects without an == of their own, and sets in another order.
        return pickle.dumps(one) == pickle.dumps(other) or isinstance(one, (set, frozenset)) and bool(one == other)
    except Exception:
        return False


def _answer(cache: Any, key: str) -> Any:
    try:
        return cache.get(key, _MISSING)
    except Exception as error:
        return error


def _raised(function: Callable[..., Any], *arguments: Any) -> str:
    try:
        return repr(function(*arguments))
    except ValueError:
        return "ValueError"


def _shown(value: Any) -> str:
    """What a report says of a value: its type, and no content that could be anyone's secret."""
    if value is _MISSING:
        return "missing"
    if isinstance(value, Exception):
        return f"an error ({type(value).__name__})"
    return f"a {type(value).__name__}"
