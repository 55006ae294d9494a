"""Queue entry point: one calendar is looked at."""

from __future__ import annotations

from commsplan.calendars.refreshing import refresh


def look(calendar_id: int) -> bool:
    """Look at a calendar if it is due; return whether it was."""
    return refresh(calendar_id)
