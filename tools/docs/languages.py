"""How the blocks of one page are run, by language.

The blocks of a page are one program, from top to bottom, so that the text can go on with what it has. A C or Rust block with a
main of its own is a program by itself; the other C blocks stand in a main that has opened a cache:

    djredis_cache *cache;  djredis_value out;  int32_t status;
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Callable, Optional

from blocks import Block

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARIES = ROOT / "target" / "release"
SEPARATOR = "\x1e"
# How long a program may run, and a build: the first one of Rust compiles the dependencies.
RUN_SECONDS, BUILD_SECONDS = 60, 900

# What is wrong with each block, or None.
Problems = dict[Block, Optional[str]]

C_HEAD = """\
#include <djredis.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    djredis_value out = {0};
    djredis_cache *cache = NULL;
    int32_t status = djredis_cache_open("127.0.0.1:%d:0", DJREDIS_NUL, NULL, &cache, &out);
    (void)status;
"""
C_TAIL = """\
    djredis_value_clear(&out);
    djredis_cache_free(cache);
    return 0;
}
"""
CARGO = """\
[package]
name = "docs"
version = "0.0.0"
edition = "2024"

[dependencies]
djredis = {{ path = "{root}", default-features = false }}
redis = {{ version = "=1.8.1", default-features = false }}

[workspace]
"""


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
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, errors="replace", timeout=seconds
        )


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


def run_python(blocks: list[Block], workshop: Workshop) -> Problems:
    return _run_page(blocks, workshop, sys.executable, "-u", Path(__file__).with_name("python_page.py"))


def run_ruby(blocks: list[Block], workshop: Workshop) -> Problems:
    path = f"-I{ROOT / 'bindings/ruby/lib'}"
    return _run_page(blocks, workshop, "ruby", path, Path(__file__).with_name("ruby_page.rb"))


def _run_page(blocks: list[Block], workshop: Workshop, *command: "str | Path") -> Problems:
    given = workshop.folder / "blocks.json"
    what = {"page": blocks[0].page, "separator": SEPARATOR, "blocks": [[b.line, b.code] for b in blocks]}
    given.write_text(json.dumps(what), encoding="utf-8")
    return compare(blocks, workshop.call(*command, given))


def run_c(blocks: list[Block], workshop: Workshop) -> Problems:
    programs, parts = split(blocks, r"^int main\(")
    problems: Problems = {}
    for block in programs:
        built = _build_c(f'#line {block.line} "{block.page}"\n{block.code}', workshop)
        failed, program = built.returncode != 0, workshop.folder / "program"
        problems[block] = built.stderr if failed else alone(block, workshop.call(program))
    if parts:
        text = C_HEAD % workshop.port
        for block in parts:
            end = f'puts("\\x1e"); fflush(stdout);\n'
            text += f'{{\n#line {block.line} "{block.page}"\n{block.code}}}\n{end}'
        built = _build_c(text + C_TAIL, workshop)
        if built.returncode:
            return {**problems, **dict.fromkeys(parts, built.stderr)}
        problems.update(compare(parts, workshop.call(workshop.folder / "program")))
    return problems


def _build_c(text: str, workshop: Workshop) -> "subprocess.CompletedProcess[str]":
    source, program = workshop.folder / "program.c", workshop.folder / "program"
    source.write_text(text, encoding="utf-8")
    warnings = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}"]
    return workshop.call("cc", *warnings, "-o", program, source, f"-L{LIBRARIES}", "-ldjredis")


def run_rust(blocks: list[Block], workshop: Workshop) -> Problems:
    programs, parts = split(blocks, r"^fn main\(")
    sources = {f"docs-program{index}": block.code for index, block in enumerate(programs)}
    if parts:
        body = "".join(f'{block.code}println!("\\x1e");\n' for block in parts)
        sources["docs-page"] = f"fn main() -> Result<(), Box<dyn std::error::Error>> {{\n{body}Ok(())\n}}\n"
    crate = ROOT / "build" / "docs" / Path(blocks[0].page).stem.lower()
    built = _build_rust(crate, sources, workshop)
    if built.returncode:
        return dict.fromkeys(blocks, built.stderr)
    binaries = ROOT / "target" / "debug"
    problems: Problems = {}
    if parts:
        problems.update(compare(parts, workshop.call(binaries / "docs-page")))
    for index, block in enumerate(programs):
        problems[block] = alone(block, workshop.call(binaries / f"docs-program{index}"))
    return problems


def _build_rust(crate: Path, sources: dict[str, str], workshop: Workshop) -> "subprocess.CompletedProcess[str]":
    (crate / "src/bin").mkdir(parents=True, exist_ok=True)
    for old in (crate / "src/bin").iterdir():
        old.unlink()
    for name, text in sources.items():
        (crate / "src/bin" / f"{name}.rs").write_text(text, encoding="utf-8")
    (crate / "Cargo.toml").write_text(CARGO.format(root=ROOT), encoding="utf-8")
    (crate / "Cargo.lock").write_text((ROOT / "Cargo.lock").read_text(encoding="utf-8"), encoding="utf-8")
    cargo = ["cargo", "build", "--quiet", "--manifest-path", crate / "Cargo.toml", "--target-dir", ROOT / "target"]
    return workshop.call(*cargo, seconds=BUILD_SECONDS)


def run_shell(blocks: list[Block], workshop: Workshop) -> Problems:
    run = [block for block in blocks if block.mark == "run"]
    return {block: alone(block, workshop.call("bash", "-euo", "pipefail", "-c", block.code)) for block in run}


RUNNERS: dict[str, Callable[[list[Block], Workshop], Problems]] = {
    "c": run_c,
    "python": run_python,
    "ruby": run_ruby,
    "rust": run_rust,
    "sh": run_shell,
}
