"""Put rows together: what each row of a planning sheet would become, or why it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from commsplan.plans.grid import (
    Book,
    Cell,
    Choices,
    Correction,
    Proposal,
    Row,
    Sheet,
    SheetChoice,
    Trouble,
)
from commsplan.plans.grid_columns import is_header
from commsplan.plans.grid_dates import Calendar, Day, is_month_title, month_and_year, read_day
from commsplan.plans.grid_ends import End, Span, read_end, span_of
from commsplan.plans.grid_times import Hours, read_hours, zone_named
from commsplan.plans.grid_words import KINDS, kind_of, plain, status_of

LIMITS = {
    "title": 200,
    "audience": 200,
    "owner": 200,
    "mechanism": 120,
    "frequency": 60,
    "place": 200,
    "conference": 500,
}
"""Characters, as the table of activities keeps them; what is longer goes on in the comments."""
_ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)")
_SECTION = re.compile(
    r"^(?:phase|stage|step|wave|part|week|sprint|block|workstream|milestone|teil|etappe|welle|"
    r"schritt|woche|etape|semaine|fase|etapa|semana|paso)\b"
)
_GUARDED = re.compile(r"'+[=+\-@\t\r\x00]")
HALF_A_YEAR = timedelta(days=182)


@dataclass
class _Reading:
    """What rows further up mean for those below."""

    calendar: Calendar
    section: str = ""
    last: date | None = None


def propose(book: Book, choices: Choices) -> list[Proposal]:
    """Return what every row of the file would become, in the file's order."""
    return [
        proposal
        for index, (sheet, choice) in enumerate(zip(book.sheets, choices.sheets, strict=True))
        if choice.used
        for proposal in _sheet(index, sheet, choice, choices)
    ]


def shift(proposals: list[Proposal], to_start: date) -> list[Proposal]:
    """Move all rows by whole weeks, so that the first is in the week of `to_start`."""
    starts = [one.starts_local for one in proposals if one.starts_local]
    if not starts:
        return proposals
    return [_move(one, weeks_to(min(starts).date(), to_start)) for one in proposals]


def weeks_to(first: date, to_start: date) -> int:
    """Return by how many whole weeks `first` moves to come into the week of `to_start`."""
    monday = first - timedelta(days=first.weekday())
    return (to_start - timedelta(days=to_start.weekday()) - monday).days // 7


def _move(proposal: Proposal, weeks: int) -> Proposal:
    if not proposal.starts_local or not proposal.ends_local:
        return proposal
    by = timedelta(weeks=weeks)
    return replace(
        proposal, starts_local=proposal.starts_local + by, ends_local=proposal.ends_local + by
    )


def _sheet(index: int, sheet: Sheet, choice: SheetChoice, choices: Choices) -> Iterator[Proposal]:
    month, year = month_and_year(sheet.name)
    reading = _Reading(Calendar(year or choices.year, choices.order, month))
    for row in sheet.rows:
        if row.number <= choice.header or is_header(row, choice.columns):
            continue
        key = f"{index}:{row.number}"
        if key not in choices.rows and _take_section(row, choice, reading):
            continue
        cells = _Cells(row, choice)
        if not cells.filled():
            continue
        yield _move(_proposal(key, sheet, cells, choices, reading), choices.shift_weeks)


def _take_section(row: Row, choice: SheetChoice, reading: _Reading) -> bool:
    """Take a row that is a title of those below it: one text and nothing else."""
    filled = [(column, cell) for column, cell in enumerate(row.cells) if cell not in (None, "")]
    if len(filled) != 1 or not isinstance(filled[0][1], str):
        return False
    column, text = filled[0][0], str(filled[0][1]).strip()
    if is_month_title(text):
        month, year = month_and_year(text)
        reading.calendar = replace(
            reading.calendar, month=month, year=year or reading.calendar.year
        )
        return True
    name = choice.columns.get(column)
    dated = isinstance(read_day(text, reading.calendar), Day)
    if dated or (name == "title" and not row.banner and not _SECTION.match(plain(text))):
        return False
    reading.section = " ".join(text.split())
    return True


class _Cells:
    """The cells of a row by field, with what is wrong in them."""

    def __init__(self, row: Row, choice: SheetChoice) -> None:
        self.row = row
        self.notes: list[Trouble] = []
        self._by_field: dict[str, list[Cell]] = {}
        for column, name in sorted(choice.columns.items()):
            cell = row[column]
            if cell not in (None, ""):
                self._by_field.setdefault(name, []).append(cell)

    def filled(self) -> bool:
        """Tell whether anything stands in a column that is read."""
        return any(name != "section" for name in self._by_field)

    def first(self, name: str) -> Cell:
        """Return the cell of a field as it is."""
        return self._by_field.get(name, [None])[0]

    def error(self, *names: str) -> Trouble | None:
        """Return the first formula error in these fields."""
        for name in names:
            cell = self.first(name)
            if isinstance(cell, str) and _ERROR.fullmatch(cell.strip()):
                return Trouble("cell_error", cell)
        return None

    def line(self, name: str) -> str:
        """Return a field's text on one line."""
        return " ".join(self.text(name).split())

    def text(self, name: str) -> str:
        """Return a field's text; several columns of one field follow each other."""
        texts = [_as_text(cell) for cell in self._by_field.get(name, [])]
        for text in texts:
            if _ERROR.fullmatch(text):
                self.notes.append(Trouble("cell_error", text))
        return "\n".join(text for text in texts if text and not _ERROR.fullmatch(text))


