"""Finds libdjredis, loads it, and gives its functions their types."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator

from . import _elf
from ._abi import DJREDIS_ABI, PROTOTYPES

FILE_NAME = "libdjredis.dylib" if sys.platform == "darwin" else "libdjredis.so"


def _candidates() -> Iterator[str]:
    """Where the library may be, best first: what the program names, this package, the source tree, the system."""
    named = os.environ.get("DJREDIS_LIBRARY")
    if named:
        yield named
        return
    here = os.path.dirname(os.path.realpath(__file__))
    yield os.path.join(here, FILE_NAME)
    root = os.path.abspath(os.path.join(here, "../../../.."))
    if os.path.exists(os.path.join(root, "Cargo.toml")):
        yield os.path.join(root, "target", "release", FILE_NAME)
    # Without a directory the system's loader looks for it.
    yield FILE_NAME if sys.platform == "darwin" else f"{FILE_NAME}.{DJREDIS_ABI}"


def _load() -> ctypes.CDLL:
    failures = []
    for path in _candidates():
        complaint = _elf.complaint(path) if os.sep in path else None
        if complaint is None:
            try:
                return _bind(ctypes.CDLL(path), path)
            except OSError as error:
                complaint = str(error)
        failures.append(f"{path}: {complaint}")
    if os.environ.get("DJREDIS_LIBRARY"):
        fix = "Set DJREDIS_LIBRARY to the path of libdjredis.so, or unset it"
    else:
        fix = "Reinstall djredis, run `make build` in its source tree, or set DJREDIS_LIBRARY to its path"
    raise ImportError(f"libdjredis can't be loaded. {fix}. Tried: " + "; ".join(failures))


def _bind(library: ctypes.CDLL, path: str) -> ctypes.CDLL:
    """Checks that the library and the tables of this package belong together, and sets the types of its functions."""
    try:
        found = library.djredis_abi()
        if found != DJREDIS_ABI:
            raise ImportError(
                f"{path} has ABI {found}, and this djredis needs ABI {DJREDIS_ABI}: install the two in one version"
            )
        for name, (result, arguments) in PROTOTYPES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except AttributeError as error:
        raise ImportError(f"{path} is older than this djredis, or no libdjredis: {error}") from None
    return library


library = _load()
