"""A planning spreadsheet as values: sheets of rows, how to read them, and what they would become.

The story in files: `grid_columns` finds the header and says what each column holds, `grid_dates`
(with `grid_date_words`) and `grid_times` read what teams write for dates and times, `grid_words`
knows their words for kinds and states, `grid_rows` (with `grid_ends`) puts a row together, and
`grid_guess` makes the first guess at a whole file. Nothing here knows a file, a page or a database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

Cell = str | int | float | bool | date | datetime | time | None

FIELDS = (
    "date",
    "time",
    "end",
    "zone",
    "title",
    "kind",
    "audience",
    "mechanism",
    "key_message",
    "owner",
    "status",
    "frequency",
    "comments",
    "place",
    "conference",
    "section",
)
"""What a column may hold; a column without a field is left out."""

MAX_ACTIVITIES = 5_000  # more than any plan a person can oversee; a longer file is another list


@dataclass(frozen=True)
class Row:
    """One row with something in it."""

    number: int
    """As the spreadsheet counts, from 1."""
    cells: tuple[Cell, ...]
    banner: bool = False
    """Its first cell stretches over several columns, as section titles do."""

    def __getitem__(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else None


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows from top to bottom without the empty ones."""

    name: str
    rows: tuple[Row, ...]
    hidden: bool = False

    @property
    def width(self) -> int:
        """How many columns the widest row has."""
        return max((len(row.cells) for row in self.rows), default=0)


@dataclass(frozen=True)
class Book:
    """A whole file."""

    name: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class SheetChoice:
    """How to read one sheet."""

    header: int
    """Row number of the header; 0 if there is none and rows begin at once."""
    columns: Mapping[int, str]
    """Column (from 0) → field; a missing column is left out."""
    used: bool = True
    """Whether the sheet is read at all."""


@dataclass(frozen=True)
class Correction:
    """What a person decided about one row; empty means: as read."""

    include: bool | None = None
    date: str = ""
    time: str = ""
    kind: str = ""
    title: str = ""


@dataclass(frozen=True)
class Choices:
    """How to read the whole file: guessed first, corrected by a person, kept as JSON."""

    sheets: tuple[SheetChoice, ...]
    zone: str
    """IANA zone of every time without one of its own, or "recipient"."""
    year: int
    """For dates that name none."""
    order: str = "dmy"
    """"dmy" or "mdy": how 10/6/26 is meant."""
    start: str = "09:00"
    """Where the spreadsheet gives no time; "" makes such rows last all day."""
    minutes: int = 30
    """How long, where the spreadsheet gives no end."""
    shift_weeks: int = 0
    """Whole weeks by which every date moves."""
    rows: Mapping[str, Correction] = field(default_factory=dict)
    """Row key → correction."""

    def to_json(self) -> dict[str, object]:
        """Return the form kept in `PlanImport.mapping`."""
        return {
            "sheets": [
                {
                    "header": sheet.header,
                    "columns": {str(key): value for key, value in sheet.columns.items()},
                    "used": sheet.used,
                }
                for sheet in self.sheets
            ],
            "zone": self.zone,
            "year": self.year,
            "order": self.order,
            "start": self.start,
            "minutes": self.minutes,
            "shift_weeks": self.shift_weeks,
            "rows": {key: _shorten(vars(value)) for key, value in self.rows.items()},
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> Choices:
        """Read what `to_json` wrote."""
        values = dict(kept)
        sheets = [
            SheetChoice(
                sheet["header"],
                {int(key): value for key, value in sheet["columns"].items()},
                sheet["used"],
            )
            for sheet in values.pop("sheets")  # type: ignore[attr-defined]  # our own JSON
        ]
        rows = {key: Correction(**value) for key, value in values.pop("rows").items()}  # type: ignore[attr-defined]  # our own JSON
        names = ("zone", "year", "order", "start", "minutes", "shift_weeks")
        return cls(sheets=tuple(sheets), rows=rows, **{name: values[name] for name in names})  # type: ignore[arg-type]  # our own JSON

    def correct(self, rows: Mapping[str, Correction]) -> Choices:
        """Return the same with these rows corrected on top of earlier corrections."""
        merged = {**self.rows, **rows}
        kept = {key: value for key, value in merged.items() if value != Correction()}
        return replace(self, rows=kept)


def _shorten(values: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value not in ("", None)}


@dataclass(frozen=True)
class Trouble:
    """Why a row cannot be used, or what was read with a grain of salt; the page has the words."""

    code: str
    said: str = ""
    """What the spreadsheet says there."""


@dataclass(frozen=True)
class Proposal:
    """What one row would become."""

    key: str
    """Sheet position and row number, as "0:7"."""
    sheet: str
    row: int
    title: str = ""
    kind: str = "announcement"
    starts_local: datetime | None = None
    ends_local: datetime | None = None
    all_day: bool = False
    zone: str = ""
    audience_text: str = ""
    owner_text: str = ""
    mechanism: str = ""
    key_message: str = ""
    comments: str = ""
    frequency: str = ""
    place: str = ""
    conference: str = ""
    status: str = "planned"
    problem: Trouble | None = None
    """Why it cannot be imported; none if it can."""
    notes: tuple[Trouble, ...] = ()
    """What to look at twice."""
