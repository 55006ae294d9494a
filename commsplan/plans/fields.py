"""Reading single fields of a form: each gives its value, or names its problem and goes on."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, time

from flask_babel import gettext as _

from commsplan.foundation.errors import Unusable
from commsplan.people.models import Person
from commsplan.people.queries import find_people, person_by_email

BEHIND_NAME = re.compile(r"[(<]([^()<>\s]+@[^()<>\s]+)[)>]\s*$")
"""The address in "Lena Lead (lena.lead@northwind.example)", as suggestions write it."""
DAY_STYLES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")
SUGGESTED = 8
TIME_STYLES = ("%H:%M", "%H:%M:%S", "%H.%M")


class Fields:
    """One form being read; problems gather by field name."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form
        self.problems: dict[str, str] = {}
        self.choices: dict[str, list[Person]] = {}
        """Fields in which a name fits several people: those people."""

    def unusable(self) -> Unusable:
        """Return the problems together with everything that was typed."""
        typed: dict[str, object] = dict(self._form)
        return Unusable(self.problems, {**typed, "choices": self.choices})

    def text(self, name: str, longest: int, missing: str = "") -> str:
        """Return trimmed text; `missing` says what to do when there has to be one."""
        value = self._form.get(name, "").replace("\r\n", "\n").replace("\x00", "").strip()
        if missing and not value:
            self.problems[name] = missing
        if len(value) > longest:
            self.problems[name] = _(
                "This is %(have)s characters long; at most %(longest)s fit.",
                have=len(value),
                longest=longest,
            )
        return value

    def one_of(self, name: str, allowed: Collection[str], default: str) -> str:
        """Return one of the allowed words, or the default where the field is absent."""
        value = self._form.get(name, "") or default
        if value not in allowed:
            self.problems[name] = _("Choose one of those offered.")
            return default
        return value

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return bool(self._form.get(name))

    def day(self, name: str, missing: str = "") -> date | None:
        """Return a date, or None where the field is empty."""
        raw = self._form.get(name, "").strip()
        if not raw:
            if missing:
                self.problems[name] = missing
            return None
        for style in DAY_STYLES:
            try:
                found = datetime.strptime(raw, style).date()  # noqa: DTZ007  # a day has no zone
            except ValueError:
                continue
            if 2000 <= found.year <= 2100:
                return found
            break
        self.problems[name] = _("This is not a date. Write it as 2026-11-24.")
        return None

    def hour(self, name: str) -> time | None:
        """Return a time of day, or None where the field is empty."""
        raw = self._form.get(name, "").strip()
        if not raw:
            return None
        for style in TIME_STYLES:
            try:
                return datetime.strptime(raw, style).time()  # noqa: DTZ007  # a clock has no zone
            except ValueError:
                continue
        self.problems[name] = _("This is not a time of day. Write it as 09:00.")
        return None

    def number(self, name: str, missing: str) -> float:
        """Return a figure; a comma may stand for the decimal point."""
        raw = self._form.get(name, "").strip().replace(" ", "").removesuffix("%")
        if not raw:
            self.problems[name] = missing
            return 0.0
        try:
            value = float(raw.replace(",", "."))
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or abs(value) > 1e12:
            self.problems[name] = _("This is not a figure. Write it as 90 or 0.5.")
            return 0.0
        return value

    def whole_number(self, name: str, most: int) -> int | None:
        """Return a number of things from 1, or None where the field is empty."""
        raw = self._form.get(name, "").strip()
        if not raw:
            return None
        if not (raw.isascii() and raw.isdecimal() and len(raw) < 10 and 1 <= int(raw) <= most):
            self.problems[name] = _("Write a whole number from 1 to %(most)s.", most=most)
            return None
        return int(raw)

    def person(self, name: str, missing: str = "") -> int | None:
        """Return the id of whoever is meant by an e-mail address, or by a name that fits one.

        A name that fits several asks; the answer (`<name>_pick`) counts while the words beside it
        are the ones that asked (`<name>_asked`).
        """
        raw = self._form.get(name, "").strip()
        if not raw:
            if missing:
                self.problems[name] = missing
            return None
        picked = self._form.get(f"{name}_pick", "")
        if picked and self._form.get(f"{name}_asked", "") == raw:
            raw = picked
        behind = BEHIND_NAME.search(raw)
        address = behind.group(1) if behind else raw
        if "@" in address:
            return self._by_address(name, address)
        return self._by_name(name, raw)

    def _by_address(self, name: str, address: str) -> int | None:
        found = person_by_email(address)
        if found is None or found.left_on is not None:
            self.problems[name] = _(
                "Nobody in the directory has the address %(address)s.", address=address
            )
            return None
        return found.id

    def _by_name(self, name: str, raw: str) -> int | None:
        found = suggested(raw)
        exact = [person for person in found if person.name.casefold() == raw.casefold()]
        candidates = exact or found
        if len(candidates) == 1:
            return candidates[0].id
        if candidates:
            self.choices[name] = candidates
            self.problems[name] = _("Several people fit “%(name)s”. Choose one below.", name=raw)
        else:
            self.problems[name] = _(
                "Nobody in the directory fits “%(name)s”. Try an e-mail address.", name=raw
            )
        return None


def suggested(text: str) -> list[Person]:
    """Return who may be meant, few enough to choose from: by name or address, else department."""
    found = find_people(text, 50)
    wanted = text.casefold()
    by_name = [who for who in found if wanted in who.name.casefold() or wanted in who.email]
    return (by_name or found)[:SUGGESTED]


def label_of(person: Person | None) -> str:
    """Return how a person stands in a form: name and address."""
    return f"{person.name} ({person.email})" if person else ""
