"""A lead brings a staff list by browser, sees what it would do, and agrees."""

from __future__ import annotations

from io import BytesIO

import pytest

from commsplan.people.import_applying import apply
from commsplan.people.import_checking import check
from commsplan.people.imports import open_import, staff_import
from tests.cast import Cast
from tests.people.lists import bring, checked, imported

ROW = "new.one@northwind.example,New One,Ops"


def upload(cast: Cast, content: bytes, name: str = "staff.csv"):
    return cast.as_(cast.lead).post("/people/import", data={"file": (BytesIO(content), name)})


def test_a_list_is_uploaded_checked_agreed_and_imported(cast: Cast) -> None:
    answer = upload(cast, b"E-mail,Name\nnew@northwind.example,New One\n")
    brought = open_import()
    assert answer.status_code == 303
    assert answer.location.endswith(f"/people/imports/{brought.id}")
    assert check(brought.id)
    browser = cast.as_(cast.lead)
    page = browser.get(answer.location).text
    assert "Import 1 person" in page
    assert "Otto Outsider" in page
    agreed = browser.post(answer.location + "/agree", data={"leaving": "1"})
    assert agreed.status_code == 303
    assert apply(brought.id)
    assert "Imported on" in browser.get(answer.location).text
    assert "New One" in browser.get("/people/").text


def test_too_many_leaving_needs_a_tick(cast: Cast) -> None:
    brought = checked(ROW, by=cast.lead)
    answer = cast.as_(cast.lead).post(f"/people/imports/{brought.id}/agree")
    assert answer.status_code == 422
    assert staff_import(brought.id).state == "ready"


def test_a_second_click_changes_nothing(cast: Cast) -> None:
    brought = checked(ROW, by=cast.lead)
    browser = cast.as_(cast.lead)
    for _click in range(2):
        answer = browser.post(f"/people/imports/{brought.id}/agree", data={"leaving": "1"})
        assert answer.status_code == 303
    assert staff_import(brought.id).state == "applying"


def test_a_second_list_is_refused_in_words(cast: Cast) -> None:
    bring(ROW)
    answer = upload(cast, b"E-mail,Name\n")
    assert answer.status_code == 422
    assert "Another staff list is on its way" in answer.text


def test_without_a_file_the_form_says_so(cast: Cast) -> None:
    answer = cast.as_(cast.lead).post("/people/import")
    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


def test_a_list_can_be_called_off_while_it_is_checked(cast: Cast) -> None:
    brought = bring(ROW)
    answer = cast.as_(cast.lead).post(f"/people/imports/{brought.id}/cancel")
    assert answer.status_code == 303
    assert not check(brought.id)
    assert staff_import(brought.id).state == "cancelled"


def test_the_problem_file_can_be_downloaded(cast: Cast) -> None:
    brought = imported("nobody,Nobody,Ops", ROW, by=cast.lead)
    answer = cast.as_(cast.lead).get(f"/people/imports/{brought.id}/problems.csv")
    assert answer.status_code == 200
    assert "“nobody” is not an e-mail address." in answer.text
    answer.close()


@pytest.mark.parametrize("path", ["/people/", "/people/import", "/people/imports"])
def test_pages_are_for_leads(cast: Cast, path: str) -> None:
    assert cast.as_(cast.lead).get(path).status_code == 200
    assert cast.as_(cast.employee).get(path).status_code == 403
    assert cast.as_(cast.sponsor).get(path).status_code == 403
    assert cast.app.test_client().get(path).status_code == 303


@pytest.mark.parametrize("what", ["import", "imports/1/agree", "imports/1/cancel"])
def test_a_forged_form_is_refused(cast: Cast, what: str) -> None:
    cast.app.config["WTF_CSRF_ENABLED"] = True
    assert cast.as_(cast.lead).post(f"/people/{what}").status_code == 400


@pytest.mark.parametrize("what", ["import", "imports/1/agree", "imports/1/cancel"])
def test_an_employee_cannot_act(cast: Cast, what: str) -> None:
    assert cast.as_(cast.employee).post(f"/people/{what}").status_code == 403
