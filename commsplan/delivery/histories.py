"""What happened to a copy beside the plain way: one line each, kept with the copy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select

from commsplan.delivery.ledger_models import HistoryEntry
from commsplan.delivery.rules import State
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db

AT_ONCE = 500  # rows in one statement


def write_history(copies: Iterable[int], state: State, note: str, worker: str = "") -> None:
    """Note that copies came to a state, inside the transaction that brought them there."""
    now = now_utc()
    rows = [
        {"delivery_id": one, "at": now, "state": state, "note": note, "worker": worker}
        for one in copies
    ]
    for start in range(0, len(rows), AT_ONCE):
        db.session.execute(insert(HistoryEntry), rows[start : start + AT_ONCE])


def history_of(delivery_id: int) -> Sequence[HistoryEntry]:
    """Return what happened to a copy, the first thing first."""
    return db.session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.delivery_id == delivery_id)
        .order_by(HistoryEntry.at, HistoryEntry.id)
    ).all()
