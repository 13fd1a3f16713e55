"""Whether two caches in CACHES, the old backend and the new one, read the same from one Redis: before switching.

    DJANGO_SETTINGS_MODULE=shop.settings python -m djredis.django.migrate_check old new

Writes keys of its own with each of the two, reads them with the other, and removes them; they would expire in a minute
anyway. Then it reads a sample of the keys that are there with both. Nothing else is written.

Prints what was tried and a verdict. Ends with 0 where both agree, 1 where they don't, 2 where it could not try.
"""

from __future__ import annotations

import argparse
import os
import sys

from ._agreement import Agreement, Report


def main(arguments: list[str] | None = None) -> int:
    """The program."""
    wanted = _arguments(arguments)
    if wanted.settings:
        os.environ["DJANGO_SETTINGS_MODULE"] = wanted.settings
    report = Report()
    try:
        import django

        django.setup()
        from django.core.cache import caches

        agreement = Agreement(wanted.old, wanted.new, caches[wanted.old], caches[wanted.new], report)
        _run(agreement, wanted.sample, wanted.match)
    except Exception as error:
        print(f"could not try: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    return _verdict(report, wanted)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m djredis.django.migrate_check",
        description="Checks that two caches in CACHES read the same from one Redis, in both directions.",
    )
    parser.add_argument("old", help="the alias of the backend in use")
    parser.add_argument("new", help="the alias of the backend to switch to, with a backend of djredis")
    parser.add_argument("--settings", help="the settings module, in place of DJANGO_SETTINGS_MODULE")
    parser.add_argument("--sample", type=int, default=200, metavar="N", help="how many live keys to read (200)")
    parser.add_argument("--match", default="*", metavar="PATTERN", help="which live keys to read (*)")
    return parser.parse_args(arguments)


def _run(agreement: Agreement, sample: int, match: str) -> None:
    def live() -> None:
        agreement.live(sample, match)

    steps = (
        *(agreement.same_keys, agreement.values, agreement.many, agreement.integers, agreement.misses),
        *(agreement.timeouts, agreement.returns, live),
    )
    try:
        if agreement.same_redis():
            for step in steps:
                agreement.attempt(step)
    finally:
        agreement.clean()


def _verdict(report: Report, wanted: argparse.Namespace) -> int:
    if report.differences:
        print(
            f"differ: {len(report.differences)} differences between {wanted.old!r} and {wanted.new!r}; don't switch yet"
        )
        return 1
    print(f"agree: {wanted.old!r} and {wanted.new!r} read the same, in both directions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
