"""A driver: a program that takes one step as a line of JSON and answers with one line of JSON."""

from __future__ import annotations

import json
import os
import pathlib
import selectors
import subprocess
from typing import Any, NamedTuple, Optional, Sequence

Json = Any
ANSWER_TIMEOUT = 60.0


class DriverDied(Exception):
    """The program ended, hung or answered with something that is no JSON."""


class Difference(NamedTuple):
    """Where a language can't tell what the ABI tells: what stands in for an expected status of one operation."""

    operation: str
    expected: str
    answer: Json


class Description(NamedTuple):
    """drivers/NAME.json: how to build and start a driver, what it skips and what it can't tell, each with a reason."""

    name: str
    build: Sequence[Sequence[str]]
    command: Sequence[str]
    environment: dict[str, str]
    # What it can't do, by the names of needs.py: cases that need it are skipped.
    lacks: dict[str, str]
    # Single cases that are skipped.
    skips: dict[str, str]
    # Fields of an answer that it can't fill.
    not_told: dict[str, str]
    differences: Sequence[Difference]


def _content(path: pathlib.Path) -> Json:
    """What a file says; "like" names another one, whose entries hold where it has none."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if "like" not in content:
        return content
    base = _content(path.with_name(f"{content['like']}.json"))
    return {**base, **content, "environment": {**base["environment"], **content.get("environment", {})}}


def describe(path: pathlib.Path, variables: dict[str, str]) -> Description:
    content = _content(path)

    def fill(text: str) -> str:
        for name, value in variables.items():
            text = text.replace("${" + name + "}", value)
        return text

    return Description(
        path.stem,
        [[fill(part) for part in command] for command in content.get("build", [])],
        [fill(part) for part in content["command"]],
        {name: fill(value) for name, value in content.get("environment", {}).items()},
        content["lacks"],
        content["skips"],
        content["not_told"],
        [Difference(d["do"], d["expected"], d["answer"]) for d in content["differences"]],
    )


class Driver:
    """The running program. After DriverDied the next request starts it again."""

    def __init__(self, description: Description, root: pathlib.Path) -> None:
        self.description = description
        self._root = root
        self._process: Optional[subprocess.Popen[bytes]] = None

    def build(self) -> None:
        for command in self.description.build:
            subprocess.run(command, cwd=self._root, check=True)

    def ask(self, message: Json) -> Json:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
        except OSError as error:
            raise self._died(f"it does not read ({error})") from error
        line = self._line(process)
        try:
            return json.loads(line)
        except ValueError as error:
            raise self._died(f"answered {line[:200]!r}") from error

    def stop(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(ANSWER_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                self.description.command,
                cwd=self._root,
                env={**os.environ, **self.description.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._process

    def _line(self, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(ANSWER_TIMEOUT):
                raise self._died(f"no answer in {ANSWER_TIMEOUT:.0f} s")
        line = process.stdout.readline()
        if not line:
            raise self._died("it ended")
        return line

    def _died(self, why: str) -> DriverDied:
        process = self._process
        assert process is not None
        self._process = None
        process.kill()
        return DriverDied(f"the {self.description.name} driver: {why}; exit status {process.wait()}")
