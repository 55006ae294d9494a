"""An hour that clocks skip or show twice starts a send once, at a moment that can be told."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from commsplan.delivery.actions import schedule
from commsplan.delivery.forms import ScheduleWish, read_schedule
from commsplan.delivery.starting import start_due_sends
from commsplan.foundation.dates import utc_to_local
from tests.delivery.conftest import Stage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CHANGES = [
    # (day, hour on the wall, zone, the instant, what the wall shows at that instant)
    ("2026-03-29", "02:30", "Europe/Berlin", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "03:30"),
    ("2026-10-25", "02:30", "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "02:30"),
    ("2026-03-08", "02:30", "America/New_York", datetime(2026, 3, 8, 7, 30, tzinfo=UTC), "03:30"),
    ("2026-11-01", "01:30", "America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "01:30"),
    # half an hour only, on the other half of the year
    (
        "2026-10-04",
        "02:15",
        "Australia/Lord_Howe",
        datetime(2026, 10, 3, 15, 45, tzinfo=UTC),
        "02:45",
    ),
]


def _read(day: str, hour: str, zone: str) -> datetime:
    form = {"when": "later", "due_date": day, "due_time": hour, "due_zone": zone}
    wish = read_schedule(form, NOW)
    assert isinstance(wish, ScheduleWish)
    return wish.due_at


@pytest.mark.parametrize(("day", "hour", "zone", "instant", "shown"), CHANGES)
def test_an_hour_that_is_skipped_comes_after_the_gap_and_one_shown_twice_is_the_first(
    day: str, hour: str, zone: str, instant: datetime, shown: str
) -> None:
    due_at = _read(day, hour, zone)
    assert due_at == instant
    assert utc_to_local(due_at, zone).strftime("%H:%M") == shown


@pytest.mark.parametrize(("day", "hour", "zone", "instant", "shown"), CHANGES)
def test_the_send_starts_then_and_not_once_more_when_the_hour_comes_again(
    stage: Stage, day: str, hour: str, zone: str, instant: datetime, shown: str
) -> None:
    with time_machine.travel(instant - timedelta(days=1), tick=False):
        send = schedule(stage.message, _read(day, hour, zone), stage.cast.lead)
    with time_machine.travel(instant - MINUTE, tick=False):
        assert start_due_sends() == []
    with time_machine.travel(instant, tick=False):
        assert start_due_sends() == [send.id]
    with time_machine.travel(instant + timedelta(hours=1), tick=False):
        assert start_due_sends() == []
    assert sum(stage.states().values()) == 6
