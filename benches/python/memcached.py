"""A memcached of one's own on a unix socket."""

from __future__ import annotations

import getpass
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

# Large enough for a value of 1 MB, and for all values.
LARGEST, MEMORY = "4m", "256"
START_TIMEOUT = 20.0


@contextmanager
def running() -> Iterator[str]:
    """Its socket."""
    with tempfile.TemporaryDirectory(prefix="djredis-memcached-") as folder:
        socket = Path(folder, "socket")
        options = ["-s", str(socket), "-I", LARGEST, "-m", MEMORY, "-u", getpass.getuser()]
        process = subprocess.Popen(["memcached", *options])
        try:
            end = time.monotonic() + START_TIMEOUT
            while not socket.exists():
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit("memcached.py: memcached does not start")
                time.sleep(0.01)
            yield str(socket)
        finally:
            process.terminate()
            process.wait()


def version() -> str:
    """Such as 1.6.18."""
    printed = subprocess.run(["memcached", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return printed.split()[-1]
