"""Blackouts are made, changed, lifted and put back on pages; other teams may only look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import select

from commsplan.calendars.blackout_models import Blackout
from commsplan.calendars.shared_actions import take_away
from commsplan.foundation.database import db
from tests.calendars.shared import NOW, blackout, calendar
from tests.calendars.test_state import IN_BERLIN
from tests.cast import Cast

TYPED = {
    "title": "Year-end freeze",
    "kind": "freeze",
    "reason": "Nobody is here to mend what breaks.",
    "starts_date": "2026-12-18",
    "starts_time": "18:00",
    "starts_zone": "Europe/Berlin",
    "ends_date": "2027-01-04",
    "ends_time": "08:00",
    "scope": "everywhere",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def only() -> Blackout:
    return db.session.scalars(select(Blackout)).one()


def test_a_lead_closes_the_organisation_for_a_time(cast: Cast) -> None:
    browser = cast.as_(cast.lead)
    answer = browser.post("/calendars/blackouts/new", data=TYPED)
    assert answer.status_code == 303
    made = only()
    assert f"{made.starts_at:%m-%d %H:%M} {made.ends_at:%m-%d %H:%M}" == "12-18 17:00 01-04 07:00"
    page = browser.get(answer.location).text
    assert "Nobody is here to mend what breaks." in page
    assert "Undo" in page
    assert "Open. It closes next on Fri 18 Dec, 18:00 (Berlin)." in browser.get("/calendars/").text


def test_whole_days_need_no_hours(cast: Cast) -> None:
    typed = {**TYPED, "all_day": "1", "starts_time": "", "ends_time": "", "ends_date": "2026-12-18"}
    assert cast.as_(cast.lead).post("/calendars/blackouts/new", data=typed).status_code == 303
    assert (only().ends_at - only().starts_at).total_seconds() == 86_400


def test_in_a_calendar_kept_by_hand_it_closes_that(cast: Cast) -> None:
    exams = calendar(cast, "quiet", name="Exams")
    typed = {**TYPED, "calendar": str(exams.id)}
    cast.as_(cast.lead).post("/calendars/blackouts/new", data=typed)
    assert (only().calendar_id, only().kind) == (exams.id, "quiet")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": ""}, "Give it a title"),
        ({"starts_date": ""}, "From when on?"),
        ({"ends_date": "soon"}, "This is not a date."),
        ({"ends_time": ""}, "At which time of day?"),
        ({"ends_date": "2026-12-18", "ends_time": "17:00"}, "The end is not after the start."),
        ({"ends_date": "2026-12-18", "ends_time": "18:00"}, "The end is not after the start."),
        ({"kind": "storm"}, "Choose one of those offered."),
        ({"calendar": "77"}, "Choose one of those offered."),
        ({"team": "77"}, "Choose one of those offered."),
        ({"scope": "country", "scope_value": "Germany"}, "two letters"),
        ({"scope": "location", "scope_value": ""}, "Say which one."),
        ({"starts_zone": "Middle/Earth"}, "Choose one of those offered."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_kept(
    cast: Cast, change: dict[str, str], said: str
) -> None:
    answer = cast.as_(cast.lead).post("/calendars/blackouts/new", data={**TYPED, **change})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Nobody is here to mend what breaks." in answer.text
    assert db.session.scalar(select(Blackout)) is None


def test_changing_it_raises_its_sequence(cast: Cast) -> None:
    made = blackout(cast, IN_BERLIN)
    browser = cast.as_(cast.teammate)
    assert "Year-end freeze" in browser.get(f"/calendars/blackouts/{made.id}/edit").text
    answer = browser.post(f"/calendars/blackouts/{made.id}/edit", data={**TYPED, "title": "Later"})
    assert answer.status_code == 303
    assert (only().title, only().sequence) == ("Later", 1)


def test_lifting_can_be_undone(cast: Cast) -> None:
    made = blackout(cast, IN_BERLIN)
    browser = cast.as_(cast.lead)
    page = browser.post(f"/calendars/blackouts/{made.id}/lift", follow_redirects=True).text
    assert "“Year-end freeze” is lifted." in page
    assert f"/calendars/blackouts/{made.id}/put-back" in page
    assert "It was lifted" in browser.get(f"/calendars/blackouts/{made.id}").text
    browser.post(f"/calendars/blackouts/{made.id}/put-back")
    assert (only().removed_at, only().sequence) == (None, 2)


@pytest.mark.parametrize("way", ["edit", "lift", "put-back"])
def test_another_team_may_look_but_not_change(cast: Cast, way: str) -> None:
    made = blackout(cast, IN_BERLIN)
    browser = cast.as_(cast.outsider)
    assert browser.get(f"/calendars/blackouts/{made.id}").status_code == 200
    assert "Lift it" not in browser.get(f"/calendars/blackouts/{made.id}").text
    assert browser.post(f"/calendars/blackouts/{made.id}/{way}", data=TYPED).status_code == 404
    assert (only().sequence, only().removed_at) == (0, None)


def test_another_teams_calendar_cannot_be_closed(cast: Cast) -> None:
    payments = calendar(cast)
    typed = {**TYPED, "calendar": str(payments.id)}
    assert cast.as_(cast.outsider).post("/calendars/blackouts/new", data=typed).status_code == 422


def test_who_has_no_role_sees_none_of_it(cast: Cast) -> None:
    made = blackout(cast, IN_BERLIN)
    browser = cast.as_(cast.employee)
    for address in ("/calendars/", f"/calendars/blackouts/{made.id}", "/calendars/blackouts/new"):
        assert browser.get(address).status_code == 403


def test_a_sponsor_sees_and_changes_nothing(cast: Cast) -> None:
    made = blackout(cast, IN_BERLIN)
    browser = cast.as_(cast.sponsor)
    assert "Year-end freeze" in browser.get("/calendars/").text
    assert browser.post(f"/calendars/blackouts/{made.id}/lift").status_code == 403


def test_what_is_in_a_calendar_that_was_taken_away_does_not_show(cast: Cast) -> None:
    payments = calendar(cast)
    blackout(cast, IN_BERLIN, calendar_id=payments.id)
    browser = cast.as_(cast.lead)
    assert "Year-end freeze" in browser.get("/calendars/").text
    take_away(payments, cast.lead)
    assert "Year-end freeze" not in browser.get("/calendars/").text


def test_the_first_visit_says_what_to_do(cast: Cast) -> None:
    page = cast.as_(cast.lead).get("/calendars/").text
    assert "Nothing is closed in the half year ahead" in page
    assert "Make the first blackout" in page
    assert "Make the first blackout" not in cast.as_(cast.sponsor).get("/calendars/").text
