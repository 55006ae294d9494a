"""May things change at a moment? What each calendar says, and all that were asked together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from commsplan.calendars.blackout_models import Blackout, Override
from commsplan.calendars.closing import Closing, closings_of
from commsplan.calendars.shared_models import SharedCalendar
from commsplan.calendars.state_rules import (
    ORGANISATION,
    Answer,
    State,
    Stretch,
    closed_times,
    look,
    together,
    without,
)
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent

AHEAD = timedelta(days=400)
"""How far is looked for the next change: a year and a month, so that yearly ones are seen."""


@dataclass(frozen=True)
class Asked:
    """One calendar that somebody asks about; the organisation's own has no row."""

    slug: str
    name: str
    calendar: SharedCalendar | None


@dataclass(frozen=True)
class Said:
    """What one calendar says of a moment, and why."""

    asked: Asked
    answer: Answer
    because: tuple[Closing, ...] = ()
    """What closes it at that moment."""
    override: Override | None = None
    """Who answers for its being open all the same, if somebody does."""
    doubt: str = ""
    """Why it cannot tell, as a named value; empty when it can."""
    unread_lines: int = 0
    """Lines of it that could not be understood: what they say does not count."""


@dataclass(frozen=True)
class Verdict:
    """What all that were asked say together."""

    at: datetime
    answer: Answer
    looked_until: datetime
    said: tuple[Said, ...] = field(default=())


def asked_for(slugs: Iterable[str], name_of_all: str) -> list[Asked]:
    """Return the calendars that these names stand for, each once.

    Raises:
        Absent: there is none of a name: a pipeline with a slip must not think it may go on.
    """
    wanted = list(dict.fromkeys(slug.strip() for slug in slugs if slug.strip())) or [ORGANISATION]
    rows = db.session.scalars(
        select(SharedCalendar).where(
            SharedCalendar.slug.in_(wanted), SharedCalendar.removed_at.is_(None)
        )
    )
    known = {one.slug: Asked(one.slug, one.name, one) for one in rows}
    known[ORGANISATION] = Asked(ORGANISATION, name_of_all, None)
    for slug in wanted:
        if slug not in known:
            raise Absent(f"There is no calendar “{slug[:60]}”.")
    return [known[slug] for slug in wanted]


def state_of(asked: Sequence[Asked], at: datetime, now: datetime) -> Verdict:
    """Say whether things may change at a moment: open only if every calendar is open.

    Args:
        asked: as `asked_for` returns them.
        at: any moment, past ones too.
        now: the present, by which it is told whether a calendar was read lately enough.
    """
    until = at + AHEAD
    everybody = _Everybody(at, until, now)
    said = [everybody.said() if one.calendar is None else everybody.says(one) for one in asked]
    whole = together((one.answer for one in said), at)
    return Verdict(at, _within(whole, until), until, tuple(said))


class _Everybody:
    """What closes the whole organisation, and what that means for each calendar."""

    def __init__(self, at: datetime, until: datetime, now: datetime) -> None:
        self._at, self._until, self._now = at, until, now
        self._overrides = overrides_between(at, until)
        self._closings = [_closing_of(one) for one in _blackouts(None, at, until)]
        self._doubt = ""
        for calendar in _closing_all():
            found, doubt = closings_of(calendar, at, until, now)
            self._doubt = self._doubt or doubt
            lifted = self._lifted(calendar.id)
            for closing in found:
                pieces = without([closing.stretch], lifted)
                self._closings += [closing.cut(piece) for piece in pieces]

    def said(self) -> Said:
        """Say what holds for the whole organisation."""
        lifted = self._lifted(None)
        times = without([one.stretch for one in self._closings], lifted)
        asked = Asked(ORGANISATION, "", None)
        return self._as_said(asked, times, self._closings, self._doubt, None)

    def says(self, asked: Asked) -> Said:
        """Say what holds for one calendar: its own times, and everybody's."""
        calendar = asked.calendar
        if calendar is None:
            return self.said()
        own, doubt = closings_of(calendar, self._at, self._until, self._now)
        own += [_closing_of(one) for one in _blackouts(calendar.id, self._at, self._until)]
        times = closed_times(
            [one.stretch for one in own],
            self._lifted(calendar.id),
            [one.stretch for one in self._closings],
            self._lifted(None),
        )
        closings = [*own, *self._closings]
        return self._as_said(asked, times, closings, doubt or self._doubt, calendar)

    def _as_said(
        self,
        asked: Asked,
        times: list[Stretch],
        closings: list[Closing],
        doubt: str,
        calendar: SharedCalendar | None,
    ) -> Said:
        answer = look(times, self._at)
        if doubt and answer.state is State.OPEN:
            answer = Answer(State.UNKNOWN, None, answer.closed)
        is_closed = answer.state is State.CLOSED
        holding = [one for one in closings if one.holds(self._at)]
        return Said(
            asked=asked,
            answer=_within(answer, self._until),
            because=tuple(holding) if is_closed else (),
            override=None if is_closed or not holding else self._override(calendar),
            doubt=doubt,
            unread_lines=calendar.problem_count if calendar else 0,
        )

    def _lifted(self, calendar_id: int | None) -> list[Stretch]:
        return [
            Stretch(one.starts_at, min(one.until_at, one.ended_at or one.until_at))
            for one in self._overrides
            if one.calendar_id == calendar_id
        ]

    def _override(self, calendar: SharedCalendar | None) -> Override | None:
        ids = {None, calendar.id if calendar else None}
        holding = [
            one
            for one in self._overrides
            if one.calendar_id in ids
            and one.starts_at <= self._at < min(one.until_at, one.ended_at or one.until_at)
        ]
        return holding[0] if holding else None


def overrides_between(start: datetime, end: datetime) -> list[Override]:
    """Return the overrides that hold at some moment between two instants, in order."""
    return list(
        db.session.scalars(
            select(Override)
            .where(
                Override.starts_at < end,
                Override.until_at > start,
                or_(Override.ended_at.is_(None), Override.ended_at > start),
            )
            .options(joinedload(Override.sponsor))
            .order_by(Override.starts_at, Override.id)
        )
    )


def _blackouts(calendar_id: int | None, at: datetime, until: datetime) -> list[Blackout]:
    """Return the blackouts made by hand in one calendar, or those that close it for everybody."""
    wanted = (
        [Blackout.calendar_id == calendar_id]
        if calendar_id is not None
        else [
            Blackout.calendar_id.is_(None),
            Blackout.kind == "freeze",
            Blackout.scope == "everywhere",
        ]
    )
    return list(
        db.session.scalars(
            select(Blackout)
            .where(
                Blackout.removed_at.is_(None),
                Blackout.starts_at < until,
                Blackout.ends_at > at,
                *wanted,
            )
            .order_by(Blackout.starts_at, Blackout.id)
        )
    )


def _closing_all() -> list[SharedCalendar]:
    return list(
        db.session.scalars(
            select(SharedCalendar)
            .where(SharedCalendar.closes_all, SharedCalendar.removed_at.is_(None))
            .order_by(SharedCalendar.id)
        )
    )


def _closing_of(blackout: Blackout) -> Closing:
    return Closing(Stretch(blackout.starts_at, blackout.ends_at), blackout.title)


def _within(answer: Answer, until: datetime) -> Answer:
    """Leave out a change at the very end of what was looked at: nobody knows what comes there."""
    if answer.turn is None or answer.turn.at < until:
        return answer
    return Answer(answer.state, None, answer.closed)
