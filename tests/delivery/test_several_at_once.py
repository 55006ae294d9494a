"""Several timetables and workers at once make one occurrence of everything."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from flask import Flask

from commsplan.delivery import freezing
from commsplan.delivery.clockwork import look_after_sends
from commsplan.delivery.jobs import deliver
from commsplan.delivery.journal import Journal
from commsplan.delivery.leases import lease
from commsplan.delivery.recovery import journal_folder, recover
from commsplan.foundation.database import db
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink


def _at_once(app: Flask, work: Callable[[], object], number: int = 3) -> list[object]:
    """Run something in several threads that begin together; return what each found."""
    begin, found = Barrier(number), []

    def run() -> None:
        with app.app_context():
            begin.wait()
            found.append(work())
            db.session.remove()

    threads = [Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == number
    return found


def test_three_timetables_start_a_send_once(app: Flask, stage: Stage) -> None:
    stage.schedule()
    _at_once(app, look_after_sends)
    assert stage.states() == {"planned": 6}


def test_two_workers_never_hold_the_same_copy(
    app: Flask, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freezing, "CHUNK", 20)
    stage.more_people(40)
    send_id = stage.start().id
    db.session.rollback()
    found = [one for one in _at_once(app, lambda: lease(send_id, "somebody")) if one]
    assert len(found) > 1
    assert len({one.chunk_id for one in found}) == len(found)


def test_two_workers_send_every_copy_once(app: Flask, stage: Stage, sink: Sink) -> None:
    stage.more_people(80)
    send_id = stage.start().id
    db.session.rollback()
    _at_once(app, lambda: deliver(send_id), 2)
    deliver(send_id)
    assert stage.states() == {"accepted": 86}
    assert set(sink.copies.values()) == {1}


def test_a_file_that_a_dead_worker_left_behind_is_removed(stage: Stage) -> None:
    journal = Journal(journal_folder())
    journal.close(settled=False)
    recover()
    assert journal.path.exists()
    os.utime(journal.path, (0, 0))
    recover()
    assert not journal.path.exists()
