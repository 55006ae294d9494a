"""How obstacles are spoken of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from commsplan.foundation.dates import city, show_day, show_moment, show_wall, utc_to_local
from commsplan.plans.obstacles import PEOPLE, Obstacle, Span, Touched

KINDS = {
    "freeze": lazy_gettext("Nothing is changed"),
    "quiet": lazy_gettext("Nothing is announced"),
    "holiday": lazy_gettext("Holiday"),
    "room": lazy_gettext("Room is taken"),
}
ICONS = {"freeze": "lock", "quiet": "pause", "holiday": "calendar", "room": "cross"}
STATUS_KINDS = {"freeze": "bad", "quiet": "warn", "holiday": "info", "room": "warn"}


SHOWN = 6  # sentences; who meets more obstacles than that has understood


def days_of(span: Span, zone: str) -> tuple[date, date]:
    """Return the first and the last day of a span: whole days in its own zone, hours in this."""
    own = span.zone if span.all_day else zone
    last = utc_to_local(span.ends_at - timedelta(microseconds=1), own).date()
    first = utc_to_local(span.starts_at, own).date()
    return first, max(first, last)


def when_of(span: Span, zone: str) -> str:
    """Say when a span is: days in its own zone, hours in the reader's."""
    if span.all_day:
        first, last = days_of(span, zone)
        return show_day(first) if last <= first else f"{show_day(first)} – {show_day(last)}"
    starts, ends = utc_to_local(span.starts_at, zone), utc_to_local(span.ends_at, zone)
    if starts.date() == ends.date():
        return f"{show_wall(starts)}–{ends:%H:%M} ({city(zone)})"
    return f"{show_wall(starts)} – {show_wall(ends)} ({city(zone)})"


def whom(span: Span) -> str:
    """Say whom a span concerns; empty for everybody."""
    if span.scope == "place":
        return str(_("in %(place)s", place=span.scope_value)) if span.scope_value else ""
    if span.scope not in PEOPLE:
        return ""
    return str(_("for people in %(where)s", where=span.scope_value))


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


def sentences(found: Sequence[tuple[Touched, Obstacle]], zone: str) -> list[str]:
    """Say what speaks against several things, or several times of one: the first few."""
    several = len({thing.starts_at for thing, _obstacle in found}) > 1
    return [
        f"{show_moment(thing.starts_at, zone)}: {sentence(one, zone)}"
        if several
        else sentence(one, zone)
        for thing, one in found[:SHOWN]
    ]
