"""What is raised when the server is away."""

from __future__ import annotations

from typing import Any

import djredis


class ConnectionInterrumped(djredis.ConnectionError):
    """The server can't be reached, does not answer in time, or can't serve now. As it was spelt up to release 3.3.

    It is a djredis.ConnectionError always, and of a timeout, say, a djredis.TimeoutError too.
    """

    #: A connection had its place here once; the library keeps its own.
    connection: Any = None


class ConnectionInterrupted(ConnectionInterrumped):
    """The same, spelt right: what is raised."""


__all__ = ["ConnectionInterrumped", "ConnectionInterrupted"]
