"""The guest list of a meeting: each invited person with what they said, for the whole or for a day.

A day of a series shows what was said about that day alone where there is something, else what was
said about the series.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import joinedload

from commsplan.calendars.invitation_models import Invitation, InvitationReply
from commsplan.calendars.invitation_queries import invited, own_answers, sessions_of
from commsplan.calendars.invitation_rules import Answer, Verdict
from commsplan.calendars.seating import count_seated, count_waiting
from commsplan.foundation.database import db
from commsplan.plans.models import Activity

WAITING = "waiting"
SHOWN = ("silent", "yes", "maybe", "no", WAITING, "all")
"""Parts of the list that can be looked at."""
PAGE = 100  # people
PARTS = {
    "silent": Answer.NONE,
    "yes": Answer.YES,
    "maybe": Answer.MAYBE,
    "no": Answer.NO,
}
ARRIVED = (Verdict.TAKEN,)
LATEST = 20  # mails that came in and were not simply answers


@dataclass(frozen=True)
class Guest:
    """One invited person."""

    row: Invitation
    """To what they were invited."""
    own: Invitation
    """The row that holds their answer for what is shown."""

    @property
    def part(self) -> str:
        """In which part of the list they stand."""
        if self.own.waiting_since is not None:
            return WAITING
        return next(name for name, said in PARTS.items() if said == self.own.answer)


@dataclass(frozen=True)
class GuestList:
    """Everybody who is invited, counted."""

    guests: Sequence[Guest]
    counts: Counter[str]
    capacity: int | None
    seated: int
    waiting: int

    @property
    def total(self) -> int:
        """How many people are invited."""
        return len(self.guests)

    @property
    def answered(self) -> int:
        """How many have said something."""
        return self.total - self.counts["silent"]

    def part(self, name: str) -> Sequence[Guest]:
        """Return a part of the list."""
        return [one for one in self.guests if name in ("all", one.part)]


def guest_list(activity: Activity, day: str = "") -> GuestList:
    """Return whom a meeting invites and what they said."""
    own = own_answers(activity, day)
    found = db.session.scalars(invited(activity, day)).all()
    latest = {row.person_id: row for row in found}  # invited to a day twice: once in the series
    guests = [Guest(row, own.get(row.person_id, row)) for row in latest.values()]
    counts = Counter(one.part for one in guests)
    several = sessions_of(activity) if not day else [activity]
    return GuestList(
        guests,
        counts,
        activity.capacity,
        sum(count_seated(one.id, day) for one in several),
        sum(count_waiting(one.id, day) for one in several),
    )


def came_in(activity: Activity) -> list[InvitationReply]:
    """Return the mails about a meeting that were more, or less, than an answer: latest first."""
    ids = [one.id for one in sessions_of(activity)]
    rows = (
        db.session.query(InvitationReply)
        .filter(InvitationReply.activity_id.in_(ids), InvitationReply.verdict.not_in(ARRIVED))
        .options(joinedload(InvitationReply.invitation).joinedload(Invitation.person))
        .order_by(InvitationReply.id.desc())
        .limit(LATEST)
    )
    return list(rows)
