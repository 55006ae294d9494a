"""What a worker does for a send: take copies, put them on the wire, write down what happened."""

from __future__ import annotations

from flask import current_app

from commsplan.delivery.changed_minds import withhold_changed
from commsplan.delivery.clockwork import DELIVER
from commsplan.delivery.journal import Journal
from commsplan.delivery.models import Send
from commsplan.delivery.pace import Pace
from commsplan.delivery.queries import sends_with_work
from commsplan.delivery.recovery import journal_folder
from commsplan.delivery.relay_lines import SWITCHED_OFF
from commsplan.delivery.relays import Switches, found, note_away, note_back
from commsplan.delivery.shift import Shift
from commsplan.delivery.smtp_timeouts import RFC_5321
from commsplan.delivery.traces import without_addresses
from commsplan.delivery.wire import Wire
from commsplan.delivery.writing import Writer
from commsplan.foundation.alone import Alone
from commsplan.foundation.bell import QueueName, closing, ring
from commsplan.foundation.database import db
from commsplan.foundation.logs import log
from commsplan.foundation.relay_addresses import read_relays


def deliver(send_id: int) -> None:
    """Put copies of a send on the wire until none is left or the time is up, then ring again."""
    send = db.session.get(Send, send_id)
    if send is None:
        return
    relays = found(read_relays(str(current_app.config["SMTP_URL"])))
    switches = Switches(one.name for one in relays)
    if not any(switches.may_use(one.name) for one in relays):
        return
    withhold_changed(send_id)
    timeouts = RFC_5321.scaled(float(current_app.config["SMTP_TIMEOUT_SCALE"]))
    with Journal(journal_folder()) as journal:
        wire = Wire(relays, journal, timeouts=timeouts, may_use=switches.may_use)
        write, pace = Writer(send).write, Pace(relays)
        begun = Shift(send_id, journal, wire, write, pace).work()
    _tell(send_id, wire)
    if begun and not closing.is_set() and send_id in sends_with_work():
        ring(QueueName.SENDS, DELIVER, send_id, at_most=2)


def _tell(send_id: int, wire: Wire) -> None:
    """Let the other workers know which mail servers cannot be used."""
    away = wire.away()
    for name, words in away.items():
        if words != SWITCHED_OFF:
            reason = without_addresses(words)
            log().warning("delivery.relay_away", send=send_id, relay=name, reason=reason)
            note_away(name, words)
    note_back(wire.names() - away.keys())


def deliver_without_bell() -> None:
    """Work on every running send: for a worker that the queue server cannot call.

    One that breaks a worker's hands (a poison message) holds up none of the others.
    """
    for send_id in sends_with_work():
        if not closing.is_set():
            with Alone(DELIVER, send_id):
                deliver(send_id)
