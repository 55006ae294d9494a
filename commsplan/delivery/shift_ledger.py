"""What one shift asks of the ledger: chunks, turns of the window, and giving chunks back.

On PostgreSQL the plain case is asked on a line of its own, and the shift goes on until the answer
has come. Everything else, and everything on SQLite, is done before the call returns. Either way
the answer goes to the function that was handed in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from commsplan.delivery import leases
from commsplan.delivery.leases import WATCHED_WITHIN, Lease, late_after, lease_seconds
from commsplan.delivery.ledger_line import LedgerLine, Value
from commsplan.delivery.quick_turns import Words, chunk_from, numbers, turn_from
from commsplan.delivery.rules import State
from commsplan.delivery.tallies import DOMAINS_TOLD_APART, MOVED_WITHIN
from commsplan.delivery.windows import Result, Row, Turn, rows_of, turn_over
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import is_sqlite

Chunk = tuple[Lease, list[Row]]


class ShiftLedger:
    """The ledger as one shift sees it; holds a connection while the shift lasts."""

    def __init__(self) -> None:
        self.line: LedgerLine | None = None
        self._words = Words()
        self._lease = timedelta(seconds=lease_seconds())
        self._late_after = late_after()

    def __enter__(self) -> Self:
        if not is_sqlite():
            self.line = LedgerLine(self._words.all)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.line is not None:
            self.line.close()

    @property
    def is_asked(self) -> bool:
        """Whether an answer is still to come."""
        return self.line is not None and self.line.is_asked

    def hear(self) -> None:
        """Take the answers that have come."""
        if self.line is not None:
            self.line.hear()

    def wait(self) -> None:
        """Wait for every answer."""
        if self.line is not None:
            self.line.wait()

    def next_chunk(
        self, send_id: int, worker: str, answered: Callable[[Chunk | None], None]
    ) -> None:
        """Lease the next chunk of a send and read its copies, as `lease` and `rows_of` do."""
        if self.line is None:
            mine = leases.lease(send_id, worker)
            answered((mine, rows_of(mine)) if mine else None)
            return
        values = self._moments() | {"send": send_id, "worker": worker}
        self.line.ask(self._words.lease, values, lambda tables: answered(chunk_from(tables)))

    def turn_over(
        self,
        lease: Lease,
        results: Sequence[Result],
        going: Collection[int],
        answered: Callable[[Turn], None],
    ) -> None:
        """Do what `windows.turn_over` does."""
        plain = all(one.outcome.state is State.ACCEPTED for one in results)
        if self.line is None or not plain:
            self.wait()
            answered(turn_over(lease, results, going))
            return
        values = self._moments() | _named(lease)
        values["ids"] = numbers(one.delivery_id for one in results)
        values["notes"] = json.dumps([one.outcome.note for one in results])
        values["relays"] = json.dumps([one.relay for one in results])
        values["going"] = numbers(going)
        self.line.ask(
            self._words.turn, values, lambda tables: answered(turn_from(tables, bool(going)))
        )

    def let_go(self, lease: Lease, until: datetime | None = None, plain: bool = False) -> None:
        """Give a chunk back, as `leases.let_go` does.

        Args:
            lease: the chunk.
            until: nobody needs to look at it before this moment.
            plain: the shift knows that none of its copies is left on the wire.
        """
        if self.line is None or not plain or until is not None:
            self.wait()
            leases.let_go(lease, until)
            return
        values = self._moments() | _named(lease)
        values |= {"send": lease.send_id, "first": lease.first_id, "last": lease.last_id}
        values |= {"later": now_utc() + MOVED_WITHIN, "apart": DOMAINS_TOLD_APART}
        # Where the chunk was taken away, whoever took it has settled what was in doubt.
        self.line.ask(self._words.let_go, values, lambda tables: None)

    def _moments(self) -> dict[str, Value]:
        now = now_utc()
        return {
            "now": now,
            "until": now + self._lease,
            "forgotten": now - self._late_after,
            "unwatched": now - WATCHED_WITHIN,
        }


def _named(lease: Lease) -> dict[str, Value]:
    return {"chunk": lease.chunk_id, "fence": lease.fence, "worker": lease.worker}
