"""A send can be paused, resumed and cancelled at any moment, by whoever is first."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select, update

from commsplan.delivery.actions import finish_sends
from commsplan.delivery.leases import lease, let_go
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.queries import sends_with_work
from commsplan.delivery.rules import accepted
from commsplan.delivery.stopping import cancel_send, pause_send, resume_send, sweep_cancelled
from commsplan.delivery.tallies import lock_chunks_of
from commsplan.delivery.windows import Result, rows_of, turn_over
from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person
from tests.delivery.conftest import Stage


def test_of_a_paused_send_nothing_is_leased(stage: Stage) -> None:
    send = stage.start()
    pause_send(send, stage.cast.lead)
    assert lease(send.id, "worker") is None
    assert sends_with_work() == []


def test_who_paused_it_and_since_when_is_kept(stage: Stage) -> None:
    send = stage.start()
    pause_send(send, stage.cast.lead)
    db.session.refresh(send)
    assert send.paused_by is stage.cast.lead
    assert send.paused_at
    assert now_utc() - send.paused_at < timedelta(minutes=1)


def test_a_resumed_send_goes_on(stage: Stage) -> None:
    send = stage.start()
    pause_send(send, stage.cast.lead)
    resume_send(send, stage.cast.teammate)
    assert sends_with_work() == [send.id]
    assert send.paused_by is None


def test_what_a_worker_holds_begins_nothing_more(stage: Stage) -> None:
    send = stage.start()
    held = lease(send.id, "worker")
    assert held
    ids = [row.delivery_id for row in rows_of(held)]
    first = turn_over(held, [], ids[:2])
    pause_send(send, stage.cast.lead)
    second = turn_over(held, [], ids[2:])
    assert len(first.begun) == 2
    assert (second.begun, second.is_ours) == (frozenset(), False)


def test_the_rows_of_a_paused_and_cancelled_send_end(stage: Stage) -> None:
    send = stage.start()
    held = lease(send.id, "worker")
    assert held
    pause_send(send, stage.cast.lead)
    cancel_send(send, stage.cast.teammate)
    let_go(held)
    sweep_cancelled()
    assert stage.states() == {"cancelled": 6}


def test_a_paused_send_is_not_finished_while_copies_wait(stage: Stage) -> None:
    pause_send(stage.start(), stage.cast.lead)
    assert finish_sends() == []


def test_a_scheduled_send_is_taken_back_not_paused(stage: Stage) -> None:
    with pytest.raises(NotNow):
        pause_send(stage.schedule(hours=1), stage.cast.lead)


def test_what_is_not_paused_cannot_be_resumed(stage: Stage) -> None:
    with pytest.raises(NotNow):
        resume_send(stage.start(), stage.cast.lead)


def test_it_is_written_into_the_audit_trail(stage: Stage) -> None:
    send = stage.start()
    pause_send(send, stage.cast.lead)
    resume_send(send, stage.cast.teammate)
    trail = db.session.execute(select(AuditEntry.actor, AuditEntry.action)).all()
    assert (f"person {stage.cast.lead.id}", "send.paused") in trail
    assert (f"person {stage.cast.teammate.id}", "send.resumed") in trail


def test_of_two_people_who_pause_at_once_one_does(app: Flask, stage: Stage) -> None:
    send_id, people = stage.start().id, [stage.cast.lead.id, stage.cast.teammate.id]
    db.session.rollback()
    begin, found = Barrier(2), []

    def pause(person_id: int) -> None:
        with app.app_context():
            by = db.session.get_one(Person, person_id)
            begin.wait()
            try:
                pause_send(db.session.get_one(Send, send_id), by)
                found.append(person_id)
            except NotNow:
                found.append(None)
            db.session.remove()

    threads = [Thread(target=pause, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(None) == 1
    (winner,) = [one for one in found if one]
    assert db.session.scalar(select(Send.paused_by_id)) == winner


def test_a_copy_that_was_on_the_wire_is_settled_under_a_pause(stage: Stage) -> None:
    send = stage.start()
    held = lease(send.id, "worker")
    assert held
    (first, *_rest) = rows_of(held)
    turn_over(held, [], [first.delivery_id])
    pause_send(send, stage.cast.lead)
    done = [Result(first.delivery_id, accepted("250 ok"), "relay:25", 0)]
    assert turn_over(held, done, []).settled == 1
    let_go(held)
    assert stage.states() == {"accepted": 1, "planned": 5}


def test_a_stop_rule_that_was_overruled_allows_as_much_again(stage: Stage) -> None:
    send = stage.start()
    with db.session.begin_nested():
        db.session.execute(
            update(Delivery)
            .where(Delivery.send_id == send.id, Delivery.person_id == stage.cast.lead.id)
            .values(state="failed", relay="relay:25")
        )
        db.session.execute(
            update(Delivery).where(Delivery.state == "planned").values(state="accepted")
        )
        db.session.execute(
            update(Send).values(stop_percent=5, paused_at=now_utc(), paused_why="failures")
        )
    lock_chunks_of([send.id])
    db.session.commit()
    assert resume_send(send, stage.cast.lead) == 5 + 17
