"""Who does what in a plan."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.foundation.errors import Absent, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role
from commsplan.plans import actions, words
from commsplan.plans.forms import read_member
from commsplan.plans.models import Plan
from commsplan.plans.queries import WHOLE, may_edit, plan_for_editor, plan_for_reader
from commsplan.plans.rules import Part
from commsplan.plans.way_back import told

pages = Blueprint("members", __name__)


@pages.get("/plans/<int:plan_id>/people")
@needs(Role.EMPLOYEE)
def index(plan_id: int) -> ResponseReturnValue:
    """Who stands for this plan, and who does what?"""
    return _page(plan_for_reader(current_person(), plan_id, *WHOLE))


@pages.post("/plans/<int:plan_id>/people")
@needs(Role.LEAD)
def add(plan_id: int) -> ResponseReturnValue:
    """Add somebody, or say anew which part they have."""
    plan = plan_for_editor(current_person(), plan_id, *WHOLE)
    match read_member(request.form):
        case Unusable(problems, typed):
            return _page(plan, typed, problems), 422
        case part:
            others = tuple(row for row in _parts(plan) if row.person_id != part.person_id)
            change = actions.set_members(plan, (*others, part), current_person())
    told(change, _("Noted who does what."))
    return redirect(url_for(".index", plan_id=plan_id), 303)


@pages.post("/plans/<int:plan_id>/people/<int:person_id>/remove")
@needs(Role.LEAD)
def remove(plan_id: int, person_id: int) -> ResponseReturnValue:
    """Somebody no longer works on this plan."""
    plan = plan_for_editor(current_person(), plan_id, *WHOLE)
    parts = _parts(plan)
    rest = tuple(row for row in parts if row.person_id != person_id)
    if len(rest) == len(parts):
        raise Absent
    told(actions.set_members(plan, rest, current_person()), _("They are off this plan."))
    return redirect(url_for(".index", plan_id=plan_id), 303)


def _parts(plan: Plan) -> tuple[Part, ...]:
    return tuple(Part(member.person_id, member.part) for member in plan.members)


def _page(
    plan: Plan,
    typed: dict[str, object] | None = None,
    problems: dict[str, str] | None = None,
) -> str:
    return render_template(
        "plans/people.html",
        plan=plan,
        typed=typed or {},
        problems=problems or {},
        editable=may_edit(current_person(), plan),
        words=words,
    )
