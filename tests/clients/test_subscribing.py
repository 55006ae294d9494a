"""Whoever subscribes with vdirsyncer sees in khal what the plan says, after every change.

Real programs over real HTTP: what is edited, moved, cancelled, taken back and revoked arrives, and
nothing of what was there before stays behind.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from commsplan.calendars.actions import revoke_feed
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.plans import actions
from commsplan.plans.models import Activity
from commsplan.plans.rules import ActivityWish, OccurrenceWish
from commsplan.plans.series_actions import cancel_occurrence, move_occurrence, restore_occurrence
from tests.calendars.conftest import Scene
from tests.clients.conftest import Subscribe
from tests.clients.subscriber import Subscriber

pytestmark = pytest.mark.clients

STAND_UPS = [
    "2026-10-13 09:00–10:00 Stand-up",
    "2026-10-20 09:00–10:00 Stand-up",
    "2026-10-27 09:00–10:00 Stand-up",
    "2026-11-03 09:00–10:00 Stand-up",
]
TOWN_HALL = "2026-10-24 10:00–11:30 Town hall 🚆"
SECOND = "20261020T0900"
FIRST = date(2026, 10, 13)


@pytest.fixture
def stand_up(scene: Scene) -> Activity:
    """Weekly, across the end of summer time."""
    wish = ActivityWish(
        "meeting",
        "Stand-up",
        datetime(2026, 10, 13, 9),
        datetime(2026, 10, 13, 10),
        recurrence="FREQ=WEEKLY;COUNT=4",
        status="confirmed",
    )
    return actions.add_activity(scene.plan, wish, scene.cast.lead)


def town_hall(title: str = "Town hall 🚆", hour: int = 10) -> ActivityWish:
    starts = datetime(2026, 10, 24, hour)
    ends = starts + timedelta(minutes=90)
    return ActivityWish("meeting", title, starts, ends, status="confirmed")


@pytest.fixture
def hall(scene: Scene) -> Activity:
    return actions.add_activity(scene.plan, town_hall(), scene.cast.lead)


@pytest.fixture
def subscriber(
    scene: Scene, hall: Activity, stand_up: Activity, subscribe: Subscribe
) -> Subscriber:
    """Somebody who subscribed while all was as planned."""
    mine = subscribe(scene.feed(scene.cast.lead))
    mine.sync()
    return mine


def after(subscriber: Subscriber) -> list[str]:
    db.session.commit()
    subscriber.sync()
    return subscriber.sees()


def test_what_is_planned_is_shown(subscriber: Subscriber) -> None:
    assert subscriber.sees() == sorted([TOWN_HALL, *STAND_UPS])
    assert subscriber.items() == 2


def test_nothing_new_changes_nothing(subscriber: Subscriber) -> None:
    assert after(subscriber) == sorted([TOWN_HALL, *STAND_UPS])


def test_an_edited_title_replaces_the_old_one(
    subscriber: Subscriber, hall: Activity, scene: Scene
) -> None:
    actions.change_activity(hall, town_hall("Town hall, all stations"), scene.cast.lead)
    shown = after(subscriber)
    assert [line for line in shown if "hall" in line] == [
        "2026-10-24 10:00–11:30 Town hall, all stations"
    ]


def test_what_moves_leaves_no_ghost(subscriber: Subscriber, hall: Activity, scene: Scene) -> None:
    actions.change_activity(hall, town_hall(hour=15), scene.cast.lead)
    assert [line for line in after(subscriber) if "hall" in line] == [
        "2026-10-24 15:00–16:30 Town hall 🚆"
    ]


def test_one_of_a_series_moves(subscriber: Subscriber, stand_up: Activity, scene: Scene) -> None:
    wish = OccurrenceWish(datetime(2026, 10, 21, 14), title="Stand-up, later")
    move_occurrence(stand_up, SECOND, wish, scene.cast.lead)
    assert [line for line in after(subscriber) if "hall" not in line] == [
        STAND_UPS[0],
        "2026-10-21 14:00–15:00 Stand-up, later",
        *STAND_UPS[2:],
    ]


def test_one_of_a_series_is_cancelled_and_comes_back(
    subscriber: Subscriber, stand_up: Activity, scene: Scene
) -> None:
    cancel_occurrence(stand_up, SECOND, scene.cast.lead)
    assert [line for line in after(subscriber) if "hall" not in line] == [
        STAND_UPS[0],
        *STAND_UPS[2:],
    ]
    restore_occurrence(stand_up, SECOND, scene.cast.lead)
    assert [line for line in after(subscriber) if "hall" not in line] == STAND_UPS


def test_a_whole_series_moves_to_another_hour_with_what_was_said(
    subscriber: Subscriber, stand_up: Activity, scene: Scene
) -> None:
    cancel_occurrence(stand_up, SECOND, scene.cast.lead)
    starts = datetime(2026, 10, 13, 11)
    wish = ActivityWish(
        "meeting", "Stand-up", starts, starts + timedelta(hours=1), recurrence=stand_up.recurrence
    )
    actions.change_activity(stand_up, wish, scene.cast.lead)
    assert [line for line in after(subscriber) if "hall" not in line] == [
        "2026-10-13 11:00–12:00 Stand-up",
        "2026-10-27 11:00–12:00 Stand-up",
        "2026-11-03 11:00–12:00 Stand-up",
    ]


def test_what_is_cancelled_says_so(subscriber: Subscriber, hall: Activity, scene: Scene) -> None:
    actions.set_activity_status(hall, "cancelled", scene.cast.lead)
    assert "2026-10-24 10:00–11:30 CANCELLED: Town hall 🚆" in after(subscriber)


def test_what_is_removed_says_so_for_60_days_and_is_gone(
    subscriber: Subscriber, hall: Activity, scene: Scene
) -> None:
    actions.remove_activity(hall, scene.cast.lead)
    assert "2026-10-24 10:00–11:30 CANCELLED: Town hall 🚆" in after(subscriber)
    with transaction():
        hall.removed_at = hall.revised_at = now_utc() - timedelta(days=61)
    assert after(subscriber) == STAND_UPS


def test_when_everything_is_gone_the_calendar_still_syncs(
    subscriber: Subscriber, hall: Activity, stand_up: Activity
) -> None:
    with transaction():
        for one in (hall, stand_up):
            one.removed_at = one.revised_at = now_utc() - timedelta(days=61)
    after(subscriber)
    assert subscriber.items() == 1
    assert [line for line in subscriber.sees() if "Stand-up" in line or "hall" in line] == []


def test_a_revoked_feed_says_so_for_a_week_and_is_gone(
    subscriber: Subscriber, scene: Scene
) -> None:
    feed = revoke_feed(scene.feed(scene.cast.lead))
    after(subscriber)
    today = now_utc().date()
    year = timedelta(days=365)
    shown = subscriber.sees(str(min(today, FIRST) - year), str(max(today, FIRST) + year))
    assert [line.split("– ")[1] for line in shown] == ["This calendar feed was switched off"]
    with transaction():
        feed.revoked_at = now_utc() - timedelta(days=8)
    assert subscriber.sync_fails()


def test_a_reader_in_another_zone_sees_it_in_theirs(
    scene: Scene, stand_up: Activity, subscribe: Subscribe
) -> None:
    scene.cast.lead.zone = "America/New_York"
    mine = subscribe(scene.feed(scene.cast.lead))
    mine.sync()
    assert mine.sees() == STAND_UPS  # khal here lives in Berlin
