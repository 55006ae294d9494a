"""What the timetable does for sends every few seconds."""

from __future__ import annotations

from commsplan.delivery.actions import finish_sends
from commsplan.delivery.changed_minds import withhold_changed
from commsplan.delivery.moving import move_out_of_quiet
from commsplan.delivery.queries import sends_with_work
from commsplan.delivery.recovery import recover
from commsplan.delivery.starting import start_due_sends
from commsplan.delivery.stopping import sweep_cancelled
from commsplan.delivery.tallies import recount
from commsplan.delivery.watching import note_seen, pause_failing, pause_overdue, skip_too_late
from commsplan.foundation.bell import QueueName, ring

DELIVER = "commsplan.delivery.jobs.deliver"
BELLS_WAITING = 2  # one per worker of a small installation; each worker rings again itself


def look_after_sends() -> None:
    """Start what is due, take back what was lost, ring for what waits, end what is done.

    First of all, sends that nobody has looked after for a day pause: the database may be an old
    copy. A send's stop rule is applied before any of its parts that opens now is rung for.
    """
    pause_overdue()
    start_due_sends()
    recover()
    recount()
    sweep_cancelled()
    skip_too_late()
    pause_failing()
    for send_id in note_seen():
        withhold_changed(send_id)
        move_out_of_quiet(send_id)
    for send_id in sends_with_work():
        for _ in range(BELLS_WAITING):
            ring(QueueName.SENDS, DELIVER, send_id, at_most=BELLS_WAITING)
    finish_sends()
