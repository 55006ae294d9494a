"""The ledger of postings: planned once per outlet, in doubt after a lost worker, never twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from commsplan.delivery import posting_jobs
from commsplan.delivery.channel import postponed
from commsplan.delivery.models import Send
from commsplan.delivery.outlet_actions import choose_outlets, make_outlet
from commsplan.delivery.outlet_models import Outlet, Posting
from commsplan.delivery.posting_actions import resolve_posting
from commsplan.delivery.posting_clockwork import look_after_postings
from commsplan.delivery.posting_jobs import post
from commsplan.delivery.postings import (
    cancel_postings,
    claim,
    freeze_postings,
    has_open_postings,
    sends_with_postings,
    settle_posting,
)
from commsplan.delivery.rules import accepted
from commsplan.delivery.starting import start_due_sends
from commsplan.delivery.stopping import cancel_send
from commsplan.foundation.bell import closing
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from tests.delivery.badly import Bad, bad_server
from tests.delivery.conftest import Stage
from tests.delivery.test_chat import ROOMS


@pytest.fixture
def bad(app: Flask) -> Iterator[Bad]:
    closing.clear()
    with bad_server() as server:
        yield server


@pytest.fixture
def outlets(stage: Stage) -> list[Outlet]:
    """A Slack channel, a webhook and a board, and the stage's message goes to all three."""
    team, lead = stage.cast.team, stage.cast.lead
    made = [
        make_outlet(team, "General", "chat", ROOMS["slack"], lead).outlet,
        make_outlet(team, "Intranet", "webhook", "https://intranet.example/in", lead).outlet,
        make_outlet(team, "Board", "board", "", lead).outlet,
    ]
    choose_outlets(stage.message, [outlet.id for outlet in made], lead)
    return made


@pytest.fixture
def send(stage: Stage, outlets: list[Outlet]) -> Send:
    """A running send with its postings planned."""
    started = stage.start()
    if not has_open_postings(started.id):
        with transaction():
            freeze_postings(started)
    return started


def rows() -> list[Posting]:
    db.session.rollback()
    return list(db.session.scalars(select(Posting).order_by(Posting.id)))


def states() -> list[str]:
    return [row.state for row in rows()]


def let_time_pass() -> None:
    """Make every planned posting ready, and every lease lapse."""
    past = now_utc() - timedelta(minutes=1)
    with transaction() as database:
        database.execute(update(Posting).values(not_before=past))
        lapsed = update(Posting).where(Posting.lease_until.is_not(None)).values(lease_until=past)
        database.execute(lapsed)


def test_a_send_plans_one_posting_per_outlet(send: Send) -> None:
    assert states() == ["planned"] * 3
    assert {row.round for row in rows()} == {1}


def test_all_of_them_are_posted_once(send: Send, bad: Bad) -> None:
    post(send.id, bad.opener)
    post(send.id, bad.opener)
    assert states() == ["accepted"] * 3
    assert len(bad.came) == 2
    assert not has_open_postings(send.id)


def test_an_outlet_remembers_that_it_worked_or_what_it_said(send: Send, bad: Bad) -> None:
    bad.answer = lambda came: (200, b"ok") if "slack" in came.headers["Host"] else (410, b"gone")
    post(send.id, bad.opener)
    general, intranet, _board = db.session.scalars(select(Outlet).order_by(Outlet.id))
    assert general.last_ok_at is not None
    assert (general.last_words, intranet.last_words) == ("", "410 gone")


def test_what_the_service_asks_for_is_waited(send: Send, bad: Bad) -> None:
    bad.status, bad.headers = 429, {"Retry-After": "3600"}
    post(send.id, bad.opener)
    chat = rows()[0]
    assert (chat.state, chat.attempts) == ("planned", 1)
    assert chat.not_before > now_utc() + timedelta(minutes=59)
    assert sends_with_postings() == []


def test_a_channel_that_goes_too_fast_is_held_back_at_no_cost(send: Send, bad: Bad) -> None:
    asked: list[str] = []

    def slack_is_full(channel: str) -> float:
        asked.append(channel)
        return 90.0 if channel == "slack" else 0.0

    post(send.id, bad.opener, slack_is_full)
    assert asked == ["slack", "webhook", "board"]
    assert states() == ["planned", "accepted", "accepted"]
    chat = rows()[0]
    assert (chat.attempts, chat.note) == (0, "")
    assert timedelta(seconds=80) < chat.not_before - now_utc() <= timedelta(seconds=90)


def test_without_a_wish_the_wait_grows(send: Send, bad: Bad) -> None:
    bad.status = 503
    waits = []
    for _turn in range(3):
        let_time_pass()
        post(send.id, bad.opener)
        waits.append(rows()[0].not_before - now_utc())
    assert waits[0] < waits[1] < waits[2]


