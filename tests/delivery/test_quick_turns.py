"""The quick way to ask the ledger does what the long way does, whatever state things are in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from commsplan.delivery.leases import Lease, lease, let_go
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import accepted
from commsplan.delivery.shift_ledger import Chunk as Taken
from commsplan.delivery.shift_ledger import ShiftLedger
from commsplan.delivery.windows import Result, Turn, rows_of, turn_over
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite, transaction
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


class Quick:
    """The quick way, waited for."""

    def __init__(self, ledger: ShiftLedger) -> None:
        self.ledger = ledger

    def turn_over(self, held: Lease, results: Sequence[Result], going: Collection[int]) -> Turn:
        found: list[Turn] = []
        self.ledger.turn_over(held, results, going, found.append)
        self.ledger.wait()
        return found[0]

    def next_chunk(self, send_id: int) -> Taken | None:
        found: list[Taken | None] = []
        self.ledger.next_chunk(send_id, "ada", found.append)
        self.ledger.wait()
        return found[0]


@pytest.fixture
def quick(stage: Stage) -> Iterator[Quick]:
    with ShiftLedger() as ledger:
        yield Quick(ledger)


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_both_begin_the_same_copies(stage: Stage, quick: Quick, state: dict[str, object]) -> None:
    held, ids = _held(stage, state)
    found = quick.turn_over(held, [], ids[:3])
    usual = turn_over(held, [], ids[3:])
    assert found.is_ours is usual.is_ours
    assert len(found.begun) == len(usual.begun)
    assert len(found.begun) == (3 if found.is_ours else 0)


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_both_lease_the_same_copies(stage: Stage, quick: Quick, state: dict[str, object]) -> None:
    held, _ids = _held(stage, state)
    let_go(held)
    found = quick.next_chunk(held.send_id)
    if found is not None:
        assert found[1] == rows_of(found[0])
        let_go(found[0])
    usual = lease(held.send_id, "ada")
    assert (found is None) is (usual is None)
    if found is not None and usual is not None:
        assert usual.fence == found[0].fence + 2
        assert (usual.chunk_id, usual.first_id) == (found[0].chunk_id, found[0].first_id)


def test_one_chunk_is_leased_at_a_time_whatever_the_plan(stage: Stage, quick: Quick) -> None:
    """Of a plain subquery a nested loop takes every chunk there is."""
    send = stage.start()
    _cut_in_chunks(send.id)
    taken = [quick.next_chunk(send.id) for _ in range(7)]
    assert [len(one[1]) if one else 0 for one in taken] == [1, 1, 1, 1, 1, 1, 0]


def _cut_in_chunks(send_id: int) -> None:
    with transaction() as database:
        whole = database.scalars(select(Chunk).where(Chunk.send_id == send_id)).one()
        ids = database.scalars(select(Delivery.id).where(Delivery.send_id == send_id)).all()
        for one in ids:
            chunk = Chunk(send_id=send_id, first_id=one, last_id=one, copies=1)
            chunk.not_before = whole.not_before
            database.add(chunk)
        database.delete(whole)
    if not is_sqlite():
        with transaction() as database:
            database.execute(text("analyze chunk"))


def test_both_count_what_a_chunk_came_to(stage: Stage, quick: Quick) -> None:
    held, ids = _held(stage, {})
    begun = quick.turn_over(held, [], ids[:4]).begun
    quick.turn_over(held, [Result(one, accepted("250"), "relay:25", 0) for one in begun], [])
    quick.ledger.let_go(held, plain=True)
    quick.ledger.wait()
    found = _chunk()
    again = lease(held.send_id, "ada")
    assert again is not None
    assert let_go(again)
    assert _chunk() == (found[0] + 2, *found[1:])
    assert found[1:3] == ("ready", "")


def test_a_chunk_of_which_nothing_is_left_closes(stage: Stage, quick: Quick) -> None:
    held, ids = _held(stage, {})
    begun = quick.turn_over(held, [], ids).begun
    quick.turn_over(held, [Result(one, accepted("250"), "relay:25", 0) for one in begun], [])
    quick.ledger.let_go(held, plain=True)
    quick.ledger.wait()
    assert _chunk()[1] == "closed"


def test_a_chunk_that_was_taken_away_is_not_let_go_of(stage: Stage, quick: Quick) -> None:
    held, _ids = _held(stage, {})
    let_go(held)
    with transaction() as database:
        database.execute(update(Chunk).values(tally=None))
    before = _chunk()
    quick.ledger.let_go(held, plain=True)
    quick.ledger.wait()
    assert _chunk() == before


def _chunk() -> tuple[object, ...]:
    db.session.commit()
    found = db.session.execute(
        select(Chunk.fence, Chunk.state, Chunk.leased_by, Chunk.tally, Chunk.not_before)
    ).one()
    return tuple(found)


def test_a_lost_lease_begins_and_settles_nothing(stage: Stage, quick: Quick) -> None:
    held, ids = _held(stage, {})
    begun = quick.turn_over(held, [], ids[:2]).begun
    with transaction() as database:
        database.execute(update(Chunk).values(fence=Chunk.fence + 1))
    results = [Result(one, accepted("250"), "relay:25", 0) for one in begun]
    turn = quick.turn_over(held, results, ids[2:])
    assert (turn.is_ours, turn.begun) == (False, frozenset())


def test_it_settles_and_begins_at_once(stage: Stage, quick: Quick) -> None:
    held, ids = _held(stage, {})
    words = 'it\'s "2.0.0" Ok: queued as 4x\\2 – ü'
    begun = quick.turn_over(held, [], ids[:2]).begun
    results = [Result(one, accepted(words), "relay:25", 0) for one in begun]
    turn = quick.turn_over(held, results, ids[2:])
    assert turn.settled == 2
    assert turn.begun == frozenset(ids[2:])
    assert stage.states() == {"accepted": 2, "sending": 4}
    assert {(row.note, row.relay) for row in stage.rows() if row.state == "accepted"} == {
        (words, "relay:25")
    }
