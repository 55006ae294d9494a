"""The timeline of a plan, one activity, and the form behind it."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import RECIPIENTS_ZONE, city, show_wall, utc_to_local
from commsplan.foundation.errors import NotNow, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role
from commsplan.plans import actions, history, words
from commsplan.plans.activity_fields import audiences_of, page_of_form, typed_of
from commsplan.plans.change_queries import changes_of_activity
from commsplan.plans.forms import read_activity
from commsplan.plans.happenings import Happening, coming, spread
from commsplan.plans.models import Activity
from commsplan.plans.obstacle_words import sentences
from commsplan.plans.obstacles import ahead
from commsplan.plans.picture import is_overdue, picture_of, shown_until, state_in_words
from commsplan.plans.queries import (
    WHOLE,
    activities_of,
    activity_for_editor,
    activity_for_reader,
    latest_changes,
    may_edit,
    plan_for_editor,
    plan_for_reader,
    same_audience_that_day,
    usual_zones,
)
from commsplan.plans.recurrence_words import often
from commsplan.plans.rules import ACTIVITY_STATUSES, ClockOddity, clock_oddity
from commsplan.plans.summary import Headcount
from commsplan.plans.way_back import told

pages = Blueprint("activities", __name__)

USUAL_HOUR = "09:00"
SHOWN_NEXT = 8  # occurrences of a series on its page: two months of a weekly one


@pages.get("/plans/<int:plan_id>/timeline")
@needs(Role.EMPLOYEE)
def timeline(plan_id: int) -> ResponseReturnValue:
    """What happens when, for whom, and who sees to it?"""
    person, now = current_person(), now_utc()
    plan = plan_for_reader(person, plan_id, *WHOLE)
    zone, people = zone_of(person), Headcount()
    every = activities_of(plan)
    chosen = {name: request.args.get(name, "") for name in ("kind", "owner", "lacks")}
    shown = [row for row in every if _fits(row, chosen, now)]
    rows = [
        (row, people(row.audience), state_in_words(row, now), is_overdue(row, now))
        for row in spread(shown, shown_until(plan, now))
    ]
    return render_template(
        "plans/timeline.html",
        plan=plan,
        weeks=_by_week(rows, zone),
        every=every,
        shown=shown,
        chosen=chosen,
        owners=[(name, name) for name in sorted({_owner(row) for row in every} - {""})],
        kinds=[*words.KINDS.items()],
        picture=picture_of(plan, shown, zone, now),
        editable=may_edit(person, plan),
        words=words,
    )


@pages.get("/plans/<int:plan_id>/activities/new")
@needs(Role.LEAD)
def new(plan_id: int) -> ResponseReturnValue:
    """Something happens: what, when, for whom?"""
    plan = plan_for_editor(current_person(), plan_id)
    day = request.args.get("day", "")
    typed: dict[str, object] = {"starts_date": day, "starts_time": USUAL_HOUR}
    return page_of_form(plan, None, typed)


@pages.post("/plans/<int:plan_id>/activities/new")
@needs(Role.LEAD)
def create(plan_id: int) -> ResponseReturnValue:
    """Put the activity on the plan."""
    person = current_person()
    plan = plan_for_editor(person, plan_id)
    match read_activity(request.form, audiences_of(plan), usual_zones(plan.zone, "UTC")):
        case Unusable(problems, typed):
            return page_of_form(plan, None, typed, problems), 422
        case wish:
            activity = actions.add_activity(plan, wish, person)
    activity_id = activity.id
    told(latest_changes("activity", activity_id, 1)[0], _("The activity is on the plan."))
    _explain_clocks(activity)
    if request.form.get("then") == "another":
        return redirect(url_for(".new", plan_id=plan_id), 303)
    return redirect(url_for(".show", plan_id=plan_id, activity_id=activity_id), 303)


@pages.get("/plans/<int:plan_id>/activities/<int:activity_id>")
@needs(Role.EMPLOYEE)
def show(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """What is it, when, for whom, and what is next to do?"""
    person, now = current_person(), now_utc()
    activity = activity_for_reader(person, plan_id, activity_id)
    zone = zone_of(person)
    following, more = coming(activity, now, SHOWN_NEXT)
    return render_template(
        "plans/activity.html",
        plan=activity.plan,
        activity=activity,
        count=Headcount()(activity.audience),
        state=state_in_words(activity, now),
        overdue=is_overdue(activity, now),
        often=often(activity.recurrence, activity.starts_local),
        next_time=_next_time(activity, following, zone),
        coming=following,
        against=sentences(ahead(activity, now), zone),
        more=more,
        others=same_audience_that_day(person, activity, zone),
        changes=changes_of_activity(activity, 6),
        editable=may_edit(person, activity.plan),
        words=words,
    )


@pages.get("/plans/<int:plan_id>/activities/<int:activity_id>/edit")
@needs(Role.LEAD)
def edit(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Change an activity."""
    activity = activity_for_editor(current_person(), plan_id, activity_id)
    return page_of_form(activity.plan, activity, typed_of(activity))


