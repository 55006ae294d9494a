"""How plans and their goals stand, in a sentence and a picture each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import show_day, show_moment
from commsplan.home.rules import GoalPicture
from commsplan.people.models import Person
from commsplan.people.queries import zone_of
from commsplan.plans.models import Activity, Goal, GoalMeasurement, Plan
from commsplan.plans.queries import activities_of, plans_for
from commsplan.plans.rules import Standing, goal_progress, standing


@dataclass(frozen=True)
class PlanLine:
    """One plan in a list: how it stands, and what comes next."""

    plan: Plan
    kind: str
    state: str
    sentence: str
    upcoming: Activity | None


@dataclass(frozen=True)
class Promise:
    """One plan as its sponsor sees it."""

    line: PlanLine
    goals: list[GoalPicture]
    promised: int
    """Activities whose time has come."""
    delivered: int
    """Those of them that are marked as done or whose message went out."""
    next_ones: list[Activity]


def plan_lines(person: Person) -> list[PlanLine]:
    """Return the plans in the making that this person may read, each with its sentence."""
    return [
        plan_line(plan, zone_of(person))
        for plan in plans_for(person)
        if plan.status in ("draft", "active")
    ]


def plan_line(plan: Plan, zone: str) -> PlanLine:
    """Say in a sentence how a plan stands."""
    stands = [goal_standing(goal) for goal in goals_of(plan)]
    coming = upcoming_of(plan)
    well = sum(one in (Standing.REACHED, Standing.ON_TRACK) for one in stands)
    parts = []
    if stands:
        parts.append(
            ngettext(
                "%(well)s of %(num)s goal on track.",
                "%(well)s of %(num)s goals on track.",
                len(stands),
                well=well,
            )
        )
    else:
        parts.append(_("No goals yet."))
    if coming:
        parts.append(
            _("Next: %(when)s, %(what)s.", when=when(coming[0], zone), what=coming[0].title)
        )
    else:
        parts.append(_("Nothing is coming up."))
    kind, state = _state_of(plan, stands)
    return PlanLine(plan, kind, state, " ".join(parts), coming[0] if coming else None)


def _state_of(plan: Plan, stands: list[Standing]) -> tuple[str, str]:
    if plan.status == "draft":
        return "neutral", _("Draft")
    if Standing.BEHIND in stands:
        return "warn", _("Behind")
    if not stands or all(one == Standing.UNMEASURED for one in stands):
        return "info", _("Not measured")
    return "good", _("On track")


def when(activity: Activity, zone: str) -> str:
    """Say when an activity is: a day for all-day ones, a moment for others."""
    if activity.all_day:
        return show_day(activity.starts_local.date())
    return show_moment(activity.starts_at, zone)


def goals_of(plan: Plan) -> list[Goal]:
    """Return the goals that were not removed."""
    return [goal for goal in plan.goals if goal.removed_at is None]


def upcoming_of(plan: Plan) -> list[Activity]:
    """Return what is still to happen, the next first."""
    now = now_utc()
    return [
        activity
        for activity in activities_of(plan)
        if activity.ends_at > now and activity.status in ("planned", "confirmed")
    ]


def last_measurement(goal: Goal) -> GoalMeasurement | None:
    """Return what was measured last."""
    kept = [one for one in goal.measurements if one.removed_at is None]
    return kept[-1] if kept else None


def goal_standing(goal: Goal) -> Standing:
    """Say how a goal stands today."""
    last = last_measurement(goal)
    began: date = goal.plan.starts_on or goal.plan.created_at.date()
    share = goal_progress(goal.baseline, goal.target, last.value) if last else None
    today = now_utc().date()
    return standing(share, began, goal.due_on, last.measured_on if last else None, today)


def goal_picture(goal: Goal, href: str = "") -> GoalPicture:
    """Return a goal as `goal_bar` shows it."""
    last = last_measurement(goal)
    stands = goal_standing(goal)
    kind, state = {
        Standing.REACHED: ("good", _("Reached")),
        Standing.ON_TRACK: ("good", _("On track")),
        Standing.BEHIND: ("warn", _("Behind")),
        Standing.UNMEASURED: ("neutral", _("Not measured")),
    }[stands]
    note = _("by %(day)s", day=show_day(goal.due_on))
    if last:
        note += " · " + _("measured %(day)s", day=show_day(last.measured_on))
    return GoalPicture(
        label=goal.what,
        share=goal_progress(goal.baseline, goal.target, last.value) if last else None,
        baseline=figure(goal.baseline, goal.unit),
        current=figure(last.value, goal.unit) if last else "",
        target=figure(goal.target, goal.unit),
        kind=kind,
        state=state,
        note=note,
        href=href,
    )


def figure(value: float, unit: str) -> str:
    """Write a value with its unit: "60 % of staff"."""
    return f"{format_decimal(value)} {unit}".strip()
