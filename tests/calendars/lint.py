"""Our linter, as the tests of feeds ask it."""

from __future__ import annotations

from commsplan.calendars import linting
from commsplan.calendars.content_lines import unfolded


def complaints(raw: bytes) -> list[str]:
    """Return everything that is wrong with a feed; nothing if it is right."""
    return [str(one) for one in linting.complaints(raw)]


def unfold(raw: bytes) -> list[str]:
    """Return the content lines."""
    return [line.decode() for _number, line in unfolded(raw)]
