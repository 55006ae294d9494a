"""Invitations: who is invited to what, what they said, what was mailed, and who was there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.calendars.invitation_rules import Answer, MailKind, MailState, Verdict
from commsplan.foundation.database import Identity, Json, Moment, Table
from commsplan.people.models import Person
from commsplan.plans.models import Activity

Told = dict[str, list[object]]
"""Event ("<activity>/<day>", no day for the whole of it) → SEQUENCE and digest last mailed."""


def _known(column: str, words: object) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"  # type: ignore[attr-defined]  # an enumeration


class Meeting(Table):
    """An activity to which people are invited; its row is the lock on its places."""

    __tablename__ = "meeting"

    activity_id: Mapped[int] = mapped_column(
        ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True
    )
    """Which activity."""
    head_id: Mapped[int | None] = mapped_column(
        ForeignKey("activity.id", ondelete="CASCADE"), index=True
    )
    """Where it is one of several sessions to choose from: the one people were invited to."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who invited first: hears of proposals where the activity has no owner."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When that was."""
    seen_sequence: Mapped[int]
    """The activity's sequence when its invitations were last held against it."""

    activity: Mapped[Activity] = relationship(foreign_keys=[activity_id])
    by: Mapped[Person | None] = relationship()


class Invitation(Table):
    """One person invited to one activity, or their own answer for one day of a series."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint(
            "activity_id",
            "person_id",
            "occurrence",
            name="one_invitation_per_person_and_occurrence",
        ),
        CheckConstraint(_known("answer", Answer), name="answer_is_known"),
        CheckConstraint("seated_at is null or waiting_since is null", name="seated_or_waiting"),
        CheckConstraint(
            "answer = 'accepted' or waiting_since is null", name="only_who_accepts_waits"
        ),
        Index("ix_invitation_session", "session_id", "occurrence", "answer"),
        Index("ix_invitation_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    """To which activity; of several sessions the first."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    """Who."""
    occurrence: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """The day of a series as "20261006", which stays when the series moves to another hour; empty
    for the whole of it."""
    invited: Mapped[bool] = mapped_column(default=True)
    """Whether they were invited to exactly this; otherwise the row only holds what somebody who was
    invited to the whole series said about one day."""
    session_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    """To which session they come; none until they have chosen one of several."""
    answer: Mapped[str] = mapped_column(String(12), default=Answer.NONE)
    """needs-action, accepted, declined or tentative."""
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    """When they said it: a reply's DTSTAMP, or the click."""
    answered_via: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """mail, page, or team for what the team wrote down."""
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """What they wrote beside it."""
    seated_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when they have a place; kept while a moved meeting asks them again."""
    waiting_since: Mapped[datetime | None] = mapped_column(Moment)
    """Since when they stand on the waiting list."""
    told: Mapped[Told] = mapped_column(Json, default=dict)
    """What the last calendar mail of each event said to them."""
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    """When they were last reminded to answer."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the team took the invitation back."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When they were invited."""

    activity: Mapped[Activity] = relationship(foreign_keys=[activity_id])
    session: Mapped[Activity | None] = relationship(foreign_keys=[session_id])
    person: Mapped[Person] = relationship()


class InvitationMail(Table):
    """One mail of the outbox; written with what it tells of, claimed by whoever sends it."""

    __tablename__ = "invitation_mail"
    __table_args__ = (
        CheckConstraint(_known("kind", MailKind), name="kind_is_known"),
        CheckConstraint(_known("state", MailState), name="state_is_known"),
        CheckConstraint(
            "(state = 'sending') = (lease_until is not null)", name="leased_while_sending"
        ),
        Index(
            "ix_invitation_mail_due",
            "due_at",
            "id",
            sqlite_where=text("state in ('planned', 'sending')"),
            postgresql_where=text("state in ('planned', 'sending')"),
        ),
        Index("ix_invitation_mail_invitation", "invitation_id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    """About whose invitation."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    """To whom it goes: the invited person, or the organiser for a note."""
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    """About which event: the meeting, or one of its sessions."""
    occurrence: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """Which day of a series it is about; empty for the whole."""
    kind: Mapped[str] = mapped_column(String(16))
    """Why it goes out."""
    sequence: Mapped[int] = mapped_column(default=0)
    """Its SEQUENCE, where it has a calendar part."""
    words: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """What it passes on: a proposal's time and comment."""
    state: Mapped[str] = mapped_column(String(12), default=MailState.PLANNED)
    """planned → sending → accepted, bounced, failed, uncertain; or cancelled, suppressed."""
    due_at: Mapped[datetime] = mapped_column(Moment)
    """Not before."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was tried."""
    fence: Mapped[int] = mapped_column(default=0)
    """+1 with each claim: nothing is written down under an older one."""
    leased_by: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Which worker has it."""
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until when it is that worker's, while it is on the wire."""
    relay: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """The mail server that took or refused it."""
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """What the mail server said."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was decided; the DTSTAMP of its calendar part, the same on a repeat."""
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its state last became final."""

    invitation: Mapped[Invitation] = relationship()
    person: Mapped[Person] = relationship()
    activity: Mapped[Activity] = relationship()


class InvitationReply(Table):
    """One mail that came in about an invitation, and what became of it; append-only."""

    __tablename__ = "invitation_reply"
    __table_args__ = (
        CheckConstraint(_known("verdict", Verdict), name="verdict_is_known"),
        Index("ix_invitation_reply_activity", "activity_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    """When it was taken in."""
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitation.id", ondelete="SET NULL")
    )
    """About whose invitation, where that is certain."""
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id", ondelete="SET NULL"))
    """About which event, where it is known."""
    verdict: Mapped[str] = mapped_column(String(20))
    """What became of it."""
    answer: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """What it said."""
    occurrence: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """For which day of a series."""
    sequence: Mapped[int | None]
    """The SEQUENCE it answers."""
    words: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """A comment, a proposed time, or why it could not be read; without addresses."""

    invitation: Mapped[Invitation | None] = relationship()


class Attendance(Table):
    """Somebody was there."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint(
            "activity_id",
            "occurrence",
            "person_id",
            name="one_attendance_per_person_and_occurrence",
        ),
        CheckConstraint("how in ('ticked', 'code')", name="how_is_known"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    """At which meeting or session."""
    occurrence: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """On which day of a series; empty for one that happens once."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    """Who."""
    how: Mapped[str] = mapped_column(String(8))
    """ticked by the team, or by the code that was shown in the room."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who ticked it; none where they entered the code themselves."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When that was written down."""

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
