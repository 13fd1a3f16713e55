"""Books and who wrote them, with the kinds of fields that sites use."""

from __future__ import annotations

import uuid

from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)
    born = models.DateField()


class Book(models.Model):
    class Genre(models.TextChoices):
        NOVEL = "novel", "Novel"
        SCIENCE = "science", "Science"

    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    title = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    published = models.DateTimeField()
    isbn = models.UUIDField(default=uuid.uuid4)
    details = models.JSONField(default=dict)
    in_print = models.BooleanField(default=True)
    genre = models.CharField(max_length=20, choices=Genre.choices)
    loan = models.DurationField()
    cover = models.BinaryField(null=True)
