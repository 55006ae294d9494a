"""What a plan is for, as figures: goals and their measurements."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.foundation.errors import NotNow, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role
from commsplan.plans import actions, history
from commsplan.plans.forms import read_goal
from commsplan.plans.goal_page import goals_page
from commsplan.plans.models import Goal, Plan, PlanChange
from commsplan.plans.queries import (
    WHOLE,
    goal_for_editor,
    latest_changes,
    plan_for_editor,
    plan_for_reader,
)
from commsplan.plans.way_back import told

pages = Blueprint("goals", __name__)


@pages.get("/plans/<int:plan_id>/goals")
@needs(Role.EMPLOYEE)
def index(plan_id: int) -> ResponseReturnValue:
    """Is the plan getting where it should?"""
    return goals_page(plan_for_reader(current_person(), plan_id, *WHOLE))


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
