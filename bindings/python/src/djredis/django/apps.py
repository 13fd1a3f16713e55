"""The application "djredis.django": in INSTALLED_APPS it sees to it that `manage.py check` has the caches' checks."""

from __future__ import annotations

from django.apps import AppConfig


class DjredisConfig(AppConfig):
    """It has no models, and a cache needs no application: it is for the checks alone."""

    name = "djredis.django"
    label = "djredis"
    verbose_name = "djredis"

    def ready(self) -> None:
        """Registers the checks."""
        from . import checks  # noqa: F401
