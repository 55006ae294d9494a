"""What closed calendars want of somebody: overrides to review, calendars that cannot be read."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _

from commsplan.calendars.blackout_models import Override
from commsplan.calendars.blackout_words import failure_words
from commsplan.calendars.override_actions import end_of, holds, open_reviews
from commsplan.calendars.shared_queries import unreadable_since
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import show_moment
from commsplan.home.rules import Matter
from commsplan.people.models import Person
from commsplan.people.queries import zone_of

PATIENCE = timedelta(days=1)
"""How long a calendar may fail before somebody hears of it: servers are away for a night."""


def closures(person: Person) -> list[Matter]:
    """Return what a person who plans has to look at."""
    now, zone = now_utc(), zone_of(person)
    return [
        *(_review(one, person, now, zone) for one in open_reviews()),
        *(
            Matter(
                kind="warn",
                state=_("Cannot be read"),
                text=one.name,
                href=f"/calendars/{one.id}",
                plan="",
                colour="",
                note=failure_words(one.failure),
            )
            for one in unreadable_since(now - PATIENCE, person)
        ),
    ]


def _review(one: Override, person: Person, now: datetime, zone: str) -> Matter:
    what = one.calendar.name if one.calendar else _("the whole organisation")
    note = _(
        "%(who)s answers for it until %(when)s.",
        who=one.sponsor.name if one.sponsor else "–",
        when=show_moment(end_of(one), zone),
    )
    if holds(one, now):
        kind, state = "info", _("Overridden")
    elif one.sponsor_id == person.id:
        kind, state = "neutral", _("Waits for a review")
        note = _("Somebody else has to review it.")
    else:
        kind, state = "warn", _("Review it")
    text = _("Override: %(name)s", name=what)
    return Matter(kind, state, text, f"/calendars/overrides/{one.id}", "", "", note)
