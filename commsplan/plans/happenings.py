"""An activity at one of the times that it happens: what pages show of a series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from commsplan.audiences.models import Audience
from commsplan.people.models import Person
from commsplan.plans.models import Activity, Plan
from commsplan.plans.placing import series_of
from commsplan.plans.series import Occurrence, occurrence, occurrences

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
LOOKED_AHEAD = (timedelta(days=40), timedelta(days=400), timedelta(days=10 * 366))
"""How far the next occurrence is looked for, step by step: the farthest is a rare yearly one."""


@dataclass(frozen=True)
class Happening:
    """One occurrence of an activity, with the words that hold for it: reads like an activity."""

    activity: Activity
    occurrence: Occurrence

    @property
    def id(self) -> int:
        """The activity's."""
        return self.activity.id

    @property
    def name(self) -> str:
        """The recurrence-id; empty for what happens once."""
        return self.occurrence.name

    @property
    def plan(self) -> Plan:
        """On which plan."""
        return self.activity.plan

    @property
    def plan_id(self) -> int:
        """On which plan."""
        return self.activity.plan_id

    @property
    def kind(self) -> str:
        """What kind of thing it is."""
        return self.activity.kind

    @property
    def title(self) -> str:
        """This occurrence's own, or the series'."""
        return self.occurrence.title or self.activity.title

    @property
    def place(self) -> str:
        """This occurrence's own, or the series'."""
        return self.occurrence.place or self.activity.place

    @property
    def conference(self) -> str:
        """This occurrence's own, or the series'."""
        return self.occurrence.conference or self.activity.conference

    @property
    def status(self) -> str:
        """Cancelled with the series, or by itself."""
        if self.occurrence.cancelled or self.activity.status == "cancelled":
            return "cancelled"
        return self.occurrence.status or self.activity.status

    @property
    def audience(self) -> Audience | None:
        """For whom."""
        return self.activity.audience

    @property
    def audience_id(self) -> int | None:
        """For whom."""
        return self.activity.audience_id

    @property
    def audience_text(self) -> str:
        """For whom, in the spreadsheet's words."""
        return self.activity.audience_text

    @property
    def owner(self) -> Person | None:
        """Who sees to it."""
        return self.activity.owner

    @property
    def owner_text(self) -> str:
        """Who sees to it, in the spreadsheet's words."""
        return self.activity.owner_text

    @property
    def all_day(self) -> bool:
        """No hours, only days."""
        return self.activity.all_day

    @property
    def zone(self) -> str:
        """IANA zone, or "recipient"."""
        return self.activity.zone

    @property
    def starts_local(self) -> datetime:
        """Start on the wall clock of its zone."""
        return self.occurrence.starts_local

    @property
    def ends_local(self) -> datetime:
        """End on the same wall clock."""
        return self.occurrence.ends_local

    @property
    def starts_at(self) -> datetime:
        """Start as an instant."""
        return self.occurrence.starts_at

    @property
    def ends_at(self) -> datetime:
        """End as an instant; exclusive."""
        return self.occurrence.ends_at


def happenings(activities: Iterable[Activity], since: datetime, until: datetime) -> list[Happening]:
    """Return what of these happens between two instants, by start; cancelled ones are among it."""
    found = [
        Happening(activity, one)
        for activity in activities
        for one in occurrences(series_of(activity), since, until)
    ]
    return sorted(found, key=lambda one: (one.starts_at, one.id, one.name))


def spread(activities: Iterable[Activity], until: datetime) -> list[Happening]:
    """Return everything in order of time: what happens once, and series as far as an instant."""
    found: list[Happening] = []
    for activity in activities:
        series = series_of(activity)
        if series.rule:
            found += happenings([activity], BEGINNING, until)
        elif one := occurrence(series, ""):
            found.append(Happening(activity, one))
    return sorted(found, key=lambda one: (one.starts_at, one.id, one.name))


def coming(activity: Activity, now: datetime, most: int) -> tuple[list[Happening], bool]:
    """Return the next ones of a series, cancelled ones too, and whether there are still more."""
    found: list[Happening] = []
    for ahead in LOOKED_AHEAD:
        found = happenings([activity], now, now + ahead)
        if len(found) > most:
            break
    return found[:most], len(found) > most


def next_happening(activity: Activity, now: datetime) -> Happening | None:
    """Return what comes next of an activity, or goes on; None when nothing is left of it."""
    series = series_of(activity)
    for ahead in LOOKED_AHEAD:
        for one in occurrences(series, now, now + ahead):
            if not one.cancelled:
                return Happening(activity, one)
        if series.rule is None:
            break
    return None if series.rule else _only(activity, now)


def _only(activity: Activity, now: datetime) -> Happening | None:
    """What happens once, however far ahead."""
    one = occurrence(series_of(activity), "")
    is_left = one is not None and (one.ends_at > now or one.starts_at >= now)
    return Happening(activity, one) if one is not None and is_left else None
