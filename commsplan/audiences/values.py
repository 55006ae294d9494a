"""What people type and what a rule keeps: "Germany" and DE, "Bea Berg <bea@…>" and her key."""

from __future__ import annotations

import unicodedata
from functools import cache

from babel import Locale
from sqlalchemy import select

from commsplan.audiences.matching import folded
from commsplan.audiences.rules import fold
from commsplan.audiences.words import locale, say_value
from commsplan.foundation.database import db
from commsplan.foundation.dates import ZONES, city
from commsplan.people.models import Person
from commsplan.people.queries import person_by_email
from commsplan.people.rules import normalise_email


class NotUnderstood(ValueError):
    """What was typed names nothing, or more than one."""

    def __init__(self, found: int = 0) -> None:
        super().__init__()
        self.found = found
        """How many it could be."""


def show_value(field: str, value: str) -> str:
    """Return a rule's value as people would type it."""
    if field in ("country", "language"):
        return say_value(field, value)
    if field == "manager":
        person = db.session.get(Person, int(value))
        return f"{person.name} <{person.email}>" if person else ""
    return value


def clean(typed: str) -> str:
    """Return a typed text composed, without controls and without space around it."""
    composed = unicodedata.normalize("NFC", typed.replace("\t", " "))
    return "".join(letter for letter in composed if letter.isprintable()).strip()


def read_value(field: str, typed: str, *, whole: bool) -> str:
    """Return what a rule keeps for a typed text.

    Args:
        whole: the text names a whole value, rather than its beginning or a part of it.

    Raises:
        NotUnderstood: no such person, or several of that name.
    """
    if field == "manager":
        return _person(typed)
    if field in ("country", "language") and whole:
        known = _names(field, str(locale())) | _names(field, "en")
        return known.get(fold(typed), typed.upper() if field == "country" else typed)
    if field == "zone" and whole and typed not in ZONES:
        same_city = [zone for zone in sorted(ZONES) if fold(city(zone)) == fold(typed)]
        return same_city[0] if same_city else typed
    return typed


def _person(typed: str) -> str:
    address = typed.rpartition("<")[2].rstrip("> ")
    person = person_by_email(normalise_email(address))
    if person is None:
        found = db.session.scalars(
            select(Person).where(folded(Person.name) == fold(typed)).limit(10)
        ).all()
        if len(found) != 1:
            raise NotUnderstood(len(found))
        person = found[0]
    return str(person.id)


@cache
def _names(field: str, language: str) -> dict[str, str]:
    """Names of countries (two letters) or languages → their codes, in one language."""
    table = Locale.parse(language)
    names = table.territories if field == "country" else table.languages
    return {
        fold(name): code.replace("_", "-")
        for code, name in names.items()
        if field == "language" or (len(code) == 2 and code.isalpha())
    }
