"""Tables as people save them: CSV in any usual encoding and delimiter, and plain .xlsx.

Rows stream: a file of 300 MB needs no more memory than one of 3 kB (an .xlsx also holds its
table of shared strings, as openpyxl does).
"""

from __future__ import annotations

import codecs
import csv
import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

from flask_babel import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from commsplan.foundation.errors import Unreadable

DELIMITERS = (",", ";", "\t")
SAMPLE_BYTES = 64 * 1024  # enough for the header and some dozen rows
SAMPLE_ROWS = 30
SCAN_BYTES = 1024 * 1024
CELL_LIMIT = 1_000_000  # characters; a quote that never ends must not swallow the file
UNPACKED_LIMIT = 2 * 1024**3  # bytes; a small .xlsx can unpack to a huge one
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\x00")
"""First characters that a spreadsheet takes for a formula (ASVS 5.0 v1.2.10)."""
DAMAGED = (
    InvalidFileException,
    BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    SyntaxError,
    IndexError,
)
"""What openpyxl raises for a workbook that is none; broken XML is a SyntaxError."""
ZIP, OLD_EXCEL, PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"


class Rows(Iterator[tuple[int, list[str]]]):
    """The rows of a file with the line each begins on; tells how far it has read."""

    def __init__(self, source: BinaryIO, rows: Iterator[tuple[int, list[str]]]) -> None:
        self._source = source
        self._size = os.fstat(source.fileno()).st_size
        self._rows = rows

    def __next__(self) -> tuple[int, list[str]]:
        return next(self._rows)

    @property
    def bytes_done(self) -> int:
        """How many bytes of the file have been read."""
        return self._size if self._source.closed else self._source.tell()

    def close(self) -> None:
        """Let go of the file; needed only when not read to the end."""
        self._source.close()


def open_rows(path: Path) -> Rows:
    """Read a file row by row: (line number from 1 on which the row begins, its cells as text).

    1. An .xlsx is known by its first bytes; its first sheet is read.
    2. The encoding is UTF-8 or UTF-16 by BOM, UTF-16 by its zero bytes, UTF-8 if the whole file
       is valid as such, Windows-1252 otherwise.
    3. The delimiter is the one that cuts the first rows most evenly, or what `sep=` says.

    Empty rows are left out. Cells are text as it stands there, without surrounding blanks.

    Raises:
        Unreadable: not a table, in words; while iterating too.
    """
    source = path.open("rb")
    try:
        start = source.read(SAMPLE_BYTES)
        source.seek(0)
        if start.startswith(ZIP):
            return Rows(source, _workbook_rows(source))
        _refuse_binary(start)
        encoding = _encoding(source, start)
        sample = start.decode(encoding, "replace")
        return Rows(source, _text_rows(source, encoding, _delimiter(sample)))
    except BaseException:
        source.close()
        raise


def neutralise(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (ASVS 5.0 v1.2.10)."""
    return "'" + cell if cell.startswith(DANGEROUS) else cell


def _refuse_binary(start: bytes) -> None:
    if start.startswith(OLD_EXCEL):
        raise Unreadable(_("This is an old .xls workbook. Save it as CSV or as .xlsx, please."))
    if start.startswith(PDF):
        raise Unreadable(_("This is a PDF. Export the list as CSV or as .xlsx, please."))


def _encoding(source: BinaryIO, start: bytes) -> str:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in start:
        return _utf16_by_zeros(start)
    return "utf-8" if _is_utf8(source) else "cp1252"


def _utf16_by_zeros(start: bytes) -> str:
    """Tell which half of each pair of bytes is zero, as Latin letters have it in UTF-16."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    pairs = max(len(start) // 2, 1)
    if odd > 0.3 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.3 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    raise Unreadable(_("This is not a text file. Save the list as CSV or as .xlsx, please."))


def _is_utf8(source: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := source.read(SCAN_BYTES):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        source.seek(0)
    return True


def _delimiter(sample: str) -> str:
    first = sample.split("\n", 1)[0].strip().strip('"').lower()
    if first.startswith("sep=") and len(first) <= 5:
        return first[4:] or "\t"
    return max(DELIMITERS, key=lambda mark: _evenness(sample, mark))


def _evenness(sample: str, delimiter: str) -> int:
    """Count the cuts in the rows that have as many cells as most have."""
    widths: Counter[int] = Counter()
    try:
        for row in csv.reader(sample.splitlines(keepends=True), delimiter=delimiter):
            if len(row) > 1:
                widths[len(row)] += 1
            if widths.total() == SAMPLE_ROWS:
                break
    except csv.Error:
        return 0
    return max(((width - 1) * count for width, count in widths.items()), default=0)


def _text_rows(source: BinaryIO, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(CELL_LIMIT)
    with TextIOWrapper(source, encoding, errors="replace", newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        line = 1
        try:
            for row in reader:
                begins, line = line, reader.line_num + 1
                cells = [cell.strip() for cell in row]
                if any(cells) and not _names_the_delimiter(begins, cells):
                    yield begins, cells
        except csv.Error as error:
            raise Unreadable(
                _(
                    "Nothing fits from line %(line)s on; a quotation mark may be missing there.",
                    line=line,
                )
            ) from error


def _names_the_delimiter(line: int, cells: list[str]) -> bool:
    return line == 1 and cells[0].lower().startswith("sep=") and not any(cells[1:])


def _workbook_rows(source: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(source) as archive:
            if sum(part.file_size for part in archive.infolist()) > UNPACKED_LIMIT:
                raise Unreadable(_("This workbook is too large. Save the list as CSV, please."))
        book = load_workbook(source, read_only=True, data_only=True)
        width = 0
        for line, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            width = max(width, len(row))  # workbooks leave empty cells at the end of a row out
            cells = [_as_text(value) for value in row] + [""] * (width - len(row))
            if any(cells):
                yield line, cells
    except DAMAGED as error:
        raise Unreadable(
            _("This is neither a CSV file nor a workbook that can be opened.")
        ) from error
    finally:
        source.close()


def _as_text(value: object) -> str:
    """Return a cell's value as one would type it: dates in ISO 8601, whole numbers without .0."""
    match value:
        case None:
            return ""
        case datetime() if value.time() == time.min:
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value).strip()
