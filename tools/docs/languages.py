"""How the blocks of one page are run, by language.

The blocks of a page are one program, from top to bottom, so that the text can go on with what it has. A block of C, Rust or Go with
a main of its own is a program by itself. The other blocks of C and Go stand in a function that has what their pages say.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Callable

from blocks import Block
from compiled import run_c, run_go, run_rust
from workshop import ROOT, SEPARATOR, Problems, Workshop, alone, compare


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


def run_shell(blocks: list[Block], workshop: Workshop) -> Problems:
    run = [block for block in blocks if block.mark == "run"]
    return {block: alone(block, workshop.call("bash", "-euo", "pipefail", "-c", block.code)) for block in run}


RUNNERS: dict[str, Callable[[list[Block], Workshop], Problems]] = {
    "c": run_c,
    "go": run_go,
    "python": run_python,
    "ruby": run_ruby,
    "rust": run_rust,
    "sh": run_shell,
}
