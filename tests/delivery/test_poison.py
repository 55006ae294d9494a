"""A message that breaks whoever writes it, and a copy that cannot be written, hold up no other."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from commsplan.delivery.actions import schedule
from commsplan.delivery.clockwork import look_after_sends
from commsplan.delivery.jobs import deliver, deliver_without_bell
from commsplan.delivery.leases import Lease
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.parcels import Parcel
from commsplan.delivery.rules import Outcome
from commsplan.delivery.windows import Row
from commsplan.delivery.writing import Writer
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from tests.cast import make_person
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink
from tests.messages.stage import make_message


@pytest.fixture
def poison(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Send]:
    """A second send, due before the good one, whose copies break the process that writes them."""
    due = (now_utc() + timedelta(days=60)).date()
    message = make_message(stage.cast, stage.plan, action_due_on=due)
    message.audience_id = stage.audience.id
    db.session.commit()
    send = schedule(message, now_utc() - timedelta(hours=1), stage.cast.lead)
    write = Writer.write

    def break_down(self: Writer, lease: Lease, row: Row) -> Parcel | Outcome:
        if lease.send_id == send.id:
            raise RuntimeError("a fault of ours that nobody foresaw")
        return write(self, lease, row)

    monkeypatch.setattr(Writer, "write", break_down)
    return send


def _states(send: Send) -> list[str]:
    db.session.rollback()
    return [row.state for row in db.session.query(Delivery).filter_by(send_id=send.id)]


def test_the_other_sends_go_out_even_without_a_queue_server(
    stage: Stage, sink: Sink, poison: Send
) -> None:
    good = stage.schedule()
    look_after_sends()
    deliver_without_bell()
    assert _states(good) == ["accepted"] * 6


def test_its_own_copies_are_neither_lost_nor_in_doubt(
    stage: Stage, sink: Sink, poison: Send
) -> None:
    look_after_sends()
    for _ in range(3):
        deliver_without_bell()
        look_after_sends()
    assert _states(poison) == ["planned"] * 6
    assert sink.bodies == 0


def test_once_it_can_be_written_it_goes_out(
    stage: Stage, sink: Sink, poison: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_after_sends()
    deliver_without_bell()
    monkeypatch.undo()
    look_after_sends()
    stage.let_time_pass()
    deliver_without_bell()
    assert _states(poison) == ["accepted"] * 6


def test_a_copy_that_cannot_be_written_fails_alone_with_the_reason(
    stage: Stage, sink: Sink
) -> None:
    make_person("Nora Number", email="nora\tnumber@northwind.example")
    db.session.commit()
    deliver(stage.start().id)
    assert stage.states() == {"accepted": 6, "failed": 1}
    [failed] = [row for row in stage.rows() if row.state == "failed"]
    assert failed.note.startswith("This copy cannot be written")
