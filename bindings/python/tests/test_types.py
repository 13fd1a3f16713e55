"""The package and a program that uses it pass mypy --strict, and mypy finds the program's mistakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PACKAGE = TESTS.parent / "src" / "djredis"
PROGRAM = TESTS / "typed_program.py"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy found out about Python's own modules serves both tests."""
    return tmp_path_factory.mktemp("mypy")


def _mypy(path: Path, cache: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--cache-dir", str(cache), str(path)]
    return subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True).stdout


def test_the_package(cache: Path) -> None:
    assert _mypy(PACKAGE, cache).startswith("Success")


def test_a_program(cache: Path) -> None:
    lines = PROGRAM.read_text().splitlines()
    wrong = lines.index("# What follows is wrong, line by line.") + 2
    said = [line for line in _mypy(PROGRAM, cache).splitlines() if " error: " in line]
    found = [int(line.split(":")[1]) for line in said]
    assert sorted(set(found)) == list(range(wrong, len(lines) + 1)), "\n".join(said)