@pages.post("/plans/<int:plan_id>/activities/<int:activity_id>/edit")
@needs(Role.LEAD)
def save(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Save an activity, unless somebody else did meanwhile."""
    person = current_person()
    activity = activity_for_editor(person, plan_id, activity_id)
    plan = activity.plan
    audiences = {*audiences_of(plan), activity.audience_id or 0}
    zones = usual_zones(plan.zone, activity.zone, "UTC")
    match read_activity(request.form, audiences, zones):
        case Unusable(problems, typed):
            return page_of_form(plan, activity, typed, problems), 422
        case wish:
            pass
    try:
        change = actions.change_activity(activity, wish, person, request.form.get("seen", ""))
    except NotNow:
        typed = {**request.form, "seen": history.fingerprint(activity)}
        changes = latest_changes("activity", activity_id, 1)
        return page_of_form(activity.plan, activity, typed, meanwhile=changes), 409
    told(change, _("The activity is saved."))
    _explain_clocks(activity)
    return redirect(url_for(".show", plan_id=plan_id, activity_id=activity_id), 303)


@pages.post("/plans/<int:plan_id>/activities/<int:activity_id>/status")
@needs(Role.LEAD)
def set_status(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Say that an activity is confirmed, done, cancelled or planned again."""
    activity = activity_for_editor(current_person(), plan_id, activity_id)
    status = request.form.get("status", "")
    if status not in ACTIVITY_STATUSES:
        raise NotNow(_("An activity is planned, confirmed, done or cancelled."))
    change = actions.set_activity_status(activity, status, current_person())
    told(
        change,
        _(
            "“%(title)s” is now: %(status)s.",
            title=activity.title,
            status=words.ACTIVITY_STATUSES[status],
        ),
    )
    back = "timeline" if request.form.get("back") == "timeline" else "show"
    if back == "timeline":
        return redirect(url_for(".timeline", plan_id=plan_id, lacks=request.form.get("lacks")), 303)
    return redirect(url_for(".show", plan_id=plan_id, activity_id=activity_id), 303)


@pages.post("/plans/<int:plan_id>/activities/<int:activity_id>/remove")
@needs(Role.LEAD)
def remove(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Take an activity off the plan."""
    activity = activity_for_editor(current_person(), plan_id, activity_id)
    title = activity.title
    told(
        actions.remove_activity(activity, current_person()),
        _("“%(title)s” is off the plan.", title=title),
    )
    return redirect(url_for(".timeline", plan_id=plan_id), 303)


def _next_time(activity: Activity, following: list[Happening], zone: str) -> str:
    """Say when it happens; of a series when next, and how often."""
    left = next((one for one in following if one.status != "cancelled"), None)
    if not activity.recurrence or left is None:
        return words.when(activity, zone)
    said = often(activity.recurrence, activity.starts_local)
    return str(_("%(next)s; it happens %(often)s", next=words.when(left, zone), often=said))


Shown = tuple[Happening, int | None, str, bool]


def _by_week(rows: list[Shown], zone: str) -> list[tuple[object, list[Shown]]]:
    weeks: dict[object, list[Shown]] = {}
    for row in rows:
        day = words.first_day(row[0], zone)
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(row)
    return list(weeks.items())


def _owner(activity: Activity) -> str:
    return activity.owner.name if activity.owner else activity.owner_text


def _fits(activity: Activity, chosen: dict[str, str], now: datetime) -> bool:
    lacking = {
        "audience": activity.audience_id is None and activity.status != "cancelled",
        "owner": not _owner(activity) and activity.status != "cancelled",
        "word": is_overdue(activity, now),
    }
    return (
        chosen["kind"] in {"", activity.kind}
        and chosen["owner"] in {"", _owner(activity)}
        and lacking.get(chosen["lacks"], True)
    )


def _explain_clocks(activity: Activity) -> None:
    """Say it where clocks skip the start, or show it twice."""
    if activity.all_day or activity.zone == RECIPIENTS_ZONE:
        return
    oddity = clock_oddity(activity.starts_local, activity.zone)
    wall = show_wall(utc_to_local(activity.starts_at, activity.zone))
    if oddity is ClockOddity.SKIPPED:
        said = _(
            "Clocks in %(city)s skip this time on that day: it happens at %(wall)s.",
            city=city(activity.zone),
            wall=wall,
        )
        flash(said, "warning")
    elif oddity is ClockOddity.TWICE:
        said = _(
            "Clocks in %(city)s show this time twice on that day: the first time counts.",
            city=city(activity.zone),
        )
        flash(said, "warning")
