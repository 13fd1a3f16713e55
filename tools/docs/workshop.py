"""What every language's runner needs: where to build, how to call a program, and what its output is worth."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Optional

from blocks import Block

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARIES = ROOT / "target" / "release"
SEPARATOR = "\x1e"
# How long a program may run, and a build: the first one of Rust compiles the dependencies.
RUN_SECONDS, BUILD_SECONDS = 60, 900

# What is wrong with each block, or None.
Problems = dict[Block, Optional[str]]


class Workshop:
    """A temporary folder, and the server that the programs use."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "bindings/python/src"),
            "DJREDIS_LIBRARY": str(LIBRARIES / "libdjredis.so"),
            "LD_LIBRARY_PATH": str(LIBRARIES),
        }

    def call(self, *command: "str | Path", seconds: int = RUN_SECONDS) -> "subprocess.CompletedProcess[str]":
        """Runs a program in the project's root; one that is missing or hangs has failed like any other."""
        try:
            return subprocess.run(
                command, cwd=ROOT, env=self.environment, capture_output=True, text=True, errors="replace", timeout=seconds
            )
        except FileNotFoundError:
            return subprocess.CompletedProcess(command, 127, "", f"{command[0]} is not installed: see `make install-deps`")
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 124, "", f"{command[0]} did not end within {seconds} seconds")


def compare(blocks: list[Block], run: "subprocess.CompletedProcess[str]") -> Problems:
    """What each block printed against what it says; the first one that did not end gets what the program complained of."""
    parts = run.stdout.split(SEPARATOR + "\n")
    problems: Problems = {}
    for index, block in enumerate(blocks):
        if index < len(parts) - 1:
            problems[block] = block.difference(parts[index])
        elif index == len(parts) - 1:
            problems[block] = f"it ended with status {run.returncode}\n{parts[index]}{run.stderr}"
        else:
            problems[block] = "an earlier block of the page failed"
    return problems


def alone(block: Block, run: "subprocess.CompletedProcess[str]") -> Optional[str]:
    """The same for a program of one block."""
    if run.returncode:
        return f"it ended with status {run.returncode}\n{run.stdout}{run.stderr}"
    return block.difference(run.stdout)


def split(blocks: list[Block], main: str) -> tuple[list[Block], list[Block]]:
    """Programs, and parts of one."""
    programs = [block for block in blocks if re.search(main, block.code, re.M)]
    return programs, [block for block in blocks if block not in programs]
