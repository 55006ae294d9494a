"""How a plan stands: its goals, what is next, what is still missing; for its page and for Home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from markupsafe import Markup, escape

from commsplan.audiences.models import Audience
from commsplan.audiences.queries import count_members
from commsplan.foundation.dates import utc_to_local
from commsplan.plans import words
from commsplan.plans.happenings import Happening, next_happening
from commsplan.plans.models import Activity, Goal, GoalMeasurement, Plan
from commsplan.plans.queries import activities_of
from commsplan.plans.rules import Standing, goal_progress, standing


class Headcount:
    """How many people an audience has, asked once per audience and page."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def __call__(self, audience: Audience | None) -> int | None:
        """Return the number, or None where no audience was chosen."""
        if audience is None:
            return None
        if audience.id not in self._known:
            self._known[audience.id] = count_members(audience)
        return self._known[audience.id]


@dataclass(frozen=True)
class GoalState:
    """A goal and how it stands."""

    goal: Goal
    standing: Standing
    progress: float | None
    """Share of the way, 0..1 and beyond; None without a measurement."""
    latest: GoalMeasurement | None

    @property
    def good(self) -> bool:
        """Whether it is reached or on track."""
        return self.standing in {Standing.REACHED, Standing.ON_TRACK}


@dataclass(frozen=True)
class PlanState:
    """A plan and how it stands at one moment."""

    plan: Plan
    goals: list[GoalState]
    activities: list[Activity]
    coming: list[Happening]
    """What has not ended yet and was not cancelled, in order of time; of a series the next one."""
    overdue: list[Activity]
    """What is over and was neither marked as done nor cancelled."""

    @property
    def next(self) -> Happening | None:
        """The next thing to happen."""
        return self.coming[0] if self.coming else None

    @property
    def kind(self) -> str:
        """The kind of status that fits: good, warn, info or neutral."""
        if self.plan.status != "active":
            return words.STATUS_KINDS[self.plan.status]
        if any(state.standing is Standing.BEHIND for state in self.goals):
            return "warn"
        return "good" if any(state.good for state in self.goals) else "neutral"


def state_of(plan: Plan, now: datetime) -> PlanState:
    """Work out how a plan stands; cheap when it was read with `*WHOLE`."""
    today = utc_to_local(now, plan.zone).date()
    standing_activities = activities_of(plan)
    alive = [row for row in standing_activities if row.status in {"planned", "confirmed"}]
    left = (row for row in alive if row.ends_at > now or row.starts_at >= now)
    coming = [one for row in left if (one := next_happening(row, now))]
    coming.sort(key=lambda row: (row.starts_at < now, row.starts_at))
    return PlanState(
        plan=plan,
        goals=[goal_state(goal, began(plan), today) for goal in plan.goals],
        activities=standing_activities,
        coming=coming,
        overdue=[row for row in alive if row.ends_at <= now and row.starts_at < now],
    )


def began(plan: Plan) -> date:
    """Return the day from which progress is expected: the plan's first, or the day it was made."""
    return plan.starts_on or utc_to_local(plan.created_at, plan.zone).date()


def goal_state(goal: Goal, first_day: date, today: date) -> GoalState:
    """Hold a goal's latest measurement against the calendar."""
    latest = goal.measurements[-1] if goal.measurements else None
    progress = goal_progress(goal.baseline, goal.target, latest.value) if latest else None
    measured_on = latest.measured_on if latest else None
    verdict = standing(progress, first_day, goal.due_on, measured_on, today)
    return GoalState(goal, verdict, progress, latest)


def sentence(state: PlanState, zone: str, people: Headcount | None = None) -> Markup:
    """Say how a plan stands in one sentence, with what comes next."""
    parts = [_goals_in_words(state)]
    if state.plan.status in {"draft", "active"}:
        parts.append(_next_in_words(state, zone, people))
    return Markup("; ").join(part for part in parts if part)


def _goals_in_words(state: PlanState) -> Markup:
    status = state.plan.status
    if status == "archived":
        return _strong(_("Archived"), _reached_in_words(state))
    if status == "done":
        return _strong(_("Done"), _reached_in_words(state))
    if status == "draft":
        return _strong(_("Draft"), _activities_in_words(len(state.activities)))
    return _active_in_words(state)


def _active_in_words(state: PlanState) -> Markup:
    total = len(state.goals)
    good = sum(goal.good for goal in state.goals)
    if not total:
        return _strong(_("No goals yet"), "")
    if all(goal.standing is Standing.UNMEASURED for goal in state.goals):
        return _strong(_("Not measured yet"), ngettext("%(num)s goal", "%(num)s goals", total))
    if state.kind == "warn":
        words_ = _("%(good)s of %(total)s goals on track", good=good, total=total)
        return _strong(_("Behind"), words_)
    return _strong(_("On track"), _("%(good)s of %(total)s goals", good=good, total=total))


def _reached_in_words(state: PlanState) -> str:
    total = len(state.goals)
    reached = sum(goal.standing is Standing.REACHED for goal in state.goals)
    return (
        _("%(reached)s of %(total)s goals reached", reached=reached, total=total) if total else ""
    )


def _activities_in_words(count: int) -> str:
    if not count:
        return str(_("no activities yet"))
    return str(ngettext("%(num)s activity planned", "%(num)s activities planned", count))


def _next_in_words(state: PlanState, zone: str, people: Headcount | None) -> Markup:
    coming = state.next
    if coming is None:
        return escape(_("nothing coming up")) if state.activities else Markup("")
    said = [escape(words.begins(coming, zone)), Markup("<em>{}</em>").format(coming.title)]
    if people and (count := people(coming.audience)) is not None:
        said.append(escape(people_in_words(count)))
    return Markup("{} {}").format(_("next:"), Markup(", ").join(said))


def people_in_words(count: int) -> str:
    """Say how many people: "4,812 people"."""
    words_ = ngettext("%(count)s person", "%(count)s people", count, count=format_decimal(count))
    return str(words_)


def _strong(head: str, rest: str) -> Markup:
    if not rest:
        return Markup("<strong>{}</strong>").format(head)
    return Markup("<strong>{}:</strong> {}").format(head, rest)
