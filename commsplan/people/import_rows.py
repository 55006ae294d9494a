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
READERS: dict[str, Callable[[str], str]] = {
    "country": read_country,
    "zone": read_zone,
    "language": read_language,
}
KEPT = frozenset({*WORDS, *READERS, "started_on"}) - {"name"}
"""Fields without which a row can still be used."""

Values = dict[str, object]
"""What goes into one StaffImportRow, by column."""


@dataclass(frozen=True)
class RowReader:
    """Reads the rows of one file."""

    columns: Columns
    day_order: DayOrder
    import_id: int

    def read(self, line: int, cells: list[str]) -> Values:
        """Return the values of one row.

        `problem` says why it cannot be used at all; `remark` what a used one goes without, whose
        fields are named in `left_out`.
        """
        problems: list[str] = []
        remarks: dict[str, str] = {}
        given = self._given(cells)
        if any(cells[len(self.columns.header) :]):
            problems.append(
                _("There are more cells than columns; a quotation mark may be missing.")
            )
        missing = self._missing(cells, problems, remarks)
        values: Values = {
            "import_id": self.import_id,
            "line": line,
            "attributes": self._attributes(cells, remarks),
            "external_id": given.get("external_id") or None,
            "started_on": self._day(given.get("started_on", ""), remarks),
            **self._places(given, missing, remarks),
        }
        self._addresses(given, values, problems)
        self._words(given, values, problems, remarks)
        left_out = sorted(missing | (remarks.keys() & KEPT))
        values["left_out"] = f",{','.join(left_out)}," if left_out else ""
        values["problem"] = " ".join(problems)
        values["remark"] = " ".join(dict.fromkeys(remarks.values()))
        return values

    def _missing(
        self, cells: list[str], problems: list[str], remarks: dict[str, str]
    ) -> frozenset[str]:
        """Return the fields a cut-off row says nothing about; one that lost half is unusable."""
        width = self.columns.width
        if len(cells) >= width:
            return frozenset()
        said = _(
            "The row has %(cells)s cells, the header %(columns)s.", cells=len(cells), columns=width
        )
        if (width - len(cells)) * 2 >= width:
            problems.append(said)
        else:
            remarks["cells"] = said
        fields = {field for field, at in self.columns.fields.items() if at >= len(cells)}
        if "country" in fields and "zone" not in self.columns.fields:
            fields.add("zone")  # it comes from the country
        return frozenset(fields)

    def _given(self, cells: list[str]) -> dict[str, str]:
        found = self.columns.fields.items()
        return {field: _clean(cells[at]) for field, at in found if at < len(cells)}

    def _attributes(self, cells: list[str], remarks: dict[str, str]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for position, name in self.columns.further.items():
            if position >= len(cells):
                continue
            cell = _clean(cells[position])
            if len(cell) > ATTRIBUTE_LIMIT:
                remarks[f"attribute {name}"] = _too_long(name, ATTRIBUTE_LIMIT)
            else:
                found[name] = cell or None
        return found

    def _day(self, cell: str, remarks: dict[str, str]) -> date | None:
        if not cell:
            return None
        try:
            return read_day(cell, self.day_order)
        except Misread as error:
            remarks["started_on"] = str(error)
            return None

    def _places(
        self, given: dict[str, str], missing: frozenset[str], remarks: dict[str, str]
    ) -> dict[str, str]:
        found = {
            field: _read_or_remark(reader, field, given, remarks)
            for field, reader in READERS.items()
        }
        unread = "country" in remarks and "zone" not in missing
        found["zone"] = found["zone"] or zone_of_country(found["country"])
        if unread and not found["zone"]:
            remarks.setdefault("zone", remarks["country"])  # a country gives its zone
        return found

    def _addresses(self, given: dict[str, str], values: Values, problems: list[str]) -> None:
        raw = given.get("email", "")
        if not raw:
            problems.append(_("The e-mail address is missing."))
        values["email"] = _read(read_email, raw, problems) or normalise_email(raw)[:254]
        manager = normalise_email(given.get("manager_email", ""))
        values["manager_email"] = manager[:254]

    def _words(
        self,
        given: dict[str, str],
        values: Values,
        problems: list[str],
        remarks: dict[str, str],
    ) -> None:
        name, first = _name(given)
        if not name:
            problems.append(_("The name is missing."))
        words = {**given, "name": name, "first_name": first}
        for field in WORDS:
            values[field] = words.get(field, "")[: LIMITS[field]]
        for field, limit in LIMITS.items():
            if len(words.get(field, "")) > limit:
                at = self.columns.fields.get(field)
                said = _too_long(self.columns.header[at] if at is not None else field, limit)
                if field in KEPT:
                    remarks[field], values[field] = said, ""
                else:
                    problems.append(said)
        values["external_id"] = words.get("external_id", "")[: LIMITS["external_id"]] or None


def _clean(cell: str) -> str:
    """Take out control characters, which no directory needs and some databases refuse."""
    return cell if cell.isprintable() else CONTROLS.sub(" ", cell).strip()


def _read_or_remark(
    reader: Callable[[str], str], field: str, given: dict[str, str], remarks: dict[str, str]
) -> str:
    problems: list[str] = []
    found = _read(reader, given.get(field, ""), problems)
    if problems:
        remarks[field] = problems[0]
    return found


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
