"""Mail servers and speed limits, as far as they may change while mails go out.

Addresses with their secrets stay in the setting SMTP_URL.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Double, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commsplan.foundation.database import Identity, Moment, Table


class Relay(Table):
    """A mail server that copies go through."""

    __tablename__ = "relay"
    __table_args__ = (
        CheckConstraint("weight > 0", name="weight_is_positive"),
        CheckConstraint("connections between 1 and 64", name="connections_are_few"),
        CheckConstraint("copies_per_connection > 0", name="a_connection_carries_something"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    """host:port, as in SMTP_URL."""
    weight: Mapped[int] = mapped_column(default=1)
    """Its share of the copies, beside the others' weights."""
    connections: Mapped[int] = mapped_column(default=4)
    """How many connections each worker opens to it."""
    copies_per_connection: Mapped[int] = mapped_column(default=500)
    """After how many copies a connection is replaced: many relays hang up by then."""
    switched_off_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when nothing goes through it because somebody said so."""
    away_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until when it is left alone because it could not be used."""
    said: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """Why it could not."""
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a worker last found it in SMTP_URL."""


class RateLimit(Table):
    """A token bucket that every worker draws from: so many copies a minute, with a burst."""

    __tablename__ = "rate_limit"
    __table_args__ = (
        UniqueConstraint("scope", "name", name="one_limit_per_scope_and_name"),
        CheckConstraint("scope in ('relay', 'domain', 'channel')", name="scope_is_known"),
        CheckConstraint("per_minute > 0", name="rate_is_positive"),
        CheckConstraint("burst > 0", name="burst_is_positive"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    scope: Mapped[str] = mapped_column(String(8))
    """Whether it holds for a mail server, a recipient's domain or a channel."""
    name: Mapped[str] = mapped_column(String(255))
    """Which: host:port, a domain in lower case, or "email"."""
    per_minute: Mapped[int]
    """How many tokens come back each minute."""
    burst: Mapped[int]
    """How many tokens there are at most."""
    tokens: Mapped[float] = mapped_column(Double)
    """How many there were at `refilled_at`."""
    refilled_at: Mapped[datetime] = mapped_column(Moment)
    """When they were last counted."""
