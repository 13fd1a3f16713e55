"""Builds and runs the program of each language."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Callable, Iterable

from results import Language, Result

ROOT = Path(__file__).resolve().parent.parent.parent
BENCHES = ROOT / "benches"
LIBRARIES = ROOT / "target/release"

# Builds a program in a folder, and answers the command that runs it.
Build = Callable[[Path], "list[str | Path]"]


def build_c(folder: Path) -> list[str | Path]:
    program = folder / "bench-c"
    sources = [BENCHES / "c" / name for name in ("bench.c", "measure.c", "sides.c")]
    libraries = [f"-L{LIBRARIES}", f"-Wl,-rpath,{LIBRARIES}", "-ldjredis", "-lhiredis", "-lpthread"]
    run("cc", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}", *sources, "-o", program, *libraries)
    return [program]


def build_python(_: Path) -> list[str | Path]:
    return [sys.executable, BENCHES / "python/bench.py", "python"]


def build_django(_: Path) -> list[str | Path]:
    return [sys.executable, BENCHES / "python/bench.py", "django"]


def build_ruby(_: Path) -> list[str | Path]:
    return ["ruby", f"-I{ROOT / 'bindings/ruby/lib'}", BENCHES / "ruby/bench.rb"]


def build_go(folder: Path) -> list[str | Path]:
    run("go", "build", "-C", BENCHES / "go", "-o", folder / "bench-go")
    return [folder / "bench-go"]


def build_near_python(_: Path) -> list[str | Path]:
    return [sys.executable, BENCHES / "python/near.py"]


def build_near_ruby(_: Path) -> list[str | Path]:
    return ["ruby", f"-I{ROOT / 'bindings/ruby/lib'}", BENCHES / "ruby/near.rb"]


def build_near_go(folder: Path) -> list[str | Path]:
    return [*build_go(folder), "near"]


def build_unpinned_python(_: Path) -> list[str | Path]:
    return [sys.executable, BENCHES / "python/unpinned.py"]


def build_shards_python(_: Path) -> list[str | Path]:
    return [sys.executable, BENCHES / "python/shards.py"]


def clustered(command: list[str | Path]) -> list[str | Path]:
    return [sys.executable, BENCHES / "python/clustered.py", *command]


def build_cluster_python(_: Path) -> list[str | Path]:
    return clustered([sys.executable, BENCHES / "python/cluster.py"])


def build_cluster_go(folder: Path) -> list[str | Path]:
    return clustered([*build_go(folder), "cluster"])


def build_pickle(_: Path) -> list[str | Path]:
    """The crate's unit tests, in which the codec can be reached."""
    build = ["cargo", "test", "--release", "--quiet", "--lib", "--no-run", "--message-format=json"]
    built = subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    binary = next(found for line in built.splitlines() if (found := json.loads(line).get("executable")))
    return [sys.executable, BENCHES / "python/pickles.py", binary]


BUILDS: dict[str, Build] = {
    "c": build_c,
    "python": build_python,
    "django": build_django,
    "ruby": build_ruby,
    "go": build_go,
    "unpinned-python": build_unpinned_python,
    "shards-python": build_shards_python,
    "cluster-python": build_cluster_python,
    "cluster-go": build_cluster_go,
    "near-python": build_near_python,
    "near-ruby": build_near_ruby,
    "near-go": build_near_go,
    "pickle": build_pickle,
}


def fill(socket: str) -> None:
    """Lets Django store what all programs read."""
    run(sys.executable, BENCHES / "python/fill.py", socket)


def measure(name: str, command: list[str | Path], socket: str, rounds: int, milliseconds: int) -> Language:
    printed = run(*command, socket, str(rounds), str(milliseconds))
    return read(name, map(json.loads, printed.splitlines()))


def read(name: str, lines: Iterable[dict[str, object]]) -> Language:
    language = Language(name)
    for line in lines:
        if line.pop("language") != name:
            raise ValueError(f"the program of {name} reports another language")
        if "versions" in line:
            language.versions = str(line["versions"])
        elif "note" in line:
            language.notes.append(str(line["note"]))
        else:
            language.results.append(Result(**line))  # type: ignore[arg-type]
    return language


def environment() -> dict[str, str]:
    """As ours, but that Python keeps its bytecode, as it does for every installed package."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT / "bindings/python/src")}


def run(*command: str | Path) -> str:
    """What a program prints. What it complains of goes to our standard error, and ends the run if it fails."""
    try:
        done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, text=True)
    except FileNotFoundError:
        sys.exit(f"bench: {command[0]} is not there: `make bench` installs what it needs, or says how to get it")
    if done.returncode:
        sys.exit(f"bench: {command[0]} failed with status {done.returncode}")
    return done.stdout
