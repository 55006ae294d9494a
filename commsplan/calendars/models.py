"""Calendar feeds: who subscribes to what, and when their client last came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.foundation.database import Identity, Moment, Table
from commsplan.people.models import Person
from commsplan.plans.models import Plan


class Feed(Table):
    """One person's secret address of one plan's calendar."""

    __tablename__ = "feed"
    __table_args__ = (
        UniqueConstraint("person_id", "plan_id", name="one_feed_per_person_and_plan"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    """Whose."""
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    """Which plan's."""
    generation: Mapped[int] = mapped_column(default=1)
    """Bound into the address; +1 makes a new address and ends the old one."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was asked for."""
    renewed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the address was last replaced."""
    fetched_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a client last came."""
    fetched_by: Mapped[str] = mapped_column(String(120), default="")
    """Which client that was, as a name ("Thunderbird"), not its full user agent."""
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of what was last handed out; not the state of anything, only when it changed."""
    content_changed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When that changed: Last-Modified, which also moves when people join or leave an audience."""
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was switched off."""

    person: Mapped[Person] = relationship()
    plan: Mapped[Plan] = relationship()
