"""How long a program takes from its start to its end, if all it does is get one text: the time of the library's import, its first
connection and its first call. The programs are those of benches/start and benches/go/start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Callable, Iterator, NamedTuple

from programs import BENCHES, LIBRARIES, ROOT, environment, run
from results import Language, Result
from targets import NOTHING

OURS, PEER = "ours", "another client"
SIDES = (OURS, PEER, NOTHING)
WARM_UP = 2

# What starts a program, by side.
Commands = dict[str, "list[str | Path]"]


class Cost(NamedTuple):
    """Microseconds."""

    wall: float
    cpu: float


def build(folder: Path) -> dict[str, Commands]:
    python: list[str | Path] = [sys.executable, BENCHES / "start/start.py"]
    ruby: list[str | Path] = ["ruby", f"-I{ROOT / 'bindings/ruby/lib'}", BENCHES / "start/start.rb"]
    return {
        "C": {side: [build_c(folder, side)] for side in SIDES},
        "Python": {side: [*python, "python", word(side)] for side in SIDES},
        "Django": {side: [*python, "django", word(side)] for side in SIDES},
        "Ruby": {side: [*ruby, word(side)] for side in SIDES},
        "Go": {side: [build_go(folder, side)] for side in SIDES},
    }


def word(side: str) -> str:
    """As the programs call it."""
    return {OURS: "ours", PEER: "peer", NOTHING: "nothing"}[side]


def build_c(folder: Path, side: str) -> Path:
    program = folder / f"start-c-{word(side)}"
    libraries = {OURS: [f"-L{LIBRARIES}", f"-Wl,-rpath,{LIBRARIES}", "-ldjredis"], PEER: ["-lhiredis"], NOTHING: []}[side]
    source = BENCHES / "start/start.c"
    run("cc", "-O2", "-Wall", "-Werror", f"-D{word(side).upper()}", f"-I{ROOT / 'include'}", source, "-o", program, *libraries)
    return program


def build_go(folder: Path, side: str) -> Path:
    program = folder / f"start-go-{word(side)}"
    run("go", "build", "-C", BENCHES / "go", "-tags", word(side), "-o", program, "./start")
    return program


def measure(commands: dict[str, Commands], socket: str, rounds: int) -> Language:
    versions = "Milliseconds from the start of a program to its end, CPU time of the program in brackets."
    language = Language("start", versions)
    for name, sides in commands.items():
        language.results.extend(compare(name, {side: starter(command, socket) for side, command in sides.items()}, rounds))
    return language


def starter(command: list[str | Path], socket: str) -> Callable[[], Cost]:
    def start() -> Cost:
        begun = time.perf_counter()
        process = subprocess.Popen([*command, socket], env=environment())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"bench: {' '.join(map(str, command))} failed with status {process.returncode}")
        return Cost((time.perf_counter() - begun) * 1e6, (used.ru_utime + used.ru_stime) * 1e6)

    return start


def compare(name: str, sides: dict[str, Callable[[], Cost]], rounds: int) -> Iterator[Result]:
    found: dict[str, list[Cost]] = {side: [] for side in sides}
    order = list(sides)
    for turn in range(WARM_UP + rounds):
        for side in order:
            cost = sides[side]()
            if turn >= WARM_UP:
                found[side].append(cost)
        order.reverse()
    ours = found[OURS]
    for peer in (PEER, NOTHING):
        theirs = found[peer]
        yield Result(
            name,
            peer,
            median(cost.wall for cost in theirs),
            median(cost.wall for cost in ours),
            median(them.wall / us.wall for them, us in zip(theirs, ours)),
            median(cost.cpu for cost in theirs),
            median(cost.cpu for cost in ours),
        )
