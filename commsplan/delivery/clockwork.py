"""What the timetable does for sends every few seconds."""

from __future__ import annotations

from commsplan.delivery.actions import finish_sends, start_due_sends, sweep_cancelled
from commsplan.delivery.queries import sends_with_work
from commsplan.delivery.recovery import recover
from commsplan.delivery.tallies import recount
from commsplan.foundation.bell import QueueName, ring

DELIVER = "commsplan.delivery.jobs.deliver"
BELLS_WAITING = 2  # one per worker of a small installation; each worker rings again itself


def look_after_sends() -> None:
    """Start what is due, take back what was lost, ring for what waits, end what is done."""
    start_due_sends()
    recover()
    sweep_cancelled()
    recount()
    for send_id in sends_with_work():
        for _ in range(BELLS_WAITING):
            ring(QueueName.SENDS, DELIVER, send_id, at_most=BELLS_WAITING)
    finish_sends()
