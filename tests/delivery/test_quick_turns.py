"""The quick way to turn a window over does what the long way does, whatever state things are in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from commsplan.delivery.leases import Lease, lease
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Send
from commsplan.delivery.quick_turns import QuickTurns
from commsplan.delivery.rules import accepted
from commsplan.delivery.windows import Result, rows_of, turn_over
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from tests.delivery.conftest import Stage

DAYS = timedelta(days=3)
MOMENTS = ("paused_at", "valid_until", "seen_at")
STATES: dict[str, dict[str, object]] = {
    "as it should be": {},
    "paused": {"paused_at": 0},
    "cancelled": {"state": "cancelled"},
    "too late": {"valid_until": -1},
    "in time": {"valid_until": 1},
    "forgotten": {"seen_at": -1},
    "never seen": {"seen_at": None},
    "with a stop rule that nobody applies": {"stop_percent": 5, "seen_at": -1},
    "with a stop rule": {"stop_percent": 5, "seen_at": 0},
}


def _held(stage: Stage, state: dict[str, object]) -> tuple[Lease, list[int]]:
    send = stage.start()
    held = lease(send.id, "ada")
    assert held is not None
    moments = {
        name: now_utc() + DAYS * value if isinstance(value, int) and name in MOMENTS else value
        for name, value in state.items()
    }
    if moments:
        with transaction() as database:
            database.execute(update(Send).where(Send.id == send.id).values(**moments))
    return held, [row.delivery_id for row in rows_of(held)]


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_both_begin_the_same_copies(stage: Stage, state: dict[str, object]) -> None:
    held, ids = _held(stage, state)
    with QuickTurns() as quick:
        found = quick.turn_over(held, [], ids[:3])
    usual = turn_over(held, [], ids[3:])
    assert found.is_ours is usual.is_ours
    assert len(found.begun) == len(usual.begun)
    assert len(found.begun) == (3 if found.is_ours else 0)


def test_a_lost_lease_begins_and_settles_nothing(stage: Stage) -> None:
    held, ids = _held(stage, {})
    with QuickTurns() as quick:
        begun = quick.turn_over(held, [], ids[:2]).begun
        with transaction() as database:
            database.execute(update(Chunk).values(fence=Chunk.fence + 1))
        results = [Result(one, accepted("250"), "relay:25", 0) for one in begun]
        turn = quick.turn_over(held, results, ids[2:])
    assert (turn.is_ours, turn.begun) == (False, frozenset())


def test_it_settles_and_begins_at_once(stage: Stage) -> None:
    held, ids = _held(stage, {})
    words = 'it\'s "2.0.0" Ok: queued as 4x\\2 – ü'
    with QuickTurns() as quick:
        begun = quick.turn_over(held, [], ids[:2]).begun
        results = [Result(one, accepted(words), "relay:25", 0) for one in begun]
        turn = quick.turn_over(held, results, ids[2:])
    assert turn.settled == 2
    assert turn.begun == frozenset(ids[2:])
    assert stage.states() == {"accepted": 2, "sending": 4}
    assert {(row.note, row.relay) for row in stage.rows() if row.state == "accepted"} == {
        (words, "relay:25")
    }
