"""What a plan is for, as figures: goals and their measurements."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import utc_to_local
from commsplan.foundation.errors import NotNow, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role
from commsplan.plans import actions, history, words
from commsplan.plans.forms import read_goal, read_measurement
from commsplan.plans.models import Goal, Plan, PlanChange
from commsplan.plans.queries import (
    WHOLE,
    goal_for_editor,
    latest_changes,
    may_edit,
    measurement_for_editor,
    plan_for_editor,
    plan_for_reader,
)
from commsplan.plans.summary import began, state_of
from commsplan.plans.way_back import told

pages = Blueprint("goals", __name__)


@pages.get("/plans/<int:plan_id>/goals")
@needs(Role.EMPLOYEE)
def index(plan_id: int) -> ResponseReturnValue:
    """Is the plan getting where it should?"""
    return _page(plan_for_reader(current_person(), plan_id, *WHOLE))


@pages.get("/plans/<int:plan_id>/goals/new")
@needs(Role.LEAD)
def new(plan_id: int) -> ResponseReturnValue:
    """A goal is a sentence, two figures and a day."""
    plan = plan_for_editor(current_person(), plan_id)
    return _form(plan, None, {"due_on": plan.ends_on})


@pages.post("/plans/<int:plan_id>/goals/new")
@needs(Role.LEAD)
def create(plan_id: int) -> ResponseReturnValue:
    """Give the plan a goal."""
    plan = plan_for_editor(current_person(), plan_id)
    match read_goal(request.form):
        case Unusable(problems, typed):
            return _form(plan, None, typed, problems), 422
        case wish:
            goal = actions.add_goal(plan, wish, current_person())
    told(latest_changes("goal", goal.id, 1)[0], _("The goal is on the plan."))
    return redirect(url_for(".index", plan_id=plan_id), 303)


@pages.get("/plans/<int:plan_id>/goals/<int:goal_id>/edit")
@needs(Role.LEAD)
def edit(plan_id: int, goal_id: int) -> ResponseReturnValue:
    """Change a goal."""
    goal = goal_for_editor(current_person(), plan_id, goal_id)
    return _form(goal.plan, goal, {**history.values_of(goal), "seen": history.fingerprint(goal)})


@pages.post("/plans/<int:plan_id>/goals/<int:goal_id>/edit")
@needs(Role.LEAD)
def save(plan_id: int, goal_id: int) -> ResponseReturnValue:
    """Save a goal, unless somebody else did meanwhile."""
    goal = goal_for_editor(current_person(), plan_id, goal_id)
    match read_goal(request.form):
        case Unusable(problems, typed):
            return _form(goal.plan, goal, typed, problems), 422
        case wish:
            pass
    try:
        seen = request.form.get("seen", "")
        told(actions.change_goal(goal, wish, current_person(), seen), _("The goal is saved."))
    except NotNow:
        typed = {**request.form, "seen": history.fingerprint(goal)}
        meanwhile = latest_changes("goal", goal_id, 1)
        return _form(goal.plan, goal, typed, meanwhile=meanwhile), 409
    return redirect(url_for(".index", plan_id=plan_id), 303)


@pages.post("/plans/<int:plan_id>/goals/<int:goal_id>/remove")
@needs(Role.LEAD)
def remove(plan_id: int, goal_id: int) -> ResponseReturnValue:
    """Take a goal off the plan."""
    goal = goal_for_editor(current_person(), plan_id, goal_id)
    told(actions.remove_goal(goal, current_person()), _("The goal is off the plan."))
    return redirect(url_for(".index", plan_id=plan_id), 303)


@pages.post("/plans/<int:plan_id>/goals/<int:goal_id>/measurements")
@needs(Role.LEAD)
def measure(plan_id: int, goal_id: int) -> ResponseReturnValue:
    """Write down where a goal stands."""
    person = current_person()
    goal = goal_for_editor(person, plan_id, goal_id)
    today = utc_to_local(now_utc(), goal.plan.zone).date()
    match read_measurement(request.form, today):
        case Unusable(problems, typed):
            plan = plan_for_reader(person, plan_id, *WHOLE)
            return _page(plan, goal_id, typed, problems), 422
        case wish:
            row = actions.measure_goal(goal, wish.value, wish.measured_on, wish.source, person)
    told(latest_changes("measurement", row.id, 1)[0], _("The measurement is noted."))
    return redirect(url_for(".index", plan_id=plan_id, _anchor=f"goal-{goal_id}"), 303)


@pages.post("/plans/<int:plan_id>/measurements/<int:measurement_id>/remove")
@needs(Role.LEAD)
def take_back(plan_id: int, measurement_id: int) -> ResponseReturnValue:
    """Take a measurement back."""
    row = measurement_for_editor(current_person(), plan_id, measurement_id)
    told(actions.remove_measurement(row, current_person()), _("The measurement is taken back."))
    return redirect(url_for(".index", plan_id=plan_id), 303)


def _page(
    plan: Plan,
    open_goal: int = 0,
    typed: dict[str, object] | None = None,
    problems: dict[str, str] | None = None,
) -> str:
    now = now_utc()
    return render_template(
        "plans/goals.html",
        plan=plan,
        state=state_of(plan, now),
        began=began(plan),
        open_goal=open_goal,
        typed=typed or {},
        problems=problems or {},
        today=utc_to_local(now, plan.zone).date(),
        editable=may_edit(current_person(), plan),
        words=words,
    )


def _form(
    plan: Plan,
    goal: Goal | None,
    typed: dict[str, object],
    problems: dict[str, str] | None = None,
    meanwhile: list[PlanChange] | None = None,
) -> str:
    return render_template(
        "plans/goal_form.html",
        plan=plan,
        goal=goal,
        typed=typed,
        problems=problems or {},
        meanwhile=meanwhile or [],
    )
