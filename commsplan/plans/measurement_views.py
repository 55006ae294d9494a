"""Where a goal stood on a day: noted, corrected, taken back."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import utc_to_local
from commsplan.foundation.errors import NotNow, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role
from commsplan.plans import actions, history
from commsplan.plans.forms import read_measurement
from commsplan.plans.goal_page import goals_page
from commsplan.plans.models import GoalMeasurement, PlanChange
from commsplan.plans.queries import (
    WHOLE,
    goal_for_editor,
    latest_changes,
    measurement_for_editor,
    plan_for_reader,
)
from commsplan.plans.way_back import told

pages = Blueprint("measurements", __name__)


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
            return goals_page(plan, goal_id, typed, problems), 422
        case wish:
            row = actions.measure_goal(goal, wish.value, wish.measured_on, wish.source, person)
    told(latest_changes("measurement", row.id, 1)[0], _("The measurement is noted."))
    return redirect(url_for("goals.index", plan_id=plan_id, _anchor=f"goal-{goal_id}"), 303)


@pages.get("/plans/<int:plan_id>/measurements/<int:measurement_id>/edit")
@needs(Role.LEAD)
def edit(plan_id: int, measurement_id: int) -> ResponseReturnValue:
    """Correct a measurement."""
    row = measurement_for_editor(current_person(), plan_id, measurement_id)
    return _form(row, {**history.values_of(row), "seen": history.fingerprint(row)})


@pages.post("/plans/<int:plan_id>/measurements/<int:measurement_id>/edit")
@needs(Role.LEAD)
def save(plan_id: int, measurement_id: int) -> ResponseReturnValue:
    """Save a corrected measurement, unless somebody else corrected it meanwhile."""
    person = current_person()
    row = measurement_for_editor(person, plan_id, measurement_id)
    today = utc_to_local(now_utc(), row.goal.plan.zone).date()
    match read_measurement(request.form, today):
        case Unusable(problems, typed):
            return _form(row, typed, problems), 422
        case wish:
            pass
    try:
        change = actions.change_measurement(row, wish, person, request.form.get("seen", ""))
    except NotNow:
        typed = {**request.form, "seen": history.fingerprint(row)}
        meanwhile = latest_changes("measurement", measurement_id, 1)
        return _form(row, typed, meanwhile=meanwhile), 409
    told(change, _("The measurement is corrected."))
    return redirect(url_for("goals.index", plan_id=plan_id, _anchor=f"goal-{row.goal_id}"), 303)


@pages.post("/plans/<int:plan_id>/measurements/<int:measurement_id>/remove")
@needs(Role.LEAD)
def take_back(plan_id: int, measurement_id: int) -> ResponseReturnValue:
    """Take a measurement back."""
    row = measurement_for_editor(current_person(), plan_id, measurement_id)
    told(actions.remove_measurement(row, current_person()), _("The measurement is taken back."))
    return redirect(url_for("goals.index", plan_id=plan_id), 303)


def _form(
    row: GoalMeasurement,
    typed: dict[str, object],
    problems: dict[str, str] | None = None,
    meanwhile: list[PlanChange] | None = None,
) -> str:
    return render_template(
        "plans/measurement_form.html",
        goal=row.goal,
        plan=row.goal.plan,
        typed=typed,
        problems=problems or {},
        meanwhile=meanwhile or [],
    )
