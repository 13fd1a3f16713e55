"""The site for WSGI servers. One that loads it before it forks has a connection by then, which no child may use."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kiosk.settings")
application = get_wsgi_application()

from django.core.cache import cache  # noqa: E402

cache.set("loaded in", os.getpid())


def busy():
    while True:
        cache.set("busy", cache.get("loaded in"))


if "KIOSK_BUSY" in os.environ:
    threading.Thread(target=busy, daemon=True).start()
