"""The form of an activity: what may be chosen, and an activity as it was typed."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import or_, select

from commsplan.audiences.models import Audience
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.dates import RECIPIENTS_ZONE, city
from commsplan.people.access import current_person
from commsplan.people.queries import zone_of
from commsplan.plans import history, words
from commsplan.plans.fields import label_of
from commsplan.plans.forms import DURATIONS, UNTIL
from commsplan.plans.models import Activity, Plan, PlanChange
from commsplan.plans.obstacle_words import sentences
from commsplan.plans.obstacles import ahead
from commsplan.plans.queries import usual_zones
from commsplan.plans.recurrence import DAYS, UnusableRule, canonical
from commsplan.plans.recurrence_fields import CHOICES, ENDS, KEPT, typed_recurrence
from commsplan.plans.recurrence_words import often, weekday_name

MECHANISMS = ("E-mail", "Town hall", "Team meeting", "Chat channel", "Intranet", "Video call")
"""Suggested; a team writes what it uses."""


def audiences_of(plan: Plan) -> list[int]:
    """Return the ids of the audiences that this plan's team may choose."""
    return [audience.id for audience in _choosable(plan, None)]


def _choosable(plan: Plan, chosen_id: int | None) -> list[Audience]:
    """The team's audiences by name; one that was put away stays where it is in use."""
    return list(
        db.session.scalars(
            select(Audience)
            .where(
                Audience.team_id == plan.team_id,
                or_(Audience.archived_at.is_(None), Audience.id == chosen_id),
            )
            .order_by(Audience.name)
        )
    )


def typed_of(activity: Activity) -> dict[str, object]:
    """Return an activity as its form would have been filled in."""
    starts, ends = activity.starts_local, activity.ends_local
    minutes = round((ends - starts).total_seconds() / 60)
    lasts = "0" if activity.all_day else str(minutes) if minutes in DURATIONS else UNTIL
    shows_end = lasts == UNTIL or (activity.all_day and ends.date() > starts.date())
    return {
        **history.values_of(activity),
        "audience": activity.audience_id or "",
        "owner": label_of(activity.owner),
        "starts_date": starts.date().isoformat(),
        "starts_time": "" if activity.all_day else f"{starts:%H:%M}",
        "starts_zone": activity.zone,
        "lasts": lasts,
        "ends_date": ends.date().isoformat() if shows_end else "",
        "ends_time": f"{ends:%H:%M}" if lasts == UNTIL else "",
        **typed_recurrence(activity.recurrence, starts),
        "seen": history.fingerprint(activity),
    }


def page_of_form(
    plan: Plan,
    activity: Activity | None,
    typed: dict[str, object],
    problems: dict[str, str] | None = None,
    meanwhile: list[PlanChange] | None = None,
) -> str:
    """Return the page with the form, as it was typed and with what is wrong."""
    mine = zone_of(current_person())
    zones = usual_zones(plan.zone, mine, str(typed.get("starts_zone") or ""), "UTC")
    audiences = _choosable(plan, activity.audience_id if activity else None)
    return render_template(
        "plans/activity_form.html",
        plan=plan,
        activity=activity,
        typed=typed,
        problems=problems or {},
        meanwhile=meanwhile or [],
        audiences=[("", _("Not decided yet")), *((row.id, row.name) for row in audiences)],
        zones=[
            *((zone, city(zone)) for zone in zones),
            (RECIPIENTS_ZONE, _("each reader’s own time")),
        ],
        durations=[(str(minutes), _minutes(minutes)) for minutes in DURATIONS]
        + [(UNTIL, _("until the end below"))],
        mechanisms=MECHANISMS,
        against=sentences(ahead(activity, now_utc()), mine) if activity else [],
        repeats=_repeats(typed),
        repeat_ends=[*ENDS.items()],
        weekdays=[(name, weekday_name(day)) for day, name in enumerate(DAYS)],
        words=words,
    )


def _repeats(typed: dict[str, object]) -> list[tuple[str, str]]:
    """The choices; a rule that they cannot say joins in its own words."""
    choices = [(name, str(word)) for name, word in CHOICES.items()]
    if typed.get("repeats") == KEPT:
        rule = _readable(str(typed.get("repeat_rule") or ""))
        choices += [(KEPT, often(rule, now_utc().replace(tzinfo=None)))] if rule else []
    return choices


def _readable(rule: str) -> str:
    try:
        return canonical(rule)
    except UnusableRule:
        return ""


def _minutes(minutes: int) -> str:
    if minutes == 0:
        return str(_("a moment"))
    if minutes % 60 == 0:
        return str(ngettext("%(num)s hour", "%(num)s hours", minutes // 60))
    if minutes > 60:
        return str(_("%(hours)s hours", hours=minutes / 60))
    return str(_("%(minutes)s minutes", minutes=minutes))
