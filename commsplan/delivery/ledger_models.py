"""What leases and history are made of: chunks of a send, and what happened to single copies."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.delivery.models import Delivery, Send
from commsplan.foundation.database import Identity, Json, JsonOrNull, Moment, Table

Tally = list[tuple[str, str, str, int]]
"""(state, relay, domain, copies) …: how many copies of a chunk stand where; lists in JSON."""


class Chunk(Table):
    """Up to 500 copies of one send with neighbouring ids: what a worker leases at a time.

    Leasing a chunk changes one row instead of 500 (measured: 978,000 copies/s instead of 147,000).
    """

    __tablename__ = "chunk"
    __table_args__ = (
        CheckConstraint("state in ('ready', 'leased', 'closed')", name="state_is_known"),
        CheckConstraint("(state = 'leased') = (lease_until is not null)", name="lease_has_an_end"),
        CheckConstraint("first_id <= last_id", name="ids_rise"),
        Index(
            "ix_chunk_ready",
            "send_id",
            "not_before",
            sqlite_where=text("state = 'ready'"),
            postgresql_where=text("state = 'ready'"),
        ),
        Index(
            "ix_chunk_leased",
            "lease_until",
            sqlite_where=text("state = 'leased'"),
            postgresql_where=text("state = 'leased'"),
        ),
        Index(
            "ix_chunk_uncounted",
            "id",
            sqlite_where=text("tally is null and state <> 'leased'"),
            postgresql_where=text("tally is null and state <> 'leased'"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    send_id: Mapped[int] = mapped_column(ForeignKey("send.id"), index=True)
    """Of which send."""
    first_id: Mapped[int] = mapped_column(Identity)
    """The copies of the send from this id …"""
    last_id: Mapped[int] = mapped_column(Identity)
    """… to this one, both included."""
    copies: Mapped[int]
    """How many those are."""
    state: Mapped[str] = mapped_column(String(8), default="ready", server_default="ready")
    """ready ⇄ leased → closed; a closed one is ready again when a copy of it goes once more."""
    not_before: Mapped[datetime] = mapped_column(Moment)
    """When its next waiting copy may go."""
    fence: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rises with every lease and every loss of one."""
    leased_by: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Which worker holds it."""
    leased_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when, or when it was last held."""
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until when it does without another sign of life."""
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was last let go of."""
    tally: Mapped[Tally | None] = mapped_column(JsonOrNull)
    """How its copies stand; none when that may have changed and the rows have to be counted."""

    send: Mapped[Send] = relationship()


class HistoryEntry(Table):
    """One thing that happened to a copy beside the plain way from planned to accepted."""

    __tablename__ = "delivery_history"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), index=True
    )
    """Which copy."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When."""
    state: Mapped[str] = mapped_column(String(16))
    """The state it came to."""
    note: Mapped[str] = mapped_column(String(500), default="")
    """The server's words, or why."""
    worker: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Which worker held it, if one did."""

    delivery: Mapped[Delivery] = relationship()


class Pulse(Table):
    """How a running send stood at a moment: two of them tell how fast it goes, and whether."""

    __tablename__ = "send_pulse"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    send_id: Mapped[int] = mapped_column(ForeignKey("send.id", ondelete="CASCADE"), index=True)
    """Of which send."""
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    """When it was looked at."""
    settled: Mapped[int]
    """Copies with which nothing more happens by itself."""
    arrived: Mapped[int]
    """Copies that mail servers had taken."""
    by_relay: Mapped[dict[str, int]] = mapped_column(Json)
    """Of these, how many each mail server had taken."""
    by_domain: Mapped[dict[str, int]] = mapped_column(Json)
    """Of these, how many went to each of the largest domains."""
