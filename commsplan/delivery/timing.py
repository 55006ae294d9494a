"""When each copy of a send goes: local time, parts, quiet hours, and what is too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from commsplan.delivery.hours import QuietHours
from commsplan.delivery.waves import Wave, opening
from commsplan.foundation.dates import local_to_utc


class LatePolicy(StrEnum):
    """What becomes of a send that was due long ago: after an outage, or a restored backup."""

    ASK = "ask"
    SEND = "send"
    SKIP = "skip"


@dataclass(frozen=True)
class Timing:
    """When the copies of a send go, beside the moment it starts."""

    local_time: datetime | None = None
    """On each reader's own clock; naive. None when one instant holds for everybody."""
    waves: tuple[Wave, ...] = ()
    stop_percent: int | None = None
    quiet: QuietHours | None = None
    valid_until: datetime | None = None
    late_policy: LatePolicy = LatePolicy.ASK

    @property
    def needs_zones(self) -> bool:
        """Whether it depends on where somebody is."""
        return self.local_time is not None or self.quiet is not None

    def goes_at(self, start: datetime, zone: str, wave: int) -> datetime:
        """Return when the copies of one zone and part go.

        1. At the reader's own hour; one that has passed when the send starts is "at once".
        2. Each part its pauses later.
        3. Not within the reader's quiet hours.

        Args:
            start: when the send starts.
            zone: of the readers.
            wave: which part, counted from 0.
        """
        moment = start
        if self.local_time is not None:
            moment = max(start, local_to_utc(self.local_time, zone))
        moment += opening(self.waves, wave)
        return self.quiet.out_of(moment, zone) if self.quiet else moment

    def quiet_at(self, moment: datetime, zone: str) -> datetime | None:
        """Return when copies that may go from a moment on have to wait again."""
        return self.quiet.next_begin(moment, zone) if self.quiet else None


PLAIN = Timing()
"""Everybody at once."""
