"""Moving, cancelling and putting back single occurrences of a series.

An occurrence is named by its recurrence-id, "20261006T0900" or "20261006" for whole days. Each of
these raises the sequence of the series, because calendars get a series and what departs from it
as one.
"""

from __future__ import annotations

from dataclasses import asdict

from flask_babel import gettext as _

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person
from commsplan.plans import history
from commsplan.plans.models import Activity, ActivityException, PlanChange
from commsplan.plans.placing import series_of
from commsplan.plans.rules import OccurrenceWish
from commsplan.plans.series import Occurrence, day_of, occurrence

PLAIN = {"starts_local": None, "ends_local": None, "title": "", "place": ""} | {
    "conference": "",
    "status": "",
}
"""An exception that says nothing of its own."""


def move_occurrence(
    activity: Activity, name: str, wish: OccurrenceWish, by: Person | None
) -> PlanChange | None:
    """Let one occurrence be otherwise than the series: at another time, elsewhere, or renamed.

    Raises:
        NotNow: the series has no such occurrence, or does not repeat.
    """
    with transaction():
        series, found = _locked(activity, name)
        lasts = series.ends_local - series.starts_local
        starts, ends = wish.starts_local, wish.ends_local or wish.starts_local + lasts
        as_planned = (starts, ends) == (found.key, found.key + lasts)
        values = asdict(wish) | {"cancelled": False, "starts_local": starts, "ends_local": ends}
        if as_planned:  # so that it goes along when the series moves to another hour
            values |= {"starts_local": None, "ends_local": None}
        return _set(series, found, values, by, "occurrence.moved")


def cancel_occurrence(activity: Activity, name: str, by: Person | None) -> PlanChange | None:
    """Let one occurrence not take place.

    Raises:
        NotNow: the series has no such occurrence, or does not repeat.
    """
    with transaction():
        series, found = _locked(activity, name)
        return _set(series, found, PLAIN | {"cancelled": True}, by, "occurrence.cancelled")


def restore_occurrence(activity: Activity, name: str, by: Person | None) -> PlanChange | None:
    """Put one occurrence back to what the series says; None when it says so already.

    Raises:
        NotNow: the series has no such occurrence, or does not repeat.
    """
    with transaction():
        series, found = _locked(activity, name)
        exception = _exception(series, found)
        if exception is None or exception.removed_at is not None:
            return None
        return history.apply(exception, {"removed_at": now_utc()}, by, "occurrence.restored")


def _locked(activity: Activity, name: str) -> tuple[Activity, Occurrence]:
    series = history.lock(activity)
    found = occurrence(series_of(series), name) if series.recurrence and day_of(name) else None
    if found is None:
        raise NotNow(_("The series has nothing on that day any more."))
    return series, found


def _set(
    series: Activity,
    found: Occurrence,
    values: dict[str, object],
    by: Person | None,
    action: str,
) -> PlanChange | None:
    exception = _exception(series, found)
    if exception is not None:
        return history.apply(exception, values | {"removed_at": None}, by, action)
    exception = ActivityException(
        activity=series,
        occurrence_local=found.key,
        sequence=series.sequence,
        revised_at=now_utc(),
        **values,
    )
    db.session.add(exception)
    history.revise_series(exception)
    before: dict[str, object] = {"removed_at": now_utc().isoformat()}
    return history.keep(exception, before, {"removed_at": None}, by, action)


def _exception(series: Activity, found: Occurrence) -> ActivityException | None:
    """Return what was ever said of an occurrence; put back or not."""
    said = db.session.query(ActivityException).filter_by(activity_id=series.id)
    day = found.key.date()
    return next((one for one in said if one.occurrence_local.date() == day), None)
