"""The calendar shows every visible plan in the reader's own time, and where people get too much."""

from datetime import datetime

import pytest

from commsplan.foundation.database import db
from commsplan.plans import actions
from commsplan.plans.models import Activity, Plan
from commsplan.plans.rules import ActivityWish, PlanWish
from tests.cast import Cast

NOVEMBER = "/calendar?day=2026-11-23"


def cells(page: str) -> dict[str, str]:
    """The days of a month's page, by the label of the link that adds something."""
    found = {}
    for part in page.split('<li class="month-day')[1:]:
        if 'aria-label="Add on ' in part:
            found[part.split('aria-label="Add on ')[1].split('"')[0]] = part
    return found


@pytest.mark.parametrize("view", ["month", "week", "list", "sideways"])
def test_every_view_shows_what_is_planned(cast: Cast, activity: Activity, view) -> None:
    page = cast.as_(cast.lead).get(f"{NOVEMBER}&view={view}").text
    assert "What changes for you" in page


def test_an_outsider_sees_nothing_of_it(cast: Cast, activity: Activity) -> None:
    assert "What changes for you" not in cast.as_(cast.outsider).get(NOVEMBER).text


def test_an_employee_has_no_calendar(cast: Cast) -> None:
    assert cast.as_(cast.employee).get("/calendar").status_code == 403


def test_a_sponsor_sees_it_and_adds_nothing(cast: Cast, activity: Activity) -> None:
    page = cast.as_(cast.sponsor).get(NOVEMBER).text
    assert "What changes for you" in page
    assert "/calendar/add" not in page


def test_an_evening_in_berlin_is_the_next_morning_in_tokyo(cast: Cast, plan: Plan) -> None:
    wish = ActivityWish("chat", "Late post", datetime(2026, 11, 24, 20))
    actions.add_activity(plan, wish, cast.lead)
    cast.lead.zone = "Asia/Tokyo"
    days = cells(cast.as_(cast.lead).get(NOVEMBER).text)
    assert "Late post" in days["Wed 25 Nov"]
    assert "04:00" in days["Wed 25 Nov"]


def test_a_whole_day_stays_that_day_in_every_zone(cast: Cast, plan: Plan) -> None:
    wish = ActivityWish("deadline", "Last day", datetime(2026, 11, 27), all_day=True)
    actions.add_activity(plan, wish, cast.lead)
    cast.lead.zone = "Pacific/Kiritimati"
    days = cells(cast.as_(cast.lead).get(NOVEMBER).text)
    assert [day for day, cell in days.items() if "Last day" in cell] == ["Fri 27 Nov"]


def test_what_lasts_until_the_month_begins_is_shown(cast: Cast, plan: Plan) -> None:
    wish = ActivityWish(
        "training", "Training", datetime(2026, 9, 1), datetime(2026, 11, 2), all_day=True
    )
    actions.add_activity(plan, wish, cast.lead)
    assert "Training" in cells(cast.as_(cast.lead).get(NOVEMBER).text)["Mon 2 Nov"]


@pytest.mark.parametrize("query", ["kind=survey", "plan=999999", "audience=999999", "plan=x"])
def test_filters_leave_the_rest_out(cast: Cast, activity: Activity, query) -> None:
    page = cast.as_(cast.lead).get(f"{NOVEMBER}&{query}").text
    assert "What changes for you" not in page


def test_two_things_for_the_same_people_on_a_day_are_marked(cast, plan, everyone, activity) -> None:
    wish = ActivityWish("chat", "Again", datetime(2026, 11, 24, 18), audience_id=everyone.id)
    actions.add_activity(plan, wish, cast.lead)
    days = cells(cast.as_(cast.lead).get(NOVEMBER).text)
    assert "More than one thing for: Everyone" in days["Tue 24 Nov"]
    assert "More than one thing" not in days["Wed 25 Nov"]


def test_an_archived_plan_is_not_in_the_calendar(cast, plan, activity) -> None:
    actions.set_plan_status(plan, "archived", cast.lead)
    assert "What changes for you" not in cast.as_(cast.lead).get(NOVEMBER).text


def test_with_one_plan_adding_goes_straight_to_its_form(cast: Cast, plan: Plan) -> None:
    lead = cast.as_(cast.lead)
    answer = lead.get("/calendar/add?day=2026-11-25")
    assert answer.location == f"/plans/{plan.id}/activities/new?day=2026-11-25"
    assert 'value="2026-11-25"' in lead.get(answer.location).text


def test_with_two_plans_adding_asks_which(cast: Cast, plan: Plan) -> None:
    actions.create_plan(cast.team, PlanWish("Winter timetable"), cast.lead)
    actions.create_plan(cast.other_team, PlanWish("Not yours"), cast.outsider)
    page = cast.as_(cast.lead).get("/calendar/add?day=2026-11-25").text
    assert "Winter timetable" in page
    assert "Not yours" not in page


@pytest.mark.parametrize("day", ["2000-01-01", "2100-12-31", "1-1-1", "9999-12-31"])
def test_the_edges_of_time_are_shown(cast: Cast, day) -> None:
    for view in ("month", "week", "list"):
        answer = cast.as_(cast.lead).get(f"/calendar?view={view}&day={day}")
        assert answer.status_code == 200


def test_a_month_asks_as_often_for_many_activities(cast: Cast, plan: Plan, everyone) -> None:
    from sqlalchemy import event

    for number in range(12):
        when = datetime(2026, 11, 1 + number, 9)
        actions.add_activity(
            plan, ActivityWish("chat", "Post", when, audience_id=everyone.id), cast.lead
        )
    asked: list[str] = []
    listen = lambda *args: asked.append(args[2])  # noqa: E731  # removed by identity below
    event.listen(db.engine, "before_cursor_execute", listen)
    cast.as_(cast.lead).get(f"{NOVEMBER}&view=week")
    event.remove(db.engine, "before_cursor_execute", listen)
    assert len([text for text in asked if text.lstrip().upper().startswith("SELECT")]) <= 19
