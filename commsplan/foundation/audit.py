"""The audit trail: append-only, each entry sealed with the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import Identity, Json, Moment, Table, db

FIRST = "0" * 64


class AuditEntry(Table):
    """One thing that somebody did, or tried to do."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    """When it happened."""
    actor: Mapped[str] = mapped_column(String(200))
    """Who did it: "person 12", "worker", "command line"."""
    action: Mapped[str] = mapped_column(String(80))
    """What was done, as "plan.created"."""
    thing: Mapped[str] = mapped_column(String(120), index=True)
    """To what, as "plan 7"."""
    before: Mapped[dict[str, object] | None] = mapped_column(Json)
    """The values that changed, as they were."""
    after: Mapped[dict[str, object] | None] = mapped_column(Json)
    """The values that changed, as they are now."""
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("audit_entry.id"), unique=True)
    """The entry before; unique, so that the chain cannot fork."""
    hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 over this entry and the hash before."""

    def seal(self, previous_hash: str) -> str:
        """Return the hash this entry must carry behind the given one."""
        content = [
            previous_hash,
            self.at.isoformat(),
            self.actor,
            self.action,
            self.thing,
            self.before,
            self.after,
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def record(
    actor: str,
    action: str,
    thing: str,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """Append an entry inside the caller's transaction. No token and no body text belongs here."""
    last = db.session.scalars(
        select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).with_for_update()
    ).first()
    entry = AuditEntry(
        at=now_utc(), actor=actor, action=action, thing=thing, before=before, after=after
    )
    entry.previous_id = last.id if last else None
    entry.hash = entry.seal(last.hash if last else FIRST)
    db.session.add(entry)
    db.session.flush()


def first_broken_entry() -> int | None:
    """Return the id of the first entry whose seal does not fit, or None if the chain holds."""
    previous = FIRST
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).yield_per(500):
        if entry.hash != entry.seal(previous):
            return entry.id
        previous = entry.hash
    return None
