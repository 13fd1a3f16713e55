"""The site's settings; shop.py's environment says where Redis and the database are, and which backend caches.

Each cache has a prefix of its own, its alias; that of "default" is the backend's name.
"""

from __future__ import annotations

import os

BACKEND = os.environ["BOOKSHOP_BACKEND"]
BACKENDS = {
    "django-redis": "django_redis.cache.RedisCache",
    "django": "django.core.cache.backends.redis.RedisCache",
}
# The options of further caches. Only django-redis has them.
FORMATS = {
    "json": {"SERIALIZER": "django_redis.serializers.json.JSONSerializer"},
    "zlib": {"COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor"},
    "lz4": {"COMPRESSOR": "django_redis.compressors.lz4.Lz4Compressor"},
    "zstd": {"COMPRESSOR": "django_redis.compressors.zstd.ZStdCompressor"},
}


def redis_cache(prefix: str, options: dict[str, str]) -> dict[str, object]:
    location = f"unix://{os.environ['BOOKSHOP_SOCKET']}?db=0"
    return {"BACKEND": BACKENDS[BACKEND], "LOCATION": location, "KEY_PREFIX": prefix, "OPTIONS": options}


CACHES = {"default": redis_cache(BACKEND, {})}
if BACKEND == "django-redis":
    CACHES |= {name: redis_cache(name, options) for name, options in FORMATS.items()}

SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "bookshop.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["BOOKSHOP_DATABASE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
USE_I18N = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "bookshop",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
