"""Every visible plan in one calendar: by month, by week, or as a list."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from commsplan.audiences.queries import audiences_for
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import local_to_utc, utc_to_local
from commsplan.people.access import current_person, needs
from commsplan.people.models import Person
from commsplan.people.queries import teams_of, zone_of
from commsplan.people.rules import Role
from commsplan.plans import obstacle_words, words
from commsplan.plans.happenings import Happening
from commsplan.plans.month import VIEWS, by_day, days_of, neighbours, read_day
from commsplan.plans.obstacles import ORDER, spans_between
from commsplan.plans.obstacles import Span as Against
from commsplan.plans.queries import readable_plans, visible_happenings
from commsplan.plans.rules import KINDS
from commsplan.plans.summary import Headcount

pages = Blueprint("calendar", __name__)

Span = tuple[Happening, date, date]
FILTERS = ("plan", "kind", "audience")


@pages.get("/calendar")
@needs(Role.LEAD, Role.SPONSOR)
def show() -> ResponseReturnValue:
    """What goes out when, to whom, and does it collide?"""
    person = current_person()
    zone = zone_of(person)
    today = utc_to_local(now_utc(), zone).date()
    view = request.args.get("view", "month")
    view = view if view in VIEWS else "month"
    day = read_day(request.args.get("day", ""), today)
    days = days_of(view, day)
    inside = _inside(person, days, zone)
    chosen = {name: request.args.get(name, "") for name in FILTERS}
    shown = [span for span in inside if _fits(span[0], chosen)]
    before, after = neighbours(view, day)
    spans = _spans(days, zone)
    return render_template(
        "plans/calendar.html",
        view=view,
        day=day,
        today=today,
        before=before,
        after=after,
        page=by_day(shown, days),
        count=len({(span[0].id, span[0].name) for span in shown if _in_month(span, view, day)}),
        collisions=collisions(shown),
        against=_on_days(spans, days, zone),
        spans=spans,
        obstacle_words=obstacle_words,
        chosen=chosen,
        choices=_choices(person, inside),
        people=Headcount(),
        may_add=bool(teams_of(person)),
        words=words,
    )


@pages.get("/calendar/add")
@needs(Role.LEAD)
def add() -> ResponseReturnValue:
    """On which plan? With only one there is nothing to ask."""
    person = current_person()
    day = request.args.get("day", "")
    teams = {team.id for team in teams_of(person)}
    plans = [plan for plan in readable_plans(person) if plan.team_id in teams]
    if len(plans) == 1:
        return redirect(url_for("activities.new", plan_id=plans[0].id, day=day), 303)
    return render_template("plans/choose.html", plans=plans, day=day, words=words)


def collisions(spans: list[Span]) -> dict[date, list[str]]:
    """Return, by day, the audiences for whom more than one thing begins there."""
    starts = Counter(
        (first, row.audience.name)
        for row, first, _last in spans
        if row.audience and row.status != "cancelled"
    )
    found: dict[date, list[str]] = {}
    for (day, name), count in sorted(starts.items()):
        if count > 1:
            found.setdefault(day, []).append(name)
    return found


def _inside(person: Person, days: list[date], zone: str) -> list[Span]:
    """Read a day more on each side: whole days and readers' own times know no zone."""
    start = local_to_utc(datetime.combine(days[0] - timedelta(days=1), time()), zone)
    end = local_to_utc(datetime.combine(days[-1] + timedelta(days=2), time()), zone)
    spans = [
        (row, words.first_day(row, zone), words.last_day(row, zone))
        for row in visible_happenings(person, start, end)
    ]
    spans = [span for span in spans if span[1] <= days[-1] and span[2] >= days[0]]
    return sorted(
        spans, key=lambda span: (not span[0].all_day, words.wall_start(span[0], zone), span[0].id)
    )


def _spans(days: list[date], zone: str) -> list[Against]:
    """Return what closes, is quiet or a holiday on these days; a room is a matter of one thing."""
    start = local_to_utc(datetime.combine(days[0] - timedelta(days=1), time()), zone)
    end = local_to_utc(datetime.combine(days[-1] + timedelta(days=2), time()), zone)
    found = []
    for span in spans_between(start, end):
        first, last = obstacle_words.days_of(span, zone)
        if span.kind != "room" and first <= days[-1] and last >= days[0]:
            found.append(span)
    return found


def _on_days(spans: list[Against], days: list[date], zone: str) -> dict[date, list[Against]]:
    """Put each on its days, the most serious first."""
    placed = [(span, *obstacle_words.days_of(span, zone)) for span in spans]
    return by_day(sorted(placed, key=lambda one: ORDER.index(one[0].kind)), days)


def _in_month(span: Span, view: str, day: date) -> bool:
    """The days of neighbouring months at the edges are shown, not counted."""
    if view != "month":
        return True
    month = (day.year, day.month)
    return (span[1].year, span[1].month) <= month <= (span[2].year, span[2].month)


def _fits(activity: Happening, chosen: dict[str, str]) -> bool:
    return (
        chosen["plan"] in {"", str(activity.plan_id)}
        and chosen["kind"] in {"", activity.kind}
        and chosen["audience"] in {"", str(activity.audience_id)}
    )


def _choices(person: Person, inside: list[Span]) -> dict[str, list[tuple[str, str]]]:
    audiences = {row.id: row.name for row in audiences_for(person)}
    audiences |= {row.audience.id: row.audience.name for row, _f, _l in inside if row.audience}
    return {
        "plan": [(str(plan.id), plan.title) for plan in readable_plans(person)],
        "kind": [(kind, str(words.KINDS[kind])) for kind in KINDS],
        "audience": sorted(
            ((str(key), name) for key, name in audiences.items()), key=lambda pair: pair[1]
        ),
    }
