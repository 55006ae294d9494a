"""A worker that dies at any moment loses no copy and repeats none silently."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from commsplan.delivery.actions import finish_sends, resolve_doubt
from commsplan.delivery.clockwork import look_after_sends
from commsplan.delivery.jobs import deliver
from commsplan.delivery.journal import Journal
from commsplan.delivery.leases import Lease, lease
from commsplan.delivery.models import Send
from commsplan.delivery.recovery import journal_folder, recover
from commsplan.delivery.rules import accepted
from commsplan.delivery.windows import Result, rows_of, turn_over
from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from tests.delivery.conftest import Stage
from tests.delivery.processes import settings_of
from tests.delivery.sink import Sink

Die = Callable[[str, int], int]


@pytest.fixture
def die(stage: Stage, sink: Sink, app: Flask) -> Die:
    """Start the send, and let a worker be killed at the n-th call of one of its steps."""

    def run(step: str, number: int) -> int:
        send_id = stage.start().id
        command = [sys.executable, "-m", "tests.delivery.killed_worker"]
        worker = subprocess.run(
            [*command, str(send_id), step, str(number)],
            env={**os.environ, **settings_of(app)},
            timeout=60,
            capture_output=True,
            check=False,
        )
        assert worker.returncode == -signal.SIGKILL, worker.stderr.decode()
        db.session.rollback()
        return send_id

    return run


def _begin(send: Send, journal: Journal) -> tuple[Lease, frozenset[int]]:
    """Lease the chunk and put three copies of it on the wire."""
    held = lease(send.id, journal.worker)
    assert held is not None
    ids = [row.delivery_id for row in rows_of(held)[:3]]
    return held, turn_over(held, [], ids).begun


def test_killed_after_the_lease_nothing_is_in_doubt(stage: Stage, sink: Sink, die: Die) -> None:
    die("ShiftLedger.turn_over", 1)
    recover()
    assert stage.states() == {"planned": 6}


def test_killed_before_the_first_body_nothing_is_in_doubt(
    stage: Stage, sink: Sink, die: Die
) -> None:
    """The intent is committed, the journal tells that no body followed."""
    send_id = die("Journal.write", 2)
    assert stage.states() == {"sending": 6}
    recover()
    assert stage.states() == {"planned": 6}
    deliver(send_id)
    assert sorted(sink.copies.values()) == [1] * 6


def test_killed_with_a_body_on_the_wire_that_copy_alone_is_in_doubt(
    stage: Stage, sink: Sink, die: Die
) -> None:
    send_id = die("Journal.write", 5)
    recover()
    assert stage.states() == {"accepted": 1, "uncertain": 1, "planned": 4}
    deliver(send_id)
    assert stage.states() == {"accepted": 5, "uncertain": 1}
    assert sorted(sink.copies.values()) == [1] * 6


def test_killed_before_writing_down_nothing_is_in_doubt(stage: Stage, sink: Sink, die: Die) -> None:
    die("ShiftLedger.turn_over", 2)
    recover()
    assert stage.states() == {"accepted": 6}


def test_a_lost_machine_leaves_its_window_in_doubt_and_no_more(
    stage: Stage,
    sink: Sink,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    die: Die,
) -> None:
    monkeypatch.setitem(app.config, "WORKER_WINDOW", 4)
    die("Journal.write", 4)
    for journal in journal_folder().glob("*.log"):
        journal.unlink()
    recover()
    assert stage.states() == {"sending": 4, "planned": 2}
    stage.let_time_pass()
    recover()
    assert stage.states() == {"uncertain": 4, "planned": 2}


def test_a_journal_of_another_boot_proves_nothing_but_arrival(
    stage: Stage, sink: Sink, die: Die
) -> None:
    die("Journal.write", 5)
    for journal in journal_folder().glob("*.log"):
        lines = journal.read_text().splitlines(keepends=True)
        journal.write_text("boot another\n" + "".join(lines[1:]))
    recover()
    assert stage.states() == {"accepted": 1, "uncertain": 5}


@pytest.mark.parametrize("torn", ["body 1", "reply 1 x 250", "\udcff\udcfe", "", "body ² 1"])
def test_a_damaged_journal_leaves_doubt_and_stops_nothing(
    stage: Stage, sink: Sink, die: Die, torn: str
) -> None:
    die("Journal.write", 4)
    for journal in journal_folder().glob("*.log"):
        with journal.open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(torn + "\n")
    recover()
    assert not stage.states().keys() & {"sending"}
    assert stage.states().get("accepted", 0) <= 1


def test_copies_in_doubt_wait_while_another_send_of_the_message_is_open(
    stage: Stage, sink: Sink
) -> None:
    sink.at_end = lambda server, n: server.transport.abort() if n == 2 else None
    first = stage.deliver()
    finish_sends()
    again = Send(
        message_id=first.message_id, version_id=first.version_id, audience_id=first.audience_id,
        kind="top-up", state="scheduled", due_at=first.due_at, scheduled_at=first.due_at,
    )  # fmt: skip
    db.session.add(again)
    db.session.commit()
    doubtful = [row.id for row in stage.rows() if row.state == "uncertain"]
    with pytest.raises(NotNow):
        resolve_doubt(doubtful, arrived=False, by=None)
    assert stage.states() == {"accepted": 5, "uncertain": 1}


def test_sending_an_old_doubt_again_is_no_restored_backup(stage: Stage, sink: Sink) -> None:
    sink.at_end = lambda server, n: server.transport.abort() if n == 2 else None
    send = stage.deliver()
    finish_sends()
    send.seen_at = send.seen_at - timedelta(days=9)
    db.session.commit()
    sink.at_end = None
    resolve_doubt([row.id for row in stage.rows() if row.state == "uncertain"], False, None)
    look_after_sends()
    deliver(send.id)
    assert stage.states() == {"accepted": 6}


def test_a_living_worker_is_left_alone(stage: Stage) -> None:
    send = stage.start()
    with Journal(journal_folder()) as journal:
        _begin(send, journal)
        recover()
        assert stage.states() == {"sending": 3, "planned": 3}


def test_a_worker_that_slept_past_its_lease_changes_nothing(stage: Stage) -> None:
    send = stage.start()
    with Journal(journal_folder()) as journal:
        held, begun = _begin(send, journal)
        stage.let_time_pass()
        recover()
        late = [Result(one, accepted("250 late"), "", 0) for one in begun]
        assert turn_over(held, late, []).settled == 0
    assert stage.states() == {"uncertain": 3, "planned": 3}


def test_a_doubtful_copy_is_never_sent_again_by_itself(stage: Stage, sink: Sink, die: Die) -> None:
    send_id = die("Journal.write", 3)
    recover()
    deliver(send_id)
    stage.let_time_pass()
    deliver(send_id)
    assert stage.states() == {"accepted": 5, "uncertain": 1}
    assert finish_sends() == [send_id]


def test_a_doubtful_copy_that_had_not_arrived_goes_again_under_its_message_id(
    stage: Stage, sink: Sink
) -> None:
    sink.at_end = lambda server, n: server.transport.abort() if n == 2 else None
    send = stage.deliver()
    finish_sends()
    doubtful = [row.id for row in stage.rows() if row.state == "uncertain"]
    sink.at_end = None
    sink.copies.clear()
    assert resolve_doubt(doubtful, arrived=False, by=stage.cast.lead) == 1
    db.session.refresh(send)
    assert send.state == "running"
    deliver(send.id)
    assert len(sink.copies) == 1
    assert stage.states() == {"accepted": 6}


def test_a_doubtful_copy_that_arrived_is_accepted(stage: Stage, sink: Sink) -> None:
    sink.at_end = lambda _server, n: "taken, line cut" if n == 2 else None
    stage.deliver()
    everything = [row.id for row in stage.rows()]
    assert resolve_doubt(everything, arrived=True, by=stage.cast.lead) == 1
    assert stage.states() == {"accepted": 6}
