"""The bytes of series, kept, and how what rules cannot say is said otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from commsplan.calendars.feeds import feed_bytes
from commsplan.calendars.heads import head_of
from commsplan.calendars.ics import Event, calendar
from commsplan.calendars.repeating import events_of_series, horizon_of
from commsplan.calendars.telling import View, events_of
from commsplan.foundation.database import db, transaction
from commsplan.plans.models import Activity, ActivityException
from commsplan.plans.recurrence import parse
from commsplan.plans.series import Departure, Occurrence, Series
from tests.calendars.conftest import TODAY, WRITTEN, Scene
from tests.calendars.test_golden import compare

HORIZON = horizon_of(TODAY.date())
TUESDAY = datetime(2026, 10, 6, 9)
HOUR = timedelta(hours=1)


@pytest.fixture
def repeating(scene: Scene) -> Scene:
    weekly = scene.add(
        "Stand-up",
        TUESDAY,
        recurrence="FREQ=WEEKLY;UNTIL=20261222",
        sequence=4,
        place="B1",
        conference="https://meet.northwind.example/stand-up",
    )
    except_for(weekly, datetime(2026, 10, 13, 9), cancelled=True)
    moved = datetime(2026, 10, 28, 14)
    except_for(
        weekly, datetime(2026, 10, 27, 9), starts_local=moved, ends_local=moved + HOUR, place="B2"
    )
    except_for(weekly, datetime(2026, 11, 3, 9), title="Stand-up with cake", status="planned")
    scene.add(
        "First Friday",
        datetime(2026, 10, 2),
        ends_local=datetime(2026, 10, 2),
        all_day=True,
        kind="deadline",
        recurrence="FREQ=MONTHLY;BYDAY=1FR;COUNT=6",
    )
    scene.add(
        "Your own morning", datetime(2026, 11, 2, 8), zone="recipient", recurrence="FREQ=DAILY"
    )
    scene.add("Night shift", datetime(2026, 10, 21, 22), recurrence="FREQ=WEEKLY;BYDAY=SA,WE")
    scene.add(
        "In Casablanca",
        datetime(2027, 2, 2, 9),
        zone="Africa/Casablanca",
        recurrence="FREQ=WEEKLY;COUNT=2",
    )
    with transaction():
        for activity in db.session.query(Activity):
            if activity.title == "Night shift":
                activity.ends_local = datetime(2026, 10, 22, 6)
    return scene


def except_for(series: Activity, key: datetime, **fields: object) -> None:
    values = {"sequence": series.sequence, "revised_at": WRITTEN, **fields}
    db.session.add(ActivityException(activity=series, occurrence_local=key, **values))
    db.session.commit()


def test_the_team_sees_every_series(repeating: Scene) -> None:
    compare("series.ics", feed_bytes(repeating.feed(repeating.cast.lead), TODAY))


def as_calendar(scene: Scene, view: View) -> bytes:
    """Return the plan as those see it who know less, without anybody's own zone."""
    activities = db.session.query(Activity).order_by(Activity.id)
    events = [event for one in activities for event in events_of(one, "", view, HORIZON)]
    head = head_of(scene.feed(scene.cast.lead), WRITTEN)
    return calendar(replace(head, source="https://x.example/f.ics"), events)


def test_others_see_only_that_the_time_is_taken(repeating: Scene) -> None:
    raw = as_calendar(repeating, View.BUSY)
    compare("busy.ics", raw)
    for word in (b"Stand-up", b"B1", b"meet.", b"CATEGORIES:M", b"activities/"):
        assert word not in raw.split(b"BEGIN:VEVENT", 1)[1]


def test_everybody_sees_each_readers_own_time_without_a_zone(repeating: Scene) -> None:
    compare("open.ics", as_calendar(repeating, View.OPEN))


def written(rule: str, starts: datetime = TUESDAY, **fields: object) -> tuple[Event, ...]:
    values = {"starts_local": starts, "ends_local": starts + HOUR, "zone": "Europe/Berlin"}
    series = Series(**values | fields, rule=parse(rule))
    return events_of_series(series, told, HORIZON)


def told(one: Occurrence) -> Event:
    return Event("a@b", WRITTEN, one.title or "Stand-up", TUESDAY.date(), TUESDAY.date())


def test_an_end_is_in_utc_for_times_and_a_date_for_days() -> None:
    assert written("FREQ=WEEKLY;UNTIL=20261222")[0].rule == "FREQ=WEEKLY;UNTIL=20261222T080000Z"
    day = datetime(2026, 10, 6)
    days = written("FREQ=WEEKLY;UNTIL=20261222", day, ends_local=day, all_day=True)
    assert days[0].rule == "FREQ=WEEKLY;UNTIL=20261222"


def test_a_start_that_does_not_fit_begins_with_the_first_that_does() -> None:
    assert written("FREQ=WEEKLY;BYDAY=TH")[0].starts == datetime(2026, 10, 8, 9)


def test_an_hour_that_clocks_skip_is_said_in_utc() -> None:
    every = written("FREQ=DAILY;UNTIL=20270401", datetime(2027, 3, 20, 2, 30))
    assert {event.rule for event in every} == {""}
    assert {event.zone for event in every} == {""}
    assert len({event.uid for event in every}) == 13


def test_a_night_that_clocks_make_longer_is_said_for_itself() -> None:
    night = datetime(2026, 10, 20, 22)
    master, *others = written("FREQ=DAILY;COUNT=10", night, ends_local=night + 8 * HOUR)
    assert master.rule == "FREQ=DAILY;COUNT=10"
    assert [one.recurrence_id for one in others] == [datetime(2026, 10, 24, 22)]


def test_an_occurrence_that_is_off_for_good_leaves_nothing() -> None:
    off = (Departure(TUESDAY, cancelled=True),)
    assert written("FREQ=WEEKLY;COUNT=1", departures=off) == ()


def test_what_was_said_of_a_day_far_ahead_is_there() -> None:
    far = Departure(datetime(2031, 10, 7, 9), cancelled=True)
    assert written("FREQ=WEEKLY", departures=(far,))[0].excluded == (datetime(2031, 10, 7, 9),)


def test_a_series_in_utc_needs_no_zone() -> None:
    (event,) = written("FREQ=WEEKLY;UNTIL=20261222", zone="Etc/UTC")
    assert (event.zone, event.starts) == ("", TUESDAY.replace(tzinfo=UTC))
    assert event.rule.endswith("UNTIL=20261222T090000Z")


def test_a_series_that_begins_beyond_the_horizon_is_there() -> None:
    assert written("FREQ=WEEKLY", datetime(2040, 1, 3, 9))[0].rule == "FREQ=WEEKLY"


def test_the_bytes_of_a_year_stay_the_same() -> None:
    assert horizon_of(datetime(2026, 1, 1).date()) == horizon_of(datetime(2026, 12, 31).date())
