"""What a worker does for a send: take copies, put them on the wire, write down what happened."""

from __future__ import annotations

from email.utils import parseaddr

from flask import current_app

from commsplan.delivery.clockwork import DELIVER
from commsplan.delivery.copies import Writer
from commsplan.delivery.journal import Journal
from commsplan.delivery.leases import lease_seconds
from commsplan.delivery.models import Send
from commsplan.delivery.pace import Pace
from commsplan.delivery.queries import sends_with_work
from commsplan.delivery.recovery import journal_folder
from commsplan.delivery.relays import note_away, note_back, remember, usable
from commsplan.delivery.shift import Shift
from commsplan.delivery.smtp import Line
from commsplan.delivery.wire import Wire
from commsplan.foundation.bell import QueueName, closing, ring
from commsplan.foundation.database import db
from commsplan.foundation.logs import log
from commsplan.foundation.mail import relay


def deliver(send_id: int) -> None:
    """Put copies of a send on the wire until none is left or the time is up, then ring again."""
    send = db.session.get(Send, send_id)
    if send is None:
        return
    smtp_url = str(current_app.config["SMTP_URL"])
    name = smtp_url.rpartition("@")[2].rpartition("/")[2]
    remember([name])
    if not usable([name]):
        return
    with Journal(journal_folder()) as journal:
        sender = parseaddr(current_app.config["MAIL_FROM"])[1]
        line = Line(lambda: relay(smtp_url), sender, journal, lease_seconds(), name)
        wire = Wire(line)
        write, pace = Writer(send).write, Pace([name])
        begun = Shift(send_id, journal, wire, write, send.started_at, pace).work()
        for relay_name, reason in wire.away().items():
            log().warning("delivery.relay_away", send=send_id, relay=relay_name, reason=reason)
            note_away(relay_name, reason)
        note_back({name} - wire.away().keys())
    if begun and not closing.is_set() and send_id in sends_with_work():
        ring(QueueName.SENDS, DELIVER, send_id, at_most=2)


def deliver_without_bell() -> None:
    """Work on every running send: for a worker that the queue server cannot call."""
    for send_id in sends_with_work():
        if not closing.is_set():
            deliver(send_id)
