"""The command: checks the cases, runs them with each driver on each server, prints the matrix."""

from __future__ import annotations

import argparse
import fnmatch
import os
import pathlib
import subprocess
import sys
from typing import Optional, Sequence

from . import coverage
from .cases import Case, FormatError, load
from .driver import Driver, DriverDied, describe
from .layout import LAYOUTS, PROGRAMS, ROWS, Layout, Servers, impossible, rows
from .matrix import Cell, empty_cells, table
from .needs import needs
from .play import Play
from .resp import ReplyError
from .server import NotStarted

FOLDER = pathlib.Path(__file__).resolve().parent.parent
ROOT = FOLDER.parent.parent
# Values nest up to 512 levels, and each level is an object in an array in JSON.
RECURSION_LIMIT = 20_000


def main(arguments: Optional[Sequence[str]] = None) -> int:
    sys.setrecursionlimit(RECURSION_LIMIT)
    options = _parse(arguments)
    try:
        cases = load(FOLDER / "cases")
    except FormatError as error:
        print(f"bad case: {error}", file=sys.stderr)
        return 1
    problems = coverage.check(cases, ROOT, FOLDER)
    for problem in problems:
        print(f"not covered: {problem}", file=sys.stderr)
    if options.check:
        print(f"{len(cases)} cases are well-formed, {len(problems)} things are not covered")
        return 1 if problems else 0
    cases = [case for case in cases if fnmatch.fnmatch(case.id, options.case)]
    drivers = options.driver or sorted(path.stem for path in (FOLDER / "drivers").glob("*.json"))
    layouts = rows(options.layout, options.server)
    cells = _run_all(drivers, layouts, cases)
    names = [layout.name for layout in layouts]
    print(table(drivers, names, cells, impossible(options.layout, options.server)))
    return _report(empty_cells(drivers, names, cells), cells, len(problems))


def _parse(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/conformance/run", description=__doc__)
    parser.add_argument("--driver", action="append", help="only this language; may be given more than once")
    parser.add_argument("--layout", action="append", choices=list(LAYOUTS), help="only this layout, on each kind of server; may be repeated")
    parser.add_argument(
        "--server", action="append", choices=list(ROWS), help="only this row, or with --layout this kind of server; may be repeated"
    )
    parser.add_argument("--case", default="*", help="only the cases whose id fits this pattern, e.g. 'timeouts/*'")
    parser.add_argument("--check", action="store_true", help="check the format and the coverage, run nothing")
    options = parser.parse_args(arguments)
    strangers = set(options.server or ()) - set(PROGRAMS) if options.layout else set()
    if strangers:
        parser.error(f"with --layout, --server is one of {', '.join(PROGRAMS)}, not {', '.join(sorted(strangers))}")
    return options


def _run_all(drivers: Sequence[str], layouts: Sequence[Layout], cases: Sequence[Case]) -> list[Cell]:
    library = os.environ.get("DJREDIS_LIBRARY", str(ROOT / "target" / "release" / "libdjredis.so"))
    programs = os.environ.get("CONFORMANCE_PROGRAMS", str(ROOT / "build" / "conformance"))
    variables = {"root": str(ROOT), "python": sys.executable, "library": library, "programs": programs}
    cells = []
    for name in drivers:
        driver = Driver(describe(FOLDER / "drivers" / f"{name}.json", variables), ROOT)
        _check_skips(driver, load(FOLDER / "cases"))
        try:
            driver.build()
            cells += [_run_cell(driver, layout, cases) for layout in layouts]
        except subprocess.CalledProcessError as error:
            print(f"FAILED {name}: it does not build, {error}", flush=True)
        finally:
            driver.stop()
    return cells


def _check_skips(driver: Driver, cases: Sequence[Case]) -> None:
    """A skip list may hold nothing that skips nothing."""
    description = driver.description
    needed = {feature for case in cases for feature in needs(case)}
    stale = set(description.skips) - {case.id for case in cases} | set(description.lacks) - needed
    if stale:
        raise SystemExit(f"drivers/{description.name}.json skips what does not exist: {sorted(stale)}")


def _run_cell(driver: Driver, layout: Layout, cases: Sequence[Case]) -> Cell:
    failed = []
    wanted = [case for case in cases if layout.plays(case, driver)]
    servers = Servers(layout, driver)
    try:
        for case in wanted:
            problem = _run_case(case, driver, layout, servers)
            if problem:
                print(f"FAILED {driver.description.name} on {layout.name}: {case.id}\n    {problem}", flush=True)
                failed.append(case.id)
    except NotStarted as error:
        print(f"FAILED {driver.description.name} on {layout.name}: no server\n    {error}", flush=True)
        return Cell(driver.description.name, layout.name, 0, ["no server"], len(cases))
    finally:
        servers.stop()
    return Cell(driver.description.name, layout.name, len(wanted) - len(failed), failed, len(cases) - len(wanted))


def _run_case(case: Case, driver: Driver, layout: Layout, servers: Servers) -> Optional[str]:
    problem: Optional[str] = "it did not end"
    try:
        server = servers.take(case)
    except (ReplyError, OSError) as error:
        raise NotStarted(f"{type(error).__name__}: {error}") from error
    try:
        problem = Play(case, driver, layout, server).run()
    except (DriverDied, ReplyError, OSError) as error:
        problem = f"{type(error).__name__}: {error}"
    finally:
        servers.give(server, passed=problem is None)
    return problem


def _report(holes: Sequence[str], cells: Sequence[Cell], uncovered: int) -> int:
    for hole in holes:
        print(f"nothing passed: {hole}")
    passed = sum(cell.passed for cell in cells)
    failed = sum(len(cell.failed) for cell in cells)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or holes or uncovered else 0
