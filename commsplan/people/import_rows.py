"""One row of a staff list: its cells checked and put under our names, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import cast

from flask_babel import gettext as _
from sqlalchemy import String

from commsplan.people.import_columns import Columns
from commsplan.people.import_values import (
    DayOrder,
    Misread,
    read_country,
    read_day,
    read_email,
    read_language,
    read_zone,
    zone_of_country,
)
from commsplan.people.models import Person
from commsplan.people.rules import normalise_email

ATTRIBUTE_LIMIT = 1000  # characters
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
WORDS = ("name", "first_name", "title", "department", "location", "employment")
LIMITS: dict[str, int] = {
    field: cast(String, Person.__table__.c[field].type).length or 0
    for field in (*WORDS, "external_id")
}
AFTER_A_COMMA = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "dr", "mba"})

Values = dict[str, object]
"""What goes into one StaffImportRow, by column."""


@dataclass(frozen=True)
class RowReader:
    """Reads the rows of one file."""

    columns: Columns
    day_order: DayOrder
    import_id: int

    def read(self, line: int, cells: list[str]) -> Values:
        """Return the values of one row; `problem` says all that is wrong with it."""
        problems: list[str] = []
        given = self._given(cells)
        if any(cells[len(self.columns.header) :]):
            problems.append(
                _("There are more cells than columns; a quotation mark may be missing.")
            )
        values: Values = {
            "import_id": self.import_id,
            "line": line,
            "attributes": self._attributes(cells, problems),
            "external_id": given.get("external_id") or None,
            "started_on": self._day(given.get("started_on", ""), problems),
            **self._places(given, problems),
        }
        self._addresses(given, values, problems)
        self._words(given, values, problems)
        values["problem"] = " ".join(problems)
        return values

    def _given(self, cells: list[str]) -> dict[str, str]:
        found = self.columns.fields.items()
        return {field: _clean(cells[at]) for field, at in found if at < len(cells)}

    def _attributes(self, cells: list[str], problems: list[str]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for position, name in self.columns.further.items():
            cell = _clean(cells[position]) if position < len(cells) else ""
            if len(cell) > ATTRIBUTE_LIMIT:
                problems.append(_too_long(name, ATTRIBUTE_LIMIT))
            found[name] = cell[:ATTRIBUTE_LIMIT] or None
        return found

    def _day(self, cell: str, problems: list[str]) -> date | None:
        if not cell:
            return None
        try:
            return read_day(cell, self.day_order)
        except Misread as error:
            problems.append(str(error))
            return None

    def _places(self, given: dict[str, str], problems: list[str]) -> dict[str, str]:
        country = _read(read_country, given.get("country", ""), problems)
        zone = _read(read_zone, given.get("zone", ""), problems)
        return {
            "country": country,
            "zone": zone or zone_of_country(country),
            "language": _read(read_language, given.get("language", ""), problems),
        }

    def _addresses(self, given: dict[str, str], values: Values, problems: list[str]) -> None:
        raw = given.get("email", "")
        if not raw:
            problems.append(_("The e-mail address is missing."))
        values["email"] = _read(read_email, raw, problems) or normalise_email(raw)[:254]
        manager = normalise_email(given.get("manager_email", ""))
        values["manager_email"] = manager[:254]

    def _words(self, given: dict[str, str], values: Values, problems: list[str]) -> None:
        name, first = _name(given)
        if not name:
            problems.append(_("The name is missing."))
        words = {**given, "name": name, "first_name": first}
        for field in WORDS:
            values[field] = words.get(field, "")[: LIMITS[field]]
        for field, limit in LIMITS.items():
            if len(words.get(field, "")) > limit:
                at = self.columns.fields.get(field)
                problems.append(
                    _too_long(self.columns.header[at] if at is not None else field, limit)
                )
        values["external_id"] = words.get("external_id", "")[: LIMITS["external_id"]] or None


def _clean(cell: str) -> str:
    """Take out control characters, which no directory needs and some databases refuse."""
    return cell if cell.isprintable() else CONTROLS.sub(" ", cell).strip()


def _read(reader: Callable[[str], str], cell: str, problems: list[str]) -> str:
    if not cell:
        return ""
    try:
        return reader(cell)
    except Misread as error:
        problems.append(str(error))
        return ""


def _name(given: dict[str, str]) -> tuple[str, str]:
    """Return full and first name; "Berg, Anna" is Anna Berg."""
    first, last, name = (given.get(key, "") for key in ("first_name", "last_name", "name"))
    if not name:
        return " ".join(part for part in (first, last) if part), first
    parts = [part.strip() for part in name.split(",")]
    if len(parts) == 2 and all(parts) and _suffix(parts[1]) not in AFTER_A_COMMA:
        return f"{parts[1]} {parts[0]}", first or parts[1].split(" ")[0]
    return name, first


def _suffix(word: str) -> str:
    """Return what stands after a comma without full stops: "Jr." is "jr"."""
    return word.replace(".", "").casefold()


def _too_long(column: str, limit: int) -> str:
    words = _("“%(column)s” is longer than %(limit)s characters.", column=column[:80], limit=limit)
    return str(words)
