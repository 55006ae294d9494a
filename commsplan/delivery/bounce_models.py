"""What came back: one row per report, and the addresses that nothing is sent to any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.delivery.models import Delivery
from commsplan.foundation.database import Identity, Moment, Table
from commsplan.people.models import Person


class Bounce(Table):
    """One report about a copy. Of the mail itself nothing is kept but the server's words."""

    __tablename__ = "bounce"
    __table_args__ = (
        CheckConstraint(
            "kind in ('hard', 'soft', 'complaint', 'delayed', 'delivered', 'auto-reply', 'other')",
            name="kind_is_known",
        ),
        Index("ix_bounce_address", "address_hash", "at"),
        Index(
            "ix_bounce_early",
            "delivery_id",
            sqlite_where=text("early"),
            postgresql_where=text("early"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    """When it came in, by our clock: what a report says of its own date proves nothing."""
    kind: Mapped[str] = mapped_column(String(12))
    """See delivery/bounce_rules.py."""
    action: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """What a delivery report says was done: failed, delayed, delivered, relayed, expanded."""
    delivery_id: Mapped[int | None] = mapped_column(
        ForeignKey("delivery.id", ondelete="SET NULL"), index=True
    )
    """Which copy it is about; none when that cannot be told for certain."""
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    """Whose copy that is."""
    address_hash: Mapped[str] = mapped_column(String(32), default="", server_default="")
    """Keyed digest of the address it went to, to count by; empty when unknown."""
    status: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """Enhanced status code (RFC 3463), as "5.1.1"."""
    words: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """The server's words, without addresses."""
    source: Mapped[str] = mapped_column(String(8))
    """By what way it came in: imap, lmtp, command."""
    early: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """It came before the worker had settled the copy: its effect on the copy is still to come."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """What it is recognised by when it comes again."""

    delivery: Mapped[Delivery | None] = relationship()
    person: Mapped[Person | None] = relationship()


class SuppressedAddress(Table):
    """An address that nothing is sent to, whatever the plan and whoever has it."""

    __tablename__ = "suppressed_address"
    __table_args__ = (
        CheckConstraint(
            "reason in ('hard bounce', 'soft bounces', 'complaint', 'by hand')",
            name="reason_is_known",
        ),
        CheckConstraint("lifted_at is not null or lifted_by_id is null", name="lifted_by_is_dated"),
        CheckConstraint("appealed_at is not null or appeal = ''", name="appeal_is_dated"),
        Index(
            "one_suppression_in_force_per_address",
            "address",
            unique=True,
            sqlite_where=text("lifted_at is null"),
            postgresql_where=text("lifted_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    """The address: trimmed, lower case."""
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    """Whose it was; when theirs changes, the new one is not concerned."""
    reason: Mapped[str] = mapped_column(String(16))
    """hard bounce, soft bounces, complaint, by hand."""
    words: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """The server's words, or why somebody did it."""
    since: Mapped[datetime] = mapped_column(Moment, index=True)
    """Since when."""
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it ends by itself; none for never."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who did it by hand."""
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was ended."""
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who ended it; none for the person themselves, or for a newer one in its place."""
    appeal: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """What the person wrote when they said that the address works."""
    appealed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When they did."""
    refused_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a lead decided against the appeal."""
    refused_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who did."""

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
    lifted_by: Mapped[Person | None] = relationship(foreign_keys=[lifted_by_id])
