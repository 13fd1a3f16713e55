"""The package and a program that uses it pass mypy --strict, and mypy finds the program's mistakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
PACKAGE = TESTS.parent / "src" / "djredis"
PROGRAM = TESTS / "typed_program.py"


def _mypy(path: Path, cache: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--cache-dir", str(cache), str(path)]
    return subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True).stdout


def test_the_package(tmp_path: Path) -> None:
    assert _mypy(PACKAGE, tmp_path).startswith("Success")


def test_a_program(tmp_path: Path) -> None:
    lines = PROGRAM.read_text().splitlines()
    wrong = lines.index("# What follows is wrong, line by line.") + 2
    said = [line for line in _mypy(PROGRAM, tmp_path).splitlines() if " error: " in line]
    found = [int(line.split(":")[1]) for line in said]
    assert sorted(set(found)) == list(range(wrong, len(lines) + 1)), "\n".join(said)
