"""A clock that is wrong by an hour or a day delays copies or puts them in doubt, never more."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from commsplan.delivery.clockwork import look_after_sends
from commsplan.delivery.jobs import deliver
from commsplan.delivery.journal import Journal
from commsplan.delivery.leases import lease
from commsplan.delivery.models import Send
from commsplan.delivery.recovery import journal_folder, recover
from commsplan.delivery.rules import accepted
from commsplan.delivery.stopping import OVERDUE, resume_send
from commsplan.delivery.windows import Result, rows_of, turn_over
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WRONG = [HOUR, -HOUR, DAY, -DAY]
Finish = Callable[[], list[int]]


def wrong_by(shift: timedelta) -> time_machine.travel:
    """Run what follows as a machine whose clock is wrong by so much."""
    return time_machine.travel(now_utc() + shift, tick=True)


@pytest.mark.parametrize("shift", WRONG)
def test_two_timetables_that_disagree_about_the_time_start_a_send_once(
    stage: Stage, sink: Sink, shift: timedelta, finish: Finish
) -> None:
    send_id = stage.schedule().id
    with wrong_by(shift):
        look_after_sends()
    look_after_sends()
    with wrong_by(shift):
        look_after_sends()
    send = db.session.get_one(Send, send_id, populate_existing=True)
    if shift == DAY:  # as if nobody had looked after it for a day: it waits for a person
        assert send.paused_why == OVERDUE
        resume_send(send, None)
    deliver(send_id)
    if shift > timedelta():
        stage.let_time_pass()  # what a clock ahead had wait is due there later than here
        deliver(send_id)
    assert finish() == [send_id]
    assert stage.states() == {"accepted": 6}
    assert list(sink.copies.values()) == [1] * 6


@pytest.mark.parametrize("shift", [-HOUR, -DAY])
def test_a_timetable_whose_clock_is_slow_starts_nothing_early(
    stage: Stage, shift: timedelta
) -> None:
    stage.schedule()
    with wrong_by(shift):
        look_after_sends()
    assert stage.states() == {}


@pytest.mark.parametrize("shift", [HOUR, DAY])
def test_a_timetable_whose_clock_is_fast_puts_a_window_in_doubt_and_repeats_nothing(
    stage: Stage, sink: Sink, shift: timedelta, finish: Finish
) -> None:
    """It takes every lease for lapsed: the living worker behind it must not be believed."""
    send = stage.start()
    with Journal(journal_folder()) as journal:
        held = lease(send.id, journal.worker)
        assert held is not None
        begun = turn_over(held, [], [row.delivery_id for row in rows_of(held)[:3]]).begun
        with wrong_by(shift):
            recover()
        late = [Result(one, accepted("250"), "", 0) for one in begun]
        assert turn_over(held, late, []).settled == 0
    deliver(send.id)
    assert finish() == [send.id]
    assert stage.states() == {"uncertain": 3, "accepted": 3}
    assert list(sink.copies.values()) == [1] * 3


@pytest.mark.parametrize("shift", [HOUR, 23 * HOUR])
def test_what_a_worker_with_a_fast_clock_left_behind_is_taken_back_when_its_lease_lapses(
    stage: Stage, sink: Sink, shift: timedelta
) -> None:
    send = stage.start()
    with wrong_by(shift):
        assert lease(send.id, "another-machine-1-abc") is not None
    recover()
    deliver(send.id)
    assert stage.states() == {"planned": 6}, "its lease holds, however long"
    with wrong_by(shift + HOUR):
        recover()
    deliver(send.id)
    assert stage.states() == {"accepted": 6}


def test_a_timetable_that_was_down_for_three_hours_starts_what_became_due_meanwhile(
    stage: Stage, sink: Sink, finish: Finish
) -> None:
    send_id = stage.schedule(hours=-3).id
    look_after_sends()
    deliver(send_id)
    assert finish() == [send_id]
    assert list(sink.copies.values()) == [1] * 6


def test_a_timetable_that_was_down_for_three_hours_frees_what_a_lost_worker_held(
    stage: Stage, sink: Sink
) -> None:
    with wrong_by(-3 * HOUR):
        send_id = stage.start().id
        assert lease(send_id, "another-machine-1-abc") is not None
    look_after_sends()
    deliver(send_id)
    assert stage.states() == {"accepted": 6}


def test_a_worker_whose_clock_is_a_day_fast_takes_nothing(stage: Stage) -> None:
    """To it the send is overdue, and a person has to say whether it still goes out."""
    send = stage.start()
    with wrong_by(DAY + HOUR):
        assert lease(send.id, "another-machine-1-abc") is None
