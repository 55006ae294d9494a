"""What a worker does for invitations: put those that are due on the wire."""

from __future__ import annotations

from flask import current_app

from commsplan.calendars.outbox import is_anything_due
from commsplan.delivery.invitation_clockwork import POST_INVITATIONS
from commsplan.delivery.invitation_round import InvitationRound, invitation_journals
from commsplan.delivery.journal import Journal
from commsplan.delivery.pace import Pace
from commsplan.delivery.relay_lines import SWITCHED_OFF
from commsplan.delivery.relays import Switches, found, note_away, note_back
from commsplan.delivery.smtp_timeouts import RFC_5321
from commsplan.delivery.wire import Wire
from commsplan.foundation.bell import QueueName, closing, ring
from commsplan.foundation.database import db
from commsplan.foundation.relay_addresses import read_relays


def post_invitations() -> int:
    """Send what waits in the outbox; ring again for what is left. Return how many were settled."""
    if not is_anything_due():
        return 0
    relays = found(read_relays(str(current_app.config["SMTP_URL"])))
    switches = Switches(one.name for one in relays)
    if not any(switches.may_use(one.name) for one in relays):
        return 0
    timeouts = RFC_5321.scaled(float(current_app.config["SMTP_TIMEOUT_SCALE"]))
    db.session.rollback()
    with Journal(invitation_journals()) as journal:
        wire = Wire(relays, journal, timeouts=timeouts, may_use=switches.may_use)
        settled = InvitationRound(journal, wire, Pace(relays)).work()
    away = wire.away()
    for name, words in away.items():
        if words != SWITCHED_OFF:
            note_away(name, words)
    note_back(wire.names() - away.keys())
    if settled and not closing.is_set() and is_anything_due():
        ring(QueueName.SENDS, POST_INVITATIONS, at_most=1)
    return settled
