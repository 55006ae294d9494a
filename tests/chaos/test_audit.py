"""The audit finds each kind of broken promise, and finds nothing where none was broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.audit import Findings, examine, judge
from tests.chaos.ledger import Doubt, Ledger, Row
from tests.chaos.sink_log import Seen

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LEASE = 5.0
PEOPLE = [1, 2]
ROWS = [
    Row(11, 7, 1, "a@northwind.example", "accepted"),
    Row(12, 7, 2, "b@northwind.example", "accepted"),
]
WHOLE = Ledger(ROWS, [], {3: "finished"}, frozenset({7}), 0)


def _seen(*copies: tuple[int, str]) -> Seen:
    seen = Seen()
    for number, address in copies:
        seen.copies[f"d{number}.abc@northwind.example"] += 1
        seen.went_to[f"d{number}.abc@northwind.example"].add(address)
    return seen


BOTH = ((11, "a@northwind.example"), (12, "b@northwind.example"))


def _found(ledger: Ledger, seen: Seen) -> Findings:
    return examine(ledger, seen, [7], PEOPLE, LEASE)


def _with(row: Row, *doubts: Doubt) -> Ledger:
    return replace(WHOLE, rows=[ROWS[0], row], doubts=list(doubts))


def test_a_run_in_which_everybody_got_one_copy_is_good() -> None:
    assert judge(5, 2, WHOLE, _found(WHOLE, _seen(*BOTH))).is_good


def test_a_person_without_a_row_is_lost() -> None:
    assert _found(replace(WHOLE, rows=ROWS[:1]), _seen(BOTH[0])).missing == 1


def test_a_promise_without_a_send_is_lost() -> None:
    nothing = Ledger([], [], {}, frozenset(), 0)
    assert _found(nothing, _seen()).lost == 2


def test_an_accepted_copy_that_the_sink_has_not_is_lost() -> None:
    assert _found(WHOLE, _seen(BOTH[0])).accepted_without_copy == 1


@pytest.mark.parametrize("state", ["planned", "sending"])
def test_an_open_row_is_lost_and_stuck(state: str) -> None:
    ledger = _with(replace(ROWS[1], state=state))
    verdict = judge(5, 2, ledger, _found(ledger, _seen(BOTH[0])))
    assert (verdict.lost, verdict.stuck) == (1, 1)


def test_a_failure_that_nobody_refused_is_lost() -> None:
    ledger = _with(replace(ROWS[1], state="failed"))
    assert _found(ledger, _seen(BOTH[0])).failed_unrefused == 1
    refusing = _seen(BOTH[0])
    refusing.refused.add(ROWS[1].address)
    assert _found(ledger, refusing).lost == 0


def test_a_copy_that_nobody_asked_to_stop_is_lost() -> None:
    assert _found(_with(replace(ROWS[1], state="cancelled")), _seen(BOTH[0])).unasked == 1


def test_a_copy_at_another_address_is_lost() -> None:
    mixed_up = _seen(BOTH[0], (12, "a@northwind.example"))
    assert _found(WHOLE, mixed_up).to_a_wrong_address == 1


def test_a_second_copy_is_a_silent_repeat_unless_the_ledger_admits_a_doubt() -> None:
    twice = _seen(*BOTH, BOTH[1])
    assert _found(WHOLE, twice).repeats == 1
    admitted = _with(replace(ROWS[1], state="uncertain"), Doubt(12, NOW, "w"))
    assert _found(admitted, twice).repeats == 0


def test_a_second_row_for_the_same_person_is_one_too() -> None:
    ledger = replace(WHOLE, rows=[*ROWS, replace(ROWS[1], id=13)])
    found = _found(ledger, _seen(*BOTH, (13, BOTH[1][1])))
    assert (found.extra_rows, found.repeats) == (1, 1)


def test_a_doubt_that_vanished_is_lost() -> None:
    assert _found(_with(ROWS[1], Doubt(12, NOW, "w")), _seen(*BOTH)).vanished_doubts == 1


def test_doubts_of_one_worker_within_a_lease_are_one_death() -> None:
    later = NOW + timedelta(seconds=LEASE)
    doubts = [Doubt(n, NOW, "w") for n in (1, 2, 3)] + [Doubt(n, later, "w") for n in (4, 5)]
    doubts += [Doubt(6, NOW, "another")]
    assert _found(replace(WHOLE, doubts=doubts), _seen(*BOTH)).worst_death == 3


def test_doubts_that_the_sink_caused_count_for_no_death() -> None:
    seen = _seen(*BOTH)
    seen.events["cut", "d12.abc@northwind.example"] = 1
    ledger = _with(replace(ROWS[1], state="uncertain"), Doubt(12, NOW, "w"), Doubt(11, NOW, "w"))
    assert _found(ledger, seen).worst_death == 1


def test_sends_and_chunks_that_never_end_are_stuck() -> None:
    ledger = replace(WHOLE, sends={3: "running"}, open_chunks=2)
    assert judge(5, 2, ledger, _found(ledger, _seen(*BOTH))).stuck == 3


def test_more_than_a_window_by_one_death_is_not_good() -> None:
    doubts = [Doubt(n, NOW, "w") for n in range(65)]
    ledger = replace(WHOLE, doubts=doubts)
    assert not judge(5, 2, ledger, _found(ledger, _seen(*BOTH))).is_good
