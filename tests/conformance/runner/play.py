"""Plays one case: its steps in order, some by the driver, some straight at the server."""

from __future__ import annotations

import json
import pickle
import time
from typing import Any, Callable, Optional, Sequence

from .cases import Case, expectation
from .driver import Driver
from .fake import FakeServer
from .layout import Layout
from .match import difference, fragments
from .notation import key_hex, plain, shorten
from .operations import request
from .resp import ReplyError
from .sent import SentCommands
from .server import AnyServer

Json = Any
WAIT_LIMIT = 15.0
WAIT_STEP = 0.01
# Operations that a near cache answers: they see what another client wrote as soon as the server has told.
READS = {"get", "get_raw", "get_many", "get_many_raw", "has_key", "batch"}
# Operations whose answers are replies of the server.
REPLIES = {"command", "conn_command", "pipeline", "receive"}


class Play:
    """The state of one case while it runs: its server, its fakes, the words that stand for them."""

    def __init__(self, case: Case, driver: Driver, layout: Layout, server: AnyServer) -> None:
        self._case = case
        self._driver = driver
        self._layout = layout
        self._server = server
        self._sent: Optional[SentCommands] = None
        self._fakes: list[FakeServer] = []
        self._words = {"location": layout.location(server), **server.words}

    def run(self) -> Optional[str]:
        """None if every step went as expected, else a sentence about the first that did not."""
        try:
            problem = self._run()
            self._driver.ask({"do": "reset"})
            return problem
        finally:
            if self._sent is not None:
                self._sent.stop()
            for fake in self._fakes:
                fake.stop()

    def _run(self) -> Optional[str]:
        steps = list(self._case.steps)
        watches = self._layout.program is not None and self._layout.is_watched and not self._layout.near
        if watches and any("sent" in step or "sent_counts" in step for step in steps):
            self._sent = SentCommands(self._server)
        if not any(step.get("do") == "open" and step.get("cache", "c") == "c" for step in steps):
            steps.insert(0, {"do": "open", "options": self._case.options, "expect": "OK"})
        for step in steps:
            problem = self._step(step)
            if problem:
                return f"{shorten(json.dumps(step, ensure_ascii=False))}: {problem}"
        return None

    def _step(self, step: Json) -> Optional[str]:
        kind = next(iter(step))
        steps: dict[str, Callable[[Json], Optional[str]]] = {
            "do": self._operation,
            "redis": self._redis,
            "wait": self._wait,
            "unpickles": self._unpickles,
            "fake": self._fake,
            "sent": self._check_sent,
            "sent_counts": self._check_sent,
        }
        return steps[kind](step)

    def _operation(self, step: Json) -> Optional[str]:
        message = request(step)
        if step["do"] == "open":
            message["location"] = self._fill(step.get("location", "${location}"))
            message["options"] = self._fill({**self._layout.options, **step.get("options", self._case.options)})
        expect = self._fill(expectation(step["expect"]))
        self._server.settle()
        deadline = time.monotonic() + WAIT_LIMIT
        while problem := self._judge(step["do"], expect, self._driver.ask(message)):
            if not self._layout.near or step["do"] not in READS or time.monotonic() > deadline:
                return problem
            time.sleep(WAIT_STEP)
        return None

    def _judge(self, operation: str, expect: Json, answer: Json) -> Optional[str]:
        description = self._driver.description
        for other in description.differences:
            if other.operation == operation and other.expected == expect["status"]:
                expect = expectation(other.answer)
        if operation in REPLIES and "status replies" in description.not_told and "value" in expect:
            expect = {**expect, "value": _as_reply(plain(expect["value"]))}
        status = answer.get("status")
        if status != expect["status"]:
            return f"expected {expect['status']}, got {shorten(json.dumps(answer))}"
        checks = {"value": _value, "message": _message, "not_message": _not_message, "stored": _same, "flags": _same}
        for name, check in checks.items():
            if name in expect and name not in description.not_told:
                problem = check(expect[name], answer.get(name))
                if problem:
                    return f"{name}: {problem}"
        return None

    def _redis(self, step: Json) -> Optional[str]:
        arguments = [_argument(self._fill(part)) for part in step["redis"]]
        reply = self._command(arguments)
        if "reply" not in step:
            return f"the server answered {reply['error']}" if "error" in reply else None
        return difference(_as_reply(plain(self._fill(step["reply"]))), reply)

    def _wait(self, step: Json) -> Optional[str]:
        deadline = time.monotonic() + WAIT_LIMIT
        raw = {"redis": step["wait"], "reply": step["reply"]}
        while problem := self._redis(raw):
            if time.monotonic() > deadline:
                return f"after {WAIT_LIMIT:.0f} s: {problem}"
            time.sleep(WAIT_STEP)
        return None

    def _check_sent(self, step: Json) -> Optional[str]:
        if self._sent is None:
            return None  # nothing is sent, or not each time
        return self._sent.check(step["sent"]) if "sent" in step else self._sent.check_counts(step["sent_counts"])

    def _unpickles(self, step: Json) -> Optional[str]:
        """Python's own pickle reads what stands in Redis."""
        stored = self._server.client.command("GET", step["unpickles"])
        try:
            found = repr(pickle.loads(stored))
        except Exception as error:  # pickle raises whatever the bytes make it raise
            found = f"{type(error).__name__}: {error}"
        known = step["as"] if isinstance(step["as"], list) else [step["as"]]
        return None if found in known else f"it unpickles as {found}, from {stored.hex()}"

    def _fake(self, step: Json) -> Optional[str]:
        replies = step["reply"] if isinstance(step["reply"], list) else [step["reply"]]
        fake = FakeServer([None if reply is None else bytes.fromhex(key_hex(reply)) for reply in replies])
        self._fakes.append(fake)
        self._words[step["fake"]] = str(fake.port)
        return None

    def _command(self, arguments: Sequence[bytes]) -> Json:
        try:
            return _from_reply(self._server.client.command(*arguments))
        except ReplyError as error:
            return _from_reply(error)

    def _fill(self, value: Json) -> Json:
        """Puts this run's locations in the place of ${words}, in every text of a value."""
        if isinstance(value, str):
            for name, text in self._words.items():
                value = value.replace("${" + name + "}", text)
            return value
        if isinstance(value, list):
            return [self._fill(item) for item in value]
        if isinstance(value, dict):
            return {name: self._fill(item) for name, item in value.items()}
        return value


