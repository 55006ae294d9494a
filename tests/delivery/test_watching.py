"""The timetable watches running sends: forgotten ones, failing ones, and what is too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from commsplan.delivery.actions import finish_sends, schedule
from commsplan.delivery.clockwork import look_after_sends
from commsplan.delivery.hours import QuietHours
from commsplan.delivery.leases import lease, let_go
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.moving import move_out_of_quiet
from commsplan.delivery.queries import is_late, sends_with_work
from commsplan.delivery.starting import start_due_sends
from commsplan.delivery.stopping import cancel_send, pause_send, resume_send
from commsplan.delivery.tallies import lock_chunks_of
from commsplan.delivery.timing import LatePolicy, Timing
from commsplan.delivery.watching import (
    OUTDATED,
    note_seen,
    pause_failing,
    pause_overdue,
    skip_too_late,
)
from commsplan.delivery.waves import Wave
from commsplan.delivery.windows import rows_of
from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.dates import utc_to_local
from tests.delivery.conftest import Stage

YESTERDAY = timedelta(hours=25)


def _start(stage: Stage, timing: Timing) -> Send:
    send = schedule(stage.message, now_utc() - timedelta(seconds=1), stage.cast.lead, timing)
    assert start_due_sends() == [send.id]
    return send


def _due_yesterday(stage: Stage, policy: LatePolicy) -> Send:
    timing = Timing(late_policy=policy)
    return schedule(stage.message, now_utc() - YESTERDAY, stage.cast.lead, timing)


def _set(send: Send, **values: object) -> None:
    with transaction() as database:
        database.execute(update(Send).where(Send.id == send.id).values(**values))


def _fail(send: Send, number: int, state: str = "failed") -> None:
    """Let so many copies fail and all others arrive."""
    with transaction() as database:
        lock_chunks_of([send.id])
        ids = database.scalars(select(Delivery.id).where(Delivery.send_id == send.id)).all()
        relayed = {"relay": "relay:25", "accepted_at": now_utc()}
        database.execute(update(Delivery).values(state="accepted", **relayed))
        failed = update(Delivery).where(Delivery.id.in_(ids[:number]))
        database.execute(failed.values(state=state))


def _actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


# A restored backup


def test_a_send_that_nobody_looked_after_for_a_day_waits_for_a_person(stage: Stage) -> None:
    send = stage.start()
    _set(send, seen_at=now_utc() - YESTERDAY)
    look_after_sends()
    db.session.refresh(send)
    assert (send.state, send.paused_why) == ("running", "overdue")
    assert sends_with_work() == []
    assert "send.paused" in _actions()


def test_workers_take_nothing_of_it_before_the_timetable_has_seen_it(stage: Stage) -> None:
    send = stage.start()
    _set(send, seen_at=now_utc() - YESTERDAY)
    assert lease(send.id, "worker") is None
    assert sends_with_work() == []


def test_when_a_person_says_so_it_goes_on(stage: Stage) -> None:
    send = stage.start()
    _set(send, seen_at=now_utc() - YESTERDAY)
    pause_overdue()
    resume_send(send, stage.cast.lead)
    assert pause_overdue() == []
    assert sends_with_work() == [send.id]


def test_or_it_is_cancelled(stage: Stage) -> None:
    send = stage.start()
    _set(send, seen_at=now_utc() - YESTERDAY)
    pause_overdue()
    cancel_send(send, stage.cast.lead)
    assert stage.states() == {"cancelled": 6}


def test_that_it_is_looked_after_is_noted_every_half_a_minute(stage: Stage) -> None:
    send = stage.start()
    assert note_seen() == []
    _set(send, seen_at=now_utc() - timedelta(seconds=31))
    assert note_seen() == [send.id]
    assert note_seen() == []


# The stop rule


def test_more_failures_than_allowed_pause_it(stage: Stage) -> None:
    stage.more_people(34)
    send = _start(stage, Timing(stop_percent=5))
    _fail(send, 3)
    assert pause_failing() == [send.id]
    db.session.refresh(send)
    assert (send.paused_why, send.paused_by_id) == ("failures", None)


@pytest.mark.parametrize("state", ["bounced", "uncertain"])
def test_what_came_back_or_is_in_doubt_counts(stage: Stage, state: str) -> None:
    stage.more_people(34)
    send = _start(stage, Timing(stop_percent=5))
    _fail(send, 3, state)
    assert pause_failing() == [send.id]


def test_as_many_as_allowed_do_not(stage: Stage) -> None:
    stage.more_people(34)
    send = _start(stage, Timing(stop_percent=5))
    _fail(send, 2)
    assert pause_failing() == []


def test_a_few_copies_say_little(stage: Stage) -> None:
    send = _start(stage, Timing(stop_percent=5))
    _fail(send, 3)
    assert pause_failing() == []


def test_but_a_small_first_part_was_made_to_find_out(stage: Stage) -> None:
    send = _start(stage, Timing(stop_percent=5, waves=(Wave(None, 2, 60),)))
    with transaction() as database:
        lock_chunks_of([send.id])
        values = {"state": "failed", "relay": "relay:25"}
        database.execute(update(Delivery).where(Delivery.wave == 0).values(values))
    assert pause_failing() == [send.id]


def test_people_without_an_address_do_not_count(stage: Stage) -> None:
    stage.more_people(34)
    for person in (stage.cast.employee, stage.cast.sponsor, stage.cast.admin):
        person.email = f"nothing-{person.id}"
    send = _start(stage, Timing(stop_percent=5))
    with transaction() as database:
        lock_chunks_of([send.id])
        planned = update(Delivery).where(Delivery.state == "planned")
        database.execute(planned.values(state="accepted", relay="relay:25"))
    assert pause_failing() == []


def test_once_resumed_it_does_not_pause_for_the_same_failures(stage: Stage) -> None:
    stage.more_people(34)
    send = _start(stage, Timing(stop_percent=5))
    _fail(send, 3)
    pause_failing()
    assert resume_send(send, stage.cast.lead) == 5 + 8
    assert pause_failing() == []


def test_a_send_with_a_stop_rule_waits_while_nobody_would_apply_it(stage: Stage) -> None:
    send = _start(stage, Timing(stop_percent=5))
    _set(send, seen_at=now_utc() - timedelta(minutes=4))
    assert lease(send.id, "worker") is None
    look_after_sends()
    assert lease(send.id, "worker") is not None


# Too late


def test_a_late_send_waits_for_a_person(stage: Stage) -> None:
    send = _due_yesterday(stage, LatePolicy.ASK)
    assert start_due_sends() == []
    assert is_late(send)


def test_or_goes_all_the_same(stage: Stage) -> None:
    send = _due_yesterday(stage, LatePolicy.SEND)
    assert not is_late(send)
    assert start_due_sends() == [send.id]


def test_or_is_taken_back_by_itself(stage: Stage) -> None:
    send = _due_yesterday(stage, LatePolicy.SKIP)
    assert start_due_sends() == []
    db.session.refresh(send)
    assert (send.state, send.paused_why, stage.message.state) == ("cancelled", "late", "draft")
    assert "send.skipped" in _actions()


def test_a_send_whose_last_moment_has_passed_never_starts(stage: Stage) -> None:
    timing = Timing(valid_until=now_utc() - timedelta(seconds=1))
    schedule(stage.message, now_utc() - timedelta(minutes=5), stage.cast.lead, timing)
    assert start_due_sends() == []
    assert stage.message.state == "draft"


def test_copies_that_wait_after_the_last_moment_are_skipped_and_the_send_ends(
    stage: Stage,
) -> None:
    send = _start(stage, Timing(valid_until=now_utc() + timedelta(hours=1)))
    assert skip_too_late() == 0
    _set(send, valid_until=now_utc())
    assert skip_too_late() == 6
    assert stage.states() == {"skipped_late": 6}
    assert {row.note for row in stage.rows()} == {OUTDATED}
    look_after_sends()
    assert finish_sends() == []
    db.session.refresh(send)
    assert send.state == "finished"


def test_a_paused_send_ends_by_its_last_moment_too(stage: Stage) -> None:
    send = _start(stage, Timing(valid_until=now_utc() + timedelta(hours=1)))
    pause_send(send, stage.cast.lead)
    _set(send, valid_until=now_utc())
    look_after_sends()
    assert stage.states() == {"skipped_late": 6}


def test_a_worker_takes_nothing_after_the_last_moment(stage: Stage) -> None:
    send = _start(stage, Timing(valid_until=now_utc() + timedelta(hours=1)))
    held = lease(send.id, "worker")
    assert held
    _set(send, valid_until=now_utc())
    let_go(held)
    assert lease(send.id, "worker") is None
    assert skip_too_late() == 6


# Quiet hours that begin


def test_copies_whose_readers_sleep_by_now_are_moved_to_the_morning(stage: Stage) -> None:
    send = _start(stage, Timing(quiet=_short_night()))
    _let_the_night_begin(send)
    assert move_out_of_quiet(send.id) == 1
    rows = stage.rows()
    ends = {_short_night().out_of(now_utc(), row.person.zone) for row in rows}
    assert {row.not_before for row in rows} == ends
    assert all(row.quiet_at and row.quiet_at > row.not_before for row in rows)


def test_their_chunk_is_ready_when_the_first_of_them_may_go(stage: Stage) -> None:
    stage.cast.employee.zone = "Asia/Tokyo"
    send = _start(stage, Timing(quiet=_short_night()))
    _let_the_night_begin(send)
    move_out_of_quiet(send.id)
    first = min(row.not_before for row in stage.rows())
    chunks = db.session.scalars(select(Chunk)).all()
    assert min(one.not_before for one in chunks) == first


def test_a_later_try_stays_later(stage: Stage) -> None:
    send = _start(stage, Timing(quiet=_short_night()))
    _let_the_night_begin(send)
    later = now_utc() + timedelta(days=2)
    with transaction() as database:
        database.execute(update(Delivery).values(not_before=later))
    move_out_of_quiet(send.id)
    assert {row.not_before for row in stage.rows()} == {later}


def test_what_a_worker_holds_is_left_to_it_and_moved_afterwards(stage: Stage) -> None:
    send = _start(stage, Timing(quiet=_short_night()))
    with transaction() as database:
        database.execute(update(Delivery).values(not_before=now_utc()))
        database.execute(update(Chunk).values(not_before=now_utc()))
    held = lease(send.id, "worker")
    assert held
    _let_the_night_begin(send)
    assert rows_of(held) == []
    assert move_out_of_quiet(send.id) == 0
    let_go(held)
    assert move_out_of_quiet(send.id) == 1


def _short_night() -> QuietHours:
    """Return quiet hours that began a minute ago in Berlin and last half an hour."""
    wall = utc_to_local(now_utc(), "Europe/Berlin")
    minute = wall.hour * 60 + wall.minute
    return QuietHours((minute - 1) % 1440, (minute + 30) % 1440)


def _let_the_night_begin(send: Send) -> None:
    """Make as if the copies had been ready before their readers' quiet hours began."""
    past = now_utc() - timedelta(minutes=1)
    with transaction() as database:
        database.execute(update(Delivery).values(not_before=past, quiet_at=past))
        database.execute(update(Chunk).where(Chunk.send_id == send.id).values(not_before=past))
