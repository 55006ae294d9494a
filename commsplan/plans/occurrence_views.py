"""One occurrence of a series: moved, cancelled, put back."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.foundation.errors import Absent, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role
from commsplan.plans import series_actions, words
from commsplan.plans.happenings import Happening
from commsplan.plans.models import PlanChange
from commsplan.plans.occurrence_forms import read_occurrence, typed_occurrence
from commsplan.plans.placing import series_of
from commsplan.plans.queries import activity_for_editor
from commsplan.plans.recurrence_words import often
from commsplan.plans.series import occurrence
from commsplan.plans.way_back import told

pages = Blueprint("occurrences", __name__)

OF_A_SERIES = "/plans/<int:plan_id>/activities/<int:activity_id>/occurrences/<name>"


@pages.get(OF_A_SERIES)
@needs(Role.LEAD)
def edit(plan_id: int, activity_id: int, name: str) -> ResponseReturnValue:
    """Move one occurrence, or let it be otherwise than the others."""
    one = _happening(plan_id, activity_id, name)
    return _page(one, typed_occurrence(one), {})


@pages.post(OF_A_SERIES)
@needs(Role.LEAD)
def move(plan_id: int, activity_id: int, name: str) -> ResponseReturnValue:
    """Save one occurrence."""
    one = _happening(plan_id, activity_id, name)
    match read_occurrence(request.form, one):
        case Unusable(problems, typed):
            return _page(one, typed, problems), 422
        case wish:
            change = series_actions.move_occurrence(one.activity, name, wish, current_person())
    return _back(change, plan_id, activity_id, _("This one is saved; the others stay as they are."))


@pages.post(f"{OF_A_SERIES}/cancel")
@needs(Role.LEAD)
def cancel(plan_id: int, activity_id: int, name: str) -> ResponseReturnValue:
    """Let one occurrence not take place."""
    activity = activity_for_editor(current_person(), plan_id, activity_id)
    change = series_actions.cancel_occurrence(activity, name, current_person())
    return _back(change, plan_id, activity_id, _("This one is cancelled; the others take place."))


@pages.post(f"{OF_A_SERIES}/restore")
@needs(Role.LEAD)
def restore(plan_id: int, activity_id: int, name: str) -> ResponseReturnValue:
    """Put one occurrence back to what the series says."""
    activity = activity_for_editor(current_person(), plan_id, activity_id)
    change = series_actions.restore_occurrence(activity, name, current_person())
    return _back(change, plan_id, activity_id, _("This one is like the others again."))


def _happening(plan_id: int, activity_id: int, name: str) -> Happening:
    activity = activity_for_editor(current_person(), plan_id, activity_id)
    one = occurrence(series_of(activity), name)
    if one is None or not one.name:
        raise Absent
    return Happening(activity, one)


def _page(one: Happening, typed: dict[str, object], problems: dict[str, str]) -> str:
    activity = one.activity
    return render_template(
        "plans/occurrence_form.html",
        one=one,
        activity=activity,
        plan=one.plan,
        often=often(activity.recurrence, activity.starts_local),
        typed=typed,
        problems=problems,
        words=words,
    )


def _back(
    change: PlanChange | None, plan_id: int, activity_id: int, text: str
) -> ResponseReturnValue:
    told(change, text)
    where = url_for(
        "activities.show", plan_id=plan_id, activity_id=activity_id, _anchor="occurrences"
    )
    return redirect(where, 303)
