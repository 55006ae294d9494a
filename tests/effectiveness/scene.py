"""People, what they were sent, and what came back, for the tests of counting."""

from __future__ import annotations

from commsplan.delivery.models import Delivery
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.receipts.models import Confirmation, Event
from tests.cast import Cast, make_person
from tests.receipts.scene import send_out


def crowd(cast: Cast, *groups: tuple[str, str, int], **changes: object) -> list[Delivery]:
    """Send a message to so many people of each (department, country, size)."""
    people = [
        make_person(f"{department} {country} {number}", department=department, country=country)
        for department, country, size in groups
        for number in range(size)
    ]
    return send_out(cast, people, **changes)  # type: ignore[arg-type]


def saw(copy: Delivery, kind: str = "open", verdict: str = "human") -> None:
    """Let an event have come back from a copy."""
    db.session.add(
        Event(
            delivery_id=copy.id,
            kind=kind,
            at=now_utc(),
            verdict=verdict,
            rule="test",
            rule_version=1,
        )
    )
    db.session.commit()


def said(copy: Delivery, kind: str = "read", note: str = "") -> None:
    """Let a reader have pressed a button."""
    db.session.add(Confirmation(delivery_id=copy.id, kind=kind, at=now_utc(), note=note))
    db.session.commit()
