"""The caches of a site with other serializers and compressors; only django-redis has them."""

from __future__ import annotations

import pytest

from conftest import Site

# Alias of the site's cache: our options for it, and how a compressed value starts.
FORMATS = {
    "json": ({"serializer": "json"}, b"["),
    "zlib": ({"compressor": "zlib"}, b"\x78"),
    "lz4": ({"compressor": "lz4"}, b"\x04\x22\x4d\x18"),
    "zstd": ({"compressor": "zstd"}, b"\x28\xb5\x2f\xfd"),
}
