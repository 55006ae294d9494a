"""How plans and their goals stand, as the first pages show them; the plans' own words."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import show_day
from commsplan.home.rules import GoalPicture
from commsplan.people.models import Person
from commsplan.people.queries import zone_of
from commsplan.plans.models import Plan
from commsplan.plans.queries import plans_for
from commsplan.plans.rules import Standing
from commsplan.plans.summary import GoalState, PlanState, sentence, state_of
from commsplan.plans.words import figure


@dataclass(frozen=True)
class PlanLine:
    """One plan in a list: how it stands, and what comes next."""

    plan: Plan
    kind: str
    state: str
    sentence: Markup


def plan_lines(person: Person) -> list[PlanLine]:
    """Return the plans in the making that this person may read, each with its sentence."""
    now, zone = now_utc(), zone_of(person)
    return [
        plan_line(state_of(plan, now), zone)
        for plan in plans_for(person)
        if plan.status in ("draft", "active")
    ]


def plan_line(state: PlanState, zone: str) -> PlanLine:
    """Say in a word and in a sentence how a plan stands."""
    words = {"warn": _("Behind"), "good": _("On track"), "neutral": _("Not measured")}
    if state.plan.status == "draft":
        word = _("Draft")
    elif state.plan.status == "done":
        word = _("Done")
    else:
        word = words.get(state.kind, _("At work"))
    return PlanLine(state.plan, state.kind, word, sentence(state, zone))


def goal_picture(state: GoalState, href: str) -> GoalPicture:
    """Return a goal as `goal_bar` shows it."""
    goal, latest = state.goal, state.latest
    kind, word = {
        Standing.REACHED: ("good", _("Reached")),
        Standing.ON_TRACK: ("good", _("On track")),
        Standing.BEHIND: ("warn", _("Behind")),
        Standing.UNMEASURED: ("neutral", _("Not measured")),
    }[state.standing]
    note = _("by %(day)s", day=show_day(goal.due_on))
    if latest:
        note += " · " + _("measured %(day)s", day=show_day(latest.measured_on))
    return GoalPicture(
        label=goal.what,
        share=state.progress,
        baseline=figure(goal.baseline, goal.unit),
        current=figure(latest.value, goal.unit) if latest else "",
        target=figure(goal.target, goal.unit),
        kind=kind,
        state=word,
        note=note,
        href=href,
    )
