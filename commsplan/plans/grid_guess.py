"""The first guess at a whole file: how its sheets are to be read, and what it is called."""

from __future__ import annotations

import re

from commsplan.plans.grid import Book, Choices, Sheet, SheetChoice
from commsplan.plans.grid_columns import guess_sheet
from commsplan.plans.grid_dates import month_and_year, order_of
from commsplan.plans.grid_words import plain

_FILE_WORDS = re.compile(
    r"\b(?:communications?|comms|plan|planning|kommunikationsplan|final|draft|v\d+|copy|"
    r"kopie|version)\b",
    re.IGNORECASE,
)


def guess(book: Book, year: int, zone: str, order: str = "") -> Choices:
    """Guess how to read a file; `year` and `zone` are the plan's, used where the file is silent.

    `order` settles 10/6/26 where nothing in the file does otherwise.
    """
    sheets = tuple(guess_sheet(sheet) for sheet in book.sheets)
    if not any(sheet.used for sheet in sheets):
        sheets = tuple(
            _use_if_visible(one, sheet) for one, sheet in zip(book.sheets, sheets, strict=True)
        )
    return Choices(
        sheets=sheets,
        zone=zone,
        year=_year(book, sheets) or year,
        order=order or order_of(_dates(book, sheets)),
    )


def _use_if_visible(sheet: Sheet, choice: SheetChoice) -> SheetChoice:
    return SheetChoice(choice.header, choice.columns, bool(sheet.rows) and not sheet.hidden)


def _dates(book: Book, sheets: tuple[SheetChoice, ...]) -> list[str]:
    return [
        cell
        for sheet, choice in zip(book.sheets, sheets, strict=True)
        if choice.used
        for row in sheet.rows
        for column, name in choice.columns.items()
        if name == "date" and row.number > choice.header and isinstance(cell := row[column], str)
    ]


def _year(book: Book, sheets: tuple[SheetChoice, ...]) -> int | None:
    """Return the first year named by a title row, a sheet or the file itself."""
    texts = [
        text
        for sheet, choice in zip(book.sheets, sheets, strict=True)
        for text in _titles(sheet, choice)
    ]
    texts += [sheet.name for sheet in book.sheets if not sheet.hidden]
    texts.append(re.sub(r"[_-]", " ", book.name))
    return next((year for text in texts if (year := month_and_year(text)[1])), None)


def _titles(sheet: Sheet, choice: SheetChoice) -> list[str]:
    return [
        cell.strip()
        for row in sheet.rows
        if row.number < choice.header
        for cell in row.cells
        if isinstance(cell, str) and cell.strip()
    ]


def guess_title(book: Book, choices: Choices) -> str:
    """Return what the plan may be called: its first title row, else its file's name in words."""
    for sheet, choice in zip(book.sheets, choices.sheets, strict=True):
        for text in _titles(sheet, choice) if choice.used else []:
            title = re.sub(
                r"^(?:communications? plan|comms plan|kommunikationsplan|plan de communication|"
                r"plan de comunicacion(?:es)?)\s*[:–—-]\s*",
                "",
                text,
                flags=re.IGNORECASE,
            )
            if len(plain(title)) >= 4 and not title.endswith(":"):
                return " ".join(title.split())[:200]
    stem = re.sub(r"[_\-.]+", " ", re.sub(r"\.[A-Za-z]{3,4}$", "", book.name))
    words = " ".join(_FILE_WORDS.sub(" ", stem).split()) or stem.strip()
    return (words[:1].upper() + words[1:])[:200]
