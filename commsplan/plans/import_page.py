"""The mapping page's view of a file: its columns with samples, one page of rows, the counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext as _

from commsplan.foundation.dates import RECIPIENTS_ZONE, ZONES, city
from commsplan.plans.grid import Book, Cell, Choices, Sheet, SheetChoice
from commsplan.plans.import_queries import Line

ROWS_A_PAGE = 100
HEADERS_OFFERED = 25
SAMPLES = 2
NAMES_SHOWN = 12
SAMPLE_LENGTH = 40


@dataclass(frozen=True)
class ColumnView:
    """One column: what stands at its top, what below, what we take it for."""

    number: int
    letter: str
    header: str
    samples: list[str]
    field: str


@dataclass(frozen=True)
class SheetView:
    """One sheet with its columns and the rows that may be its header."""

    index: int
    name: str
    hidden: bool
    used: bool
    header: int
    headers: list[tuple[int, str]]
    columns: list[ColumnView]


@dataclass(frozen=True)
class Page:
    """All that the mapping page shows."""

    choices: Choices
    sheets: list[SheetView]
    lines: Sequence[Line]
    """The rows of this page."""
    number: int
    pages: int
    ready: int
    """How many rows will be imported."""
    problems: int
    """How many cannot be."""
    known: int
    """How many the plan has already."""
    unknown_audiences: list[str]
    """Names that rows give and no audience of the team has."""
    unknown_owners: list[str]
    """Names that rows give and nobody in the directory has, or more than one person."""


def page_of(book: Book, choices: Choices, lines: Sequence[Line], number: str) -> Page:
    """Return one page (from "1") of what a file would become."""
    pages = max(1, -(-len(lines) // ROWS_A_PAGE))
    here = min(int(number), pages) if number.isdecimal() and int(number) else 1
    return Page(
        choices=choices,
        sheets=[
            _sheet(index, sheet, choice)
            for index, (sheet, choice) in enumerate(zip(book.sheets, choices.sheets, strict=True))
        ],
        lines=lines[(here - 1) * ROWS_A_PAGE : here * ROWS_A_PAGE],
        number=here,
        pages=pages,
        ready=sum(line.include for line in lines),
        problems=sum(line.proposal.problem is not None for line in lines),
        known=sum(line.known for line in lines),
        unknown_audiences=_few(line.proposal.audience_text for line in lines if not line.audience),
        unknown_owners=_few(line.proposal.owner_text for line in lines if not line.owner),
    )


def _few(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))[:NAMES_SHOWN]


def _sheet(index: int, sheet: Sheet, choice: SheetChoice) -> SheetView:
    top = next((row for row in sheet.rows if row.number == choice.header), None)
    below = [row for row in sheet.rows if row.number > choice.header]
    columns = []
    for number in range(sheet.width):
        texts = dict.fromkeys(shown for row in below if (shown := _shown(row[number])))
        header = _shown(top[number]) if top else ""
        if header or texts:
            field = choice.columns.get(number, "")
            samples = list(texts)[:SAMPLES]
            columns.append(ColumnView(number, _letters(number), header, samples, field))
    headers = [
        (row.number, " · ".join(text for cell in row.cells if (text := _shown(cell)))[:70])
        for row in sheet.rows[:HEADERS_OFFERED]
    ]
    return SheetView(index, sheet.name, sheet.hidden, choice.used, choice.header, headers, columns)


def _shown(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime() if cell.time() == time():
            text = cell.date().isoformat()
        case datetime():
            text = f"{cell:%Y-%m-%d %H:%M}"
        case date():
            text = cell.isoformat()
        case time():
            text = f"{cell:%H:%M}"
        case _:
            text = " ".join(str(cell).split())
    return text if len(text) <= SAMPLE_LENGTH else text[: SAMPLE_LENGTH - 1] + "…"


def _letters(number: int) -> str:
    """Name a column as spreadsheets do: A, B … Z, AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def zone_options(chosen: str) -> list[tuple[str, str]]:
    """Return the zones to choose from, each reader's own first, then by name."""
    names = sorted(name for name in ZONES if "/" in name and not name.startswith(("Etc", "posix")))
    own = (RECIPIENTS_ZONE, _("Everybody's own local time"))
    first = [(chosen, city(chosen))] if chosen in ZONES else []
    return [*first, own, *((one, one.replace("_", " ")) for one in names if one != chosen)]
