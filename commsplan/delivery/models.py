"""The ledger: one row per copy per person, and the send it belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from commsplan.audiences.models import Audience
from commsplan.foundation.database import Identity, JsonOrNull, Moment, Table, WallClock
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
        CheckConstraint(
            "kind in ('first', 'top-up', 'reminder', 'correction', 'recall', 'resend')",
            name="kind_is_known",
        ),
        CheckConstraint("late_policy in ('ask', 'send', 'skip')", name="late_policy_is_known"),
        CheckConstraint(
            "(quiet_from is null) = (quiet_until is null)", name="quiet_hours_begin_and_end"
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
    kind: Mapped[str] = mapped_column(String(16), default="first", server_default="first")
    """The first time, or a follow-up: to those who joined later, those it failed for, …"""
    of_send_id: Mapped[int | None] = mapped_column(ForeignKey("send.id"))
    """The send that a follow-up follows."""
    state: Mapped[str] = mapped_column(String(16), default="scheduled")
    """scheduled → running → finished; scheduled or running → cancelled."""
    due_at: Mapped[datetime] = mapped_column(Moment, index=True)
    """When it starts."""
    local_time: Mapped[datetime | None] = mapped_column(WallClock)
    """The hour on each recipient's own wall; none when one instant holds for everybody."""
    waves: Mapped[list[dict[str, int]] | None] = mapped_column(JsonOrNull)
    """Parts one after the other: {"percent" or "count": n, "pause_minutes": m}; none is all."""
    stop_percent: Mapped[int | None]
    """Pause by itself when more than this share of the tried copies fails, in percent."""
    quiet_from: Mapped[int | None]
    """Nothing goes out from this minute of the recipient's day on …"""
    quiet_until: Mapped[int | None]
    """… until this one, both counted from midnight."""
    valid_until: Mapped[datetime | None] = mapped_column(Moment)
    """Nothing goes out after this: copies that are still waiting are skipped."""
    late_policy: Mapped[str] = mapped_column(String(8), default="ask", server_default="ask")
    """When it was due long ago: ask a person, send all the same, or skip it."""
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when nothing leaves until somebody lets it go on."""
    paused_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who paused it; none when a rule did."""
    paused_why: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """Which rule did: "failures", "overdue"; empty for a person."""
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the timetable last looked after it: a restored backup shows itself by this."""
    idle_since: Mapped[datetime | None] = mapped_column(Moment)
    """Since when copies could go and none did; none while it moves or has a reason to wait."""
    stalled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When that had lasted too long; none when it moves."""
    stall_told_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its people were told by mail; once for each stall."""
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
    of_send: Mapped[Send | None] = relationship(remote_side=[id])
    scheduled_by: Mapped[Person | None] = relationship(foreign_keys=[scheduled_by_id])
    cancelled_by: Mapped[Person | None] = relationship(foreign_keys=[cancelled_by_id])
    paused_by: Mapped[Person | None] = relationship(foreign_keys=[paused_by_id])


class Delivery(Table):
    """One copy for one person: the ledger's row.

    `send_id`, `message_id` and `person_id` are no foreign keys: checking them costs 8 s for a
    million rows that one statement makes from these very tables. Its chunk holds the first, the
    send the second, and no person is ever deleted. `state` is in no index, so
    that PostgreSQL rewrites a row within its page (HOT) without touching any index. A page is
    filled to a third for that: with room for two more versions of each row 98 % of the changes stay
    in it (filled to 45 % it was 87 %, to 60 % 81 %), and the table is smaller in the end.
    """

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
            "state in ('planned', 'sending', 'accepted', 'delivered', 'bounced', 'failed',"
            " 'uncertain', 'cancelled', 'suppressed', 'skipped_late')",
            name="state_is_known",
        ),
        {"postgresql_with": {"fillfactor": 33}},
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    send_id: Mapped[int] = mapped_column(Identity, index=True)
    """Of which send."""
    message_id: Mapped[int] = mapped_column(Identity)
    """Of which message (for the uniqueness)."""
    person_id: Mapped[int] = mapped_column(Identity, index=True)
    """For whom."""
    channel: Mapped[str] = mapped_column(String(16), default="email", server_default="email")
    """By what way."""
    round: Mapped[int] = mapped_column(default=1)
    """1 for the first send; a deliberate repeat has the next number."""
    wave: Mapped[int] = mapped_column(default=0, server_default="0")
    """In which part of the send, counted from 0."""
    address: Mapped[str] = mapped_column(String(254))
    """Where to, as it was when the audience was frozen."""
    state: Mapped[str] = mapped_column(String(16), default="planned")
    """See delivery/rules.py."""
    not_before: Mapped[datetime] = mapped_column(Moment)
    """Not earlier than this (a later try, a wave, a reader's own morning)."""
    quiet_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the reader's next quiet hours begin: not after this until it is moved past them."""
    fence: Mapped[int] = mapped_column(default=0, server_default="0")
    """The fence of the lease it was last put on the wire under; an older one changes nothing."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was put on the wire."""
    relay: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Which mail server took or refused it, as host:port."""
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """The server's words, or why it is where it is."""
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its present state was reached."""
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the mail server took it."""

    send: Mapped[Send] = relationship(primaryjoin=lambda: foreign(Delivery.send_id) == Send.id)
    message: Mapped[Message] = relationship(
        primaryjoin=lambda: foreign(Delivery.message_id) == Message.id
    )
    person: Mapped[Person] = relationship(
        primaryjoin=lambda: foreign(Delivery.person_id) == Person.id
    )


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
