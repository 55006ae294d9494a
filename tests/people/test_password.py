"""A password is long, not easy to guess, and changing it ends every other session."""

import pytest

from commsplan.foundation.limits import limiter
from commsplan.people.actions import set_password
from commsplan.people.passwords import is_easy_to_guess
from tests.cast import Cast

OLD, NEW = "seven green trains at dawn", "two slow boats in the fog"


@pytest.fixture(autouse=True)
def _no_tries_yet(app) -> None:
    limiter.reset()


def form(new: str, current: str = "", again: str | None = None) -> dict[str, str]:
    return {"current": current, "new": new, "again": new if again is None else again}


def test_the_first_password_needs_no_present_one(client, cast: Cast) -> None:
    assert cast.as_(cast.lead).post("/me/password", data=form(NEW)).status_code == 303
    answer = client.post("/sign-in", data={"email": cast.lead.email, "password": NEW})
    assert answer.status_code == 303


@pytest.mark.parametrize("current", ["", "wrong"])
def test_changing_it_needs_the_present_one(cast: Cast, current: str) -> None:
    browser = cast.as_(cast.lead)
    set_password(cast.employee, OLD, by=None)
    browser = cast.as_(cast.employee)
    assert browser.post("/me/password", data=form(NEW, current)).status_code == 422


def test_changing_it_signs_out_every_other_browser_and_not_this_one(cast: Cast) -> None:
    set_password(cast.lead, OLD, by=None)
    here, elsewhere = cast.as_(cast.lead), cast.as_(cast.lead)
    assert here.post("/me/password", data=form(NEW, OLD)).status_code == 303
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303


@pytest.mark.parametrize(
    "new",
    ["Sh0rt-one", "PassWordPassword", "aaaaaaaaaaaaaaa", "lena.lead@northwind.example", "x" * 300],
)
def test_a_weak_one_is_refused_in_words(cast: Cast, new: str) -> None:
    answer = cast.as_(cast.lead).post("/me/password", data=form(new))
    assert answer.status_code == 422
    assert 'id="f-new-problem"' in answer.text


def test_two_different_ones_are_refused(cast: Cast) -> None:
    answer = cast.as_(cast.lead).post("/me/password", data=form(NEW, again=OLD))
    assert answer.status_code == 422


def test_ones_own_name_is_easy_to_guess() -> None:
    assert is_easy_to_guess("Margarethe Lindenau", "m@x.example", "Margarethe Lindenau")
    assert not is_easy_to_guess(NEW, "m@x.example", "Margarethe Lindenau")


def test_signing_out_everywhere_ends_this_browser_too(cast: Cast) -> None:
    here, elsewhere = cast.as_(cast.lead), cast.as_(cast.lead)
    here.post("/me/sessions/end")
    assert here.get("/me").status_code == elsewhere.get("/me").status_code == 303


def test_a_forged_form_changes_no_password(cast: Cast) -> None:
    cast.app.config["WTF_CSRF_ENABLED"] = True
    assert cast.as_(cast.lead).post("/me/password", data=form(NEW)).status_code == 400
