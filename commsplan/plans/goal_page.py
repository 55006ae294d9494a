"""The page of a plan's goals, as it is or with what was wrong in one of its forms."""

from __future__ import annotations

from flask import render_template

from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import utc_to_local
from commsplan.people.access import current_person
from commsplan.plans import words
from commsplan.plans.models import Plan
from commsplan.plans.queries import may_edit
from commsplan.plans.summary import began, state_of


def goals_page(
    plan: Plan,
    open_goal: int = 0,
    typed: dict[str, object] | None = None,
    problems: dict[str, str] | None = None,
) -> str:
    """Return the page; `open_goal` is the one whose form was refused."""
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
