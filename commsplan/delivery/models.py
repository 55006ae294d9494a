"""The ledger: one row per copy per person, and the send it belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.audiences.models import Audience
from commsplan.foundation.database import Identity, Moment, Table
from commsplan.messages.models import Message, Version
from commsplan.people.models import Person
from commsplan.plans.models import Plan


class Send(Table):
    """A message going out: this row is the schedule; the queue only rings the bell."""

    __tablename__ = "send"
    __table_args__ = (
        CheckConstraint(
            "state in ('scheduled', 'running', 'finished', 'cancelled')", name="state_is_known"
        ),
        Index(
            "one_open_send_per_message",
            "message_id",
            unique=True,
            sqlite_where=text("state in ('scheduled', 'running')"),
            postgresql_where=text("state in ('scheduled', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    """What goes out."""
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    """Exactly which text, fixed when it was scheduled."""
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"))
    """To whom, resolved when it starts."""
    state: Mapped[str] = mapped_column(String(16), default="scheduled")
    """scheduled → running → finished; scheduled or running → cancelled."""
    due_at: Mapped[datetime] = mapped_column(Moment, index=True)
    """When it starts."""
    scheduled_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL")
    )
    """Who pressed the button."""
    scheduled_at: Mapped[datetime] = mapped_column(Moment)
    """When they did."""
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the audience was frozen."""
    addressed: Mapped[int] = mapped_column(default=0)
    """How many people the frozen audience has."""
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    """When no row was open any more."""
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When somebody stopped it."""
    cancelled_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL")
    )
    """Who did."""

    message: Mapped[Message] = relationship()
    version: Mapped[Version] = relationship()
    audience: Mapped[Audience] = relationship()
    scheduled_by: Mapped[Person | None] = relationship(foreign_keys=[scheduled_by_id])
    cancelled_by: Mapped[Person | None] = relationship(foreign_keys=[cancelled_by_id])


class Delivery(Table):
    """One copy for one person: the ledger's row."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint(
            "message_id",
            "person_id",
            "channel",
            "round",
            name="one_copy_per_message_person_and_round",
        ),
        CheckConstraint(
            "state in ('planned', 'leased', 'sending', 'accepted', 'failed', 'uncertain',"
            " 'cancelled', 'suppressed')",
            name="state_is_known",
        ),
        Index("ix_delivery_send_state", "send_id", "state", "id"),
        Index(
            "ix_delivery_open",
            "state",
            "lease_until",
            sqlite_where=text("state in ('planned', 'leased', 'sending')"),
            postgresql_where=text("state in ('planned', 'leased', 'sending')"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    send_id: Mapped[int] = mapped_column(ForeignKey("send.id"))
    """Of which send."""
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    """Of which message (for the uniqueness)."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    """For whom."""
    channel: Mapped[str] = mapped_column(String(16), default="email")
    """By what way."""
    round: Mapped[int] = mapped_column(default=1)
    """1 for the first send; a deliberate repeat has the next number."""
    address: Mapped[str] = mapped_column(String(254))
    """Where to, as it was when the audience was frozen."""
    state: Mapped[str] = mapped_column(String(16), default="planned")
    """See delivery/rules.py."""
    not_before: Mapped[datetime] = mapped_column(Moment)
    """Not earlier than this (a later try, a reader's own morning)."""
    fence: Mapped[int] = mapped_column(default=0)
    """Rises with every lease; whoever holds an older number changes nothing."""
    leased_by: Mapped[str] = mapped_column(String(80), default="")
    """Which worker holds it."""
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until when it does."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was put on the wire."""
    note: Mapped[str] = mapped_column(String(500), default="")
    """The server's words, or why it is where it is."""
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its present state was reached."""
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the mail server took it."""

    send: Mapped[Send] = relationship()
    message: Mapped[Message] = relationship()
    person: Mapped[Person] = relationship()


class Suppression(Table):
    """Somebody who wants no more mail of a plan."""

    __tablename__ = "suppression"
    __table_args__ = (UniqueConstraint("person_id", "plan_id", name="one_suppression_per_plan"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    """Who."""
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    """Of which plan."""
    reason: Mapped[str] = mapped_column(String(60))
    """unsubscribed by one click, by the page, or set by a lead."""
    at: Mapped[datetime] = mapped_column(Moment)
    """Since when."""

    person: Mapped[Person] = relationship()
    plan: Mapped[Plan] = relationship()
