"""A lead finds people in the directory and sees who reports to whom."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from commsplan.foundation.database import transaction
from tests.cast import Cast, make_person


def test_people_are_found_by_several_words(cast: Cast) -> None:
    page = cast.as_(cast.lead).get("/people/?q=lead+communications").text
    assert "Lena Lead" in page
    assert "Otto Outsider" not in page


def test_a_percent_sign_is_a_letter_like_any_other(cast: Cast) -> None:
    assert "Nobody fits" in cast.as_(cast.lead).get("/people/?q=%25").text


@pytest.mark.parametrize("query", ["department=Safety", "country=FR", "left=1"])
def test_filters_narrow_down(cast: Cast, query: str) -> None:
    with transaction():
        make_person("Yves Gone", department="Safety", country="FR", left_on=date(2026, 1, 1))
        make_person("Zoe Here", department="Safety", country="FR")
    page = cast.as_(cast.lead).get(f"/people/?{query}").text
    assert ("Yves Gone" in page) == (query == "left=1")
    assert "Ada Admin" not in page


def test_a_page_beyond_the_end_shows_the_last(cast: Cast) -> None:
    assert "Lena Lead" in cast.as_(cast.lead).get("/people/?page=99").text


def test_a_person_shows_manager_and_reports(cast: Cast) -> None:
    browser = cast.as_(cast.lead)
    assert "Sigrid Sponsor" in browser.get(f"/people/{cast.employee.id}").text
    assert "Emil Employee" in browser.get(f"/people/{cast.sponsor.id}").text


def test_a_person_who_left_says_so(cast: Cast) -> None:
    with transaction():
        gone = make_person("Yves Gone", left_on=date(2026, 1, 1))
    assert "Left on" in cast.as_(cast.lead).get(f"/people/{gone.id}").text


def test_a_person_who_is_not_there_is_absent(cast: Cast) -> None:
    assert cast.as_(cast.lead).get("/people/99999").status_code == 404


def test_a_person_is_not_for_employees(cast: Cast) -> None:
    assert cast.as_(cast.employee).get(f"/people/{cast.lead.id}").status_code == 403


def test_markup_in_a_name_is_text(cast: Cast) -> None:
    with transaction():
        make_person("<b>Bold</b>", email="bold@northwind.example")
    assert "&lt;b&gt;Bold" in cast.as_(cast.lead).get("/people/").text


def test_an_empty_directory_offers_the_import(app: Flask, cast: Cast) -> None:
    page = cast.as_(cast.lead).get("/people/").text
    assert "No staff list was imported yet" in page
    assert 'href="/people/import"' in page
