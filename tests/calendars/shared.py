"""Shared calendars and blackouts for tests, made as the pages make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from commsplan.calendars.blackout_actions import make_blackout
from commsplan.calendars.blackout_models import Blackout
from commsplan.calendars.blackout_rules import BlackoutWish, CalendarWish
from commsplan.calendars.refreshing import refresh
from commsplan.calendars.shared_actions import bring_file, make_calendar
from commsplan.calendars.shared_models import SharedCalendar
from tests.calendars.foreign import event_of, file_of
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
"""Monday; these tests play in its week."""
CHRISTMAS = event_of(
    "DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227", uid="xmas", title="Christmas"
)


def calendar(cast: Cast, kind: str = "freeze", source: str = "hand", **fields: object):  # type: ignore[no-untyped-def]
    """Return a new shared calendar of the cast's team."""
    wish: dict[str, object] = {
        "team_id": cast.team.id,
        "name": "Payments",
        "kind": kind,
        "source": source,
        "zone": "Europe/Berlin",
        **fields,
    }
    return make_calendar(CalendarWish(**wish), cast.lead)  # type: ignore[arg-type]


def from_file(cast: Cast, *events: str, kind: str = "freeze", **fields: object) -> SharedCalendar:
    """Return a shared calendar that was read from a file with these entries."""
    made: SharedCalendar = calendar(cast, kind, "file", **fields)
    bring_file(made, file_of(*events), "some.ics", cast.lead)
    assert refresh(made.id)
    return made


def blackout(cast: Cast, starts: datetime, hours: float = 2, **fields: object) -> Blackout:
    """Return a new blackout; it begins at a time on Berlin's clock."""
    wish: dict[str, object] = {
        "team_id": cast.team.id,
        "title": "Year-end freeze",
        "starts_local": starts,
        "ends_local": starts + timedelta(hours=hours),
        "zone": "Europe/Berlin",
        **fields,
    }
    return make_blackout(BlackoutWish(**wish), cast.lead)  # type: ignore[arg-type]
