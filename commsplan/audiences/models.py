"""Audiences: a rule with a name, and the people added or left out by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.foundation.database import Identity, Json, Moment, Table
from commsplan.people.models import Person, Team


class Audience(Table):
    """Whom we address, by a rule that is data; membership is computed, never stored."""

    __tablename__ = "audience"
    __table_args__ = (UniqueConstraint("team_id", "name", name="one_audience_of_a_name_per_team"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    """Which team keeps it."""
    name: Mapped[str] = mapped_column(String(120))
    """What plans call it."""
    note: Mapped[str] = mapped_column(Text, default="")
    """What it is for."""
    rule: Mapped[dict[str, object]] = mapped_column(Json)
    """The rule's tree, as audiences/rules.py reads and writes it."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was made."""
    revision: Mapped[int] = mapped_column(default=1)
    """+1 whenever name, note or rule change: two people editing at once notice it."""
    revised_at: Mapped[datetime] = mapped_column(Moment)
    """When they last changed."""
    archived_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was put away; plans that use it keep it."""

    team: Mapped[Team] = relationship()


class AudienceException(Table):
    """One person added or left out by hand, with the reason."""

    __tablename__ = "audience_exception"
    __table_args__ = (
        UniqueConstraint("audience_id", "person_id", name="one_exception_per_person"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"))
    """Of which audience."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    """Who."""
    included: Mapped[bool]
    """Added (true) or left out (false)."""
    why: Mapped[str] = mapped_column(String(300), default="")
    """The reason, for whoever asks later."""

    person: Mapped[Person] = relationship()
