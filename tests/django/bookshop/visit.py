"""A visit to the site, which fills its caches: what is cached under which key."""

from __future__ import annotations

import datetime
import decimal
import uuid
import zoneinfo
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache, caches
from django.core.cache.utils import make_template_fragment_key
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.cache import get_cache_key
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from .models import Author, Book
from .notation import shown, shown_book

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


class Cached(NamedTuple):
    """A key, the readers' command that shows what stands there, and what it must answer."""

    command: str
    key: str
    expected: Any


def add_books() -> Book:
    """Three books in the database; the last one as it was made, not as the database gives it."""
    author = Author.objects.create(name="Ada Lovelace", born=datetime.date(1815, 12, 10))
    made = []
    for number in range(3):
        made.append(
            Book.objects.create(
                author=author,
                title=f"Notes <{number}> – ünïcode",
                price=decimal.Decimal("9.50") + number,
                published=datetime.datetime(2024, 2, 29, 12, 30, 15, 250000, tzinfo=BERLIN),
                isbn=uuid.UUID(int=2**100 + number),
                details={"pages": 300 + number, "weight": 0.25, "tags": ["a", None, True, {"deep": []}]},
                in_print=number != 1,
                genre=Book.Genre.SCIENCE,
                loan=datetime.timedelta(days=-1, seconds=2, microseconds=3),
                cover=None if number == 1 else b"\x00\xff\x89PNG",
            )
        )
    return made[-1]


def visitor() -> Client:
    """Somebody who is logged in, has a book in the basket and a message waiting."""
    client = Client()
    client.force_login(User.objects.create_user("ada"))
    client.post("/basket/", {"title": Book.objects.first().title})
    return client


def fill() -> tuple[Client, dict[str, Cached]]:
    """Caches all kinds of things, each under a name of the tests. Gives the visitor too."""
    made = add_books()
    client = visitor()
    page = client.get("/books/")
    if client.get("/books/").headers["Expires"] != page.headers["Expires"]:
        raise RuntimeError("the page did not come from the cache")
    cached = {
        "session": Cached("show", client.session.cache_key, shown(dict(client.session))),
        "page": cached_page(page),
        "fragment": cached_fragment(page),
    }
    return client, cached | cached_books(made) | cached_values()


def cached_page(page: HttpResponse) -> Cached:
    request = RequestFactory().get("/books/")
    expected = {"content": page.content.decode(), "headers": dict(page.headers)}
    return Cached("page", get_cache_key(request), expected)


def cached_fragment(page: HttpResponse) -> Cached:
    key = make_template_fragment_key("shelf", ["en"])
    text = page.content.decode().split("\n")[2]
    return Cached("show", key, {"$safe": text})


def cached_books(made: Book) -> dict[str, Cached]:
    """Model instances and querysets. A queryset is run when it is pickled."""
    books = Book.objects.order_by("id")
    one = Book.objects.get(pk=1)
    with_author = Book.objects.select_related("author").get(pk=2)
    values = books.values("id", "title", "price", "published", "author__name")
    pairs = books.values_list("id", "title")
    cache.set_many({"one": one, "with_author": with_author, "made": made})
    cache.set_many({"list": list(books), "queryset": books.all(), "values": values, "pairs": pairs})
    return {
        "instance": Cached("book", "one", shown_book(one)),
        "instance with a related one": Cached("book", "with_author", shown_book(with_author)),
        "instance as it was made": Cached("book", "made", shown_book(made)),
        "list of instances": Cached("books", "list", [shown_book(book) for book in books]),
        "queryset": Cached("queryset", "queryset", [shown_book(book) for book in books]),
        "queryset of values": Cached("rows", "values", shown(list(values))),
        "queryset of tuples": Cached("rows", "pairs", shown(list(pairs))),
    }


def cached_values() -> dict[str, Cached]:
    values = {
        "safe_text": mark_safe("<b>bold</b>"),
        "lazy_translation": gettext_lazy("Yes"),
        "visits": 42,
        "list_of_values": list(Book.objects.values()),
    }
    cache.set_many(values)
    return {name: Cached("show", name, shown(value)) for name, value in values.items()}


def cache_cycle() -> str:
    """The key of an object that contains itself: an author whose prefetched books have that author."""
    cache.set("cycle", Author.objects.prefetch_related("book_set").get(pk=1))
    return "cycle"


def fill_formats() -> dict[str, dict[str, Cached]]:
    """The caches with other serializers and compressors, by their aliases."""
    return {alias: fill_format(alias) for alias in settings.CACHES if alias != "default"}


def fill_format(alias: str) -> dict[str, Cached]:
    """What comes back from a cache is what it can hold: JSON has texts for dates and Decimals, and no instances."""
    used = caches[alias]
    used.set_many({"rows": list(Book.objects.values("id", "title", "price", "published", "details")), "visits": 42})
    cached = {key: Cached("show", key, shown(value)) for key, value in used.get_many(["rows", "visits"]).items()}
    if alias != "json":
        book = Book.objects.get(pk=1)
        used.set("book", book)
        cached["instance"] = Cached("book", "book", shown_book(book))
    return cached
