"""A fleet on one Redis, each process with another backend: whatever one writes, all read as they should.

FLEET_CALLS: how many; FLEET_SEED: another run.
"""

from __future__ import annotations

import os
import pickle
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "conformance"))

from model import Call, Model  # noqa: E402
from runner.server import Server  # noqa: E402

BACKENDS = ["djredis.django.RedisCache", "django_redis.cache.RedisCache", "django.core.cache.backends.redis.RedisCache"]
CALLS = int(os.environ.get("FLEET_CALLS", "50000"))
SEED = int(os.environ.get("FLEET_SEED", "1"))


class Member:
    def __init__(self, backend: str, socket: str) -> None:
        names = {**os.environ, "PYTHONPATH": str(ROOT / "bindings" / "python" / "src")}
        command = [sys.executable, str(HERE / "member.py"), backend, socket]
        self.backend = backend
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=names)

    def ask(self, call: Call) -> Any:
        assert self._process.stdin and self._process.stdout
        pickle.dump(call, self._process.stdin)
        self._process.stdin.flush()
        return pickle.load(self._process.stdout)

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def fleet() -> Iterator[list[Member]]:
    server = Server("redis-server")
    members = [Member(backend, server.path) for backend in BACKENDS]
    yield members
    for member in members:
        member.stop()
    server.stop()


def test_every_read_is_what_was_written(fleet: list[Member]) -> None:
    model, pick = Model(SEED), random.Random(SEED)
    reads = 0
    for number in range(CALLS):
        call, expected = model.next()
        member = pick.choice(fleet)
        answer = member.ask(call)
        if expected is not model.ANY:
            reads += 1
            where = f"call {number} of FLEET_SEED={SEED}, by {member.backend}: {call}"
            assert (answer, type(answer)) == (expected, type(expected)), where
    assert reads > CALLS / 2
