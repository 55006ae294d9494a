"""A worker that was stopped for longer than its lease puts nothing more on the wire."""

from __future__ import annotations

import time

import pytest
from flask import Flask

from commsplan.delivery import shift
from commsplan.delivery.jobs import deliver
from commsplan.delivery.ledger_models import HistoryEntry
from commsplan.delivery.recovery import recover
from commsplan.foundation.database import db
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink


def _asleep_at_the_first_copy(stage: Stage, sink: Sink, app: Flask) -> None:
    """While the first copy is being taken, the lease lapses and the timetable takes it back."""

    def lapse(_server: object, number: int) -> None:
        if number == 1:
            time.sleep(1.5)  # beyond the lease: the machine was asleep
            with app.app_context():
                recover()
                db.session.remove()

    sink.at_end = lapse


def test_copies_that_had_not_begun_stay_off_the_wire(
    stage: Stage, sink: Sink, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WORKER_LEASE_SECONDS", 1)
    monkeypatch.setattr(shift, "RENEW_PART", 2.0)  # asleep, it renews nothing
    send_id = stage.start().id
    _asleep_at_the_first_copy(stage, sink, app)
    deliver(send_id)
    assert stage.states() == {"uncertain": 6}
    assert len(sink.copies) <= 2, "the one that was taken, and one whose body had left"
    doubts = db.session.query(HistoryEntry).filter_by(state="uncertain").count()
    assert doubts == 6
