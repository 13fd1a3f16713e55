"""Random calls of Django's cache API, and what each must answer."""

from __future__ import annotations

import datetime
import random
import uuid
from decimal import Decimal
from typing import Any, Callable

KEYS = [f"key-{number}-é" for number in range(60)]
VERSIONS = (1, 2, 3)
#: What backends agree on: INCRBY takes 64 bits.
LARGEST = 2**62

Call = tuple[str, tuple[Any, ...], dict[str, Any]]


class Model:
    """What stands in the cache, and the calls that a random number generator makes of it.

    A call comes with its answer, or with `ANY` where Django and django-redis have different ones.
    """

    ANY = object()

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._stored: dict[tuple[str, int], Any] = {}
        self._calls: list[Callable[[], tuple[Call, Any]]] = [
            self.get, self.get, self.get_many, self.set, self.set, self.set_many, self.add, self.delete, self.delete_many,
            self.has_key, self.touch, self.incr, self.incr, self.incr_version, self.get_or_set,
        ]  # fmt: skip

    def next(self) -> tuple[Call, Any]:
        return self._random.choice(self._calls)()

    def get(self) -> tuple[Call, Any]:
        key, version = self._place()
        return ("get", (key, "nothing"), {"version": version}), self._stored.get((key, version), "nothing")

    def get_many(self) -> tuple[Call, Any]:
        keys, version = self._random.sample(KEYS, 8), self._version()
        found = {key: self._stored[key, version] for key in keys if (key, version) in self._stored}
        return ("get_many", (keys,), {"version": version}), found

    def set(self) -> tuple[Call, Any]:
        (key, version), value = self._place(), self._value()
        self._stored[key, version] = value
        return ("set", (key, value), {"version": version, "timeout": self._timeout()}), self.ANY

    def set_many(self) -> tuple[Call, Any]:
        values, version = {key: self._value() for key in self._random.sample(KEYS, 5)}, self._version()
        self._stored.update({(key, version): value for key, value in values.items()})
        return ("set_many", (values,), {"version": version, "timeout": self._timeout()}), self.ANY

    def add(self) -> tuple[Call, Any]:
        (key, version), value = self._place(), self._value()
        absent = (key, version) not in self._stored
        self._stored.setdefault((key, version), value)
        return ("add", (key, value), {"version": version}), absent

    def get_or_set(self) -> tuple[Call, Any]:
        (key, version), value = self._place(), self._value()
        # To Django a stored None is none at all here.
        if self._stored.get((key, version), "") is None:
            return self.get()
        return ("get_or_set", (key, value), {"version": version}), self._stored.setdefault((key, version), value)

    def delete(self) -> tuple[Call, Any]:
        key, version = self._place()
        there = self._stored.pop((key, version), self.ANY) is not self.ANY
        return ("delete", (key,), {"version": version}), there

    def delete_many(self) -> tuple[Call, Any]:
        keys, version = self._random.sample(KEYS, 3), self._version()
        for key in keys:
            self._stored.pop((key, version), None)
        return ("delete_many", (keys,), {"version": version}), self.ANY

    def has_key(self) -> tuple[Call, Any]:
        key, version = self._place()
        return ("has_key", (key,), {"version": version}), (key, version) in self._stored

    def touch(self) -> tuple[Call, Any]:
        key, version = self._place()  # without a time the others answer False where the key had none
        return ("touch", (key, 3600), {"version": version}), (key, version) in self._stored

    def incr(self) -> tuple[Call, Any]:
        key, version = self._place()
        old, delta = self._stored.get((key, version)), self._random.randint(-1000, 1000)
        if (key, version) not in self._stored:
            return ("incr", (key, delta), {"version": version}), ValueError
        if type(old) is not int or abs(old) > LARGEST:
            return self.get()
        self._stored[key, version] = old + delta
        return ("incr", (key, delta), {"version": version}), old + delta

    def incr_version(self) -> tuple[Call, Any]:
        key, version = self._random.choice(KEYS), self._random.choice(VERSIONS[:-1])
        if self._stored.get((key, version), "") is None:  # django-redis takes it for a missing key
            return self.get()
        if (key, version) not in self._stored:
            return ("incr_version", (key,), {"version": version}), ValueError
        self._stored[key, version + 1] = self._stored.pop((key, version))
        return ("incr_version", (key,), {"version": version}), version + 1

    def _place(self) -> tuple[str, int]:
        return self._random.choice(KEYS), self._version()

    def _version(self) -> int:
        return self._random.choice(VERSIONS)

    def _timeout(self) -> int | None:
        return self._random.choice([None, 3600])

    def _value(self, depth: int = 2) -> Any:
        pick = self._random
        makers: list[Callable[[], Any]] = [
            lambda: pick.randint(-(2**40), 2**40),
            lambda: pick.choice([0, -1, 2**63 - 1, -(2**63), 10**30]),
            lambda: pick.choice([None, True, False, "", b"", "12", " 12", b"7"]),
            lambda: pick.uniform(-1e9, 1e9),
            lambda: "".join(pick.choices("abc é€😀\x00", k=pick.randint(0, 40))),
            lambda: pick.randbytes(pick.randint(0, 200)),
            lambda: datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(pick.random() * 1000),
            lambda: Decimal(pick.randint(0, 10**6)) / 100,
            lambda: uuid.UUID(int=pick.getrandbits(128)),
        ]
        if depth:
            inner = [
                lambda: [self._value(depth - 1) for _ in range(pick.randint(0, 4))],
                lambda: tuple(self._value(depth - 1) for _ in range(pick.randint(0, 3))),
                lambda: {f"field {n}": self._value(depth - 1) for n in range(pick.randint(0, 4))},
                lambda: {pick.randint(0, 99) for _ in range(pick.randint(0, 5))},
            ]
            makers += inner
        return pick.choice(makers)()
