"""Calendar feeds: who subscribes to what, when their client last came, and the bytes they get."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.audiences.models import Audience
from commsplan.calendars.rules import subject_of
from commsplan.foundation.database import Identity, Json, Moment, Table
from commsplan.people.models import Person
from commsplan.plans.models import Plan


def _subject(context: DefaultExecutionContext) -> str:
    given = context.get_current_parameters()  # type: ignore[no-untyped-call]  # SQLAlchemy's
    return subject_of(given.get("kind", "plan"), given.get("plan_id"), given.get("audience_id"))


class Feed(Table):
    """One address of a calendar: a person's secret one, or a plan's public one."""

    __tablename__ = "feed"
    __table_args__ = (
        UniqueConstraint("person_id", "subject", name="one_feed_per_person_and_subject"),
        CheckConstraint(
            "kind in ('plan', 'mine', 'deadlines', 'meetings', 'surveys', 'audience', 'changes', "
            "'blackouts', 'public')",
            name="kind_is_known",
        ),
        CheckConstraint(
            "(kind = 'public') = (slug is not null and person_id is null)",
            name="public_or_a_persons",
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), default="plan", server_default="plan")
    """plan, mine, deadlines, meetings, surveys, audience, changes, blackouts or public."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    """Whose; nobody's for a public one."""
    plan_id: Mapped[int | None] = mapped_column(
        ForeignKey("plan.id", ondelete="CASCADE"), index=True
    )
    """Which plan's, if it is about one."""
    audience_id: Mapped[int | None] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"))
    """What is for which audience, if it is about one."""
    subject: Mapped[str] = mapped_column(String(32), default=_subject)
    """The three above in a word, as "plan 12": a person has one feed of each."""
    slug: Mapped[str | None] = mapped_column(String(60), unique=True)
    """Of a public one: its name in /calendars/<name>.ics."""
    choice: Mapped[dict[str, object]] = mapped_column(Json, default=dict, server_default="{}")
    """What the person ticked, as calendars/rules.py reads and writes it."""
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
    fetched_revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """Which revision it has."""
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """+1 whenever what it shows has changed, be it that somebody joined or left an audience."""
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of the bytes of this revision: the ETag."""
    content_changed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When this revision came about: Last-Modified."""
    basis: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """What the revision was reckoned from; as long as that stands, so do the bytes."""
    stale_at: Mapped[datetime | None] = mapped_column(Moment)
    """When time alone changes it: a tombstone goes."""
    quiet_until: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Until when, in seconds since 1970, an unchanged calendar is worth no note."""
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was switched off."""

    person: Mapped[Person | None] = relationship()
    plan: Mapped[Plan | None] = relationship()
    audience: Mapped[Audience | None] = relationship()


class EventBytes(Table):
    """One activity as it stands in feeds, a series with all that departs from it: written once."""

    __tablename__ = "event_bytes"

    activity_id: Mapped[int] = mapped_column(
        ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True
    )
    """Which activity."""
    view: Mapped[str] = mapped_column(String(80), primary_key=True)
    """In which detail and language, and in which zone where the reader's own counts."""
    version: Mapped[int]
    """The activity's version that it was written from."""
    beside: Mapped[str] = mapped_column(String(600))
    """What stands in it that other rows say: the owner's name, the plan's title."""
    edition: Mapped[str] = mapped_column(String(16))
    """What else it depends on: this program, its texts, its address, the zones' rules."""
    zones: Mapped[str] = mapped_column(String(200), default="")
    """The TZIDs it names, separated by spaces: the feed has to define them."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """The lines from BEGIN:VEVENT to END:VEVENT."""
