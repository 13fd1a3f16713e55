"""A page that is cached as a whole, with a cached fragment in it, and one that lives in the session."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_page

from .models import Book


@cache_page(600)
def books(request: HttpRequest) -> HttpResponse:
    response = render(request, "bookshop/books.html", {"books": Book.objects.order_by("id"), "language": "en"})
    response.headers["X-Books"] = str(Book.objects.count())
    return response


def basket(request: HttpRequest) -> HttpResponse:
    """Puts a book into the visitor's basket, with POST; answers what is in it, and to whom it belongs."""
    if request.method == "POST":
        request.session.setdefault("basket", []).append(request.POST["title"])
        request.session.modified = True
        messages.success(request, f"{request.POST['title']} is in your basket.")
    return JsonResponse({"visitor": request.user.get_username(), "basket": request.session["basket"]})
