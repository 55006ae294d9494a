"""What the timetable does for postings every few seconds."""

from __future__ import annotations

from commsplan.delivery.postings import (
    recover_postings,
    sends_with_postings,
    sweep_cancelled_postings,
)
from commsplan.foundation.bell import QueueName, ring

POST = "commsplan.delivery.posting_jobs.post"


def look_after_postings() -> None:
    """Judge what was lost, cancel what came back too late, ring for what may go."""
    recover_postings()
    sweep_cancelled_postings()
    for send_id in sends_with_postings():
        ring(QueueName.SENDS, POST, send_id, at_most=1)
