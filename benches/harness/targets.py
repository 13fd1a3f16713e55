"""What this project wants of the results, and how far they are from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Optional

from results import BARE, Language, Result

# The least ratio that is wanted, by language, workload and peer.
RATIOS = {
    ("c", "get text", BARE): 1 / 1.05,
    ("c", "get raw", BARE): 1 / 1.05,
    ("c", "set text", BARE): 1 / 1.05,
    ("c", "set raw", BARE): 1 / 1.05,
    ("c", "get_many 100", BARE): 1 / 1.15,
    ("c", "get 1 MB", BARE): 1 / 1.15,
    ("c", "set 1 MB", BARE): 1 / 1.15,
    **{
        (language, workload, "django-redis"): wanted
        for language in ("python", "django")
        for workload, wanted in {
            "get text": 4.5,
            "set text": 4.5,
            "get_many 100": 9.0,
            "set_many 100": 9.0,
            "get text, 8 threads": 4.5,
            "delete_pattern 10,000 of 20,000": 12.0,
        }.items()
    },
    ("ruby", "get text", "ActiveSupport"): 2.0,
    ("ruby", "get_many 100", "ActiveSupport"): 5.0,
    ("ruby", "set_many 100", "ActiveSupport"): 5.0,
    ("ruby", "get text", "redis-rb"): 1.2,
    ("ruby", "get_many 100", "redis-rb"): 1.0,
    ("go", "get text", "rueidis"): 0.9,
    ("go", "set text", "rueidis"): 0.9,
    ("go", "get text, 64 goroutines", "rueidis"): 1.0,
    ("unpinned-python", "get text, 8 threads", "django-redis"): 8.0,
    ("shards-python", "get_many 1000", "one server"): 1 / 1.5,
    **{("near-python", f"get {what}", "LocMemCache"): 15.0 for what in ("text", "bytes", "int")},
    **{("near-ruby", f"get {what}", "MemoryStore"): 6.0 for what in ("text", "int")},
    ("near-go", "get text", "rueidis"): 1.2,
    ("near-go", "get text, 64 goroutines", "rueidis"): 1.2,
    ("pickle", "decode a dict, 700 B", "CPython"): 1.0,
    ("pickle", "decode 1,000 dicts, 700 kB", "CPython"): 1.0,
    ("pickle", "encode a dict, 700 B", "CPython"): 1.0,
    ("pickle", "encode 1,000 dicts, 700 kB", "CPython"): 1.0,
}
# Those whose workloads the bare loop has too, on the same CPU.
BOUNDED = ("python", "django", "ruby", "go")
# The most milliseconds that the import and the first get may add to the start of a program without a cache.
STARTS = {"Python": 30.0, "Django": 30.0}
NOTHING = "without a cache"


@dataclass(frozen=True)
class Reached:
    """A ratio, what is wanted, and what the ratio would be if our side were the bare loop: `None` where that is no question."""

    ratio: float
    wanted: float
    bound: Optional[float] = None

    @property
    def word(self) -> str:
        if self.ratio >= self.wanted:
            return "met"
        return "OUT OF REACH" if self.bound is not None and self.bound < self.wanted else "MISSED"


@dataclass(frozen=True)
class Verdict:
    name: str
    wanted: float
    wall: Reached
    cpu: Reached


def verdicts(languages: list[Language]) -> Iterator[Verdict]:
    bare = next((language for language in languages if language.name == "c"), None)
    for (name, workload, peer), wanted in RATIOS.items():
        language = next((language for language in languages if language.name == name), None)
        result = language and language.of(workload, peer)
        if language and result:
            limit = bare.of(workload, BARE) if bare and name in BOUNDED and peer != BARE else None
            yield _verdict(f"{language.title}, {workload}, beside {peer}", result, limit, wanted)


def _verdict(name: str, result: Result, limit: Optional[Result], wanted: float) -> Verdict:
    bound = result.peer_us / limit.peer_us if limit else None
    return Verdict(name, wanted, Reached(result.ratio, wanted, bound), Reached(result.cpu_ratio, wanted))


def unmeasured(languages: list[Language]) -> Iterator[str]:
    """What is wanted of these languages, but their programs did not report."""
    for (name, workload, peer), _ in RATIOS.items():
        for language in languages:
            if language.name == name and language.of(workload, peer) is None:
                yield f"{language.title}, {workload}, beside {peer}"


def starts(languages: list[Language]) -> Iterator[str]:
    """A sentence for each start."""
    for language in languages:
        for result in language.results if language.name == "start" else []:
            if result.peer != NOTHING:
                continue
            added, cpu = (result.ours_us - result.peer_us) / 1000, (result.ours_cpu - result.peer_cpu) / 1000
            at_most = STARTS.get(result.workload)
            wanted = f"; at most {at_most:.0f}: {'met' if added <= at_most else 'MISSED'}" if at_most else ""
            yield f"{result.workload}: the library and the first get add {added:.1f} ms ({cpu:.1f} ms of CPU time) to a program{wanted}."
