"""What administrators set for a mail server; workers see it within seconds."""

from __future__ import annotations

from sqlalchemy import select

from commsplan.delivery.relay_models import Relay
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.people.models import Person


def set_relay(
    relay_id: int, weight: int, connections: int, copies_per_connection: int, by: Person | None
) -> None:
    """Set how much a mail server carries; a worker that is at it takes it up with its next turn."""
    with transaction():
        relay = _locked(relay_id)
        before = _kept(relay)
        relay.weight, relay.connections = weight, connections
        relay.copies_per_connection = copies_per_connection
        audit.record(_actor(by), "relay.set", f"relay {relay.name}", before, _kept(relay))


def switch_off(relay_id: int, by: Person | None) -> bool:
    """Let nothing begin at a mail server any more; return False when it is off already."""
    with transaction():
        relay = _locked(relay_id)
        if relay.switched_off_at is not None:
            return False
        relay.switched_off_at = now_utc()
        audit.record(_actor(by), "relay.switched_off", f"relay {relay.name}")
    return True


def switch_on(relay_id: int, by: Person | None) -> bool:
    """Use a mail server again, at once; return False when it is on already."""
    with transaction():
        relay = _locked(relay_id)
        if relay.switched_off_at is None:
            return False
        relay.switched_off_at = relay.away_until = None
        relay.said = ""
        audit.record(_actor(by), "relay.switched_on", f"relay {relay.name}")
    return True


def _locked(relay_id: int) -> Relay:
    with transaction() as database:
        return database.scalars(
            select(Relay)
            .where(Relay.id == relay_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()


def _kept(relay: Relay) -> dict[str, object]:
    return {
        "weight": relay.weight,
        "connections": relay.connections,
        "copies_per_connection": relay.copies_per_connection,
    }


def _actor(by: Person | None) -> str:
    return f"person {by.id}" if by else "command line"
