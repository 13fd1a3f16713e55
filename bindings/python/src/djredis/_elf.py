"""Whether a file can be loaded as a library: what the system's loader says wrongly, or dies of.

Linux says "No such file" of a library for another processor, and one that was cut off kills the process with SIGBUS.
"""

from __future__ import annotations

import os
import struct

_IDENT = struct.Struct("=4sBB10xHH")  # magic, 32 or 64 bits, byte order, type, processor
_HEADER_64 = struct.Struct("=40xQ10xHH2x")  # where the last table starts, the size of its entries, their number
_ELF, _64_BITS = b"\x7fELF", 2
_PROCESSORS = {3: "x86", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64", 258: "loongarch64"}


def complaint(path: str) -> str | None:
    """Why the file at `path` can't be loaded into this process; None if nothing speaks against it."""
    try:
        ours = _start("/proc/self/exe")
    except OSError:
        return None  # no Linux
    try:
        theirs = _start(path)
        size = os.path.getsize(path)
    except OSError as error:
        return error.strerror or str(error)
    if theirs[:4] != _ELF:
        return "it is no shared library"
    if len(theirs) < _HEADER_64.size:
        return "it is cut off"
    kind, own = _IDENT.unpack_from(theirs), _IDENT.unpack_from(ours)
    if (kind[1], kind[2], kind[4]) != (own[1], own[2], own[4]):
        return f"it is for {_machine(kind)}, and this Python is for {_machine(own)}"
    start, each, count = _HEADER_64.unpack_from(theirs)
    return "it is cut off" if kind[1] == _64_BITS and start + each * count > size else None


def _start(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_HEADER_64.size)


def _machine(kind: tuple[bytes, int, int, int, int]) -> str:
    name = _PROCESSORS.get(kind[4], f"processor {kind[4]}")
    return f"{name}, {32 * kind[1]} bits"
