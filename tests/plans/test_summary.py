"""How a plan stands is said in one sentence, and what it lacks in a list."""

from datetime import date, datetime

import pytest

from commsplan.foundation.clock import now_utc
from commsplan.plans import actions
from commsplan.plans.checklist import checklist
from commsplan.plans.models import Activity, Plan
from commsplan.plans.rules import ActivityWish, GoalWish, PlanWish
from commsplan.plans.summary import Headcount, sentence, state_of
from tests.cast import Cast


def said(plan: Plan) -> str:
    state = state_of(plan, now_utc())
    return sentence(state, "Europe/Berlin", Headcount()).striptags()


def add_goal(plan: Plan, cast: Cast, *figures: float) -> None:
    goal = actions.add_goal(plan, GoalWish("Goal", "%", 0, 100, date(2026, 12, 18)), cast.lead)
    for number, figure in enumerate(figures):
        actions.measure_goal(goal, figure, date(2026, 11, 10 + number), "Log", cast.lead)


@pytest.fixture
def active(plan: Plan, cast: Cast) -> Plan:
    actions.set_plan_status(plan, "active", cast.lead)
    return plan


def test_an_active_plan_says_goals_next_moment_and_people(active, activity, cast) -> None:
    add_goal(active, cast, 60)
    add_goal(active, cast, 100)
    add_goal(active, cast)
    assert said(active) == (
        "On track: 2 of 3 goals; next: Tue 24 Nov, 09:00 (Berlin), What changes for you, 6 people"
    )


def test_one_goal_behind_is_said_first(active: Plan, cast: Cast) -> None:
    add_goal(active, cast, 60)
    add_goal(active, cast, 5)
    assert said(active) == "Behind: 1 of 2 goals on track"


def test_only_the_latest_measurement_counts(active: Plan, cast: Cast) -> None:
    add_goal(active, cast, 5, 100)
    assert said(active).startswith("On track")


def test_goals_without_a_measurement_are_not_called_on_track(active: Plan, cast: Cast) -> None:
    add_goal(active, cast)
    assert said(active) == "Not measured yet: 1 goal"


def test_a_draft_counts_its_activities(plan: Plan, activity: Activity) -> None:
    assert said(plan).startswith("Draft: 1 activity planned; next:")


def test_a_plan_that_is_done_says_what_was_reached(plan: Plan, cast: Cast) -> None:
    add_goal(plan, cast, 100)
    actions.set_plan_status(plan, "done", cast.lead)
    assert said(plan) == "Done: 1 of 1 goals reached"


def test_cancelled_and_past_things_are_not_next(active: Plan, activity, cast: Cast) -> None:
    actions.set_activity_status(activity, "cancelled", cast.lead)
    past = ActivityWish("chat", "Over", datetime(2026, 11, 2, 9))
    actions.add_activity(active, past, cast.lead)
    assert said(active) == "No goals yet; nothing coming up"
    assert [row.title for row in state_of(active, now_utc()).overdue] == ["Over"]


def test_a_bare_plan_lacks_everything(cast: Cast) -> None:
    plan = actions.create_plan(cast.team, PlanWish("Bare"), cast.lead)
    checks = checklist(state_of(plan, now_utc()))
    assert [check.done for check in checks] == [False] * 6


def test_a_whole_plan_lacks_nothing(plan: Plan, activity: Activity, cast: Cast) -> None:
    add_goal(plan, cast)
    assert all(check.done for check in checklist(state_of(plan, now_utc())))


def test_an_activity_for_nobody_is_missed_and_a_cancelled_one_is_not(plan, cast) -> None:
    bare = ActivityWish("chat", "For whom?", datetime(2026, 12, 1, 9))
    row = actions.add_activity(plan, bare, cast.lead)

    def missing() -> set[str]:
        return {check.label for check in checklist(state_of(plan, now_utc())) if not check.done}

    assert "An audience for each activity" in missing()
    actions.set_activity_status(row, "cancelled", cast.lead)
    assert "An audience for each activity" not in missing()
