"""The site's worker. Its pool forks when the parent has a connection, which no child may use."""

import os

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kiosk.settings")
django.setup()

from django.core.cache import cache  # noqa: E402

app = Celery("kiosk", broker=os.environ["KIOSK_BROKER"])
app.conf.broker_connection_retry_on_startup = True
cache.set("loaded in", os.getpid())


@app.task
def remember(name):
    keys = [f"{name}:{number}" for number in range(20)]
    for key in keys:
        cache.set(key, {"key": key})
    wrong = sum(cache.get(key) != {"key": key} for key in keys)
    cache.set(f"done:{name}", {"wrong": wrong, "pid": os.getpid()})