def test_after_five_days_it_has_failed(send: Send, bad: Bad) -> None:
    with transaction() as database:
        long_ago = now_utc() - timedelta(days=6)
        database.execute(update(Send).values(started_at=long_ago))
    bad.status = 503
    post(send.id, bad.opener)
    assert states() == ["failed", "failed", "accepted"]


def test_a_lost_worker_leaves_a_chat_room_in_doubt_and_repeats_a_webhook(send: Send) -> None:
    for _one in range(3):
        assert claim(send.id, "a worker that dies now")
    look_after_postings()
    assert states() == ["sending"] * 3
    let_time_pass()
    look_after_postings()
    assert states() == ["uncertain", "planned", "planned"]


class Killed(BaseException):
    """Stands for SIGKILL."""


def test_killed_between_the_request_and_writing_down_it_is_in_doubt(
    send: Send, bad: Bad, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: object) -> None:
        raise Killed

    monkeypatch.setattr(posting_jobs, "settle_posting", die)
    with pytest.raises(Killed):
        post(send.id, bad.opener)
    monkeypatch.undo()
    let_time_pass()
    look_after_postings()
    post(send.id, bad.opener)
    assert states() == ["uncertain", "accepted", "accepted"]
    assert len([came for came in bad.came if "slack" in came.headers["Host"]]) == 1


def test_a_worker_that_slept_past_its_lease_changes_nothing(send: Send) -> None:
    asleep = claim(send.id, "asleep")
    assert asleep
    let_time_pass()
    look_after_postings()
    assert not settle_posting(asleep, accepted("200"))
    assert states()[0] == "uncertain"


def test_a_doubtful_posting_is_never_posted_again_by_itself(send: Send, bad: Bad) -> None:
    bad.manner = "close"
    post(send.id, bad.opener)
    bad.manner = "answer"
    let_time_pass()
    look_after_postings()
    post(send.id, bad.opener)
    assert states() == ["uncertain", "accepted", "accepted"]


def test_a_person_says_that_it_is_there(stage: Stage, send: Send, bad: Bad) -> None:
    bad.manner = "close"
    post(send.id, bad.opener)
    assert resolve_posting(rows()[0], True, stage.cast.lead)
    assert not resolve_posting(rows()[0], False, stage.cast.lead)
    assert states()[0] == "accepted"


def test_a_person_says_that_it_is_not_there(stage: Stage, send: Send, bad: Bad) -> None:
    bad.manner = "close"
    post(send.id, bad.opener)
    bad.manner = "answer"
    with transaction() as database:
        database.execute(update(Send).values(state="finished"))
    assert resolve_posting(rows()[0], False, stage.cast.lead)
    post(send.id, bad.opener)
    assert states()[0] == "accepted"


def test_cancelling_stops_what_has_not_left(stage: Stage, send: Send, bad: Bad) -> None:
    held = claim(send.id, "on the wire")
    assert held
    cancel_send(send, stage.cast.lead)
    with transaction():
        cancel_postings(send.id)
    post(send.id, bad.opener)
    assert states() == ["sending", "cancelled", "cancelled"]
    settle_posting(held, postponed("503"))
    assert states() == ["cancelled"] * 3


def test_an_outlet_that_is_switched_off_gets_nothing(stage: Stage, outlets: list[Outlet]) -> None:
    with transaction():
        outlets[0].switched_off_at = now_utc()
    started = stage.start()
    if not has_open_postings(started.id):
        with transaction():
            freeze_postings(started)
    assert [row.outlet_id for row in rows()] == [outlets[1].id, outlets[2].id]


def test_a_repeat_of_the_send_leaves_out_who_has_it(send: Send, bad: Bad) -> None:
    bad.answer = lambda came: (200, b"ok") if "slack" in came.headers["Host"] else (410, b"gone")
    post(send.id, bad.opener)
    with transaction():
        assert freeze_postings(send) == 1
    assert [(row.state, row.round) for row in rows()][3:] == [("planned", 2)]


def test_a_sealed_address_that_cannot_be_read_fails_alone(
    app: Flask, send: Send, bad: Bad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SECRET_KEY", "another-secret-that-is-long-enough-too")
    post(send.id, bad.opener)
    assert states() == ["failed", "failed", "accepted"]
    assert bad.came == []


def test_two_workers_take_different_ones(send: Send) -> None:
    first, second, third = (claim(send.id, f"worker {n}") for n in range(3))
    assert len({one.posting_id for one in (first, second, third) if one}) == 3
    assert claim(send.id, "worker 4") is None
    assert start_due_sends() == []