def _value(expected: Json, actual: Json) -> Optional[str]:
    return difference(plain(expected), actual)


def _message(expected: list[str], actual: Optional[str]) -> Optional[str]:
    return fragments(expected, actual or "")


def _not_message(unwanted: list[str], actual: Optional[str]) -> Optional[str]:
    found = [fragment for fragment in unwanted if fragment in (actual or "")]
    return f"{found} must not stand in {actual!r}" if found else None


def _same(expected: Json, actual: Json) -> Optional[str]:
    return None if expected == actual else f"expected {expected!r}, got {actual!r}"


def _argument(part: Json) -> bytes:
    return str(part).encode() if isinstance(part, int) else bytes.fromhex(key_hex(part))


def _from_reply(reply: Any) -> Json:
    """A reply of the runner's own client as a plain value; strings are bytes here."""
    if isinstance(reply, ReplyError):
        return {"error": "reply", "message": str(reply)}
    if isinstance(reply, bytes):
        return {"bytes": reply.hex()}
    if isinstance(reply, list):
        return {"list": [_from_reply(item) for item in reply]}
    return plain(reply)


def _as_reply(expected: Json) -> Json:
    """An expected reply, with its texts as the bytes that a server sends."""
    if "utf8" in expected:
        return {"bytes": expected["utf8"]}
    for kind in ("list", "items", "unordered"):
        if kind in expected:
            return {kind: [_as_reply(item) for item in expected[kind]]}
    return expected
