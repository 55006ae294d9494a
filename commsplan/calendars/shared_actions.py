"""What a team does with a shared calendar. No address goes into the audit trail."""

from __future__ import annotations

from flask_babel import gettext as _

from commsplan.calendars.blackout_rules import RESERVED, CalendarWish, slug_of
from commsplan.calendars.fetching import read_address
from commsplan.calendars.refreshing import ADDRESS, packed
from commsplan.calendars.shared_models import SharedCalendar
from commsplan.calendars.shared_queries import slug_is_taken
from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.foundation.errors import NotNow
from commsplan.foundation.sealing import seal
from commsplan.people.models import Person

NAME_LENGTH = 255


def make_calendar(wish: CalendarWish, by: Person | None) -> SharedCalendar:
    """Add a calendar: kept by hand, waiting for a file, or due at its address at once.

    Raises:
        BadAddress: the address cannot be used.
    """
    now = now_utc()
    address, host = read_address(wish.address) if wish.source == "address" else ("", "")
    with transaction() as database:
        calendar = SharedCalendar(
            slug=_free_slug(wish.name),
            name=wish.name,
            kind=wish.kind,
            source=wish.source,
            team_id=wish.team_id,
            scope=wish.scope,
            scope_value=wish.scope_value,
            closes_all=wish.closes_all,
            zone=wish.zone,
            sealed=seal(ADDRESS, address) if address else "",
            host=host[:NAME_LENGTH],
            next_at=now if address else None,
            created_at=now,
            created_by_id=by.id if by else None,
        )
        database.add(calendar)
        database.flush()
        _record(calendar, "calendar.made", by)
    return calendar


def change_calendar(calendar: SharedCalendar, wish: CalendarWish, by: Person | None) -> None:
    """Change what a calendar is called, whom it concerns, where it is read; its kind and the name
    that pipelines use stay.

    Raises:
        BadAddress: the new address cannot be used.
    """
    address, host = read_address(wish.address) if wish.address else ("", "")
    with transaction():
        before = _said(calendar)
        if address and calendar.source == "address":
            calendar.sealed, calendar.host = seal(ADDRESS, address), host[:NAME_LENGTH]
            calendar.etag = calendar.last_modified = ""
        if (address and calendar.source == "address") or wish.zone != calendar.zone:
            _look_again(calendar)
        calendar.name, calendar.zone = wish.name, wish.zone
        calendar.scope, calendar.scope_value = wish.scope, wish.scope_value
        calendar.closes_all = wish.closes_all
        _record(calendar, "calendar.changed", by, before)


def bring_file(calendar: SharedCalendar, raw: bytes, name: str, by: Person | None) -> None:
    """Put a file in the place of what a calendar held; it is read next.

    Raises:
        NotNow: the calendar is not one of files.
    """
    with transaction():
        if calendar.source != "file":
            raise NotNow(_("This calendar is not one of files."))
        calendar.body, calendar.host = packed(raw), name[:NAME_LENGTH]
        _look_again(calendar)
        _record(calendar, "calendar.file brought", by)


def look_now(calendar: SharedCalendar) -> None:
    """Have a calendar looked at next, whenever it was due.

    Raises:
        NotNow: there is nowhere to look.
    """
    with transaction():
        if calendar.source == "hand" or calendar.removed_at is not None:
            raise NotNow(_("There is nothing to look at."))
        calendar.next_at = now_utc()


def take_away(calendar: SharedCalendar, by: Person | None) -> None:
    """Let a calendar speak no more; it is kept, so that this can be undone."""
    with transaction():
        if calendar.removed_at is None:
            calendar.removed_at = now_utc()
            _record(calendar, "calendar.taken away", by)


def bring_back(calendar: SharedCalendar, by: Person | None) -> None:
    """Let a calendar speak again; it is looked at next."""
    with transaction():
        if calendar.removed_at is not None:
            calendar.removed_at = None
            if calendar.source != "hand":
                calendar.next_at = now_utc()
            _record(calendar, "calendar.brought back", by)


def _look_again(calendar: SharedCalendar) -> None:
    """Forget how far its series are expanded, and look at it next."""
    if calendar.source != "hand":
        calendar.covered_from = calendar.covered_until = None
        calendar.next_at = now_utc()


def _free_slug(name: str) -> str:
    """Return the name for pipelines: the calendar's own, with a number where it is taken."""
    slug = slug_of(name) or "calendar"
    tries = [slug] if slug not in RESERVED else []
    tries += [f"{slug}-{number}" for number in range(2, 1000)]
    return next(one for one in tries if not slug_is_taken(one))


def _said(calendar: SharedCalendar) -> dict[str, object]:
    return {
        "name": calendar.name,
        "kind": calendar.kind,
        "host": calendar.host,
        "scope": f"{calendar.scope} {calendar.scope_value}".strip(),
        "closes all": calendar.closes_all,
        "zone": calendar.zone,
    }


def _record(
    calendar: SharedCalendar,
    action: str,
    by: Person | None,
    before: dict[str, object] | None = None,
) -> None:
    actor = f"person {by.id}" if by else "command line"
    record(actor, action, f"calendar {calendar.id}", before, _said(calendar))
