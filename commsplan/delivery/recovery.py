"""After a worker was lost: what it held goes back, what it had on the wire is judged by evidence.

1. A worker of this machine whose journal's lock is free is dead: the journal tells, copy by copy.
2. Of any other worker nothing is touched before the lease has lapsed; then what was only leased
   goes back, and what was on the wire is in doubt.
"""

from __future__ import annotations

from pathlib import Path

from flask import current_app
from sqlalchemy import update

from commsplan.delivery.journal import Evidence, evidence_of, forget, sweep
from commsplan.delivery.leases import QUIET, Held, Settled, settle
from commsplan.delivery.models import Delivery
from commsplan.delivery.queries import held_by, holders
from commsplan.delivery.rules import State, accepted, doubtful, dropped, judge, untouched
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.foundation.logs import log

WORKER_LOST = "The worker was lost while this copy was on the wire."


def journal_folder() -> Path:
    """Return where the workers of this machine keep their journals."""
    return Path(current_app.config["DATA_DIR"]) / "journal"


def recover() -> None:
    """Take back what lost workers held."""
    present = holders()
    for worker in present:
        evidence = evidence_of(journal_folder(), worker) if worker else None
        if evidence is not None:
            _judge_dead(worker, evidence)
            forget(journal_folder(), worker)
    _take_back_lapsed()
    sweep(journal_folder(), present)


def _judge_dead(worker: str, evidence: Evidence) -> None:
    """Settle what a dead worker had on the wire, and free what it had only leased."""
    taken, refused = evidence.accepted(), evidence.refused()
    settled = []
    for one, fence in held_by(worker):
        key = (one, fence)
        if key in taken:
            outcome = accepted("250 (from the lost worker's journal)")
        elif key in refused:
            code = refused[key]
            outcome = judge(code, "(from the lost worker's journal)") if code else dropped("")
        elif evidence.whole and key not in evidence.bodies:
            outcome = untouched()
        else:
            outcome = doubtful(WORKER_LOST)
        settled.append(Settled(Held(one, fence), outcome))
    settle(settled)
    _free(Delivery.leased_by == worker)
    log().warning("delivery.worker_lost", worker=worker, on_the_wire=len(settled))


def _take_back_lapsed() -> None:
    _free(Delivery.lease_until < now_utc())
    with transaction() as database:
        database.execute(
            update(Delivery)
            .where(Delivery.state == State.SENDING, Delivery.lease_until < now_utc())
            .values(
                state=State.UNCERTAIN,
                note=WORKER_LOST,
                fence=Delivery.fence + 1,
                attempts=Delivery.attempts + 1,
                settled_at=now_utc(),
                lease_until=None,
            )
            .execution_options(**QUIET)
        )


def _free(which) -> None:  # type: ignore[no-untyped-def]  # a column test, as SQLAlchemy types it
    with transaction() as database:
        database.execute(
            update(Delivery)
            .where(Delivery.state == State.LEASED, which)
            .values(state=State.PLANNED, fence=Delivery.fence + 1, leased_by="", lease_until=None)
            .execution_options(**QUIET)
        )
