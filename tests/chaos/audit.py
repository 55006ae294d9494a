"""The audit: holds the ledger against the mail server's log, and believes no count of the engine.

Two witnesses are read whole: the tables, in plain SQL without the application's own queries, and
the sink's log, which says for every Message-ID what truly happened. What is counted:

- `lost`: a person of a promised audience without a row; a row that says accepted or delivered
  while the sink has no copy for that address; a row that is not terminal; a row that says failed
  although the sink never refused its recipient; a row that was cancelled, suppressed or skipped
  although nobody asked for that.
  A copy that went to another address than its row's, or that has no row, is lost too, and so is a
  doubt: a row that left `uncertain` although nobody resolved it, by a worker that woke up late.
- `silent_repeats`: copies at the sink beyond 1 + how often the copy entered `uncertain`, summed
  over the rows of one person and message, and rows beyond the first of one person and message.
- `uncertain`: entries into `uncertain`. These rows wait for a person, and count as terminal.
- `uncertain_per_kill_max`: the most rows that entered `uncertain` by one death of one worker.
  Entries of one worker belong to one death when they lie less than a lease apart, as only a lease
  that lapsed ends a worker's claim. Not counted are copies after whose dot the sink itself cut the
  line or kept silent: those are doubtful whoever sends them.
- `stuck`: rows that are open, chunks that are not closed and sends that are not finished once
  everything ran undisturbed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.chaos.ledger import Ledger, Row
from tests.chaos.mischief import DOUBTFUL
from tests.chaos.sink_log import Seen

OURS = re.compile(r"d(\d+)\.")
"""A Message-ID of ours begins with the copy's number."""
TERMINAL = frozenset(
    {
        "accepted",
        "delivered",
        "bounced",
        "failed",
        "uncertain",
        "cancelled",
        "suppressed",
        "skipped_late",
    }
)
ARRIVED = frozenset({"accepted", "delivered"})
UNASKED = frozenset({"cancelled", "suppressed", "skipped_late", "bounced"})
MOST_PER_KILL = 64


@dataclass(frozen=True)
class Verdict:
    """What a run is judged by."""

    kills: int
    copies: int
    lost: int
    silent_repeats: int
    uncertain: int
    uncertain_per_kill_max: int
    stuck: int

    @property
    def is_good(self) -> bool:
        """Tell whether the engine kept its promise."""
        nothing_wrong = not (self.lost or self.silent_repeats or self.stuck)
        return nothing_wrong and self.uncertain_per_kill_max <= MOST_PER_KILL


@dataclass(frozen=True)
class Findings:
    """The verdict's parts, one by one."""

    missing: int
    accepted_without_copy: int
    not_terminal: int
    failed_unrefused: int
    unasked: int
    to_a_wrong_address: int
    vanished_doubts: int
    repeats: int
    extra_rows: int
    unfinished: int
    """Sends and chunks."""
    worst_death: int

    @property
    def lost(self) -> int:
        """Everything that somebody should have got, or that nobody can account for."""
        return (
            self.missing
            + self.accepted_without_copy
            + self.not_terminal
            + self.failed_unrefused
            + self.unasked
            + self.to_a_wrong_address
            + self.vanished_doubts
        )


def examine(
    ledger: Ledger, seen: Seen, promised: Iterable[int], people: Sequence[int], lease_seconds: float
) -> Findings:
    """Hold the ledger against what the sink saw.

    Args:
        ledger: every row, as it is now.
        seen: the sink's log.
        promised: the messages that a page said would go out; those with a send count too.
        people: whom each of them was for.
        lease_seconds: how far apart two deaths of one worker lie at least.
    """
    due = {(message, one) for message in {*promised, *ledger.messages} for one in people}
    rows = Counter((row.message_id, row.person_id) for row in ledger.rows)
    copies = {row.id: seen.copies[name] for row, name in _named(ledger, seen)}
    wrong = sum(bool(seen.went_to[name] - {row.address}) for row, name in _named(ledger, seen))
    numbers = {row.id for row in ledger.rows}
    foreign = sum(_number(name) not in numbers for name in seen.copies)
    doubted = {doubt.delivery_id for doubt in ledger.doubts}
    states = Counter(row.state for row in ledger.rows)
    return Findings(
        missing=sum(1 for pair in due if pair not in rows),
        accepted_without_copy=sum(
            1 for row in ledger.rows if row.state in ARRIVED and not copies.get(row.id)
        ),
        not_terminal=sum(number for state, number in states.items() if state not in TERMINAL),
        failed_unrefused=sum(
            1 for row in ledger.rows if row.state == "failed" and row.address not in seen.refused
        ),
        unasked=sum(states[state] for state in UNASKED),
        to_a_wrong_address=wrong + foreign,
        vanished_doubts=sum(r.id in doubted and r.state != "uncertain" for r in ledger.rows),
        repeats=_repeats(ledger, copies),
        extra_rows=sum(number - 1 for number in rows.values()),
        unfinished=ledger.open_chunks + sum(s != "finished" for s in ledger.sends.values()),
        worst_death=_worst_death(ledger, seen, timedelta(seconds=lease_seconds)),
    )


def judge(kills: int, copies: int, ledger: Ledger, found: Findings) -> Verdict:
    """Put the figures together."""
    return Verdict(
        kills=kills,
        copies=copies,
        lost=found.lost,
        silent_repeats=found.repeats + found.extra_rows,
        uncertain=len(ledger.doubts),
        uncertain_per_kill_max=found.worst_death,
        stuck=found.not_terminal + found.unfinished,
    )


def _number(message_id: str) -> int | None:
    found = OURS.match(message_id)
    return int(found[1]) if found else None


def _named(ledger: Ledger, seen: Seen) -> list[tuple[Row, str]]:
    """Pair each row with the Message-ID under which the sink has it."""
    by_number = {row.id: row for row in ledger.rows}
    pairs = ((by_number.get(_number(name) or 0), name) for name in seen.copies)
    return [(row, name) for row, name in pairs if row is not None]


def _repeats(ledger: Ledger, copies: dict[int, int]) -> int:
    """Count copies that one person got of one message beyond what the ledger admits."""
    doubts = Counter(doubt.delivery_id for doubt in ledger.doubts)
    got: Counter[tuple[int, int]] = Counter()
    admitted: Counter[tuple[int, int]] = Counter()
    for row in ledger.rows:
        got[row.message_id, row.person_id] += copies.get(row.id, 0)
        admitted[row.message_id, row.person_id] += doubts[row.id]
    return sum(max(0, number - 1 - admitted[pair]) for pair, number in got.items())


def _worst_death(ledger: Ledger, seen: Seen, lease: timedelta) -> int:
    explained = Counter[int]()
    for (event, name), number in seen.events.items():
        if event in DOUBTFUL and (copy := _number(name)) is not None:
            explained[copy] += number
    entries: dict[str, list[datetime]] = defaultdict(list)
    for doubt in ledger.doubts:
        if explained[doubt.delivery_id]:
            explained[doubt.delivery_id] -= 1
        else:
            entries[doubt.worker].append(doubt.at)
    return max((_most_at_once(moments, lease) for moments in entries.values()), default=0)


def _most_at_once(moments: list[datetime], apart: timedelta) -> int:
    """Return the size of the largest group whose neighbours lie less than `apart` apart."""
    most = size = 0
    before: datetime | None = None
    for moment in sorted(moments):
        size = size + 1 if before is not None and moment - before < apart else 1
        most, before = max(most, size), moment
    return most
