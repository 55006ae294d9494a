"""A table is read as its author meant it, whatever the program that saved it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from commsplan.foundation.errors import Unreadable
from commsplan.foundation.sheets import neutralise, open_rows

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
TABLE = [["Name", "E-mail"], ["Jürgen Œuf", "j@northwind.example"], ["Añé, Zoë", "a@b.example"]]


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8", mark: str = ",") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_every_encoding_with_every_delimiter_reads_alike(
    tmp_path: Path, encoding: str, mark: str
) -> None:
    rows = open_rows(write(tmp_path / "a.csv", TABLE, encoding, mark))
    assert list(rows) == [(1, TABLE[0]), (2, TABLE[1]), (3, TABLE[2])]


def test_a_row_after_a_quoted_newline_keeps_its_line_number(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [["a", "b"], ["one\ntwo", "x"], ["c", "d"]])
    assert [line for line, _ in open_rows(path)] == [1, 2, 4]


def test_commas_in_comments_do_not_fool_a_file_with_semicolons(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Date;Comment\n1;first, second, third\n2;a, b\n")
    assert [len(cells) for _, cells in open_rows(path)] == [2, 2, 2]


def test_the_line_by_which_excel_names_the_delimiter_is_not_a_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sep=;\na;b\n")
    assert list(open_rows(path)) == [(2, ["a", "b"])]


def test_a_late_umlaut_decides_for_windows_1252(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" * 100_000 + "ü,x\n".encode("cp1252"))
    assert list(open_rows(path))[-1][1] == ["ü", "x"]


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.touch()
    assert list(open_rows(path)) == []


@pytest.mark.parametrize("start", [b"\xd0\xcf\x11\xe0x", b"%PDF-1.7", b"\x00\x01\x02\x00\x00\x00"])
def test_what_is_no_table_is_refused_in_words(app: Flask, tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(start * 100)
    with pytest.raises(Unreadable):
        open_rows(path)


def test_a_damaged_workbook_is_refused_in_words(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"nonsense" * 50)
    with pytest.raises(Unreadable):
        list(open_rows(path))


def test_a_quote_that_never_ends_is_refused_with_its_line(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"open,x\n' + "y" * 1_100_000)
    with pytest.raises(Unreadable, match="line 2"):
        list(open_rows(path))


def test_a_workbook_reads_like_a_csv_file(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Name", "Number"])
    book.active.append(["Ada", 7.0])
    book.save(tmp_path / "a.xlsx")
    assert list(open_rows(tmp_path / "a.xlsx")) == [(1, ["Name", "Number"]), (2, ["Ada", "7"])]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\x00"])
def test_no_cell_becomes_a_formula(start: str) -> None:
    assert neutralise(start + "1") == "'" + start + "1"
    assert neutralise("Ada") == "Ada"


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).map(
    lambda cell: "x" + cell.strip() + "y"
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS).map(list), min_size=2, max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    mark=st.sampled_from([",", ";", "\t"]),
)
def test_what_was_written_is_what_is_read(
    tmp_path: Path, rows: list[list[str]], encoding: str, mark: str
) -> None:
    head = ["Name", "Mail", "Team"]
    path = write(tmp_path / "a.csv", [head] * 9 + rows, encoding, mark)
    assert [cells for _, cells in open_rows(path)] == [head] * 9 + rows
