"""What came back from a copy: events with a verdict, and the reader's own word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.delivery.models import Delivery
from commsplan.foundation.database import Identity, Moment, Table


class Event(Table):
    """An open, a click or a page view: append-only; a machine's is flagged, never dropped."""

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("kind in ('open', 'click', 'page')", name="kind_is_known"),
        CheckConstraint("verdict in ('human', 'machine', 'unknown')", name="verdict_is_known"),
        Index("ix_event_delivery_kind", "delivery_id", "kind"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"))
    """Of which copy."""
    kind: Mapped[str] = mapped_column(String(8))
    """open (the picture), click (a counted link) or page (the web page)."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When."""
    link_id: Mapped[int | None] = mapped_column(ForeignKey("link.id", ondelete="SET NULL"))
    """Which link, for a click."""
    verdict: Mapped[str] = mapped_column(String(8))
    """human, machine or unknown."""
    rule: Mapped[str] = mapped_column(String(40), default="")
    """The name of the rule that gave the verdict."""
    rule_version: Mapped[int]
    """Which edition of the rules."""
    source: Mapped[str] = mapped_column(String(32), default="")
    """A daily keyed hash of where it came from; no address, no user agent is kept."""


class Confirmation(Table):
    """The reader's own word: read, done, or cannot."""

    __tablename__ = "confirmation"
    __table_args__ = (
        UniqueConstraint("delivery_id", "kind", name="one_confirmation_per_copy_and_kind"),
        CheckConstraint("kind in ('read', 'done', 'cannot')", name="kind_is_known"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"))
    """Of which copy."""
    kind: Mapped[str] = mapped_column(String(8))
    """read: "I have read this"; done: "I have done it"; cannot: with a note."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When the button was pressed."""
    note: Mapped[str] = mapped_column(String(1000), default="")
    """Why not, for "cannot"."""

    delivery: Mapped[Delivery] = relationship()
