"""Freezes, quiet times, holidays and taken rooms speak against what is planned in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from commsplan.audiences.models import Audience
from commsplan.messages.actions import write_message
from commsplan.messages.readiness import readiness_of
from commsplan.messages.rules import Content, MessageWish
from commsplan.plans import actions, obstacles
from commsplan.plans.models import Activity, Plan
from commsplan.plans.obstacle_words import sentences
from commsplan.plans.obstacles import Span, Touched, against, ahead, held
from commsplan.plans.rules import ActivityWish
from tests.cast import Cast, make_person

NINE = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""09:00 in Berlin, when the activity of these tests begins."""
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def spans(app: object):  # type: ignore[no-untyped-def]
    """What is going on, in place of what calendars would say."""
    known: list[Span] = []
    before = list(obstacles.sources)
    obstacles.sources[:] = [lambda start, end: known]
    yield known
    obstacles.sources[:] = before


def span(kind: str = "freeze", starts: datetime = NINE - HOUR, **fields: object) -> Span:
    ends = fields.pop("ends_at", starts + 2 * HOUR)
    return Span(kind, str(fields.pop("title", "Year-end")), starts, ends, **fields)  # type: ignore[arg-type]


def test_what_is_inside_is_met(activity: Activity, spans: list[Span]) -> None:
    spans.append(span())
    assert [one.span.title for one in against(activity)] == ["Year-end"]


@pytest.mark.parametrize("starts", [NINE - 2 * HOUR, NINE + timedelta(seconds=1)])
def test_what_ends_or_begins_beside_it_is_not(
    activity: Activity, spans: list[Span], starts: datetime
) -> None:
    spans.append(span(starts=starts))
    assert against(activity) == []


def test_the_most_serious_comes_first(activity: Activity, spans: list[Span]) -> None:
    spans += [span("holiday"), span("quiet"), span("freeze")]
    assert [one.span.kind for one in against(activity)] == ["freeze", "quiet", "holiday"]


def test_nothing_speaks_against_what_is_off(
    activity: Activity, spans: list[Span], cast: Cast
) -> None:
    spans.append(span())
    actions.set_activity_status(activity, "cancelled", cast.lead)
    assert against(activity) == []


def test_a_holiday_somewhere_concerns_the_people_there(
    activity: Activity, spans: list[Span], everyone: Audience
) -> None:
    make_person("Fanny France", country="FR")
    spans += [
        span("holiday", scope="country", scope_value="fr"),
        span("holiday", scope="country", scope_value="ES"),
    ]
    (only,) = against(activity)
    assert only.people == 1
    said = sentences([(Touched(NINE, NINE), only)], "Europe/Berlin")
    assert said == ["Holiday: “Year-end”, Tue 24 Nov, 08:00–10:00 (Berlin); it concerns 1 of them."]


@pytest.mark.parametrize(
    ("place", "met"),
    [
        ("Room 7, Berlin", True),
        ("room 7", True),
        ("Room 77", False),
        ("", False),
    ],
)
def test_a_room_is_known_by_its_name(spans: list[Span], app: object, place: str, met: bool) -> None:
    spans.append(span("room", scope="place", scope_value="Room 7"))
    found = held([Touched(NINE, NINE + HOUR, None, place, "Town hall")])
    assert bool(found) is met


def test_its_own_booking_does_not_take_the_room(spans: list[Span], app: object) -> None:
    spans.append(span("room", title="Town Hall", scope="place", scope_value="Room 7"))
    assert held([Touched(NINE, NINE + HOUR, None, "Room 7", "Town hall")]) == []


def test_of_a_series_each_occurrence_ahead_is_held_against_them(
    plan: Plan, cast: Cast, spans: list[Span]
) -> None:
    wish = ActivityWish(
        "meeting", "Weekly", datetime(2026, 11, 24, 9), recurrence="FREQ=WEEKLY;COUNT=4"
    )
    weekly = actions.add_activity(plan, wish, cast.lead)
    spans += [span(starts=NINE + timedelta(days=7) - HOUR), span(starts=NINE + timedelta(days=90))]
    found = ahead(weekly, NINE - HOUR)
    assert [thing.starts_at for thing, _one in found] == [NINE + timedelta(days=7)]


def test_a_page_and_the_form_say_what_speaks_against_it(
    activity: Activity, spans: list[Span], cast: Cast
) -> None:
    spans.append(span())
    browser = cast.as_(cast.lead)
    address = f"/plans/{activity.plan_id}/activities/{activity.id}"
    for page in (address, f"{address}/edit"):
        assert "Nothing is changed: “Year-end”" in browser.get(page).text


def test_the_form_asks_while_somebody_types(plan: Plan, spans: list[Span], cast: Cast) -> None:
    spans.append(span())
    ask = cast.as_(cast.lead).get
    typed = {"starts_date": "2026-11-24", "starts_time": "09:00", "starts_zone": "Europe/Berlin"}
    assert "Year-end" in ask(f"/plans/{plan.id}/against", query_string=typed).text
    typed["starts_date"] = "2026-11-25"
    assert "Year-end" not in ask(f"/plans/{plan.id}/against", query_string=typed).text
    typed |= {"starts_date": "2026-11-17", "repeats": "weekly", "repeat_every": "1"}
    assert "Year-end" in ask(f"/plans/{plan.id}/against", query_string=typed).text


def test_an_unfinished_form_is_told_nothing(plan: Plan, spans: list[Span], cast: Cast) -> None:
    spans.append(span())
    answer = cast.as_(cast.lead).get(f"/plans/{plan.id}/against?starts_date=24")
    assert (answer.status_code, answer.text.strip()) == (200, "")


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("employee", 403)])
def test_others_are_told_nothing(plan: Plan, cast: Cast, who: str, status: int) -> None:
    answer = cast.as_(getattr(cast, who)).get(f"/plans/{plan.id}/against")
    assert answer.status_code == status


@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_the_calendar_shows_them(cast: Cast, spans: list[Span], view: str) -> None:
    spans += [span(), span("room", title="Board meeting", scope="place", scope_value="Room 7")]
    page = cast.as_(cast.lead).get(f"/calendar?view={view}&day=2026-11-24").text
    assert "Year-end" in page
    assert "Board meeting" not in page


def test_whole_days_stand_on_their_own_days(cast: Cast, spans: list[Span]) -> None:
    tokyo = datetime(2026, 11, 23, 15, tzinfo=UTC)  # the 24th begins in Tokyo
    spans.append(
        span("holiday", tokyo, ends_at=tokyo + timedelta(days=1), all_day=True, zone="Asia/Tokyo")
    )
    page = cast.as_(cast.lead).get("/calendar?view=week&day=2026-11-24").text
    assert page.count('class="month-span is-holiday"') == 1
    assert "Tue 24 Nov" in page


def test_a_message_that_would_go_out_then_is_warned_of(
    activity: Activity, everyone: Audience, cast: Cast, spans: list[Span]
) -> None:
    spans.append(span("quiet", title="Exams"))
    wish = MessageWish(
        Content(subject="Hello", body="Text"), audience_id=everyone.id, activity_id=activity.id
    )
    message = write_message(activity.plan, wish, cast.lead)
    (found,) = [one for one in readiness_of(message) if one.name == "moment"]
    assert found.kind == "warn"
    assert "Exams" in found.text
    later = readiness_of(message, NINE + timedelta(days=2))
    assert {one.kind for one in later if one.name == "moment"} == {"good"}
