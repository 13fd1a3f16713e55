"""The results as text: on the terminal, and in docs/benchmarks.md between two markers."""

from __future__ import annotations

import datetime
import platform
import re
import subprocess
from pathlib import Path
from typing import Iterator, Optional

import chart
from results import Language, Result
from targets import Reached, starts, unmeasured, verdicts

BEGIN = "<!-- results: written by `make bench` -->"
END = "<!-- end of the results -->"
OURS = "libdjredis"


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def heads(language: Language) -> list[str]:
    return [OURS, *(head for peer in language.peers for head in (peer, "/ ours"))]


def cells(language: Language, workload: str) -> list[str]:
    """Ours, then each peer's time and ratio; nothing where a peer has no such thing."""
    results = [language.of(workload, peer) for peer in language.peers]
    size = language.unit[1]

    def times(wall: float, cpu: float) -> str:
        return f"{number(wall / size)} ({number(cpu / size)})"

    def beside(result: Optional[Result]) -> list[str]:
        return [times(result.peer_us, result.peer_cpu), f"{result.ratio:.2f}"] if result else ["", ""]

    ours = next(result for result in results if result)
    return [times(ours.ours_us, ours.ours_cpu), *(cell for result in results for cell in beside(result))]


def terminal(languages: list[Language]) -> Iterator[str]:
    yield "Time per call (client CPU in brackets), and peer's time / ours: over 1, this library is faster."
    for language in languages:
        yield f"\n{language.title}, {language.unit[0]}: {language.versions}"
        yield f"{'':32}" + "".join(f"{head:>21}" for head in heads(language))
        for workload in language.workloads:
            yield f"{workload:32}" + "".join(f"{cell:>21}" for cell in cells(language, workload))
        yield from language.notes
    yield "\nWhat we want: ratios by wall time and by client CPU"
    for verdict in verdicts(languages):
        yield f"{verdict.name:72} {verdict.wanted:5.2f}  {reached(verdict.wall):44} {reached(verdict.cpu)}"
    yield from missing(languages)
    yield from starts(languages)


def reached(found: Reached) -> str:
    """Such as `2.59: MISSED (the bare loop: 3.06)`."""
    bound = f" (the bare loop: {found.bound:.2f})" if found.bound is not None else ""
    return f"{found.ratio:.2f}: {found.word}{bound}"


def missing(languages: list[Language]) -> Iterator[str]:
    names = list(unmeasured(languages))
    if names:
        yield f"Not measured: {'; '.join(names)}."


def write(languages: list[Language], docs: Path) -> None:
    """Puts tables and charts in docs."""
    page = docs / "benchmarks.md"
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{page} must have the line {BEGIN!r} once, and {END!r} after it")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    body = "\n".join(_markdown(languages))
    page.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}", encoding="utf-8")
    for language in filter(_has_chart, languages):
        (docs / _chart_name(language)).write_text(chart.svg(language), encoding="utf-8")


def _has_chart(language: Language) -> bool:
    """Not the starts: most of such a time is the language's own. Not what has a few lines only."""
    return language.name in ("c", "python", "django", "ruby", "go", "pickle")


def _chart_name(language: Language) -> str:
    return f"benchmarks-{language.name}.svg"


def _markdown(languages: list[Language]) -> Iterator[str]:
    yield ""
    yield f"Measured on {datetime.date.today()}: {machine()}."
    for language in languages:
        yield f"\n### {language.title}\n\n{language.versions}\n"
        if _has_chart(language):
            yield f"![{language.title}: the peers' times divided by ours]({_chart_name(language)})\n"
        yield "| | " + " | ".join(heads(language)) + " |"
        yield "|---" * (len(heads(language)) + 1) + "|"
        for workload in language.workloads:
            yield f"| {workload} | " + " | ".join(cells(language, workload)) + " |"
        yield from (f"\n{note}" for note in language.notes)
    yield "\n### What we want\n\n| peer / ours | at least | by wall time | by client CPU |\n|---|---|---|---|"
    for verdict in verdicts(languages):
        yield f"| {verdict.name} | {verdict.wanted:.2f} | {reached(verdict.wall)} | {reached(verdict.cpu)} |"
    yield from (f"\n{line}" for line in (*missing(languages), *starts(languages)))
    yield ""


def machine() -> str:
    redis = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"v=(\S+)", redis)
    models = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    processor = models[0] if models else platform.machine()
    return f"redis-server {version[1] if version else '?'}, Linux {platform.release()}, {processor}"
