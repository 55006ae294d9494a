"""What fields are called and how their values read, where a page tells what changed."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from commsplan.foundation.dates import show_day, show_wall
from commsplan.plans import words

FIELDS = {
    "title": lazy_gettext("Title"),
    "why": lazy_gettext("Why"),
    "sponsor_id": lazy_gettext("Sponsor"),
    "owner_id": lazy_gettext("Owner"),
    "owner_text": lazy_gettext("Owner"),
    "status": lazy_gettext("State"),
    "starts_on": lazy_gettext("First day"),
    "ends_on": lazy_gettext("Last day"),
    "zone": lazy_gettext("Time zone"),
    "colour": lazy_gettext("Colour"),
    "privacy": lazy_gettext("What is measured"),
    "may_unsubscribe": lazy_gettext("Leaving its mails"),
    "members": lazy_gettext("People"),
    "kind": lazy_gettext("Kind"),
    "audience_id": lazy_gettext("Audience"),
    "audience_text": lazy_gettext("Audience"),
    "mechanism": lazy_gettext("Through what"),
    "key_message": lazy_gettext("Key message"),
    "comments": lazy_gettext("Comments"),
    "starts_local": lazy_gettext("Start"),
    "ends_local": lazy_gettext("End"),
    "all_day": lazy_gettext("All day"),
    "frequency": lazy_gettext("How often"),
    "recurrence": lazy_gettext("Repeats"),
    "cancelled": lazy_gettext("Does not take place"),
    "place": lazy_gettext("Place"),
    "conference": lazy_gettext("Address to join at"),
    "is_change": lazy_gettext("In the change calendar"),
    "capacity": lazy_gettext("Places"),
    "removed_at": lazy_gettext("On the plan"),
    "what": lazy_gettext("What will be different"),
    "unit": lazy_gettext("Unit"),
    "baseline": lazy_gettext("Where it stood"),
    "target": lazy_gettext("Where it should get"),
    "due_on": lazy_gettext("By when"),
    "how": lazy_gettext("How it is measured"),
    "measured_on": lazy_gettext("Measured on"),
    "value": lazy_gettext("Figure"),
    "source": lazy_gettext("Source"),
    "position": lazy_gettext("Order"),
}
LONGEST_SHOWN = 200  # characters of a text that a change quotes


def field_name(field: str) -> str:
    """Return what a field is called on the pages."""
    return str(FIELDS.get(field, field))


def field_value(value: object, field: str) -> str:
    """Return a value of a change in words; whom or which an id means is on the page itself."""
    if field.endswith("_id") or field == "members":
        return str(_("changed") if value else _("nobody"))
    if value in (None, "") or field == "removed_at":
        return str(_("nothing") if field != "removed_at" else _("no") if value else _("yes"))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return _in_words(str(value), field)


def _in_words(value: str, field: str) -> str:
    if field in {"starts_local", "ends_local"}:
        return show_wall(datetime.fromisoformat(value))
    if field in {"starts_on", "ends_on", "due_on", "measured_on"}:
        return show_day(date.fromisoformat(value))
    known = {**words.KINDS, **words.STATUSES, **words.ACTIVITY_STATUSES, **words.COLOURS}
    text = str(known.get(value, value)) if field in {"kind", "status", "colour"} else value
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
