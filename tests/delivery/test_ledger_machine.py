"""Whatever workers, people and the timetable do in any order, the ledger's invariants hold.

Hypothesis draws the order; a plain dict says what must stand in every row afterwards (D1 to D8 of
docs/decisions/0012-chunks-and-windows.md).
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import func, select, update

from commsplan.delivery import freezing
from commsplan.delivery.actions import finish_sends, resolve_doubt, schedule
from commsplan.delivery.leases import Lease, lease, let_go, take_back_lapsed
from commsplan.delivery.leaving import subscribe_again, unsubscribe
from commsplan.delivery.ledger_models import Chunk, HistoryEntry
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.queries import counts
from commsplan.delivery.rules import (
    OPEN,
    Outcome,
    SendState,
    State,
    accepted,
    doubtful,
    later,
    refused,
    untouched,
)
from commsplan.delivery.starting import start_due_sends
from commsplan.delivery.stopping import cancel_send, sweep_cancelled
from commsplan.delivery.tallies import recount
from commsplan.delivery.windows import Result, rows_of, turn_over
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from tests.delivery.conftest import Stage
from tests.messages.stage import make_message

OUTCOMES = (
    accepted("250 Ok"),
    refused("550 No"),
    later("450 Not now"),
    doubtful("No reply"),
    untouched(),
)
WINDOW = 4


class Ledger(RuleBasedStateMachine):
    """Two workers, a lead, readers and the timetable at one send of eleven copies."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        message = make_message(stage.cast, stage.plan)
        message.audience_id = stage.audience.id
        db.session.commit()
        self.send_id = schedule(message, now_utc(), stage.cast.lead).id
        assert self.send_id in start_due_sends()
        rows = self._rows()
        self.state = {row.id: State(row.state) for row in rows}
        self.doubts = dict.fromkeys(self.state, 0)
        self.wired = dict.fromkeys(self.state, 0)
        self.held: dict[str, Lease] = {}
        self.stale: list[Lease] = []
        self.begun: dict[int, str] = {}
        self.waits: set[int] = set()

    # What is looked at

    def _rows(self) -> list[Delivery]:
        db.session.rollback()
        return list(
            db.session.scalars(
                select(Delivery).where(Delivery.send_id == self.send_id).order_by(Delivery.id)
            )
        )

    def _send(self) -> Send:
        db.session.rollback()
        return db.session.get_one(Send, self.send_id)

    def _of(self, one: Lease) -> list[int]:
        return [copy for copy in self.state if one.first_id <= copy <= one.last_id]

    def _goes_out(self) -> bool:
        send = self._send()
        return send.state == SendState.RUNNING and send.paused_at is None

    # Workers

    @rule(worker=st.sampled_from(["ada", "bob"]))
    def lease_a_chunk(self, worker: str) -> None:
        if worker in self.held:
            return
        found = lease(self.send_id, worker)
        if found is not None:
            assert self._goes_out()
            self.held[worker] = found

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        worker = data.draw(st.sampled_from(sorted(self.held)))
        mine = self.held[worker]
        number = data.draw(st.integers(0, WINDOW))
        ids = [row.delivery_id for row in rows_of(mine)][:number]
        assert all(self.state[one] is State.PLANNED and one not in self.waits for one in ids)
        turn = turn_over(mine, [], ids)
        if ids:
            assert turn.is_ours is self._goes_out()
        assert turn.begun == (frozenset(ids) if turn.is_ours else frozenset())
        for one in turn.begun:
            self.state[one] = State.SENDING
            self.begun[one] = worker
            self.wired[one] += 1

    @precondition(lambda self: self.begun)
    @rule(data=st.data())
    def hear_from_the_mail_server(self, data: st.DataObject) -> None:
        worker = data.draw(st.sampled_from(sorted(set(self.begun.values()))))
        mine = sorted(one for one, who in self.begun.items() if who == worker)
        chosen = data.draw(st.lists(st.sampled_from(mine), unique=True, min_size=1))
        told = {one: data.draw(st.sampled_from(OUTCOMES)) for one in chosen}
        results = [Result(one, outcome, "relay:25", 0) for one, outcome in told.items()]
        assert turn_over(self.held[worker], results, []).settled == len(told)
        for one, outcome in told.items():
            self._came_to(one, outcome)

    def _came_to(self, one: int, outcome: Outcome) -> None:
        del self.begun[one]
        self.state[one] = outcome.state
        if outcome.state is State.UNCERTAIN:
            self.doubts[one] += 1
        if outcome.state is State.PLANNED and outcome.tried:
            self.waits.add(one)
        if outcome == untouched():
            self.wired[one] -= 1

    @precondition(lambda self: self.held)
    @rule(data=st.data(), dies=st.booleans())
    def end(self, data: st.DataObject, dies: bool) -> None:
        """A worker gives its chunk back, or is never heard of again until its lease lapses."""
        worker = data.draw(st.sampled_from(sorted(self.held)))
        mine = self.held.pop(worker)
        if dies:
            with transaction() as database:
                past = now_utc().replace(year=2020)
                database.execute(
                    update(Chunk).where(Chunk.id == mine.chunk_id).values(lease_until=past)
                )
            take_back_lapsed()
        else:
            assert let_go(mine)
        self.stale.append(mine)
        for one in [one for one, who in self.begun.items() if who == worker]:
            self._came_to(one, doubtful(""))

    @precondition(lambda self: self.stale)
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES))
    def wake_up_late(self, data: st.DataObject, outcome: Outcome) -> None:
        """A worker that slept past its lease goes on as if nothing had happened."""
        old = data.draw(st.sampled_from(self.stale))
        ids = self._of(old)
        results = [Result(one, outcome, "relay:25", 0) for one in ids]
        turn = turn_over(old, results, ids)
        assert (turn.settled, turn.begun, turn.is_ours) == (0, frozenset(), False)
        assert not let_go(old)

    # People and the timetable

    @rule()
    def cancel(self) -> None:
        if self._send().state != SendState.RUNNING:
            return
        cancel_send(self._send(), None)
        for one, state in self.state.items():
            if state is State.PLANNED:
                self.state[one] = State.CANCELLED

    @rule(off=st.booleans())
    def pause_or_resume(self, off: bool) -> None:
        with transaction() as database:
            moment = now_utc() if off else None
            database.execute(update(Send).where(Send.id == self.send_id).values(paused_at=moment))

    @rule(data=st.data())
    def unsubscribe_and_come_back(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.state)))
        delivery = db.session.get_one(Delivery, one)
        unsubscribe(delivery, "test")
        subscribe_again(delivery)
        if self.state[one] is State.PLANNED:
            self.state[one] = State.SUPPRESSED

    @rule(data=st.data(), arrived=st.booleans())
    def resolve(self, data: st.DataObject, arrived: bool) -> None:
        one = data.draw(st.sampled_from(sorted(self.state)))
        number = resolve_doubt([one], arrived, None)
        assert number == (self.state[one] is State.UNCERTAIN)
        if number:
            self.state[one] = State.ACCEPTED if arrived else State.PLANNED
            self.waits.discard(one)

    @rule()
    def let_time_pass(self) -> None:
        past = now_utc().replace(year=2020)
        with transaction() as database:
            for table in (Delivery, Chunk):
                database.execute(
                    update(table).where(table.send_id == self.send_id).values(not_before=past)
                )
        self.waits.clear()

    @rule()
    def look_after(self) -> None:
        """The timetable's turn: sweep, count again, end what is done."""
        take_back_lapsed()
        recount()
        sweep_cancelled()
        if self._send().state == SendState.CANCELLED:
            held = {copy for mine in self.held.values() for copy in self._of(mine)}
            for one, state in self.state.items():
                if state is State.PLANNED and one not in held:
                    self.state[one] = State.CANCELLED
        finished = self.send_id in finish_sends()
        assert not finished or not OPEN & set(self.state.values())

    # What must always hold

    @invariant()
    def every_row_stands_where_the_model_says(self) -> None:
        assert {row.id: State(row.state) for row in self._rows()} == self.state

    @invariant()
    def the_states_add_up_to_the_frozen_audience(self) -> None:
        send = self._send()
        found = counts(send)
        assert sum(found.values()) == send.addressed == len(self.state)
        expected = {state: list(self.state.values()).count(state) for state in State}
        assert found == expected

    @invariant()
    def no_copy_was_begun_more_often_than_history_admits(self) -> None:
        rows = db.session.execute(
            select(HistoryEntry.delivery_id, func.count())
            .where(HistoryEntry.delivery_id.in_(self.state), HistoryEntry.state == State.UNCERTAIN)
            .group_by(HistoryEntry.delivery_id)
        )
        assert dict(rows.all()) == {one: number for one, number in self.doubts.items() if number}

    @invariant()
    def a_chunk_has_one_holder(self) -> None:
        ids = [one.chunk_id for one in self.held.values()]
        assert len(set(ids)) == len(ids)

    @invariant()
    def nothing_planned_is_forgotten(self) -> None:
        """Every planned copy of a running send lies in a chunk that will be leased."""
        if self._send().state != SendState.RUNNING:
            return
        chunks = db.session.scalars(select(Chunk).where(Chunk.send_id == self.send_id)).all()
        for one, state in self.state.items():
            mine = [chunk for chunk in chunks if chunk.first_id <= one <= chunk.last_id]
            assert len(mine) == 1
            assert state is not State.PLANNED or mine[0].state in ("ready", "leased")

    def teardown(self) -> None:
        for mine in self.held.values():
            let_go(mine)
        if self._send().state == SendState.RUNNING:
            cancel_send(self._send(), None)


def test_the_ledger_keeps_its_promises(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freezing, "CHUNK", 4)
    stage.more_people(5)
    run(lambda: Ledger(stage), settings=settings(max_examples=60, stateful_step_count=25))
