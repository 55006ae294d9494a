"""What the timetable does for invitations every few seconds."""

from __future__ import annotations

from commsplan.calendars.meeting_changes import notice_changes, seat_who_waits
from commsplan.calendars.outbox import is_anything_due
from commsplan.delivery.invitation_round import recover_invitations
from commsplan.foundation.bell import QueueName, ring

POST_INVITATIONS = "commsplan.delivery.invitation_jobs.post_invitations"


def look_after_invitations() -> None:
    """Tell what changed, fill places that became free, judge what was lost, ring for what waits."""
    notice_changes()
    seat_who_waits()
    recover_invitations()
    if is_anything_due():
        ring(QueueName.SENDS, POST_INVITATIONS, at_most=1)
