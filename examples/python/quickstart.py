"""Stores a value and reads it back.

    pip install ./bindings/python
    python examples/python/quickstart.py 127.0.0.1:6379:0
"""

import sys

from djredis import Cache

location = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:6379:0"

with Cache(location, key_prefix="quickstart") as cache:
    cache.set("greeting", {"text": "hello, world", "languages": ["C", "Python"]}, timeout=60)
    print(cache.get("greeting")["text"])
