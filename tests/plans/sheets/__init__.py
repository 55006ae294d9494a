"""Small messy planning spreadsheets, each with one habit of a real team."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from commsplan.plans.grid import Choices, Proposal
from commsplan.plans.grid_guess import guess
from commsplan.plans.grid_rows import propose
from commsplan.plans.spreadsheet import read_book

HEADER = ["Date", "Time", "Activity", "Audience", "Channel"]


def workbook(path: Path, *rows: list[object], prepare: Callable[[Worksheet], None] | None = None):
    """Write a workbook of one sheet; `prepare` may merge cells and the like."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    if prepare:
        prepare(sheet)
    book.save(path)
    return path


def read(path: Path, **choices: object) -> list[Proposal]:
    """Read a file as it would be shown first, for a plan of 2026 in Berlin."""
    book = read_book(path, path.name)
    guessed = guess(book, 2026, "Europe/Berlin")
    return propose(book, Choices(**{**vars(guessed), **choices}))


def csv_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a text file."""
    path.write_text(text, encoding=encoding)
    return path


def starts(proposals: list[Proposal]) -> list[str]:
    """Return when each row starts, as "2026-10-06 09:00", "2026-10-06" all day, or its problem."""
    return [
        one.problem.code
        if one.problem
        else f"{one.starts_local:%Y-%m-%d}"
        if one.all_day
        else f"{one.starts_local:%Y-%m-%d %H:%M}"
        for one in proposals
    ]
