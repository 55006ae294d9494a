"""A send that could go on and does not is noticed, told of once, and forgotten when it moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from structlog.testing import capture_logs

from commsplan.delivery.buckets import take
from commsplan.delivery.jobs import deliver
from commsplan.delivery.ledger_models import Pulse
from commsplan.delivery.limit_actions import set_limit
from commsplan.delivery.models import Send
from commsplan.delivery.pace import EMAIL
from commsplan.delivery.pulses import feel_pulses
from commsplan.delivery.rates import Limit
from commsplan.delivery.stall_mail import tell_of_stalls
from commsplan.delivery.stopping import pause_send
from commsplan.delivery.watch_rules import Look, idle_since, is_stalled, largest, workers_wanted
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from tests.delivery.conftest import NOBODY_LISTENS, Stage
from tests.delivery.sink import Sink

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=3)


def _look(
    settled: int = 5, ready: bool = True, paused: bool = False, limited: bool = False
) -> Look:
    return Look(settled, ready, paused, limited)


def test_who_settles_nothing_stays_idle_since_then() -> None:
    assert idle_since(_look(), 5, EARLIER, NOW) == EARLIER


@pytest.mark.parametrize(
    ("look", "before", "since"),
    [(_look(6), 5, NOW), (_look(), None, NOW), (_look(), 5, NOW)],
)
def test_idleness_begins_when_it_last_moved(
    look: Look, before: int | None, since: datetime
) -> None:
    known = None if before == look.settled else EARLIER
    assert idle_since(look, before, known, NOW) == since


@pytest.mark.parametrize("look", [_look(ready=False), _look(paused=True), _look(limited=True)])
def test_who_has_a_reason_to_wait_is_not_idle(look: Look) -> None:
    assert idle_since(look, 5, EARLIER, NOW) is None


def test_a_stall_is_idleness_that_lasts() -> None:
    assert is_stalled(EARLIER, NOW, timedelta(minutes=3))
    assert not is_stalled(EARLIER, NOW, timedelta(minutes=4))
    assert not is_stalled(None, NOW, timedelta())


def test_the_largest_are_named_and_the_others_are_one() -> None:
    assert largest({"a": 1, "b": 3, "": 2, "c": 2}, 2) == {"b": 3, "c": 2, "": 3}


@pytest.mark.parametrize(
    ("ready", "limit", "wanted"),
    [(0, None, 0), (1, None, 1), (120_000, None, 2), (120_001, None, 3), (9_999_999, None, 64)],
)
def test_as_many_workers_are_wanted_as_finish_in_time(
    ready: int, limit: float | None, wanted: int
) -> None:
    assert workers_wanted(ready, 100, 600, limit, 64) == wanted


def test_no_more_workers_are_wanted_than_a_limit_feeds() -> None:
    assert workers_wanted(9_999_999, 100, 600, 250, 64) == 3


def _idle_for(send: Send, minutes: float) -> None:
    """Pretend that nothing has happened for so long."""
    feel_pulses()
    feel_pulses()
    with transaction():
        assert db.session.get_one(Send, send.id).idle_since is not None
        db.session.get_one(Send, send.id).idle_since = now_utc() - timedelta(minutes=minutes)
    feel_pulses()


@pytest.fixture
def stalled(stage: Stage, sink: Sink) -> Send:
    """A send that nobody works on."""
    send = stage.start()
    _idle_for(send, 6)
    return send


def test_a_send_nobody_works_on_is_stalled_after_five_minutes(stage: Stage) -> None:
    send = stage.start()
    with capture_logs() as lines:
        _idle_for(send, 4)
        assert send.stalled_at is None
        _idle_for(send, 6)
    assert send.stalled_at is not None
    assert [line["send"] for line in lines if line["event"] == "send.stalled"] == [send.id]


def test_its_people_are_told_once(stage: Stage, sink: Sink, stalled: Send) -> None:
    with transaction():
        db.session.get_one(Send, stalled.id).message.plan.owner_id = stage.cast.teammate.id
    tell_of_stalls()
    tell_of_stalls()
    assert sorted(sink.to) == [stage.cast.lead.email, stage.cast.teammate.email]
    assert f"/sends/{stalled.id}" in str(sink.mails[0])
    assert "has come to a halt" in sink.mails[0]["Subject"]


def test_a_mail_server_that_is_away_is_told_through_later(
    app: Flask, sink: Sink, stalled: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setitem(app.config, "SMTP_URL", NOBODY_LISTENS)
        tell_of_stalls()
    assert sink.to == []
    tell_of_stalls()
    assert len(sink.to) == 1


def test_when_it_moves_again_the_next_stall_is_told_again(sink: Sink, stalled: Send) -> None:
    tell_of_stalls()
    deliver(stalled.id)
    feel_pulses()
    db.session.refresh(stalled)
    assert (stalled.stalled_at, stalled.stall_told_at) == (None, None)


def test_the_pages_say_so(stage: Stage, stalled: Send) -> None:
    browser = stage.cast.as_(stage.cast.lead)
    assert "This send has come to a halt" in browser.get(f"/sends/{stalled.id}").text
    assert "Come to a halt" in browser.get("/").text


def test_a_paused_send_does_not_stall(stage: Stage) -> None:
    send = stage.start()
    feel_pulses()
    pause_send(send, stage.cast.lead)
    feel_pulses()
    assert send.idle_since is None


def test_a_limit_that_is_used_up_explains_it(stage: Stage) -> None:
    send = stage.start()
    set_limit(EMAIL, Limit(1, 1), None)
    take({EMAIL: 1})
    feel_pulses()
    feel_pulses()
    assert send.idle_since is None


def test_old_pulses_are_forgotten(stage: Stage) -> None:
    stage.start()
    feel_pulses()
    with transaction() as database:
        database.query(Pulse).update({"at": now_utc() - timedelta(hours=1)})
    feel_pulses()
    assert db.session.query(Pulse).count() == 1
