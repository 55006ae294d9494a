"""The mapping page's form: how a file is to be read, and corrections of single rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from flask_babel import gettext as _

from commsplan.foundation.errors import Unusable
from commsplan.plans.grid import FIELDS, Book, Choices, Correction, Sheet, SheetChoice
from commsplan.plans.grid_columns import JOINED, columns_under
from commsplan.plans.grid_times import zone_named
from commsplan.plans.import_queries import Line
from commsplan.plans.import_words import KINDS

_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


def read_choices(
    form: Mapping[str, str], book: Book, choices: Choices, shown: Sequence[Line]
) -> Unusable | Choices:
    """Read the whole form; `shown` are the rows that stood on the page, as they stood there."""
    problems: dict[str, str] = {}
    zone = form.get("zone", choices.zone)
    if not zone_named(zone):
        problems["zone"] = _("Choose a time zone of the list.")
    start = form.get("start", choices.start)
    if start and not _CLOCK.fullmatch(start):
        problems["start"] = _("Write the usual time as 09:00, or leave it empty.")
    minutes = _number(form, "minutes", choices.minutes, 0, 24 * 60)
    year = _number(form, "year", choices.year, 1990, 2100)
    weeks = _number(form, "shift_weeks", choices.shift_weeks, -520, 520)
    if minutes is None:
        problems["minutes"] = _("Write how many minutes, from 0 to 1440.")
    if year is None:
        problems["year"] = _("Write a year with four digits.")
    if weeks is None:
        problems["shift_weeks"] = _("Write a whole number of weeks.")
    if problems or minutes is None or year is None or weeks is None:
        return Unusable(problems, dict(form))
    order = form.get("order", choices.order)
    read = replace(
        choices,
        zone=zone_named(zone),
        start=start,
        minutes=minutes,
        year=year,
        order=order if order in {"dmy", "mdy"} else choices.order,
        shift_weeks=weeks,
        sheets=tuple(
            _sheet(form, index, sheet, before)
            for index, (sheet, before) in enumerate(zip(book.sheets, choices.sheets, strict=True))
        ),
    )
    return read.correct({line.proposal.key: _row(form, line, choices) for line in shown})


def _number(form: Mapping[str, str], name: str, default: int, low: int, high: int) -> int | None:
    text = form.get(name, str(default)).strip() or str(default)
    if not re.fullmatch(r"[-+]?\d{1,4}", text):
        return None
    return int(text) if low <= int(text) <= high else None


def _sheet(form: Mapping[str, str], index: int, sheet: Sheet, before: SheetChoice) -> SheetChoice:
    """Read one sheet's part; a new header row means new columns, unless they were set too."""
    if f"sheet-{index}" not in form:
        return before
    used = f"sheet-{index}-used" in form
    text = form.get(f"sheet-{index}-header", "")
    numbers = {row.number for row in sheet.rows}
    header = int(text) if text.isdecimal() and int(text) in numbers | {0} else before.header
    columns: dict[int, str] = {}
    for column in range(sheet.width):
        name = form.get(f"sheet-{index}-column-{column}", "")
        if name in FIELDS and (name in JOINED or name not in columns.values()):
            columns[column] = name
    if header != before.header and columns == before.columns:
        columns = columns_under(sheet, header)
    return SheetChoice(header, columns, used)


def _row(form: Mapping[str, str], line: Line, choices: Choices) -> Correction:
    """Keep only what differs from what the page showed, on top of earlier corrections."""
    row = line.proposal
    before = choices.rows.get(row.key, Correction())
    shown_date = row.starts_local.date().isoformat() if row.starts_local else ""
    shown_time = f"{row.starts_local:%H:%M}" if row.starts_local and not row.all_day else ""
    ticked = f"include-{row.key}" in form
    kind = form.get(f"kind-{row.key}", row.kind)
    day = form.get(f"date-{row.key}", shown_date).strip()
    clock = form.get(f"time-{row.key}", shown_time).strip()
    title = " ".join(form.get(f"title-{row.key}", row.title).split())[:200]
    return Correction(
        include=before.include if ticked == line.include else ticked,
        date=before.date if day == shown_date or not _is_day(day) else _unshifted(day, choices),
        time=before.time if clock == shown_time or not _CLOCK.fullmatch(clock) else clock,
        kind=before.kind if kind == row.kind or kind not in KINDS else kind,
        title=before.title if title == row.title or not title else title,
    )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _unshifted(text: str, choices: Choices) -> str:
    """Take the weeks off a date that the page showed moved: they are added again when reading."""
    shown = date.fromisoformat(text)
    return date.fromordinal(shown.toordinal() - 7 * choices.shift_weeks).isoformat()
