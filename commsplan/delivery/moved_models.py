"""Mails to those whose calendars have not fetched a change of an activity."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.foundation.database import Identity, Moment, Table
from commsplan.people.models import Person
from commsplan.plans.models import Activity


class MovedMail(Table):
    """One person told once of one change, because their calendar has not come for it."""

    __tablename__ = "moved_mail"
    __table_args__ = (
        UniqueConstraint(
            "activity_id", "sequence", "person_id", name="one_mail_per_change_and_person"
        ),
        CheckConstraint(
            "state in ('waiting', 'sending', 'sent', 'failed', 'uncertain', 'spared')",
            name="state_is_known",
        ),
        Index("ix_moved_mail_open", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    """Of which activity."""
    sequence: Mapped[int]
    """Of which of its changes: the sequence that it left."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    """Who is told."""
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    """waiting → sending → sent or failed; uncertain when the sender died in between, never sent
    again; spared when it was not needed any more."""
    note: Mapped[str] = mapped_column(String(300), default="")
    """Why it failed or was spared."""
    asked_at: Mapped[datetime] = mapped_column(Moment)
    """When somebody asked for it."""
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who did."""
    began_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it went on its way."""
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When that ended."""

    activity: Mapped[Activity] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
