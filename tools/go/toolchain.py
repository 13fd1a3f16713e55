"""Whether this machine has a Go that can build the module, and tests of the sentence where it has not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Optional

# As in bindings/go/go.mod.
WANTED = (1, 21)
OLDEST = "go1.21.13"
HELP = "get it from https://go.dev/dl, unpack it to /usr/local, and put /usr/local/go/bin into PATH"
TEST_GO = Path(__file__).resolve().parent.parent / "test-go"
MODULE = TEST_GO.parent.parent / "bindings/go"


def problem() -> Optional[str]:
    """What is wrong with Go on this machine, as a sentence, or None."""
    wanted = "Go " + ".".join(map(str, WANTED)) + " or newer is needed"
    try:
        # GOTOOLCHAIN=local: what is installed, not what it would download.
        found = subprocess.run(
            ["go", "env", "GOVERSION"], stdout=subprocess.PIPE, text=True, env={**os.environ, "GOTOOLCHAIN": "local"}
        ).stdout.strip()
    except OSError:
        return f"{wanted}, and there is no `go` in PATH: {HELP}"
    version = re.match(r"go(\d+)\.(\d+)", found)
    if version and tuple(map(int, version.groups())) < WANTED:
        return f"{wanted}, and this machine has {found}: {HELP}"
    return None


def _in(path: str) -> "subprocess.CompletedProcess[str]":
    """This very program, with that PATH."""
    return subprocess.run([sys.executable, TEST_GO], env={"PATH": path}, capture_output=True, text=True)


def a_machine_without_go_fails_with_a_sentence() -> None:
    with tempfile.TemporaryDirectory() as empty:
        run = _in(empty)
    assert run.returncode == 1 and "Go 1.21" in run.stderr and "https://go.dev/dl" in run.stderr, run
    assert "passed" not in run.stdout, run.stdout


def a_go_that_is_too_old_fails_with_a_sentence() -> None:
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "go"
        old.write_text("#!/bin/sh\necho go1.20.14\n", encoding="utf-8")
        old.chmod(0o755)
        run = _in(folder)
    assert run.returncode == 1 and "go1.20.14" in run.stderr and "https://go.dev/dl" in run.stderr, run


def the_oldest_go_takes_the_module_and_its_tests() -> None:
    """Newer ones accept more, whatever go.mod says. Go downloads this one, once."""
    environment = {**os.environ, "GOTOOLCHAIN": OLDEST}
    run = subprocess.run(["go", "vet", "./..."], cwd=MODULE, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


CHECKS = [
    a_machine_without_go_fails_with_a_sentence,
    a_go_that_is_too_old_fails_with_a_sentence,
    the_oldest_go_takes_the_module_and_its_tests,
]
