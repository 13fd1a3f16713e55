"""The pages."""

from django.conf import settings
from django.urls import include, path
from django.views.decorators.cache import cache_page

from . import views

urlpatterns = [
    path("edition", views.edition),
    path("own/<slug:name>", views.own),
    path("awaited/<slug:name>", views.awaited),
    path("count", views.count),
    path("visits", views.visits),
    path("page", cache_page(60)(views.fresh)),
    path("fragment", views.fragment),
    path("body", views.body),
]
if "debug_toolbar" in settings.INSTALLED_APPS:
    urlpatterns.append(path("__debug__/", include("debug_toolbar.urls")))
