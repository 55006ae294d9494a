"""Planning spreadsheets as files: .xlsx and .csv in, the same grid out."""

from __future__ import annotations

import csv
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import xlsxwriter
from flask_babel import gettext as _
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from commsplan.foundation.errors import Unreadable
from commsplan.foundation.sheets import open_rows
from commsplan.plans import workbooks
from commsplan.plans.grid import Book, Cell, Row, Sheet

FILE_LIMIT = 20 * 1024 * 1024  # bytes; plans are small, pictures in them are not read
MAX_COLUMNS = 100
MAX_SHEETS = 60  # one a month for five years
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"  # the container of .xls, and of an .xlsx with a password
COLUMNS = (
    "Date",
    "Time",
    "End",
    "Zone",
    "Activity",
    "Kind",
    "Audience",
    "Mechanism",
    "Key message",
    "Owner",
    "Status",
    "Frequency",
    "Comments",
    "Place",
    "Link",
)
"""The grid we write, named as `grid_columns` reads it back."""
WIDTHS = (11, 9, 11, 15, 40, 14, 22, 18, 50, 28, 11, 12, 40, 20, 30)
_RISKY = re.compile(r"'*[=+\-@\t\r\x00]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read_book(path: Path, name: str) -> Book:
    """Read a spreadsheet whole; formulas count as their last value, macros are not looked at.

    Raises:
        Unreadable: not a spreadsheet, locked, broken or too large, in words with what to do.
    """
    if path.stat().st_size > FILE_LIMIT:
        raise Unreadable(_("This file is larger than 20 MB. Take pictures out of it, please."))
    with path.open("rb") as source:
        start = source.read(8)
    if start.startswith(OLD_OR_LOCKED):
        raise _old_or_locked(path)
    book = Book(name, _workbook(path) if start.startswith(b"PK") else _text(path, name))
    if not any(sheet.rows for sheet in book.sheets):
        raise Unreadable(_("This file is empty."))
    return book


def _old_or_locked(path: Path) -> Unreadable:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return workbooks.locked()
    return Unreadable(_("This is an old .xls workbook. Save it as .xlsx, please."))


def _text(path: Path, name: str) -> tuple[Sheet, ...]:
    rows: list[Row] = []
    for number, cells in open_rows(path):
        if len(rows) >= workbooks.MAX_ROWS:
            raise workbooks.too_long()
        rows.append(Row(number, tuple(cells[:MAX_COLUMNS])))
    if any("\x00" in cell for row in rows[:50] for cell in row.cells if isinstance(cell, str)):
        raise workbooks.not_a_spreadsheet()
    return (Sheet(Path(name).stem, tuple(rows)),)


def _workbook(path: Path) -> tuple[Sheet, ...]:
    """Read a workbook in openpyxl's normal mode: its quick one does not know merged cells."""
    try:
        with zipfile.ZipFile(path) as archive:
            workbooks.inspect(archive)
        with path.open("rb") as source:  # by name, openpyxl would ask for the ending .xlsx
            book = load_workbook(source, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise workbooks.not_a_spreadsheet() from error
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError) as error:
        # what openpyxl lets through of a damaged part; SyntaxError is expat's ParseError
        raise Unreadable(
            _("This workbook is damaged. Open it in a spreadsheet program and save it again.")
        ) from error
    try:
        sheets = book.worksheets[:MAX_SHEETS]
        return tuple(_sheet(sheet) for sheet in sheets if isinstance(sheet, Worksheet))
    finally:
        book.close()


def _sheet(sheet: Worksheet) -> Sheet:
    """Take over the cells that hold something, and fill merged ones downwards."""
    cells: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in sheet._cells.items():  # the cells that exist; iter_rows makes all
        value = _value(cell.value)
        if value is not None and column <= MAX_COLUMNS:
            cells.setdefault(row, {})[column - 1] = value
    banners = set()
    for area in sheet.merged_cells.ranges:
        top, column = area.min_row, area.min_col - 1
        value = cells.get(top, {}).get(column)
        if area.max_col - area.min_col >= 2:
            banners.add(top)
        if value is not None:
            _fill_down(cells, value, column, range(top + 1, area.max_row + 1))
    rows = [
        Row(number, _in_a_row(cells[number]), banner=number in banners) for number in sorted(cells)
    ]
    return Sheet(sheet.title, tuple(rows), hidden=sheet.sheet_state != "visible")


def _fill_down(
    cells: dict[int, dict[int, Cell]], value: Cell, column: int, rows: Iterable[int]
) -> None:
    """Let a merged value stand in each row it covers, as it looks; empty rows stay empty."""
    for number in rows:
        if number in cells:
            cells[number].setdefault(column, value)


def _in_a_row(cells: dict[int, Cell]) -> tuple[Cell, ...]:
    return tuple(cells.get(column) for column in range(max(cells) + 1))


def _value(value: object) -> Cell:
    match value:
        case str():
            return value.strip() or None
        case bool():
            return "x" if value else None
        case float() if not math.isfinite(value):
            return None
        case int() | float() | datetime() | date() | time():
            return value
        case timedelta():  # a time above 24 hours, or one in the format [h]:mm
            return value.total_seconds() / 86_400
    return None


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the grid as CSV with a byte-order mark, so that Excel takes it for UTF-8."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([guard(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(rows: Iterable[Sequence[str]], title: str) -> bytes:
    """Return the grid as a workbook of text cells: nothing in it can run."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for column, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, column, guard(cell), wrapped)
        sheet.freeze_panes(1, 0)
    return target.getvalue()


def _sheet_name(title: str) -> str:
    name = re.sub(r"[\[\]:*?/\\']", " ", _CONTROLS.sub("", title)).strip()[:31].strip()
    return name if name and name.casefold() != "history" else "Plan"


def guard(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `grid_rows` takes the mark off again.

    A text that carries such a mark of its own gets another one, so that nothing is lost.
    """
    clean = _CONTROLS.sub("", cell)
    return "'" + clean if _RISKY.match(clean) else clean
