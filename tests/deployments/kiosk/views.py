"""Pages that use the cache, and say which process answered."""

import asyncio
import contextlib
import os
import uuid

from django.core.cache import cache
from django.http import HttpResponse, JsonResponse
from django.template import engines

EDITION = 1
REPEATS = 20

FRAGMENT = "{% load cache %}{% cache 60 headline %}{{ word }}{% endcache %}"


def answer(**found):
    return JsonResponse({"pid": os.getpid(), **found})


def edition(request):
    return answer(edition=EDITION)


def own(request, name):
    """Values that name their key: a reply that went to another caller would show."""
    keys = [f"{name}:{number}" for number in range(REPEATS)]
    cache.set_many({key: {"key": key} for key in keys})
    wrong = sum(cache.get(key) != {"key": key} for key in keys)
    found = cache.get_many(keys)
    return answer(wrong=wrong + sum(found.get(key) != {"key": key} for key in keys), sockets=sockets())


def sockets():
    links = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # closed in the meantime
            links.append(os.readlink(f"/proc/self/fd/{name}"))
    return [link for link in links if link.startswith("socket:")]


async def awaited(request, name):
    """The same by coroutines, all at once."""
    keys = [f"{name}:{number}" for number in range(REPEATS)]

    async def is_wrong(key):
        await cache.aset(key, {"key": key})
        return await cache.aget(key) != {"key": key}

    return answer(wrong=sum(await asyncio.gather(*map(is_wrong, keys))))


def count(request):
    cache.add("count", 0, timeout=None)
    return answer(count=cache.incr("count"))


def visits(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return answer(visits=request.session["visits"])


def fresh(request):
    return HttpResponse(uuid.uuid4().hex)


def fragment(request):
    return HttpResponse(engines["django"].from_string(FRAGMENT).render({"word": uuid.uuid4().hex}))


def body(request):
    """A page that the toolbar is put into."""
    cache.set("toolbar", 1)
    cache.get("toolbar")
    return HttpResponse("<html><body>a page</body></html>")
