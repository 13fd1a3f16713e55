"""The site as a process: a command a line, tabs between its words; its answer is a line of JSON.

    visit            fills the caches: what stands in them, and what the readers must show of it
    formats          the same for the caches with other serializers and compressors
    cycle            the key of a cached object that contains itself
    look ALIAS KEY   what stands under a key
    book ALIAS KEY   the same, which must be a book
    save KEY         saves the book that stands under a key: what the database has then
    related KEY      the titles of the books of the author under a key, without asking the database
    basket           what the visitor's browser gets
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bookshop.settings"
django.setup()

from django.core.cache import cache, caches  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bookshop import visit  # noqa: E402
from bookshop.models import Book  # noqa: E402
from bookshop.notation import shown, shown_book  # noqa: E402


class Shop:
    def visit(self) -> Any:
        call_command("migrate", run_syncdb=True, verbosity=0)
        self.client, cached = visit.fill()
        return cached

    def formats(self) -> Any:
        return visit.fill_formats()

    def cycle(self) -> str:
        return visit.cache_cycle()

    def look(self, alias: str, key: str) -> Any:
        return shown(caches[alias].get(key))

    def book(self, alias: str, key: str) -> Any:
        return shown_book(loaded(alias, key))

    def save(self, key: str) -> Any:
        book = loaded("default", key)
        book.save()
        return shown_book(Book.objects.get(pk=book.pk))

    def related(self, key: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            titles = [book.title for book in cache.get(key).book_set.all()]
        if queries.captured_queries:
            raise RuntimeError("the prefetched books are lost")
        return titles

    def basket(self) -> Any:
        return self.client.get("/basket/").json()


def loaded(alias: str, key: str) -> Book:
    book = caches[alias].get(key)
    if type(book) is not Book:
        raise TypeError(f"{key} holds a {type(book)}")
    return book


def main() -> None:
    shop = Shop()
    for line in sys.stdin:
        command, *words = line.rstrip("\n").split("\t")
        print(json.dumps(getattr(shop, command)(*words)), flush=True)


main()
