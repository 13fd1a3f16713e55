"""The root of the exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Error(Exception):
    """Anything that djredis refuses or that fails in Redis. Its text is a sentence without passwords.

    Each status of the C library has a class of its own below this one (see djredis._exceptions). A wrong Python type
    is a plain TypeError.
    """

    #: The number of the status in djredis.h.
    status: int = 0
    #: True where the server has certainly executed nothing, so that trying again is safe even for a write.
    retryable: bool = False
    #: DecodeError: the bytes that can't be read, as the serializer wrote them; of what can't be decompressed, as they
    #: stand in Redis. Empty for other errors, and where get_many or a batch meets the latter: get has them.
    stored: bytes = b""
    #: get_many: what was found beside the values that can't be read, or whose server failed, by key. Empty for other errors.
    found: Mapping[Any, Any] = {}
