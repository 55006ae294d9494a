"""Blackouts, and the overrides by which somebody answers for a change all the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.calendars.shared_models import SCOPES, SharedCalendar
from commsplan.foundation.database import Identity, Moment, Table, WallClock
from commsplan.people.models import Person, Team


class Blackout(Table):
    """A time in which nothing is changed, or nothing is announced; made here by hand."""

    __tablename__ = "blackout"
    __table_args__ = (
        CheckConstraint("kind in ('freeze', 'quiet')", name="kind_is_known"),
        CheckConstraint(f"scope in {SCOPES}", name="scope_is_known"),
        CheckConstraint("ends_local >= starts_local", name="ends_not_before_start"),
        Index("ix_blackout_span", "starts_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    uid: Mapped[str] = mapped_column(String(80), unique=True)
    """Its UID in calendars: stable, never used again (RFC 5545 §3.8.4.7)."""
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    """Which team keeps it; everybody who plans sees it."""
    calendar_id: Mapped[int | None] = mapped_column(
        ForeignKey("shared_calendar.id", ondelete="CASCADE"), index=True
    )
    """Which hand-kept calendar it closes; none closes the whole organisation."""
    kind: Mapped[str] = mapped_column(String(16), default="freeze")
    """freeze: nothing is changed; quiet: nothing is announced."""
    title: Mapped[str] = mapped_column(String(200))
    """What it is called: "Year-end freeze"."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why, in the words people get to read."""
    starts_local: Mapped[datetime] = mapped_column(WallClock)
    """Start on the wall clock of its zone."""
    ends_local: Mapped[datetime] = mapped_column(WallClock)
    """End on that clock, exclusive; for whole days the last one, inclusive."""
    zone: Mapped[str] = mapped_column(String(64))
    """IANA zone of the two above."""
    all_day: Mapped[bool] = mapped_column(default=False)
    """No hours, only days."""
    starts_at: Mapped[datetime] = mapped_column(Moment)
    """Start as an instant, derived."""
    ends_at: Mapped[datetime] = mapped_column(Moment)
    """End as an instant, derived; exclusive."""
    scope: Mapped[str] = mapped_column(String(16), default="everywhere")
    """Whom it concerns, as in SharedCalendar."""
    scope_value: Mapped[str] = mapped_column(String(200), default="")
    """Which country, location, department or place."""
    sequence: Mapped[int] = mapped_column(default=0)
    """+1 on every change (RFC 5545 §3.8.7.4)."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was made."""
    revised_at: Mapped[datetime] = mapped_column(Moment)
    """When it last changed."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who made it."""
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was lifted; kept so that this can be undone, and that feeds can say so."""

    team: Mapped[Team] = relationship()
    calendar: Mapped[SharedCalendar | None] = relationship()
    created_by: Mapped[Person | None] = relationship()


class Override(Table):
    """A sponsor's word that changes go on in spite of a closed calendar, until a moment."""

    __tablename__ = "calendar_override"
    __table_args__ = (
        CheckConstraint("until_at > starts_at", name="ends_after_it_starts"),
        CheckConstraint("verdict in ('', 'needed', 'avoidable')", name="verdict_is_known"),
        CheckConstraint("(reviewed_at is null) = (verdict = '')", name="a_verdict_once_reviewed"),
        CheckConstraint(
            "reviewer_id is null or sponsor_id is null or reviewer_id <> sponsor_id",
            name="reviewed_by_somebody_else",
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    calendar_id: Mapped[int | None] = mapped_column(
        ForeignKey("shared_calendar.id", ondelete="CASCADE"), index=True
    )
    """Which calendar it opens; none opens the whole organisation's."""
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who answers for it."""
    reason: Mapped[str] = mapped_column(Text)
    """Why it could not wait."""
    starts_at: Mapped[datetime] = mapped_column(Moment)
    """From when on it holds."""
    until_at: Mapped[datetime] = mapped_column(Moment)
    """Until when, exclusive."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was ended early."""
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was looked at afterwards; until then it stays open."""
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who did that: never the sponsor."""
    verdict: Mapped[str] = mapped_column(String(16), default="")
    """needed, or avoidable; empty until the review."""
    finding: Mapped[str] = mapped_column(Text, default="")
    """What was done under it and what follows from it."""

    calendar: Mapped[SharedCalendar | None] = relationship()
    sponsor: Mapped[Person | None] = relationship(foreign_keys=[sponsor_id])
    reviewer: Mapped[Person | None] = relationship(foreign_keys=[reviewer_id])
