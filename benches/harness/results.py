"""What the programs report, and what this project wants of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterator


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


@dataclass
class Language:
    """All that one program reported."""

    name: str
    versions: str = ""
    results: list[Result] = field(default_factory=list)

    @property
    def title(self) -> str:
        return {"c": "C", "python": "Python", "ruby": "Ruby", "go": "Go", "django": "Django", "pickle": "The pickle codec"}[self.name]

    @property
    def peers(self) -> list[str]:
        return list(dict.fromkeys(result.peer for result in self.results))

    @property
    def workloads(self) -> list[str]:
        return list(dict.fromkeys(result.workload for result in self.results))

    def of(self, workload: str, peer: str) -> Result:
        return next(result for result in self.results if (result.workload, result.peer) == (workload, peer))


# The least ratio that is wanted, by language, workload and peer.
TARGETS = {
    ("c", "get text", "hiredis"): 1 / 1.07,
    ("c", "get raw", "hiredis"): 1 / 1.07,
    ("c", "set text", "hiredis"): 1 / 1.07,
    ("c", "set raw", "hiredis"): 1 / 1.07,
    ("python", "get text", "django-redis"): 3.0,
    ("python", "get dict", "django-redis"): 3.0,
    ("django", "get text", "django-redis"): 3.0,
    ("django", "set text", "django-redis"): 3.5,
    ("django", "get_many 100", "django-redis"): 3.0,
    ("django", "set_many 100", "django-redis"): 6.0,
    ("django", "get text, 8 threads", "django-redis"): 3.5,
    ("ruby", "get text", "ActiveSupport"): 2.0,
    ("ruby", "get text", "redis-rb"): 1.0,
    ("go", "get text", "go-redis"): 0.85,
    ("go", "get text", "rueidis"): 0.85,
    ("pickle", "decode a dict, 700 B", "CPython"): 1.0,
    ("pickle", "decode 1,000 dicts, 700 kB", "CPython"): 1.0,
    ("pickle", "encode a dict, 700 B", "CPython"): 1.0,
    ("pickle", "encode 1,000 dicts, 700 kB", "CPython"): 1.0,
}


@dataclass(frozen=True)
class Verdict:
    language: str
    result: Result
    wanted: float

    @property
    def word(self) -> str:
        return "met" if self.result.ratio >= self.wanted else "MISSED"


def verdicts(languages: list[Language]) -> Iterator[Verdict]:
    for language in languages:
        for result in language.results:
            wanted = TARGETS.get((language.name, result.workload, result.peer))
            if wanted is not None:
                yield Verdict(language.title, result, wanted)
