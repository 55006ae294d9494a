"""What people write for places, languages and days is understood, or refused with a hint."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from commsplan.people.import_columns import read_columns
from commsplan.people.import_values import (
    DayOrder,
    Misread,
    order_of_days,
    read_country,
    read_day,
    read_email,
    read_language,
    read_zone,
    zone_of_country,
)


@pytest.mark.parametrize(
    ("cell", "code"),
    [("de", "DE"), ("Deutschland", "DE"), ("Allemagne", "DE"), ("Alemania", "DE"), ("DEU", "DE"),
     ("UK", "GB"), ("United States", "US"), ("Österreich", "AT"), ("Czech Republic", "CZ")],
)  # fmt: skip
def test_countries(cell: str, code: str) -> None:
    assert read_country(cell) == code


@pytest.mark.parametrize(
    ("cell", "zone"),
    [("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"),
     ("W. Europe Standard Time", "Europe/Berlin"), ("CET", "Europe/Berlin"), ("UTC", "UTC"),
     ("America/New York", "America/New_York"), ("Paris", "Europe/Paris"),
     ("Tokyo Standard Time", "Asia/Tokyo")],
)  # fmt: skip
def test_zones(cell: str, zone: str) -> None:
    assert read_zone(cell) == zone


@pytest.mark.parametrize("cell", ["UTC+1", "+01:00", "GMT-5", "+1"])
def test_an_offset_is_refused_with_a_hint(app: Flask, cell: str) -> None:
    with pytest.raises(Misread, match="Europe/Berlin"):
        read_zone(cell)


def test_a_country_with_one_clock_gives_its_zone() -> None:
    assert (zone_of_country("DE"), zone_of_country("US")) == ("Europe/Berlin", "")


@pytest.mark.parametrize(
    ("cell", "tag"),
    [("de", "de"), ("de_AT", "de-AT"), ("EN-us", "en-US"), ("Deutsch", "de"), ("French", "fr"),
     ("español", "es"), ("zh-hant-tw", "zh-Hant-TW"), ("Polski", "pl")],
)  # fmt: skip
def test_languages(cell: str, tag: str) -> None:
    assert read_language(cell) == tag


@pytest.mark.parametrize(
    "cell",
    [
        "2025-12-31",
        "31.12.2025",
        "12/31/2025",
        "31/12/2025",
        "46022",
        "2025-12-31 00:00:00",
        "31 Dec 2025",
        "Dec 31, 2025",
        "31. Dezember 2025",
        "31 déc. 2025",
        "31 de diciembre de 2025",
    ],
)
def test_days(cell: str) -> None:
    assert read_day(cell) == date(2025, 12, 31)


def test_a_day_that_reads_two_ways_is_refused_unless_the_column_decides(app: Flask) -> None:
    with pytest.raises(Misread, match="in two ways"):
        read_day("03/04/2025")
    order = order_of_days(["03/04/2025", "12/31/2025"])
    assert (order, read_day("03/04/2025", order)) == (DayOrder.MONTH_FIRST, date(2025, 3, 4))


def test_a_column_that_contradicts_itself_decides_nothing() -> None:
    assert order_of_days(["31/12/2025", "12/31/2025"]) is DayOrder.UNKNOWN


@pytest.mark.parametrize(
    ("reader", "cell"),
    [(read_country, "Atlantis"), (read_zone, "Moon/Base"), (read_language, "Klingonese"),
     (read_day, "soon"), (read_day, "31.02.2025"), (read_email, "a..b@x.de"), (read_email, "a@b")],
)  # fmt: skip
def test_nonsense_is_refused(app: Flask, reader: Callable[[str], object], cell: str) -> None:
    with pytest.raises(Misread):
        reader(cell)


@pytest.mark.parametrize(
    ("cell", "email"),
    [("Ann.Berg@Northwind.Example", "ann.berg@northwind.example"), ("a@corp.local", "a@corp.local"),
     ("o'neil@x.test", "o'neil@x.test")],
)  # fmt: skip
def test_addresses(cell: str, email: str) -> None:
    assert read_email(cell) == email


def fields(*header: str) -> dict[str, int]:
    return read_columns(iter([(1, list(header))])).fields


def test_german_french_and_spanish_headers_are_understood() -> None:
    german = fields("Personal-Nr.", "E-Mail-Adresse", "Vorname", "Nachname", "Abteilung", "Land")
    assert list(german) == [
        "external_id", "email", "first_name", "last_name", "department", "country",
    ]  # fmt: skip
    assert list(fields("Courriel", "Nom complet", "Fuseau horaire")) == ["email", "name", "zone"]
    assert list(fields("Correo electrónico", "Nombre", "Apellidos", "Idioma")) == [
        "email", "first_name", "last_name", "language",
    ]  # fmt: skip


def test_a_title_row_above_the_header_is_passed_over() -> None:
    rows = iter([(1, ["Staff, May 2026"]), (3, ["Name", "Mail"]), (4, ["Ann", "a@b.de"])])
    assert read_columns(rows).line == 3


def test_equal_headers_become_different_attributes() -> None:
    columns = read_columns(iter([(1, ["Mail", "Name", "Note", "Note"])]))
    assert columns.further == {2: "Note", 3: "Note 2"}
