"""A plan's changed dates: mailing those whose calendars have not come for them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from commsplan.delivery.moved_actions import tell_the_others
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role
from commsplan.plans.queries import activity_for_editor

pages = Blueprint("moved", __name__)


@pages.post("/plans/<int:plan_id>/activities/<int:activity_id>/tell")
@needs(Role.LEAD)
def tell(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Mail the change to those whose calendars have not fetched it."""
    activity = activity_for_editor(current_person(), plan_id, activity_id)
    people = tell_the_others(activity, current_person())
    flash(ngettext("One person is told by mail.", "%(num)s people are told by mail.", people))
    return redirect(url_for("calendars.show", plan_id=plan_id, _anchor="changes"), 303)