def _as_text(cell: Cell) -> str:
    """Return a cell as a person would type it, without the mark that guards it from formulas."""
    if isinstance(cell, str):
        text = cell.strip().replace("\r\n", "\n")
        return text[1:] if _GUARDED.match(text) else text
    match cell:
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date():
            return cell.isoformat()
        case time():
            return cell.strftime("%H:%M")
        case float() if cell.is_integer():
            return str(int(cell))
    return "" if cell is None else str(cell)


def _proposal(
    key: str, sheet: Sheet, cells: _Cells, choices: Choices, reading: _Reading
) -> Proposal:
    correction = choices.rows.get(key, Correction())
    texts, overflow = _texts(cells, correction)
    kind = correction.kind or _kind(cells)
    blank = Proposal(key=key, sheet=sheet.name, row=cells.row.number)
    described = replace(
        blank,
        kind=kind,
        status=_status(cells),
        key_message=cells.text("key_message"),
        comments="\n".join(part for part in (_section(cells, reading), *overflow) if part),
        **texts,
    )
    problem = None if correction.title else cells.error("title")
    span = _when(cells, correction, choices, reading, kind)
    if isinstance(span, Trouble):
        problem = problem or span
    else:
        described = replace(described, **vars(span))
    if not described.title:
        problem = problem or Trouble("no_title")
    return replace(described, problem=problem, notes=tuple(dict.fromkeys(cells.notes)))


def _texts(cells: _Cells, correction: Correction) -> tuple[dict[str, Any], list[str]]:
    """Return the short texts cut to their size, and the comments with what was cut."""
    texts: dict[str, Any] = {}
    overflow = [cells.text("comments")]
    for name, limit in LIMITS.items():
        text = cells.line(name)
        if name == "title" and correction.title:
            text = correction.title
        if name == "conference" and text and not text.startswith("https://"):
            overflow.append(text)
            text = ""
        if len(text) > limit:
            cells.notes.append(Trouble("text_cut", text[:40]))
            overflow.append(text)
            text = text[: limit - 1].rstrip() + "…"
        texts[f"{name}_text" if name in {"audience", "owner"} else name] = text
    return texts, overflow


def _kind(cells: _Cells) -> str:
    named = plain(cells.line("kind"))
    if named in KINDS:
        return named
    texts = (named, cells.line("mechanism"), cells.line("title"))
    return next((kind for text in texts if (kind := kind_of(text))), "announcement")


def _status(cells: _Cells) -> str:
    text = cells.line("status")
    status = status_of(text)
    if text and status is None:
        cells.notes.append(Trouble("status_unknown", text))
    return status or "planned"


def _section(cells: _Cells, reading: _Reading) -> str:
    own = cells.line("section")
    return own or reading.section


def _when(
    cells: _Cells, correction: Correction, choices: Choices, reading: _Reading, kind: str
) -> Span | Trouble:
    """Return when a row happens, or why that cannot be told."""
    day = read_day(correction.date or cells.first("date"), reading.calendar)
    if not correction.date and (broken := cells.error("date")):
        return broken
    if isinstance(day, Trouble):
        return day
    day = _in_order(day, reading)
    hours = _hours(cells, correction, day)
    if isinstance(hours, Trouble):
        return hours
    end = read_end(None if correction.time else cells.first("end"), reading.calendar)
    if isinstance(end, Trouble):
        return end
    if correction.date:
        end = End(clock=end.clock)
    if day.wrong_weekday and not correction.date:
        cells.notes.append(Trouble("weekday", cells.line("date")))
    if hours.note:
        cells.notes.append(Trouble(hours.note, cells.line("time")))
    zone = _zone(cells, hours, choices)
    return span_of(day, hours, end, zone, choices, all_day_without_time=kind == "deadline")


def _hours(cells: _Cells, correction: Correction, day: Day) -> Hours | Trouble:
    if correction.time:
        return read_hours(correction.time)
    if broken := cells.error("time"):
        return broken
    hours = read_hours(cells.first("time"))
    if isinstance(hours, Hours) and hours == Hours() and day.clock:
        return read_hours(day.clock)
    return hours


def _zone(cells: _Cells, hours: Hours, choices: Choices) -> str:
    text = cells.line("zone")
    zone = zone_named(text)
    if text and not zone:
        cells.notes.append(Trouble("zone_unknown", text))
    return hours.zone or zone or choices.zone


def _in_order(day: Day, reading: _Reading) -> Day:
    """Put a date without a year into the next one where the plan has passed New Year."""
    if day.guessed_year and reading.last and day.first < reading.last - HALF_A_YEAR:
        years = reading.last.year + 1 - day.first.year
        last = day.last and _later(day.last, years)
        day = replace(day, first=_later(day.first, years), last=last)
    reading.last = day.first
    return day


def _later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
