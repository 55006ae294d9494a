"""Changing what a plan holds, with a way back: each change keeps what it replaced.

A change is recorded beside the thing in one transaction; undoing it is a change like any other,
refused when somebody has changed the same values since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar, cast

from flask_babel import gettext as _

from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.dates import RECIPIENTS_ZONE
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person
from commsplan.plans.models import (
    Activity,
    ActivityException,
    Goal,
    GoalMeasurement,
    Plan,
    PlanChange,
    PlanMember,
)
from commsplan.plans.placing import series_of
from commsplan.plans.rules import VISIBLE_FIELDS
from commsplan.plans.series import end_of, instants

Thing = Plan | Activity | ActivityException | Goal | GoalMeasurement
Same = TypeVar("Same", bound=Thing)

KINDS_OF_THING: dict[str, type[Thing]] = {
    "plan": Plan,
    "activity": Activity,
    "occurrence": ActivityException,
    "goal": Goal,
    "measurement": GoalMeasurement,
}
FIELDS = {
    "plan": (
        *("title", "why", "sponsor_id", "owner_id", "status", "starts_on", "ends_on"),
        *("zone", "colour", "privacy", "may_unsubscribe", "members"),
    ),
    "activity": (
        *("kind", "title", "audience_id", "audience_text", "owner_id", "owner_text", "mechanism"),
        *("key_message", "comments", "starts_local", "ends_local", "zone", "all_day"),
        *("frequency", "recurrence", "place", "conference", "capacity", "status", "is_change"),
        "removed_at",
    ),
    "occurrence": (
        *("cancelled", "starts_local", "ends_local", "title", "place", "conference"),
        *("status", "removed_at"),
    ),
    "goal": ("position", "what", "unit", "baseline", "target", "due_on", "how", "removed_at"),
    "measurement": ("measured_on", "value", "source", "removed_at"),
}
DATES = frozenset({"starts_on", "ends_on", "due_on", "measured_on"})
TIMES = frozenset({"starts_local", "ends_local", "removed_at"})
BODY_TEXT = frozenset({"why", "key_message", "comments"})
"""Named in the audit trail when they change, never quoted."""


def name_of(thing: Thing) -> str:
    """Return the word by which changes and the audit trail call a thing."""
    return next(name for name, kind in KINDS_OF_THING.items() if isinstance(thing, kind))


def values_of(thing: Thing) -> dict[str, object]:
    """Return the values a change can touch, as JSON can hold them."""
    return {field: _as_json(_read(thing, field)) for field in FIELDS[name_of(thing)]}


def fingerprint(thing: Thing) -> str:
    """Return a short mark of all values: a form carries it, to know what it was made of."""
    content = json.dumps(values_of(thing), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def lock(thing: Same, seen: str = "") -> Same:
    """Read a thing again, under a lock until the transaction ends.

    Raises:
        NotNow: it is no longer as it was when `seen` (its fingerprint) was shown.
    """
    fresh = _found(type(thing), thing.id)
    if seen and fingerprint(fresh) != seen:
        raise NotNow(_("Somebody else changed this while you were writing."))
    return fresh


def apply(
    thing: Thing, wished: Mapping[str, object], by: Person | None, action: str
) -> PlanChange | None:
    """Change a locked thing and keep what was replaced; None when nothing differs."""
    change = change_unaudited(thing, wished, by)
    if change:
        _audit(change, by, action)
    return change


def change_unaudited(
    thing: Thing, wished: Mapping[str, object], by: Person | None
) -> PlanChange | None:
    """Do what `apply` does, for a caller who names many changes in one entry of the audit trail.

    1. Compare, as JSON, what is wished with what is.
    2. Write what differs; an activity's instants and sequence follow.
    3. Keep both sides as a change.
    """
    now = values_of(thing)
    wanted = {field: _as_json(value) for field, value in wished.items()}
    differing = sorted(field for field, value in wanted.items() if value != now[field])
    if not differing:
        return None
    for field in differing:
        _write(thing, field, wished[field])
    if isinstance(thing, Activity):
        derive(thing, visibly=bool(VISIBLE_FIELDS & set(differing)))
    elif isinstance(thing, ActivityException):
        revise_series(thing)
    elif isinstance(thing, Plan) and "zone" in differing:
        _move_readers_own_times(thing)
    before = {field: now[field] for field in differing}
    after = {field: wanted[field] for field in differing}
    return note(thing, before, after, by)


def keep(
    thing: Thing,
    before: dict[str, object],
    after: dict[str, object],
    by: Person | None,
    action: str,
) -> PlanChange:
    """Write down one change and its entry in the audit trail."""
    change = note(thing, before, after, by)
    _audit(change, by, action)
    return change


def note(
    thing: Thing, before: dict[str, object], after: dict[str, object], by: Person | None
) -> PlanChange:
    """Write down one change: the way back."""
    change = PlanChange(
        plan_id=plan_id_of(thing),
        thing=name_of(thing),
        thing_id=thing.id,
        before=before,
        after=after,
        by_id=by.id if by else None,
        at=now_utc(),
    )
    db.session.add(change)
    return change


def _audit(change: PlanChange, by: Person | None, action: str) -> None:
    what = f"{change.thing} {change.thing_id}"
    audit.record(actor(by), action, what, _quoted(change.before), _quoted(change.after))


def undo(change: PlanChange, by: Person | None) -> PlanChange | None:
    """Put back what a change replaced, inside the caller's transaction.

    Raises:
        NotNow: the same values were changed again since.
    """
    found = _found(KINDS_OF_THING[change.thing], change.thing_id)
    current = values_of(found)
    if any(current[field] != value for field, value in change.after.items()):
        raise NotNow(_("This was changed again since, so it stays as it is now."))
    wished = {field: _restored(field, value) for field, value in change.before.items()}
    return apply(found, wished, by, f"{change.thing}.undone")


def _found(kind: type[Same], its_id: int) -> Same:
    """Lock a thing; one occurrence behind its series, so that two people never wait crosswise."""
    if kind is ActivityException:
        of = db.session.get(ActivityException, its_id)
        if of is not None:
            _locked(Activity, of.activity_id)
    return _locked(kind, its_id)


def _locked(kind: type[Same], its_id: int) -> Same:
    fresh = db.session.get(kind, its_id, populate_existing=True, with_for_update=True)
    if fresh is None:
        raise NotNow(_("This is no longer there."))
    return fresh


def actor(by: Person | None) -> str:
    """Return how the audit trail names who did it."""
    return f"person {by.id}" if by else "command line"


def derive(activity: Activity, *, visibly: bool) -> None:
    """Set the instants that follow from the wall-clock times, and the revision if it shows."""
    series = series_of(activity)
    activity.starts_at = instants(
        series.starts_local, series.ends_local, series.zone, all_day=series.all_day
    )[0]
    activity.ends_at = end_of(series)
    if visibly:
        activity.sequence += 1
        activity.revised_at = now_utc()


def revise_series(exception: ActivityException) -> None:
    """Let the series know that one of its occurrences changed: calendars get both together."""
    activity = exception.activity
    db.session.flush()
    db.session.expire(activity, ["exceptions"])
    derive(activity, visibly=True)
    exception.sequence, exception.revised_at = activity.sequence, activity.revised_at


def _move_readers_own_times(plan: Plan) -> None:
    for activity in plan.activities:
        if activity.zone == RECIPIENTS_ZONE:
            derive(activity, visibly=False)


def plan_id_of(thing: Thing) -> int:
    """Return the plan to which a thing belongs."""
    if isinstance(thing, Plan):
        return thing.id
    if isinstance(thing, ActivityException):
        return thing.activity.plan_id
    return thing.goal.plan_id if isinstance(thing, GoalMeasurement) else thing.plan_id


def _quoted(values: dict[str, object]) -> dict[str, object]:
    return {field: "…" if field in BODY_TEXT else value for field, value in values.items()}


def _read(thing: object, field: str) -> object:
    value = getattr(thing, field)
    if field == "members":
        return sorted([member.person_id, member.part] for member in cast(list[PlanMember], value))
    return value


def _write(thing: object, field: str, value: object) -> None:
    if isinstance(thing, Plan) and field == "members":
        _set_members(thing, {row[0]: row[1] for row in cast(list[tuple[int, str]], value)})
    else:
        setattr(thing, field, value)


def _set_members(plan: Plan, parts: dict[int, str]) -> None:
    """Change in place: deleting and adding the same person would meet the unique constraint."""
    known = {member.person_id: member for member in plan.members}
    for person_id, member in known.items():
        if person_id in parts:
            member.part = parts[person_id]
        else:
            plan.members.remove(member)
    for person_id in parts.keys() - known.keys():
        plan.members.append(PlanMember(person_id=person_id, part=parts[person_id]))


def _as_json(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return sorted([list(row) for row in value])
    return value


def _restored(field: str, value: object) -> object:
    """Read a kept value back; people who were erased since stay away."""
    if field == "members":
        rows = cast(list[tuple[int, str]], value)
        return [row for row in rows if db.session.get(Person, row[0])]
    if field in {"sponsor_id", "owner_id"} and value is not None:
        return value if db.session.get(Person, value) else None
    return _from_json(field, value)


def _from_json(field: str, value: object) -> object:
    if value is None:
        return value
    if field in DATES:
        return date.fromisoformat(str(value))
    if field in TIMES:
        return datetime.fromisoformat(str(value))
    return value
