"""A send's timing between its row and its value."""

from __future__ import annotations

from typing import Any

from flask import current_app

from commsplan.delivery.hours import QuietHours, read_quiet_hours
from commsplan.delivery.models import Send
from commsplan.delivery.timing import LatePolicy, Timing
from commsplan.delivery.waves import from_json


def timing_of(send: Send) -> Timing:
    """Return when the copies of a send go, as its row says."""
    quiet = None
    if send.quiet_from is not None and send.quiet_until is not None:
        quiet = QuietHours(send.quiet_from, send.quiet_until)
    return Timing(
        local_time=send.local_time,
        waves=from_json(send.waves),
        stop_percent=send.stop_percent,
        quiet=quiet,
        valid_until=send.valid_until,
        late_policy=LatePolicy(send.late_policy),
    )


def columns_of(timing: Timing) -> dict[str, Any]:
    """Return the same as values for a send's columns."""
    return {
        "local_time": timing.local_time,
        "waves": [wave.to_json() for wave in timing.waves] or None,
        "stop_percent": timing.stop_percent,
        "quiet_from": timing.quiet.begin if timing.quiet else None,
        "quiet_until": timing.quiet.end if timing.quiet else None,
        "valid_until": timing.valid_until,
        "late_policy": timing.late_policy.value,
    }


def usual_quiet_hours() -> QuietHours | None:
    """Return the organisation's quiet hours, or None if it has none."""
    return read_quiet_hours(str(current_app.config["QUIET_HOURS"]))
