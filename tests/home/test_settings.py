"""Administrators found teams and give roles; nobody else does."""

import pytest

from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.database import db
from commsplan.people.models import Grant, SignInSession, Team
from tests.cast import Cast, make_person


def grants_of(person) -> set[str]:
    return {one.role for one in db.session.query(Grant).filter_by(person_id=person.id)}


def test_an_admin_founds_and_renames_a_team(cast: Cast) -> None:
    browser = cast.as_(cast.admin)
    browser.post("/settings/teams", data={"name": "  Change   office "})
    team = db.session.query(Team).filter_by(name="Change office").one()
    browser.post(f"/settings/teams/{team.id}", data={"name": "Change"})
    assert "Change" in browser.get("/settings/").text


@pytest.mark.parametrize("name", ["", "Safety communications", "x" * 121])
def test_a_team_needs_a_name_of_its_own(cast: Cast, name: str) -> None:
    assert cast.as_(cast.admin).post("/settings/teams", data={"name": name}).status_code == 422


def test_a_role_is_given_by_name_and_taken_back(cast: Cast) -> None:
    browser = cast.as_(cast.admin)
    form = {"who": "emil", "role": "lead", "team": str(cast.team.id)}
    assert browser.post("/settings/roles", data=form).status_code == 303
    assert grants_of(cast.employee) == {"lead"}
    given = db.session.query(Grant).filter_by(person_id=cast.employee.id).one()
    page = browser.post(f"/settings/roles/{given.id}/remove", follow_redirects=True).text
    assert grants_of(cast.employee) == set()
    back = f"/settings/roles/back/{cast.employee.id}/lead/{cast.team.id}"
    assert back in page
    browser.post(back)
    assert grants_of(cast.employee) == {"lead"}


def test_a_name_that_fits_several_asks_who_is_meant(cast: Cast) -> None:
    make_person("Emil Zweiter")
    browser = cast.as_(cast.admin)
    form = {"who": "Emil", "role": "sponsor", "team": ""}
    answer = browser.post("/settings/roles", data=form)
    assert answer.status_code == 422
    assert "Who is meant?" in answer.text
    browser.post("/settings/roles", data={**form, "person_id": str(cast.employee.id)})
    assert grants_of(cast.employee) == {"sponsor"}


def test_a_lead_without_a_team_is_refused(cast: Cast) -> None:
    form = {"who": cast.employee.email, "role": "lead", "team": ""}
    assert cast.as_(cast.admin).post("/settings/roles", data=form).status_code == 422


def test_the_last_admin_stays(cast: Cast) -> None:
    held = db.session.query(Grant).filter_by(person_id=cast.admin.id).one()
    cast.as_(cast.admin).post(f"/settings/roles/{held.id}/remove")
    assert grants_of(cast.admin) == {"admin"}


def test_who_loses_a_role_is_signed_out(cast: Cast) -> None:
    theirs = cast.as_(cast.lead)
    held = db.session.query(Grant).filter_by(person_id=cast.lead.id).one()
    cast.as_(cast.admin).post(f"/settings/roles/{held.id}/remove")
    assert theirs.get("/").location.startswith("/sign-in")
    session = db.session.query(SignInSession).filter_by(person_id=cast.lead.id).one()
    assert session.ended_at is not None


def test_giving_and_taking_are_on_record(cast: Cast) -> None:
    form = {"who": cast.employee.email, "role": "sponsor", "team": ""}
    cast.as_(cast.admin).post("/settings/roles", data=form)
    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert (entry.actor, entry.action) == (f"person {cast.admin.id}", "role.granted")


@pytest.mark.parametrize("who", ["lead", "sponsor", "employee"])
@pytest.mark.parametrize("page", ["/settings/", "/settings/health", "/settings/teams/1"])
def test_others_do_not_see_the_settings(cast: Cast, who: str, page: str) -> None:
    assert cast.as_(getattr(cast, who)).get(page).status_code == 403


def test_a_forged_grant_is_refused(cast: Cast) -> None:
    cast.app.config["WTF_CSRF_ENABLED"] = True
    form = {"who": cast.employee.email, "role": "admin", "team": ""}
    assert cast.as_(cast.admin).post("/settings/roles", data=form).status_code == 400
