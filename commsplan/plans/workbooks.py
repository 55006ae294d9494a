"""Look into a workbook before openpyxl does: nothing that unpacks, expands or stretches too far.

openpyxl builds what a file describes, so a few bytes may ask for billions of cells. Each part is
therefore scanned as a stream first; what is refused says what to do.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from flask_babel import gettext as _

from commsplan.foundation.errors import Unreadable

UNPACKED_LIMIT = 50 * 1024 * 1024  # bytes; the largest planning sheet seen unpacks to 3 MB
MEMBER_LIMIT = 1_000  # parts; a workbook has some dozen
MAX_ROWS = 20_000  # rows of all sheets; an import takes 5,000 activities
MERGED_LIMIT = 200_000  # cells under all merged ranges: openpyxl visits each
CHUNK = 256 * 1024
OVERLAP = 256  # bytes kept from the chunk before, longer than any tag looked for
_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell\s+ref="\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"'
)
_ROW = re.compile(rb"<(?:\w+:)?row[\s>]")


def inspect(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that would cost too much or that is locked.

    Raises:
        Unreadable: with what is wrong and what to do.
    """
    parts = archive.infolist()
    if len(parts) > MEMBER_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
        raise Unreadable(
            _("This workbook unpacks to more than 50 MB. Keep the planning sheet alone, please.")
        )
    if any(part.flag_bits & 1 for part in parts):
        raise locked()
    if "xl/workbook.xml" not in archive.namelist():
        raise not_a_spreadsheet()
    rows = merged = 0
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            sheet = part.filename.startswith("xl/worksheets/")
            more_rows, more_merged = _scan(archive, part, sheet)
            rows, merged = rows + more_rows, merged + more_merged
        if rows > MAX_ROWS:
            raise too_long()
        if merged > MERGED_LIMIT:
            raise Unreadable(_("Merged cells stretch over whole columns. Unmerge them, please."))


def _scan(archive: zipfile.ZipFile, part: zipfile.ZipInfo, sheet: bool) -> tuple[int, int]:
    rows = merged = 0
    for fresh, text in _chunks(archive, part):
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\x00" in text:
            raise Unreadable(_("This workbook holds definitions that no spreadsheet writes."))
        if sheet:
            rows += sum(found.end() > fresh for found in _ROW.finditer(text))
            merged += sum(_area(found) for found in _MERGED.finditer(text) if found.end() > fresh)
            if rows > MAX_ROWS or merged > MERGED_LIMIT:
                break
    return rows, merged


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[tuple[int, bytes]]:
    """Yield each stretch of a part behind the end of the one before, and where the new begins."""
    left, before = UNPACKED_LIMIT, b""
    with archive.open(part) as source:
        while fresh := source.read(CHUNK):
            left -= len(fresh)
            if left < 0:  # the table of contents lied about the size
                raise Unreadable(_("This workbook is larger than it says."))
            yield len(before), before + fresh
            before = (before + fresh)[-OVERLAP:]


def _area(found: re.Match[bytes]) -> int:
    first, top, last, bottom = found.groups()
    return (_column(last) - _column(first) + 1) * (int(bottom) - int(top) + 1)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def locked() -> Unreadable:
    """Return what to say of a file with a password."""
    return Unreadable(_("This file is locked with a password. Save a copy without one, please."))


def not_a_spreadsheet() -> Unreadable:
    """Return what to say of a file of another kind."""
    return Unreadable(_("This is not a spreadsheet. Save the plan as .xlsx or as .csv, please."))


def too_long() -> Unreadable:
    """Return what to say of a file with too many rows."""
    return Unreadable(
        _(
            "This file has more than %(rows)s rows. Keep those of this plan, and delete empty "
            "formatted rows below them, please.",
            rows=f"{MAX_ROWS:,}",
        )
    )
