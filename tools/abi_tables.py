#!/usr/bin/env python3
"""Makes the bindings' tables of the C ABI from include/djredis.h: constants, layouts, prototypes and exceptions.

    tools/abi_tables.py [--header FILE]            writes every table
    tools/abi_tables.py [--header FILE] --check    writes nothing; exit status 1 where a table differs

A table for another language is one more entry of TABLES.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import Callable

import abi_go
import abi_python
import abi_ruby
from c_header import Header, HeaderError, parse

ROOT = Path(__file__).resolve().parent.parent

TABLES: dict[str, Callable[[Header], str]] = {
    "bindings/python/src/djredis/_abi.py": abi_python.tables,
    "bindings/python/src/djredis/_exceptions.py": abi_python.exceptions,
    "bindings/go/constants.go": abi_go.constants,
    "bindings/ruby/lib/djredis/abi.rb": abi_ruby.tables,
    "bindings/ruby/lib/djredis/errors.rb": abi_ruby.errors,
}

# Where a binding has to carry the header itself: Go's tools copy nothing from outside a package's folder.
COPIES = ("bindings/go/djredis.h",)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Makes the bindings' tables of the C ABI.")
    parser.add_argument("--header", type=Path, default=ROOT / "include" / "djredis.h")
    parser.add_argument("--check", action="store_true", help="only compare; exit status 1 where they differ")
    options = parser.parse_args(arguments)
    try:
        text = options.header.read_text(encoding="utf-8")
        header = parse(text)
        tables = {ROOT / name: make(header) for name, make in TABLES.items()}
        tables.update({ROOT / name: text for name in COPIES})
    except (OSError, HeaderError) as error:
        print(f"{options.header}: {error}", file=sys.stderr)
        return 2
    return check(tables) if options.check else write(tables)


def write(tables: dict[Path, str]) -> int:
    for path, text in tables.items():
        path.write_text(text, encoding="utf-8")
    return 0


def check(tables: dict[Path, str]) -> int:
    status = 0
    for path, text in tables.items():
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        if found != text:
            status = 1
            lines = difflib.unified_diff(found.splitlines(), text.splitlines(), str(path), "as generated", lineterm="")
            print("\n".join(lines))
    if status:
        print("run `make header` and commit what it writes", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
