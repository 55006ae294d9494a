"""The first page asks for sign-in and then answers what its reader asks."""

from datetime import timedelta

import pytest

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.messages.models import Message, Version
from commsplan.people.models import Person
from commsplan.plans.actions import add_activity, add_goal, create_plan, measure_goal
from commsplan.plans.models import Activity, Plan
from commsplan.plans.rules import ActivityWish, GoalWish, PlanWish
from tests.cast import Cast


@pytest.fixture
def plan(cast: Cast) -> Plan:
    wish = PlanWish(
        title="Office move", status="active", zone="Europe/Berlin", sponsor_id=cast.sponsor.id
    )
    return create_plan(cast.team, wish, cast.lead)


def in_days(plan: Plan, days: float, by: Person) -> Activity:
    at = (now_utc() + timedelta(days=days)).replace(tzinfo=None, microsecond=0)
    wish = ActivityWish(
        kind="announcement", title="Boxes", starts_local=at, ends_local=at, zone="UTC"
    )
    return add_activity(plan, wish, by)


def draft(plan: Plan, activity: Activity) -> Message:
    message = Message(plan_id=plan.id, activity_id=activity.id, state="draft", created_at=now_utc())
    message.versions.append(
        Version(number=1, subject="Pack your boxes", body="", content_hash="", at=now_utc())
    )
    db.session.add(message)
    db.session.commit()
    return message


def test_a_stranger_is_sent_to_sign_in(client) -> None:
    answer = client.get("/")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=%2F"


def test_a_lead_with_nothing_yet_is_shown_the_first_step(cast: Cast) -> None:
    page = cast.as_(cast.lead).get("/").text
    assert "Make the first plan" in page


@pytest.mark.parametrize(
    ("who", "where"), [("employee", "/me"), ("sponsor", "/goals")], ids=["employee", "sponsor"]
)
def test_others_are_led_to_their_own_first_page(cast: Cast, who: str, where: str) -> None:
    assert cast.as_(getattr(cast, who)).get("/").location == where


def test_a_draft_whose_time_is_near_wants_its_lead(cast: Cast, plan: Plan) -> None:
    draft(plan, in_days(plan, 3, cast.lead))
    page = cast.as_(cast.lead).get("/").text
    assert "Pack your boxes" in page
    assert "1 thing waits for you." in page


def test_a_draft_far_away_does_not(cast: Cast, plan: Plan) -> None:
    draft(plan, in_days(plan, 30, cast.lead))
    assert "Nothing waits for you." in cast.as_(cast.lead).get("/").text


def test_another_teams_draft_stays_theirs(cast: Cast, plan: Plan) -> None:
    draft(plan, in_days(plan, 3, cast.lead))
    page = cast.as_(cast.outsider).get("/").text
    assert "Pack your boxes" not in page
    assert "Boxes" not in page


def test_a_sponsor_sees_goals_and_what_was_promised(cast: Cast, plan: Plan) -> None:
    day = now_utc().date()
    wish = GoalWish(
        what="Everyone has a desk", unit="%", baseline=0, target=100, due_on=day + timedelta(90)
    )
    goal = add_goal(plan, wish, cast.lead)
    measure_goal(goal, 60, day, "Desk list", cast.lead)
    in_days(plan, -1, cast.lead)
    page = cast.as_(cast.sponsor).get("/goals").text
    assert "1 of 1 goal is reached or on track." in page
    assert "0 of 1 activities that were due have happened." in page


def test_an_employee_does_not_see_goals(cast: Cast) -> None:
    assert cast.as_(cast.employee).get("/goals").status_code == 403


def test_health_needs_no_sign_in(client) -> None:
    assert client.get("/healthz").json == {"alive": True}


def test_readiness_says_that_the_queue_is_away_and_stays_ready(client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": True, "queue": False})
