"""What the programs report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

TITLES = {
    "c": "C",
    "python": "Python",
    "ruby": "Ruby",
    "go": "Go",
    "django": "Django",
    "unpinned-python": "Threads on all CPUs, Python",
    "shards-python": "Four servers, Python",
    "cluster-python": "A cluster, Python",
    "cluster-go": "A cluster, Go",
    "near-python": "The near cache, Python",
    "near-ruby": "The near cache, Ruby",
    "near-go": "The near cache, Go",
    "pickle": "The pickle codec",
    "start": "Starting",
}
BARE = "bare loop"


@dataclass(frozen=True)
class Result:
    """One workload beside one peer: medians of the rounds, in microseconds per call. `ratio` is the peer's time / ours."""

    workload: str
    peer: str
    peer_us: float
    ours_us: float
    ratio: float
    peer_cpu: float
    ours_cpu: float

    @property
    def cpu_ratio(self) -> float:
        return self.peer_cpu / self.ours_cpu


@dataclass
class Language:
    """All that one program reported."""

    name: str
    versions: str = ""
    results: list[Result] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return TITLES[self.name]

    @property
    def unit(self) -> tuple[str, float]:
        """Its name, and how many microseconds it has."""
        return ("milliseconds", 1000) if self.name == "start" else ("microseconds", 1)

    @property
    def peers(self) -> list[str]:
        return list(dict.fromkeys(result.peer for result in self.results))

    @property
    def workloads(self) -> list[str]:
        return list(dict.fromkeys(result.workload for result in self.results))

    def of(self, workload: str, peer: str) -> Optional[Result]:
        found = (result for result in self.results if (result.workload, result.peer) == (workload, peer))
        return next(found, None)
