"""What the procedure asks of a plan, held against one: what is missing, and where to add it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.plans.summary import PlanState


@dataclass(frozen=True)
class Check:
    """One thing that a good plan has, and whether this one does."""

    label: str
    text: str
    done: bool
    href: str = ""
    fix: str = ""

    @property
    def kind(self) -> str:
        """The kind of status that the page shows."""
        return "good" if self.done else "warn"


def checklist(state: PlanState) -> list[Check]:
    """Return every check, those of the plan itself before those of its activities."""
    return [*_people_and_purpose(state), *_what_it_holds(state), *_its_activities(state)]


def _people_and_purpose(state: PlanState) -> Iterator[Check]:
    plan = state.plan
    edit = f"/plans/{plan.id}/edit"
    yield Check(
        _("Executive sponsor"),
        plan.sponsor.name if plan.sponsor else _("One executive has to stand for it."),
        plan.sponsor is not None,
        f"{edit}#f-sponsor",
        _("Name the sponsor"),
    )
    yield Check(
        _("Accountable owner"),
        plan.owner.name if plan.owner else _("One person has to answer for it."),
        plan.owner is not None,
        f"{edit}#f-owner",
        _("Name the owner"),
    )
    yield Check(
        _("Why"),
        _("Said.") if plan.why.strip() else _("People follow a reason rather than an instruction."),
        bool(plan.why.strip()),
        f"{edit}#f-why",
        _("Say why"),
    )


def _what_it_holds(state: PlanState) -> Iterator[Check]:
    plan, goals, count = state.plan, len(state.goals), len(state.activities)
    dated = plan.starts_on is not None and plan.ends_on is not None
    yield Check(
        _("First and last day"),
        _("Set.") if dated else _("Without them nobody can tell early from late."),
        dated,
        f"/plans/{plan.id}/edit#f-starts_on",
        _("Set the dates"),
    )
    yield Check(
        _("Measurable goals"),
        ngettext("%(num)s goal.", "%(num)s goals.", goals)
        if goals
        else _("Say what will be different, as a figure."),
        goals > 0,
        f"/plans/{plan.id}/goals/new",
        _("Add a goal"),
    )
    yield Check(
        _("Activities"),
        ngettext("%(num)s activity.", "%(num)s activities.", count)
        if count
        else _("Nothing is planned yet."),
        count > 0,
        f"/plans/{plan.id}/activities/new",
        _("Add an activity"),
    )


def _its_activities(state: PlanState) -> Iterator[Check]:
    living = [row for row in state.activities if row.status != "cancelled"]
    if not living:
        return
    timeline = f"/plans/{state.plan.id}/timeline"
    addressed = sum(row.audience_id is not None for row in living)
    looked_after = sum(bool(row.owner_id or row.owner_text) for row in living)
    yield Check(
        _("An audience for each activity"),
        _("%(some)s of %(all)s say for whom.", some=addressed, all=len(living)),
        addressed == len(living),
        f"{timeline}?lacks=audience",
        _("Show the others"),
    )
    yield Check(
        _("An owner for each activity"),
        _("Somebody sees to %(some)s of %(all)s.", some=looked_after, all=len(living)),
        looked_after == len(living),
        f"{timeline}?lacks=owner",
        _("Show the others"),
    )
