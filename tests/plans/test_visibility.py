"""A plan is seen by its team, sponsor, owner and members; everybody else finds nothing there."""

import pytest
from flask import Flask

from commsplan.foundation.database import db
from commsplan.plans import actions
from commsplan.plans.models import Activity, Goal, Plan
from commsplan.plans.rules import Part
from tests.cast import Cast

READING = ("", "/timeline", "/goals", "/people", "/activities/{activity}")
WRITING_PAGES = ("/edit", "/activities/new", "/activities/{activity}/edit", "/goals/new")
WRITING_PAGES += ("/goals/{goal}/edit",)
POSTS = ("/edit", "/status", "/undo/1", "/activities/new", "/activities/{activity}/edit")
POSTS += ("/activities/{activity}/status", "/activities/{activity}/remove", "/goals/new")
POSTS += ("/goals/{goal}/edit", "/goals/{goal}/remove", "/goals/{goal}/measurements", "/people")
POSTS += ("/people/1/remove",)


@pytest.fixture
def address(plan: Plan, activity: Activity, goal: Goal):
    known = {"activity": activity.id, "goal": goal.id}
    base = f"/plans/{plan.id}"
    return lambda path: base + path.format(**known)


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize("who", ["lead", "teammate", "sponsor", "admin"])
def test_the_team_the_sponsor_and_an_admin_read(cast: Cast, address, path, who) -> None:
    assert cast.as_(getattr(cast, who)).get(address(path)).status_code == 200


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize("who", ["outsider", "employee"])
def test_others_find_nothing(cast: Cast, address, path, who) -> None:
    assert cast.as_(getattr(cast, who)).get(address(path)).status_code == 404


@pytest.mark.parametrize("path", READING)
def test_a_member_without_a_role_reads(cast: Cast, plan: Plan, address, path) -> None:
    actions.set_members(plan, (Part(cast.employee.id, "trains"),), cast.lead)
    assert cast.as_(cast.employee).get(address(path)).status_code == 200


@pytest.mark.parametrize("path", WRITING_PAGES)
def test_the_team_opens_every_form(cast: Cast, address, path) -> None:
    assert cast.as_(cast.teammate).get(address(path)).status_code == 200


@pytest.mark.parametrize("path", WRITING_PAGES)
@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("sponsor", 403)])
def test_no_form_for_others(cast: Cast, address, path, who, status) -> None:
    assert cast.as_(getattr(cast, who)).get(address(path)).status_code == status


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("sponsor", 403)])
def test_nobody_else_writes(cast: Cast, address, path, who, status) -> None:
    assert cast.as_(getattr(cast, who)).post(address(path)).status_code == status


@pytest.mark.parametrize("path", POSTS)
def test_a_forged_form_is_refused(app: Flask, cast: Cast, address, path) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert cast.as_(cast.lead).post(address(path)).status_code == 400


def test_a_stranger_is_asked_to_sign_in(client, plan: Plan) -> None:
    assert client.get(f"/plans/{plan.id}").status_code == 303


def test_the_list_holds_only_what_one_may_see(cast: Cast, plan: Plan) -> None:
    assert "New VPN" in cast.as_(cast.lead).get("/plans/").text
    assert "New VPN" in cast.as_(cast.sponsor).get("/plans/").text
    assert "New VPN" not in cast.as_(cast.outsider).get("/plans/").text


def test_an_employee_without_a_plan_has_no_list(cast: Cast, plan: Plan) -> None:
    assert cast.as_(cast.employee).get("/plans/").status_code == 403


def test_an_activity_answers_only_under_its_own_plan(cast: Cast, activity: Activity) -> None:
    other = actions.create_plan(cast.team, actions.PlanWish("Another"), cast.lead)
    path = f"/plans/{other.id}/activities/{activity.id}"
    assert cast.as_(cast.lead).get(path).status_code == 404


def test_a_measurement_of_another_plan_cannot_be_taken_back(cast, plan, goal) -> None:
    row = actions.measure_goal(goal, 40, goal.due_on, "Log", cast.lead)
    other = actions.create_plan(cast.team, actions.PlanWish("Another"), cast.lead)
    path = f"/plans/{other.id}/measurements/{row.id}/remove"
    assert cast.as_(cast.lead).post(path).status_code == 404
    db.session.refresh(row)
    assert row.removed_at is None
