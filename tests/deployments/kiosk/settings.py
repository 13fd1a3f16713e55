"""A site on one cache, which the environment names."""

import os

SECRET_KEY = "of no value: the site lives as long as its tests"
DEBUG = "KIOSK_DEBUG" in os.environ
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "kiosk.urls"
INTERNAL_IPS = ["127.0.0.1"]
USE_TZ = True

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.staticfiles"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
if "KIOSK_TOOLBAR" in os.environ:
    INSTALLED_APPS.append("debug_toolbar")
    MIDDLEWARE.append("debug_toolbar.middleware.DebugToolbarMiddleware")
STATIC_URL = "/static/"

CACHES = {
    "default": {
        "BACKEND": "djredis.django.RedisCache",
        "LOCATION": os.environ["KIOSK_LOCATION"],
        "KEY_PREFIX": "kiosk",
        "TIMEOUT": 300,
    }
}
SESSION_ENGINE = os.environ.get("KIOSK_SESSIONS", "django.contrib.sessions.backends.cache")
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("KIOSK_DATABASE", ":memory:")}}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
