"""A mail server that refuses, waits, hangs up or falls silent: each answer has its outcome."""

import asyncio
from datetime import timedelta

import pytest
from aiosmtpd.smtp import SMTP
from flask import Flask
from sqlalchemy import update

from commsplan.delivery.jobs import deliver
from commsplan.delivery.ledger_models import HistoryEntry
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from tests.delivery.conftest import NOBODY_LISTENS, Stage
from tests.delivery.sink import Sink, SinkServer


def test_a_refusal_for_good_fails_that_copy_with_the_servers_words(
    stage: Stage, sink: Sink
) -> None:
    sink.at_rcpt = lambda _server, address, _n: (
        f"550 5.1.1 <{address}> unknown here" if "emil" in address else None
    )
    stage.deliver()
    assert stage.states() == {"accepted": 5, "failed": 1}
    assert [row.note for row in stage.rows() if row.state == "failed"] == [
        "550 5.1.1 <…> unknown here"
    ]


def test_a_refusal_for_now_is_tried_again_after_five_minutes(stage: Stage, sink: Sink) -> None:
    sink.at_rcpt = lambda _server, _address, n: "450 4.2.1 Come back later" if n == 3 else None
    send = stage.deliver()
    assert stage.states() == {"accepted": 5, "planned": 1}
    waits = next(row for row in stage.rows() if row.state == "planned").not_before - now_utc()
    assert timedelta(minutes=3.5) < waits < timedelta(minutes=6.5)
    stage.let_time_pass()
    deliver(send.id)
    assert stage.states() == {"accepted": 6}


def test_a_refusal_after_the_text_counts_too(stage: Stage, sink: Sink) -> None:
    sink.at_end = lambda _server, n: "554 5.7.1 Looks like spam" if n == 2 else None
    stage.deliver()
    assert stage.states() == {"accepted": 5, "failed": 1}


def test_a_refusal_for_now_ends_after_five_days(stage: Stage, sink: Sink) -> None:
    sink.at_rcpt = lambda _server, _address, _n: "450 Not today"
    send = stage.deliver()
    with transaction() as database:
        database.execute(update(HistoryEntry).values(at=now_utc() - timedelta(days=6)))
    stage.let_time_pass()
    deliver(send.id)
    assert stage.states() == {"failed": 6}


def test_five_days_count_from_a_copys_own_first_try(stage: Stage, sink: Sink) -> None:
    """A part that goes out a week after the others is not given up at its first try."""
    sink.at_rcpt = lambda _server, _address, _n: "450 Not today"
    send = stage.start()
    send.started_at = now_utc() - timedelta(days=9)
    db.session.commit()
    deliver(send.id)
    assert stage.states() == {"planned": 6}


def test_a_server_that_is_away_costs_nothing(stage: Stage, app: Flask, sink: Sink) -> None:
    there, app.config["SMTP_URL"] = app.config["SMTP_URL"], NOBODY_LISTENS
    send = stage.deliver()
    assert stage.states() == {"planned": 6}
    assert {row.attempts for row in stage.rows()} == {0}
    app.config["SMTP_URL"] = there
    stage.let_time_pass()
    deliver(send.id)
    assert sorted(sink.copies.values()) == [1] * 6


def test_a_server_that_hangs_up_with_421_gets_that_copy_later_and_the_rest_on_a_new_line(
    stage: Stage, sink: Sink
) -> None:
    sink.at_rcpt = lambda _server, _address, n: "421 Too many" if n == 3 else None
    send = stage.deliver()
    assert stage.states() == {"accepted": 5, "planned": 1}
    stage.let_time_pass()
    deliver(send.id)
    assert sorted(sink.copies.values()) == [1] * 6


def test_a_line_cut_before_the_text_is_tried_again(stage: Stage, sink: Sink) -> None:
    def cut(server: SMTP, _address: str, number: int) -> None:
        if number == 2:
            server.transport.abort()

    sink.at_rcpt = cut
    send = stage.deliver()
    assert stage.states() == {"accepted": 5, "planned": 1}
    stage.let_time_pass()
    deliver(send.id)
    assert sorted(sink.copies.values()) == [1] * 6


def test_a_line_cut_after_the_last_dot_leaves_one_copy_in_doubt(stage: Stage, sink: Sink) -> None:
    sink.at_end = lambda _server, n: "taken, line cut" if n == 2 else None
    send = stage.deliver()
    assert stage.states() == {"accepted": 5, "uncertain": 1}
    stage.let_time_pass()
    deliver(send.id)
    assert sorted(sink.copies.values()) == [1] * 6


def test_a_server_silent_after_the_last_dot_leaves_one_copy_in_doubt(
    stage: Stage, sink: Sink, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang() -> None:
        await asyncio.sleep(5)

    monkeypatch.setitem(app.config, "SMTP_TIMEOUT_SCALE", 0.002)
    sink.at_end = lambda _server, n: hang() if n == 2 else None
    stage.deliver()
    assert stage.states() == {"accepted": 5, "uncertain": 1}


def test_a_server_that_loses_three_lines_is_left_alone(stage: Stage, sink: Sink) -> None:
    sink.at_end = lambda _server, _n: "taken, line cut"
    stage.deliver()
    assert stage.states() == {"uncertain": 3, "planned": 3}


def test_a_server_stopped_and_started_again_gets_every_copy_once(
    stage: Stage, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Sink()
    first = SinkServer(counted)
    monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{first.start()}")
    first.stop()
    send = stage.deliver()
    again = SinkServer(counted, first.port)
    again.start()
    stage.let_time_pass()
    deliver(send.id)
    again.stop()
    assert sorted(counted.copies.values()) == [1] * 6
