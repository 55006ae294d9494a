"""Every person of the audience gets exactly one copy, and the ledger says so."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from commsplan.audiences.actions import create_audience
from commsplan.audiences.rules import EVERYONE
from commsplan.delivery.actions import finish_sends, schedule
from commsplan.delivery.clockwork import look_after_sends
from commsplan.delivery.copies import delivery_id_in, message_id
from commsplan.delivery.jobs import deliver
from commsplan.delivery.models import Send
from commsplan.delivery.starting import start_due_sends
from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from tests.cast import make_person
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink
from tests.messages.stage import make_message


def test_everybody_gets_one_copy(stage: Stage, sink: Sink) -> None:
    stage.deliver()
    assert stage.states() == {"accepted": 6}
    assert sorted(sink.copies.values()) == [1] * 6


def test_a_copy_carries_a_derived_message_id(stage: Stage, sink: Sink) -> None:
    stage.deliver()
    assert set(sink.copies) == {message_id(row.id) for row in stage.rows()}


def test_a_message_id_leads_back_to_its_copy_unless_forged(stage: Stage) -> None:
    assert delivery_id_in(f"<{message_id(7)}>") == 7
    assert delivery_id_in(message_id(7).replace("d7", "d8")) is None
    assert delivery_id_in("<abc@elsewhere.example>") is None


def test_a_finished_send_marks_its_message_as_sent(stage: Stage, sink: Sink) -> None:
    send = stage.deliver()
    assert finish_sends() == [send.id]
    assert (send.state, stage.message.state) == ("finished", "sent")


def test_a_second_worker_finds_nothing_left(stage: Stage, sink: Sink) -> None:
    send = stage.deliver()
    deliver(send.id)
    assert sink.copies.total() == 6


def test_nothing_goes_out_before_its_time(stage: Stage, sink: Sink) -> None:
    stage.schedule(hours=1)
    look_after_sends()
    assert stage.states() == {}


def test_starting_twice_freezes_the_audience_once(stage: Stage) -> None:
    send = stage.schedule()
    assert start_due_sends() == [send.id]
    assert start_due_sends() == []
    assert (send.addressed, stage.message.state) == (6, "sending")


def test_somebody_hired_after_the_start_is_not_addressed(stage: Stage, sink: Sink) -> None:
    send = stage.start()
    make_person("Late Lisa")
    db.session.commit()
    deliver(send.id)
    assert stage.states() == {"accepted": 6}


def test_a_text_saved_after_scheduling_is_not_what_goes_out(stage: Stage) -> None:
    send = stage.schedule()
    assert send.version_id == stage.message.latest.id


def test_scheduling_twice_is_refused(stage: Stage) -> None:
    stage.schedule()
    with pytest.raises(NotNow):
        stage.schedule()
    assert len(db.session.scalars(select(Send)).all()) == 1


def test_a_message_without_audience_cannot_be_scheduled(stage: Stage) -> None:
    stage.message.audience_id = None
    db.session.commit()
    with pytest.raises(NotNow):
        stage.schedule()


def test_somebody_without_an_address_fails_with_the_reason(stage: Stage) -> None:
    make_person("No Mail", email="none")
    db.session.commit()
    stage.start()
    assert [row.note for row in stage.rows() if row.state == "failed"] == [
        "There is no usable e-mail address in the staff list."
    ]


def test_a_send_that_is_a_day_late_waits_for_a_person(stage: Stage) -> None:
    stage.schedule(hours=-25)
    assert start_due_sends() == []


def test_the_whole_way_with_a_timetable(stage: Stage, sink: Sink) -> None:
    send = stage.schedule()
    look_after_sends()
    deliver(send.id)
    look_after_sends()
    assert db.session.get(Send, send.id).state == "finished"
    assert send.finished_at - now_utc() < timedelta(minutes=1)


def test_a_send_whose_audience_cannot_be_read_keeps_no_other_from_starting(stage: Stage) -> None:
    broken = stage.schedule()
    stage.audience.rule = {"match": "nonsense"}
    other = create_audience(stage.cast.team, "All", EVERYONE)
    message = make_message(stage.cast, stage.plan)
    message.audience_id = other.id
    db.session.commit()
    good = schedule(message, now_utc(), stage.cast.lead)
    assert start_due_sends() == [good.id]
    db.session.refresh(broken)
    assert broken.state == "scheduled"


def test_what_is_done_with_a_send_is_in_the_audit_trail(stage: Stage, sink: Sink) -> None:
    send = stage.deliver()
    finish_sends()
    trail = select(AuditEntry.action).where(AuditEntry.thing == f"send {send.id}")
    assert list(db.session.scalars(trail.order_by(AuditEntry.id))) == [
        "send.scheduled",
        "send.started",
        "send.finished",
    ]
