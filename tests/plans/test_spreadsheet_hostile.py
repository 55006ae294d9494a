"""Files made to break things are refused in words, before anything is built from them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask

from commsplan.foundation.errors import Unreadable
from commsplan.plans import workbooks
from commsplan.plans.spreadsheet import read_book
from tests.plans.sheets import HEADER, csv_file, read, workbook


def repack(source: Path, target: Path, part: str, change) -> Path:
    """Copy a workbook with one part changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return target


@pytest.fixture
def plain(tmp_path: Path, app: Flask) -> Path:
    return workbook(tmp_path / "plan.xlsx", HEADER, ["6 Oct", "9am", "A", "All staff", "E-mail"])


def refused(path: Path) -> str:
    with pytest.raises(Unreadable) as caught:
        read_book(path, path.name)
    return str(caught.value)


def test_an_archive_that_is_no_workbook(tmp_path: Path, app: Flask) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "not a spreadsheet" in refused(tmp_path / "a.xlsx")


def test_half_a_workbook(plain: Path) -> None:
    plain.write_bytes(plain.read_bytes()[:900])
    assert "not a spreadsheet" in refused(plain)


def test_a_damaged_sheet(plain: Path, tmp_path: Path) -> None:
    path = repack(plain, tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml", lambda xml: xml[:-40])
    assert "damaged" in refused(path)


def test_a_workbook_with_a_password(tmp_path: Path, app: Flask) -> None:
    locked = b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "a.xlsx").write_bytes(locked)
    assert "password" in refused(tmp_path / "a.xlsx")


def test_an_old_workbook(tmp_path: Path, app: Flask) -> None:
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    assert "old .xls" in refused(tmp_path / "a.xls")


def test_a_bomb_is_not_unpacked(plain: Path, tmp_path: Path) -> None:
    path = repack(
        plain,
        tmp_path / "b.xlsx",
        "xl/worksheets/sheet1.xml",
        lambda xml: xml + b" " * (workbooks.UNPACKED_LIMIT + 1),
    )
    assert path.stat().st_size < 1_000_000
    assert "50 MB" in refused(path)


def test_entities_are_refused_unread(plain: Path, tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    path = repack(plain, tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml", lambda xml: bomb + xml)
    assert "definitions" in refused(path)


def test_a_merge_over_all_cells_is_not_walked(plain: Path, tmp_path: Path) -> None:
    merged = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    path = repack(
        plain,
        tmp_path / "b.xlsx",
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + merged),
    )
    assert "Merged cells" in refused(path)


def test_a_cell_in_the_last_corner_costs_nothing(tmp_path: Path, app: Flask) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["6 Oct", "9am", "A"])
        sheet.write(1_048_575, 16_383, "x")
    assert [one.title for one in read(tmp_path / "a.xlsx")] == ["A"]


def test_a_hundred_thousand_rows(tmp_path: Path, app: Flask) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number in range(100_000):
            sheet.write_string(number, 0, "6 Oct")
    assert "20,000 rows" in refused(tmp_path / "a.xlsx")
    long = csv_file(tmp_path / "a.csv", "Date,Activity\n" + "6 Oct,A\n" * 100_000)
    assert "20,000 rows" in refused(long)


def test_formulas_count_as_their_value_and_errors_as_problems(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Date", "Activity", "Audience"])
        sheet.write_row(1, 0, ["6 Oct"])
        sheet.write_formula(1, 1, '="Tell "&"all"', value="Tell all")
        sheet.write_row(2, 1, ["B", "x"])
        sheet.write_formula(2, 0, "=Gone!A1", value="#REF!")
    good, bad = read(tmp_path / "a.xlsx")
    assert good.title == "Tell all"
    assert bad.problem.code == "cell_error"


def test_an_empty_file(tmp_path: Path, app: Flask) -> None:
    assert "empty" in refused(csv_file(tmp_path / "a.csv", "\n\n"))
