"""What the pages say that can be held against the truth: two tables, and the links."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Iterator, Optional

from c_header import parse
from runner.sent import SentCommands
from runner.server import Server

Outcome = tuple[str, Optional[str]]

STATUS = re.compile(r"^\| `DJREDIS_(?P<name>\w+)` \| (?P<number>-?\d+) \|(?P<python>[^|]*)\|")
STATUS_NAME = re.compile(r"DJREDIS_(OK|MISS|IGNORED|ERR_\w+)$")
SENT = re.compile(r"^\| `(?P<call>[^`]*\bcache\.[^`]*)` \| (?P<commands>(`[^`]*`(, )?)+) \|")
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.M)


def check_links(pages: list[Path]) -> Iterator[Outcome]:
    """Every link within the project leads to a file, and to a heading of it."""
    for page in pages:
        for file, heading in LINK.findall(page.read_text(encoding="utf-8")):
            target = page.parent / file if file else page
            good = target.exists() and (not heading or heading in _headings(target))
            yield f"{page.name} {file}#{heading}", None if good else "the link leads nowhere"


def _headings(page: Path) -> list[str]:
    """As they are written in links: lower case, hyphens for blanks, no punctuation."""
    titles = HEADING.findall(page.read_text(encoding="utf-8"))
    return [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


def check_errors(root: Path) -> Iterator[Outcome]:
    """docs/errors.md: every status is there, with its number and its Python class."""
    page, rows = _rows(root / "docs/errors.md", STATUS)
    found = {row["name"]: (int(row["number"]), row["python"].strip("` ")) for row in rows}
    header = parse((root / "include/djredis.h").read_text(encoding="utf-8"))
    names = [name.removeprefix("DJREDIS_") for name in header.constants if STATUS_NAME.match(name)]
    exceptions = _exceptions(root)
    for name in names:
        number = header.constants[f"DJREDIS_{name}"]
        python = exceptions[number].__name__ if number in exceptions else None
        row = found.pop(name, None)
        good = row is not None and row[0] == number and python in (None, row[1])
        yield f"{page} DJREDIS_{name}", None if good else f"it is {number}, {python}, and the page says {row}"
    for name in found:
        yield f"{page} DJREDIS_{name}", "there is no such status in the header"


def check_wire(root: Path, server: Server) -> Iterator[Outcome]:
    """docs/wire.md: each call sends these commands. The calls are made from top to bottom, on a cache with default options."""
    page, rows = _rows(root / "docs/wire.md", SENT)
    server.client.command("FLUSHALL")
    server.client.command("SCRIPT", "FLUSH")
    names: dict[str, Any] = {"cache": _djredis(root).Cache(f"127.0.0.1:{server.port}:0")}
    sent = SentCommands(server)
    try:
        for row in rows:
            commands = [text.split() for text in re.findall("`([^`]*)`", row["commands"])]
            sent.check([])  # what came before does not count
            eval(row["call"], names)
            yield f"{page} {row['call']}", sent.check(commands)
    finally:
        sent.stop()
        names["cache"].close()
    if not rows:
        yield page, "it has no table of commands"


def _rows(path: Path, row: "re.Pattern[str]") -> tuple[str, list["re.Match[str]"]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"docs/{path.name}", [match for match in map(row.match, lines) if match]


def _djredis(root: Path) -> Any:
    sys.path.insert(0, str(root / "bindings/python/src"))
    import djredis

    return djredis


def _exceptions(root: Path) -> dict[Any, type]:
    _djredis(root)
    from djredis._exceptions import BY_STATUS

    return dict(BY_STATUS)
