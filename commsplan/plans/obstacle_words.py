"""How obstacles are spoken of."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from commsplan.foundation.dates import city, show_day, show_wall, utc_to_local
from commsplan.plans.obstacles import PEOPLE, Obstacle, Span

KINDS = {
    "freeze": lazy_gettext("Nothing is changed"),
    "quiet": lazy_gettext("Nothing is announced"),
    "holiday": lazy_gettext("Holiday"),
    "room": lazy_gettext("Room is taken"),
}
ICONS = {"freeze": "lock", "quiet": "pause", "holiday": "calendar", "room": "cross"}
STATUS_KINDS = {"freeze": "bad", "quiet": "warn", "holiday": "info", "room": "warn"}


def when_of(span: Span, zone: str) -> str:
    """Say when a span is: days in its own zone, hours in the reader's."""
    if span.all_day:
        first = utc_to_local(span.starts_at, span.zone).date()
        last = utc_to_local(span.ends_at - timedelta(microseconds=1), span.zone).date()
        return show_day(first) if last <= first else f"{show_day(first)} – {show_day(last)}"
    starts, ends = utc_to_local(span.starts_at, zone), utc_to_local(span.ends_at, zone)
    if starts.date() == ends.date():
        return f"{show_wall(starts)}–{ends:%H:%M} ({city(zone)})"
    return f"{show_wall(starts)} – {show_wall(ends)} ({city(zone)})"


def whom(span: Span) -> str:
    """Say whom a span concerns; empty for everybody."""
    if span.scope == "place":
        return _("in %(place)s", place=span.scope_value) if span.scope_value else ""
    return _("for people in %(where)s", where=span.scope_value) if span.scope in PEOPLE else ""


def sentence(obstacle: Obstacle, zone: str) -> str:
    """Say what speaks against it, in a sentence."""
    span = obstacle.span
    said = f"{KINDS[span.kind]}: “{span.title}”, {when_of(span, zone)}"
    if obstacle.people is not None:
        concerned = ngettext(
            "it concerns %(num)s of them", "it concerns %(num)s of them", obstacle.people
        )
        return f"{said}; {concerned}."
    return f"{said}, {whom(span)}." if whom(span) else f"{said}."
