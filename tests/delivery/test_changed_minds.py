"""Whoever unsubscribes, leaves or loses their address after the freeze gets nothing more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commsplan.delivery import starting
from commsplan.delivery.changed_minds import LEFT, withhold_changed
from commsplan.delivery.freezing import freeze
from commsplan.delivery.jobs import deliver
from commsplan.delivery.models import Delivery, Send, Suppression
from commsplan.delivery.placing import UNSUBSCRIBED
from commsplan.delivery.starting import start_due_sends
from commsplan.delivery.suppressing import SuppressionWish, suppress
from commsplan.delivery.suppressions import ADDRESS_SUPPRESSED
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink


def _notes(stage: Stage) -> list[str]:
    return [row.note for row in stage.rows() if row.state == "suppressed"]


def test_who_left_the_organisation_meanwhile_gets_nothing(stage: Stage, sink: Sink) -> None:
    send = stage.start()
    with transaction():
        stage.cast.employee.left_on = (now_utc() - timedelta(days=1)).date()
        stage.cast.employee.updated_at = now_utc()
    assert withhold_changed(send.id) == 1
    deliver(send.id)
    assert stage.states() == {"accepted": 5, "suppressed": 1}
    assert _notes(stage) == [LEFT]


def test_an_unsubscription_that_came_while_the_audience_was_frozen_counts(
    stage: Stage, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The freeze reads first; the row of the unsubscription comes before it is committed."""

    def freeze_slowly(send: Send) -> None:
        freeze(send)
        db.session.add(
            Suppression(
                person_id=stage.cast.employee.id, plan_id=stage.plan.id, reason="x", at=now_utc()
            )
        )
        db.session.flush()

    monkeypatch.setattr(starting, "freeze", freeze_slowly)
    send = stage.schedule()
    assert start_due_sends() == [send.id]
    deliver(send.id)
    assert stage.states() == {"accepted": 5, "suppressed": 1}
    assert _notes(stage) == [UNSUBSCRIBED]


def test_an_address_that_failed_meanwhile_counts(stage: Stage, sink: Sink) -> None:
    send = stage.start()
    suppress(SuppressionWish(stage.cast.employee.email, "hard bounce"))
    with transaction():  # as if its copy had not been seen yet
        row = db.session.query(Delivery).filter_by(person_id=stage.cast.employee.id).one()
        row.state = "planned"
    assert withhold_changed(send.id) == 1
    assert _notes(stage) == [ADDRESS_SUPPRESSED]


def test_everybody_else_is_left_alone(stage: Stage, sink: Sink) -> None:
    assert withhold_changed(stage.start().id) == 0
