"""Tokens by which programs ask: pipelines, scripts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.foundation.database import Identity, Moment, Table
from commsplan.people.models import Person, Team


class ApiToken(Table):
    """One program's key to one part of the REST API; it belongs to a team, not to a person."""

    __tablename__ = "api_token"
    __table_args__ = (CheckConstraint("scope in ('calendars.state')", name="scope_is_known"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    """Whose it is."""
    name: Mapped[str] = mapped_column(String(120))
    """What it is for: "Deployment of the shop"."""
    scope: Mapped[str] = mapped_column(String(40))
    """What it may ask."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token; the token itself is shown once."""
    beginning: Mapped[str] = mapped_column(String(12))
    """Its first characters, by which people know it again."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was made."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who made it."""
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was last used, to a few minutes."""
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was revoked."""

    team: Mapped[Team] = relationship()
    created_by: Mapped[Person | None] = relationship()
