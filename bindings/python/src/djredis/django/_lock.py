"""A backend's locks."""

from __future__ import annotations

from typing import Any

import djredis

from ._ignore import Guard


class Lock(djredis.Lock):
    """A lock that can't be acquired while the server is away and IGNORE_EXCEPTIONS is on."""

    guard: Guard

    def acquire(self, *args: Any, **kwargs: Any) -> bool:
        """See djredis.Lock."""
        try:
            return super().acquire(*args, **kwargs)
        except djredis.Error as error:
            return bool(self.guard.trouble(error, False))

    def release(self) -> None:
        """See djredis.Lock."""
        try:
            super().release()
        except djredis.Error as error:
            self.guard.trouble(error)
