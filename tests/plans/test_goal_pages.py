"""Goals are set and measured on one page, with the day and the source of every figure."""

import pytest

from commsplan.foundation.database import db
from commsplan.plans import actions, history
from commsplan.plans.models import Goal, GoalMeasurement, Plan
from commsplan.plans.queries import latest_changes
from tests.cast import Cast

TYPED = {"what": "Nine of ten sign in", "unit": "%", "baseline": "12", "target": "90"}
TYPED |= {"due_on": "2026-12-18"}
MEASURED = {"value": "51,5", "measured_on": "2026-11-20", "source": "Sign-in log"}


def test_a_goal_is_added(cast: Cast, plan: Plan) -> None:
    lead = cast.as_(cast.lead)
    assert lead.post(f"/plans/{plan.id}/goals/new", data=TYPED).status_code == 303
    assert "Nine of ten sign in" in lead.get(f"/plans/{plan.id}/goals").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": ""},
        {"unit": ""},
        {"baseline": "many"},
        {"target": "nan"},
        {"target": "inf"},
        {"target": "12"},
        {"due_on": ""},
    ],
)
def test_a_goal_that_measures_nothing_is_not_added(cast: Cast, plan: Plan, wrong) -> None:
    answer = cast.as_(cast.lead).post(f"/plans/{plan.id}/goals/new", data={**TYPED, **wrong})
    assert answer.status_code == 422
    assert db.session.query(Goal).count() == 0


def test_a_measurement_shows_its_day_and_source(cast: Cast, plan: Plan, goal: Goal) -> None:
    lead = cast.as_(cast.lead)
    lead.post(f"/plans/{plan.id}/goals/{goal.id}/measurements", data=MEASURED)
    page = lead.get(f"/plans/{plan.id}").text
    assert "now 51.5%" in page
    assert "Sign-in log" in page


@pytest.mark.parametrize(
    "wrong", [{"value": ""}, {"measured_on": ""}, {"measured_on": "2099-01-01"}, {"source": " "}]
)
def test_a_figure_without_day_or_source_is_kept_in_the_form(cast, plan, goal, wrong) -> None:
    answer = cast.as_(cast.lead).post(
        f"/plans/{plan.id}/goals/{goal.id}/measurements", data={**MEASURED, **wrong}
    )
    assert answer.status_code == 422
    assert db.session.query(GoalMeasurement).count() == 0


def test_the_measurement_of_a_later_day_counts(cast: Cast, plan: Plan, goal: Goal) -> None:
    lead = cast.as_(cast.lead)
    path = f"/plans/{plan.id}/goals/{goal.id}/measurements"
    lead.post(path, data=MEASURED)
    lead.post(path, data={**MEASURED, "value": "20", "measured_on": "2026-11-01"})
    assert "now 51.5%" in lead.get(f"/plans/{plan.id}").text


def test_a_measurement_is_taken_back(cast: Cast, plan: Plan, goal: Goal) -> None:
    row = actions.measure_goal(goal, 40, goal.due_on, "Log", cast.lead)
    lead = cast.as_(cast.lead)
    lead.post(f"/plans/{plan.id}/measurements/{row.id}/remove")
    assert "not measured yet" in lead.get(f"/plans/{plan.id}").text


def test_the_second_of_two_editors_keeps_what_was_typed(cast, plan, goal) -> None:
    path, seen = f"/plans/{plan.id}/goals/{goal.id}/edit", history.fingerprint(goal)
    cast.as_(cast.teammate).post(path, data={**TYPED, "what": "Theirs", "seen": seen})
    answer = cast.as_(cast.lead).post(path, data={**TYPED, "what": "Mine", "seen": seen})
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text


def test_a_measurement_is_corrected_and_undo_takes_it_back(cast, plan, goal) -> None:
    row = actions.measure_goal(goal, 40, goal.due_on, "Log", cast.lead)
    lead, path = cast.as_(cast.lead), f"/plans/{plan.id}/measurements/{row.id}/edit"
    assert 'value="40.0"' in lead.get(path).text
    lead.post(path, data=MEASURED)
    assert "now 51.5%" in lead.get(f"/plans/{plan.id}").text
    change = latest_changes("measurement", row.id, 1)[0]
    lead.post(f"/plans/{plan.id}/undo/{change.id}")
    db.session.refresh(row)
    assert (row.value, row.source) == (40, "Log")


def test_the_second_of_two_correctors_keeps_what_was_typed(cast, plan, goal) -> None:
    row = actions.measure_goal(goal, 40, goal.due_on, "Log", cast.lead)
    seen, path = history.fingerprint(row), f"/plans/{plan.id}/measurements/{row.id}/edit"
    cast.as_(cast.teammate).post(path, data={**MEASURED, "value": "41", "seen": seen})
    answer = cast.as_(cast.lead).post(path, data={**MEASURED, "seen": seen})
    assert answer.status_code == 409
    assert 'value="51,5"' in answer.text


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("sponsor", 403)])
def test_nobody_else_corrects_a_measurement(cast, plan, goal, who, status) -> None:
    row = actions.measure_goal(goal, 40, goal.due_on, "Log", cast.lead)
    for path in ("edit", "remove"):
        address = f"/plans/{plan.id}/measurements/{row.id}/{path}"
        assert cast.as_(getattr(cast, who)).post(address, data=MEASURED).status_code == status
