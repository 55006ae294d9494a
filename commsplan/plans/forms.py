"""Requests read into wishes, or named problems."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from flask_babel import gettext as _

from commsplan.foundation.dates import RECIPIENTS_ZONE, ZONES
from commsplan.foundation.errors import Unusable
from commsplan.plans.fields import Fields
from commsplan.plans.recurrence_fields import first_of, read_recurrence
from commsplan.plans.rules import (
    ACTIVITY_STATUSES,
    COLOURS,
    KINDS,
    PRIVACIES,
    ActivityWish,
    GoalWish,
    MeasurementWish,
    Part,
    PlanWish,
)

DURATIONS = (0, 15, 30, 45, 60, 90, 120, 180, 240)
"""Minutes offered; anything else is said by its end."""
UNTIL = "until"
MOST_PLACES = 100_000


def read_plan(form: Mapping[str, str]) -> Unusable | PlanWish:
    """Read what a plan says about itself; its members are set on their own page."""
    fields = Fields(form)
    wish = PlanWish(
        title=fields.text("title", 200, _("Give the plan a title: what will change?")),
        why=fields.text("why", 10_000),
        sponsor_id=fields.person("sponsor"),
        owner_id=fields.person("owner"),
        starts_on=fields.day("starts_on"),
        ends_on=fields.day("ends_on"),
        zone=fields.one_of("zone", ZONES | {""}, ""),
        colour=fields.one_of("colour", COLOURS, "teal"),
        privacy=fields.one_of("privacy", PRIVACIES, "aggregate"),
        may_unsubscribe=fields.ticked("may_unsubscribe"),
    )
    if wish.starts_on and wish.ends_on and wish.ends_on < wish.starts_on:
        fields.problems["ends_on"] = _("The last day is before the first.")
    return fields.unusable() if fields.problems else wish


def read_member(form: Mapping[str, str]) -> Unusable | Part:
    """Read who works on a plan, and with which part."""
    fields = Fields(form)
    person_id = fields.person("member", _("Say who: an e-mail address or a name."))
    part = fields.text("part", 120)
    if fields.problems or person_id is None:
        return fields.unusable()
    return Part(person_id, part)


def read_goal(form: Mapping[str, str]) -> Unusable | GoalWish:
    """Read something measurable to reach."""
    fields = Fields(form)
    due_on = fields.day("due_on", _("By when?"))
    wish = GoalWish(
        what=fields.text("what", 300, _("Say what will be different, in a sentence.")),
        unit=fields.text("unit", 60, _("What do the figures count? “% of staff”, “calls a week”.")),
        baseline=fields.number("baseline", _("Where does it stand today?")),
        target=fields.number("target", _("Where should it get?")),
        due_on=due_on or date.max,
        how=fields.text("how", 300),
    )
    if not fields.problems and wish.target == wish.baseline:
        fields.problems["target"] = _("The goal is where it stands already. Nothing would change.")
    return fields.unusable() if fields.problems else wish


def read_measurement(form: Mapping[str, str], today: date) -> Unusable | MeasurementWish:
    """Read where a goal stood on a day that has come."""
    fields = Fields(form)
    measured_on = fields.day("measured_on", _("On which day?"))
    if measured_on and measured_on > today:
        fields.problems["measured_on"] = _("This day is still to come.")
    wish = MeasurementWish(
        value=fields.number("value", _("What was measured?")),
        measured_on=measured_on or today,
        source=fields.text("source", 200, _("Where does the figure come from?")),
    )
    return fields.unusable() if fields.problems else wish


def read_activity(
    form: Mapping[str, str], audiences: Collection[int], zones: Collection[str]
) -> Unusable | ActivityWish:
    """Read an activity; `audiences` and `zones` are those this team may choose."""
    fields = Fields(form)
    all_day = fields.ticked("all_day")
    starts = _starts(fields, all_day)
    ends = _ends(fields, form, starts, all_day)
    recurrence = read_recurrence(fields, starts)
    if recurrence:
        starts, ends = _from_the_first(fields, recurrence, starts, ends or starts)
    audience = fields.one_of("audience", {"", *map(str, audiences)}, "")
    wish = ActivityWish(
        kind=fields.one_of("kind", KINDS, "announcement"),
        title=fields.text("title", 200, _("Give the activity a title, in a few words.")),
        starts_local=starts,
        ends_local=ends,
        zone=fields.one_of("starts_zone", {*zones, RECIPIENTS_ZONE, ""}, ""),
        all_day=all_day,
        audience_id=int(audience) if audience else None,
        audience_text="" if audience else fields.text("audience_text", 200),
        owner_id=fields.person("owner"),
        owner_text="" if form.get("owner", "").strip() else fields.text("owner_text", 200),
        mechanism=fields.text("mechanism", 120),
        key_message=fields.text("key_message", 5000),
        comments=fields.text("comments", 5000),
        frequency=fields.text("frequency", 60),
        recurrence=recurrence,
        place=fields.text("place", 200),
        conference=read_conference(fields),
        capacity=fields.whole_number("capacity", MOST_PLACES),
        status=fields.one_of("status", ACTIVITY_STATUSES, "planned"),
        is_change=fields.ticked("is_change"),
    )
    return fields.unusable() if fields.problems else wish


def _starts(fields: Fields, all_day: bool) -> datetime:
    day = fields.day("starts_date", _("On which day?"))
    hour = fields.hour("starts_time")
    if hour is None and not all_day and "starts_time" not in fields.problems:
        fields.problems["starts_time"] = _("At what time? Or tick “all day”.")
    return datetime.combine(day or date(2000, 1, 1), time() if all_day else hour or time())


def _ends(
    fields: Fields, form: Mapping[str, str], starts: datetime, all_day: bool
) -> datetime | None:
    """Either a duration or an end; an end without a day is on the first one."""
    lasts = form.get("lasts", "0")
    minutes = int(lasts) if lasts.isdecimal() and len(lasts) < 5 and not all_day else 0
    day, hour = fields.day("ends_date"), fields.hour("ends_time")
    if all_day:
        ends = datetime.combine(day, time()) if day else starts
    elif day or hour:
        ends = datetime.combine(day or starts.date(), hour or time())
        if minutes and ends != starts + timedelta(minutes=minutes):
            fields.problems["ends"] = _("Say how long it takes, or when it ends: not both.")
    else:
        ends = starts + timedelta(minutes=minutes)
        if lasts == UNTIL:
            fields.problems.setdefault("ends", _("Until when?"))
    if ends < starts:
        fields.problems["ends"] = _("The end is before the start.")
    return ends


def _from_the_first(
    fields: Fields, recurrence: str, starts: datetime, ends: datetime
) -> tuple[datetime, datetime]:
    """Begin a series on the first day that fits it: programs differ on a start that does not."""
    first = first_of(recurrence, starts)
    if first is None:
        fields.problems["repeat_until"] = _("It ends before the first one.")
        return starts, ends
    return first, ends + (first - starts)


def read_conference(fields: Fields) -> str:
    """Return the address of a call: https only."""
    address = fields.text("conference", 500)
    if address and not _is_https(address):
        fields.problems["conference"] = _("Only addresses that begin with https:// are safe here.")
    return address


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not _has_blanks(address)


def _has_blanks(address: str) -> bool:
    return any(sign.isspace() or not sign.isprintable() for sign in address)
