"""A send can be stopped until its last copy; what is on the wire finishes, nothing else leaves."""

import pytest
from flask import Flask

from commsplan.delivery.actions import finish_sends
from commsplan.delivery.jobs import deliver
from commsplan.delivery.journal import Journal
from commsplan.delivery.leases import lease, let_go
from commsplan.delivery.leaving import subscribe_again, unsubscribe
from commsplan.delivery.models import Send
from commsplan.delivery.recovery import journal_folder
from commsplan.delivery.rules import untouched
from commsplan.delivery.starting import start_due_sends
from commsplan.delivery.stopping import cancel_send, sweep_cancelled
from commsplan.delivery.windows import Result, rows_of, turn_over
from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink


def test_a_cancelled_schedule_leaves_a_draft(stage: Stage) -> None:
    cancel_send(stage.schedule(hours=1), stage.cast.lead)
    assert stage.message.state == "draft"


def test_a_cancelled_schedule_never_starts(stage: Stage) -> None:
    cancel_send(stage.schedule(), stage.cast.lead)
    assert start_due_sends() == []


def test_a_cancelled_message_can_be_scheduled_again(stage: Stage) -> None:
    cancel_send(stage.schedule(), stage.cast.lead)
    assert stage.schedule().state == "scheduled"


def test_a_running_send_stops_between_two_windows(
    stage: Stage, sink: Sink, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WORKER_WINDOW", 2)
    send_id = stage.start().id

    def cancel(_server: object, number: int) -> None:
        if number == 2:
            with app.app_context():
                cancel_send(db.session.get(Send, send_id), None)
                db.session.remove()

    sink.at_end = cancel
    deliver(send_id)
    assert stage.states() == {"accepted": 2, "cancelled": 4}
    assert stage.message.state == "cancelled"


def test_what_a_worker_holds_is_cancelled_but_what_is_on_the_wire_is_not(stage: Stage) -> None:
    send = stage.start()
    with Journal(journal_folder()) as journal:
        held = lease(send.id, journal.worker)
        ids = [row.delivery_id for row in rows_of(held)]
        turn_over(held, [], ids[:2], None)
        cancel_send(send, stage.cast.lead)
        assert stage.states() == {"sending": 2, "cancelled": 4}
        assert not turn_over(held, [], ids[2:], None).begun


def test_a_copy_that_comes_back_to_a_cancelled_send_is_cancelled(stage: Stage) -> None:
    send = stage.start()
    with Journal(journal_folder()) as journal:
        held = lease(send.id, journal.worker)
        row = rows_of(held)[0]
        turn_over(held, [], [row.delivery_id], None)
        cancel_send(send, stage.cast.lead)
        turn_over(held, [Result(row.delivery_id, untouched(), "", 0)], [], None)
        let_go(held)
    sweep_cancelled()
    assert stage.states() == {"cancelled": 6}


def test_cancelling_twice_is_refused(stage: Stage) -> None:
    send = stage.schedule()
    cancel_send(send, stage.cast.lead)
    with pytest.raises(NotNow):
        cancel_send(send, stage.cast.lead)


def test_a_finished_send_cannot_be_cancelled(stage: Stage, sink: Sink) -> None:
    send = stage.deliver()
    finish_sends()
    with pytest.raises(NotNow):
        cancel_send(send, stage.cast.lead)


def test_sending_again_after_a_cancel_leaves_out_who_has_it(
    stage: Stage, sink: Sink, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WORKER_WINDOW", 2)
    send = stage.start()
    with Journal(journal_folder()) as journal:
        held = lease(send.id, journal.worker)
        turn_over(held, [], [row.delivery_id for row in rows_of(held)[:2]], None)
        cancel_send(send, stage.cast.lead)
    second = stage.start()
    assert second.addressed == 4


def test_somebody_who_left_the_plans_mails_is_suppressed(stage: Stage, sink: Sink) -> None:
    send = stage.start()
    assert unsubscribe(stage.rows()[0], "one click") is True
    deliver(send.id)
    assert stage.states() == {"accepted": 5, "suppressed": 1}


def test_a_mandatory_message_reaches_them_all_the_same(stage: Stage) -> None:
    send = stage.start()
    unsubscribe(stage.rows()[0], "one click")
    cancel_send(send, stage.cast.lead)
    stage.message.mandatory, stage.message.mandated_by_id = True, stage.cast.lead.id
    db.session.commit()
    second = stage.start()
    assert {row.state for row in stage.rows() if row.send_id == second.id} == {"planned"}


def test_unsubscribing_can_be_taken_back(stage: Stage) -> None:
    send = stage.start()
    row = stage.rows()[0]
    unsubscribe(row, "one click")
    assert unsubscribe(row, "one click") is False
    assert subscribe_again(row) is True
    cancel_send(send, stage.cast.lead)
    assert stage.start().addressed == 6
    assert "suppressed" not in {r.state for r in stage.rows() if r.round == 2}
