"""After a worker was lost: what it held goes back, what it had on the wire is judged by evidence.

1. A worker of this machine whose journal's lock is free is dead: the journal tells, copy by copy.
2. Of any other worker nothing is touched before the lease has lapsed; then what was only leased
   goes back, and what was on the wire is in doubt.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from commsplan.delivery.journal import Evidence, evidence_of, forget, sweep
from commsplan.delivery.leases import (
    WORKER_LOST,
    Lease,
    holders,
    leases_of,
    let_go,
    lock,
    take_back_lapsed,
)
from commsplan.delivery.models import Delivery
from commsplan.delivery.rules import Outcome, State, accepted, doubtful, dropped, judge, untouched
from commsplan.delivery.tallies import of_chunk
from commsplan.delivery.windows import Result, settle
from commsplan.foundation.database import db, transaction
from commsplan.foundation.logs import log

FROM_JOURNAL = "(from the lost worker's journal)"


def journal_folder() -> Path:
    """Return where the workers of this machine keep their journals."""
    return Path(current_app.config["DATA_DIR"]) / "journal"


def recover() -> None:
    """Take back what lost workers held."""
    present = holders()
    for worker in present:
        evidence = evidence_of(journal_folder(), worker)
        if evidence is not None:
            _judge_dead(worker, evidence)
            forget(journal_folder(), worker)
    take_back_lapsed()
    sweep(journal_folder(), present)


def _judge_dead(worker: str, evidence: Evidence) -> None:
    """Settle what a dead worker had on the wire, and free what it had only leased."""
    found = 0
    taken, refused = evidence.accepted(), evidence.refused()
    for lease in leases_of(worker):
        results = [
            Result(one, _verdict((one, lease.fence), evidence, taken, refused), relay, attempts)
            for one, relay, attempts in _on_the_wire(lease)
        ]
        with transaction():
            if not lock(lease):
                continue
            found += settle(lease, results) if results else 0
            let_go(lease)
    log().warning("delivery.worker_lost", worker=worker, on_the_wire=found)


def _on_the_wire(lease: Lease) -> list[tuple[int, str, int]]:
    rows = db.session.execute(
        select(Delivery.id, Delivery.relay, Delivery.attempts).where(
            of_chunk(lease.send_id, lease.first_id, lease.last_id),
            Delivery.state == State.SENDING,
            Delivery.fence == lease.fence,
        )
    )
    return [(one, relay, attempts) for one, relay, attempts in rows]


def _verdict(
    key: tuple[int, int],
    evidence: Evidence,
    taken: Container[tuple[int, int]],
    refused: Mapping[tuple[int, int], int],
) -> Outcome:
    if key in taken:
        return accepted(f"250 {FROM_JOURNAL}")
    if key in refused:
        return judge(refused[key], FROM_JOURNAL) if refused[key] else dropped("")
    if evidence.whole and key not in evidence.bodies:
        return untouched()
    return doubtful(WORKER_LOST)
