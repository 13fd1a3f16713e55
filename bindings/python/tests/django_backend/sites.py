"""Django sites in processes of their own: a settings file, and a program that runs with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"

#: What a settings file needs beside CACHES.
SITE = """
SECRET_KEY = "not used for anything that is kept"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
INSTALLED_APPS = ["django.contrib.sessions"]
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
"""
#: A page that the cache keeps, one with a session, and functions that make keys.
URLS = """
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.cache import cache_page

visits = []

def page(request):
    visits.append(1)
    return HttpResponse(f"visit {len(visits)}")

def counter(request):
    request.session["seen"] = request.session.get("seen", 0) + 1
    return HttpResponse(str(request.session["seen"]))

def own_key(key, prefix, version):
    return f"{key}|{version}|{prefix}"

def key_of(made):
    return made.split("|")[0]

urlpatterns = [path("", cache_page(60)(page)), path("counter", counter)]
"""


def run(folder: Path, settings: str, code: str, *arguments: str, after: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a program on a site with these settings; it has called django.setup().

    after: what the settings file ends with.
    """
    (folder / "site_settings.py").write_text(settings + SITE + after)
    (folder / "urls.py").write_text(URLS)
    names = {
        **os.environ,
        "PYTHONPATH": f"{SOURCE}{os.pathsep}{folder}",
        "DJANGO_SETTINGS_MODULE": "site_settings",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-c", f"import django\ndjango.setup()\n{code}", *arguments]
    return subprocess.run(command, env=names, cwd=folder, capture_output=True, text=True, timeout=120)


def output(done: subprocess.CompletedProcess[str]) -> str:
    """What a program printed; it must have succeeded."""
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
