"""A send in local time reaches everybody at the same hour of their own day."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from commsplan.delivery.actions import schedule
from commsplan.delivery.hours import QuietHours
from commsplan.delivery.leases import lease
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.starting import start_due_sends
from commsplan.delivery.timing import Timing
from commsplan.delivery.windows import rows_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.dates import utc_to_local
from tests.cast import make_person
from tests.delivery.conftest import Stage

AROUND = {"Kira": "Pacific/Kiritimati", "Nina": "Pacific/Niue", "Nepo": "Asia/Kathmandu"}
"""UTC+14, UTC-11, UTC+5:45: both sides of the date line, and a zone between the hours."""


def _tomorrow(hour: int) -> datetime:
    return datetime.combine((now_utc() + timedelta(days=1)).date(), datetime.min.time()).replace(
        hour=hour
    )


def _start(stage: Stage, timing: Timing) -> Send:
    for name, zone in AROUND.items():
        make_person(f"{name} Somewhere", zone=zone)
    db.session.commit()
    send = schedule(stage.message, now_utc() - timedelta(seconds=1), stage.cast.lead, timing)
    assert start_due_sends() == [send.id]
    return send


def _hour_of(row: Delivery) -> datetime:
    zone = row.person.chosen_zone or row.person.zone or "Europe/Berlin"
    return utc_to_local(row.not_before, zone)


def test_it_is_the_same_hour_on_every_clock(stage: Stage) -> None:
    _start(stage, Timing(local_time=_tomorrow(9)))
    assert {_hour_of(row) for row in stage.rows()} == {_tomorrow(9)}
    assert len({row.not_before for row in stage.rows()}) == 4


def test_the_chosen_zone_wins_over_the_lists(stage: Stage) -> None:
    stage.cast.employee.chosen_zone = "America/Lima"
    _start(stage, Timing(local_time=_tomorrow(9)))
    row = next(row for row in stage.rows() if row.person_id == stage.cast.employee.id)
    assert utc_to_local(row.not_before, "America/Lima") == _tomorrow(9)


@pytest.mark.parametrize(("chosen", "listed"), [("Mars/Base", ""), ("", "Mars/Base"), ("", "")])
def test_an_unknown_zone_is_the_organisations(stage: Stage, chosen: str, listed: str) -> None:
    stage.cast.employee.chosen_zone, stage.cast.employee.zone = chosen, listed
    _start(stage, Timing(local_time=_tomorrow(9)))
    row = next(row for row in stage.rows() if row.person_id == stage.cast.employee.id)
    assert utc_to_local(row.not_before, "Europe/Berlin") == _tomorrow(9)


def test_whose_hour_has_passed_gets_it_at_once(stage: Stage) -> None:
    send = _start(stage, Timing(local_time=datetime(2026, 1, 6, 9)))
    assert {row.not_before for row in stage.rows()} == {send.started_at}


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        (datetime(2036, 3, 30, 2, 30), datetime(2036, 3, 30, 1, 30, tzinfo=UTC)),  # skipped
        (datetime(2036, 10, 26, 2, 30), datetime(2036, 10, 26, 0, 30, tzinfo=UTC)),  # shown twice
    ],
)
def test_an_hour_that_the_clock_skips_or_shows_twice(
    stage: Stage, wall: datetime, instant: datetime
) -> None:
    _start(stage, Timing(local_time=wall))
    row = next(row for row in stage.rows() if row.person_id == stage.cast.employee.id)
    assert row.not_before == instant


def test_a_copy_that_would_come_at_night_waits_for_the_morning(stage: Stage) -> None:
    quiet = QuietHours(20 * 60, 7 * 60)
    _start(stage, Timing(local_time=_tomorrow(22), quiet=quiet))
    morning = _tomorrow(7) + timedelta(days=1)
    assert {_hour_of(row) for row in stage.rows()} == {morning}
    assert all(row.quiet_at == row.not_before + timedelta(hours=13) for row in stage.rows())


def test_chunks_are_cut_by_moment_and_cover_every_copy_once(stage: Stage) -> None:
    send = _start(stage, Timing(local_time=_tomorrow(9)))
    chunks = db.session.query(Chunk).filter_by(send_id=send.id).all()
    covered = [
        row.id for row in stage.rows() for one in chunks if one.first_id <= row.id <= one.last_id
    ]
    assert sorted(covered) == [row.id for row in stage.rows()]
    assert sum(one.copies for one in chunks) == send.addressed
    assert len({one.not_before for one in chunks}) == len(chunks) == 4


def test_nothing_is_leased_before_its_hour(stage: Stage, app: Flask) -> None:
    send = _start(stage, Timing(local_time=_tomorrow(9) + timedelta(days=1)))
    assert lease(send.id, "worker") is None


def test_after_its_hour_it_is(stage: Stage) -> None:
    send = _start(stage, Timing(local_time=_tomorrow(9) - timedelta(days=3)))
    held = lease(send.id, "worker")
    assert held is not None
    assert len(rows_of(held)) == send.addressed
