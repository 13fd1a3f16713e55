"""The results as text: on the terminal, and in docs/benchmarks.md between two markers."""

from __future__ import annotations

import datetime
import platform
import re
import subprocess
from pathlib import Path
from typing import Iterator

import chart
from results import Language, Verdict, verdicts

BEGIN = "<!-- results: written by `make bench` -->"
END = "<!-- end of the results -->"
OURS = "libdjredis"


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cells(language: Language, workload: str) -> list[str]:
    """Ours, then each peer's time and ratio."""
    results = [language.of(workload, peer) for peer in language.peers]
    found = [f"{number(results[0].ours_us)} ({number(results[0].ours_cpu)})"]
    for result in results:
        found += [f"{number(result.peer_us)} ({number(result.peer_cpu)})", f"{result.ratio:.2f}"]
    return found


def terminal(languages: list[Language]) -> Iterator[str]:
    yield "Microseconds per call (client CPU in brackets), and peer's time / ours: over 1, this library is faster."
    for language in languages:
        yield ""
        yield f"{language.title}: {language.versions}"
        heads = [OURS, *(head for peer in language.peers for head in (peer, "/ ours"))]
        yield f"{'':22}" + "".join(f"{head:>21}" for head in heads)
        for workload in language.workloads:
            yield f"{workload:22}" + "".join(f"{cell:>21}" for cell in cells(language, workload))
    yield ""
    for verdict in verdicts(languages):
        yield _sentence(verdict)


def _sentence(verdict: Verdict) -> str:
    result = verdict.result
    return (
        f"{verdict.language}, {result.workload}, beside {result.peer}: {result.ratio:.2f}, "
        f"wanted {verdict.wanted:.2f}: {verdict.word}"
    )


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
    for language in languages:
        (docs / _chart_name(language)).write_text(chart.svg(language), encoding="utf-8")


def _chart_name(language: Language) -> str:
    return f"benchmarks-{language.name}.svg"


def _markdown(languages: list[Language]) -> Iterator[str]:
    yield ""
    yield f"Measured on {datetime.date.today()}: {machine()}."
    for language in languages:
        yield f"\n### {language.title}\n\n{language.versions}\n"
        yield f"![{language.title}: the peers' times divided by ours]({_chart_name(language)})\n"
        heads = [OURS, *(head for peer in language.peers for head in (peer, "/ ours"))]
        yield "| | " + " | ".join(heads) + " |"
        yield "|---" * (len(heads) + 1) + "|"
        for workload in language.workloads:
            yield f"| {workload} | " + " | ".join(cells(language, workload)) + " |"
    yield "\n### What we want\n\n| | peer / ours | at least | |\n|---|---|---|---|"
    for verdict in verdicts(languages):
        result = verdict.result
        name = f"{verdict.language}, {result.workload}, beside {result.peer}"
        yield f"| {name} | {result.ratio:.2f} | {verdict.wanted:.2f} | {verdict.word} |"
    yield ""


def machine() -> str:
    redis = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"v=(\S+)", redis)
    models = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    processor = models[0] if models else platform.machine()
    return f"redis-server {version[1] if version else '?'}, Linux {platform.release()}, {processor}"
