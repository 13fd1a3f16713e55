"""The table at the end: one row for each layout on each kind of server, one column for each language."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Sequence


class Cell(NamedTuple):
    """What one driver did on one server."""

    driver: str
    layout: str
    passed: int
    failed: Sequence[str]
    skipped: int

    def text(self) -> str:
        parts = [f"{self.passed} passed", f"{len(self.failed)} failed"]
        if self.skipped:
            parts.append(f"{self.skipped} skipped")
        return ", ".join(parts)


def table(drivers: Sequence[str], layouts: Sequence[str], cells: Sequence[Cell], impossible: Mapping[str, str]) -> str:
    """`impossible`: the layouts that can't be, with the reason."""
    texts = {(cell.driver, cell.layout): cell.text() for cell in cells}
    rows = [["", *drivers]]
    rows += [[layout, *(texts.get((driver, layout), "NOT RUN") for driver in drivers)] for layout in layouts]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(part.ljust(width) for part, width in zip(row, widths)).rstrip() for row in rows]
    return "\n".join(lines + [f"{layout}: can't be, {reason}" for layout, reason in impossible.items()])


def empty_cells(drivers: Sequence[str], layouts: Sequence[str], cells: Sequence[Cell]) -> list[str]:
    """The cells in which nothing was run: they fail, since a matrix with holes proves nothing."""
    full = {(cell.driver, cell.layout) for cell in cells if cell.passed}
    return [f"{driver} on {layout}" for driver in drivers for layout in layouts if (driver, layout) not in full]
