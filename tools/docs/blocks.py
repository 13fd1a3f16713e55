"""The code blocks of a Markdown page, and what they say they print.

A line before a block may change how it is tested:

    <!-- test: run -->       a shell block: it is run in the project's root (others are not)
    <!-- test: skip WHY -->  it is not run
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Optional

FENCE = re.compile(r"^```(\w*)\s*$")
MARK = re.compile(r"^<!-- test: (run|skip)\b.*-->$")
# `# => text`, `// => text` or `/* => text */`, at the end of a line: what the line prints.
PRINTS = re.compile(r"(?:#|//|/\*) => (.*?)\s*(?:\*/)?$")
# Where the pages have their server.
PORT = re.compile(r"(?<=127\.0\.0\.1:)6379\b|(?<=redis-cli -p )6379\b")
SOCKET = "/run/redis.sock"


@dataclass(frozen=True)
class Block:
    page: str
    line: int  # of the first line of code, from 1
    language: str
    code: str
    mark: str  # run, skip, or nothing

    def __str__(self) -> str:
        return f"{self.page}:{self.line} ({self.language})"

    @property
    def expected(self) -> list[str]:
        """What the block prints, line by line; nothing is compared where it says nothing."""
        found = (PRINTS.search(line) for line in self.code.splitlines())
        return [match[1] for match in found if match]

    def difference(self, output: str) -> Optional[str]:
        """What is wrong with the output, if anything. `...` stands for any text."""
        printed, expected = output.splitlines(), self.expected
        if not expected:
            return None
        if len(printed) == len(expected) and all(map(_fits, expected, printed)):
            return None
        return "it says\n    " + "\n    ".join(expected) + "\nand printed\n    " + "\n    ".join(printed)


def blocks_of(path: Path, root: Path, port: int, socket: str, others: Mapping[str, str]) -> list[Block]:
    """The blocks of a page, with this server in the place of the page's."""
    text = PORT.sub(str(port), path.read_text(encoding="utf-8"))
    for written, meant in {SOCKET: socket, **others}.items():
        text = text.replace(written, meant)
    lines = text.splitlines()
    found: list[Block] = []
    mark, start, language = "", 0, ""
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if not start and fence:
            start, language = number + 1, fence[1]
        elif start and line.rstrip() == "```":
            code = "\n".join(lines[start - 1 : number - 1]) + "\n"
            found.append(Block(str(path.relative_to(root)), start, language, code, mark))
            start, mark = 0, ""
        elif not start and line.strip():
            marked = MARK.match(line)
            mark = marked[1] if marked else ""
    return found


def _fits(expected: str, printed: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, expected.split("..."))), printed) is not None
