"""What a team does with its blackouts: make, change, lift, put back."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

from flask import current_app

from commsplan.calendars.blackout_models import Blackout
from commsplan.calendars.blackout_rules import BlackoutWish
from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.foundation.dates import local_to_utc
from commsplan.people.models import Person

HOST_LENGTH = 40  # of the 80 characters of a UID


def make_blackout(wish: BlackoutWish, by: Person | None) -> Blackout:
    """Close a calendar, or the whole organisation, for a time."""
    now = now_utc()
    with transaction() as database:
        blackout = Blackout(
            uid=_new_uid(),
            sequence=0,
            created_at=now,
            revised_at=now,
            created_by_id=by.id if by else None,
        )
        _write(blackout, wish)
        database.add(blackout)
        database.flush()
        _record(blackout, "blackout.made", by)
    return blackout


def change_blackout(blackout: Blackout, wish: BlackoutWish, by: Person | None) -> None:
    """Change a blackout; calendars that show it learn of it by its sequence."""
    with transaction():
        before = _said(blackout)
        _write(blackout, wish)
        _revise(blackout)
        _record(blackout, "blackout.changed", by, before)


def lift_blackout(blackout: Blackout, by: Person | None) -> None:
    """Take a blackout away; it is kept, so that this can be undone."""
    with transaction():
        if blackout.removed_at is None:
            blackout.removed_at = now_utc()
            _revise(blackout)
            _record(blackout, "blackout.lifted", by)


def put_back_blackout(blackout: Blackout, by: Person | None) -> None:
    """Put a lifted blackout back."""
    with transaction():
        if blackout.removed_at is not None:
            blackout.removed_at = None
            _revise(blackout)
            _record(blackout, "blackout.put back", by)


def _write(blackout: Blackout, wish: BlackoutWish) -> None:
    for field, value in asdict(wish).items():
        setattr(blackout, field, value)
    starts, ends = wish.starts_local, wish.ends_local
    if wish.all_day:
        starts = datetime.combine(starts, time())
        ends = datetime.combine(ends + timedelta(days=1), time())
    blackout.starts_at = local_to_utc(starts, wish.zone)
    blackout.ends_at = max(blackout.starts_at, local_to_utc(ends, wish.zone))


def _revise(blackout: Blackout) -> None:
    blackout.sequence += 1
    blackout.revised_at = now_utc()


def _said(blackout: Blackout) -> dict[str, object]:
    """Return what the audit trail keeps: everything but the words of the reason."""
    return {
        "title": blackout.title,
        "kind": blackout.kind,
        "calendar": blackout.calendar_id,
        "from": blackout.starts_at.isoformat(),
        "until": blackout.ends_at.isoformat(),
        "scope": f"{blackout.scope} {blackout.scope_value}".strip(),
    }


def _record(
    blackout: Blackout, action: str, by: Person | None, before: dict[str, object] | None = None
) -> None:
    actor = f"person {by.id}" if by else "command line"
    record(actor, action, f"blackout {blackout.id}", before, _said(blackout))


def _new_uid() -> str:
    host = urlsplit(str(current_app.config["BASE_URL"])).hostname or "localhost"
    return f"blackout-{secrets.token_hex(12)}@{host[:HOST_LENGTH]}"
