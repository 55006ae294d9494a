"""Calendars that everybody shares: freezes, holidays, rooms; kept by hand, read from elsewhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.foundation.database import Identity, Json, Moment, Table
from commsplan.people.models import Person, Team

SCOPES = "('everywhere', 'country', 'location', 'department', 'place')"


class SharedCalendar(Table):
    """One calendar that tells when something must not happen, or only then may."""

    __tablename__ = "shared_calendar"
    __table_args__ = (
        CheckConstraint(
            "kind in ('freeze', 'quiet', 'holiday', 'room', 'window')", name="kind_is_known"
        ),
        CheckConstraint("source in ('hand', 'file', 'address')", name="source_is_known"),
        CheckConstraint(f"scope in {SCOPES}", name="scope_is_known"),
        CheckConstraint(
            "source <> 'hand' or kind in ('freeze', 'quiet')", name="by_hand_only_what_stops"
        ),
        CheckConstraint("not closes_all or kind = 'freeze'", name="only_a_freeze_closes_all"),
        CheckConstraint("(source = 'address') = (sealed <> '')", name="an_address_where_one_is"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    """How pipelines call it: small letters, digits, hyphens; never used again."""
    name: Mapped[str] = mapped_column(String(120))
    """How people call it."""
    kind: Mapped[str] = mapped_column(String(16))
    """freeze and quiet stop changes and messages, holiday and room are worth knowing, and outside a
    window changes are stopped."""
    source: Mapped[str] = mapped_column(String(16))
    """hand: its entries are blackouts made here; file: brought once; address: read again and
    again."""
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    """Which team keeps it; others see it."""
    scope: Mapped[str] = mapped_column(String(16), default="everywhere")
    """Whom its entries concern: everywhere, or people by country, location or department; or the
    place that they take."""
    scope_value: Mapped[str] = mapped_column(String(200), default="")
    """Which country, location, department or place; a room without one takes each entry's own."""
    closes_all: Mapped[bool] = mapped_column(default=False)
    """Its entries close the whole organisation, not only what asks for this calendar."""
    zone: Mapped[str] = mapped_column(String(64))
    """IANA zone of its whole days, and of times that name none."""
    sealed: Mapped[str] = mapped_column(Text, default="")
    """Its address, encrypted: many hold a token."""
    host: Mapped[str] = mapped_column(String(255), default="")
    """The part of the address that is shown; of a file, its name."""
    body: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """What was last read, compressed (zlib): series are expanded from it as time goes on."""
    etag: Mapped[str] = mapped_column(String(300), default="")
    """What the server called that version (RFC 9110 §8.8.3)."""
    last_modified: Mapped[str] = mapped_column(String(80), default="")
    """When the server said that it changed, as it wrote it."""
    pause_minutes: Mapped[int] = mapped_column(default=360)
    """How long between two looks at the address; a file in the calendar may ask for another."""
    next_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    """When it is looked at again; whoever moved it does so. None: by hand alone."""
    tried_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was last looked at."""
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    """When what is known here was last what the source said."""
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its entries last changed here."""
    failures: Mapped[int] = mapped_column(default=0)
    """How many looks in a row failed."""
    failure: Mapped[str] = mapped_column(String(60), default="")
    """How the last one failed, as a named value; empty when it did not."""
    problems: Mapped[list[dict[str, object]]] = mapped_column(Json, default=list)
    """The first unusable lines: line, why (a named value) and the words there."""
    problem_count: Mapped[int] = mapped_column(default=0)
    """How many there are in all."""
    event_count: Mapped[int] = mapped_column(default=0)
    """How many entries the window holds."""
    covered_from: Mapped[datetime | None] = mapped_column(Moment)
    """From when on its series are expanded."""
    covered_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until when."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was made."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who made it."""
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was taken away; it speaks no more, and can come back."""

    team: Mapped[Team] = relationship()
    created_by: Mapped[Person | None] = relationship()


class ImportedEvent(Table):
    """One entry of a calendar that was read from elsewhere; of a series, one occurrence."""

    __tablename__ = "imported_event"
    __table_args__ = (
        UniqueConstraint("calendar_id", "uid", "occurrence", name="one_row_per_occurrence"),
        CheckConstraint("ends_at >= starts_at", name="ends_not_before_start"),
        Index("ix_imported_event_calendar_starts", "calendar_id", "starts_at"),
        Index("ix_imported_event_span", "starts_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("shared_calendar.id", ondelete="CASCADE"))
    """Of which calendar."""
    uid: Mapped[str] = mapped_column(String(255))
    """Its UID there; a longer one's SHA-256."""
    occurrence: Mapped[str] = mapped_column(String(16), default="")
    """Which one of a series: its first start as "20261006T0900", or "20261006" for whole days."""
    title: Mapped[str] = mapped_column(String(200))
    """What it is called there."""
    place: Mapped[str] = mapped_column(String(200), default="")
    """Where it is, in its own words."""
    starts_at: Mapped[datetime] = mapped_column(Moment)
    """Start as an instant; of whole days, midnight in the calendar's zone."""
    ends_at: Mapped[datetime] = mapped_column(Moment)
    """End as an instant, exclusive."""
    all_day: Mapped[bool] = mapped_column(default=False)
    """Only days, no hours."""

    calendar: Mapped[SharedCalendar] = relationship()
