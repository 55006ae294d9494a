"""Messages, their immutable versions, and the links in each version."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.audiences.models import Audience
from commsplan.foundation.database import Identity, Moment, Table
from commsplan.people.models import Person
from commsplan.plans.models import Activity, Plan


class Message(Table):
    """Something we say to an audience, once."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint(
            "state in ('draft', 'scheduled', 'sending', 'sent', 'cancelled')", name="state_is_known"
        ),
        CheckConstraint("not mandatory or mandated_by_id is not null", name="mandate_has_a_name"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    """Of which plan."""
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id", ondelete="SET NULL"))
    """For which activity of the plan."""
    audience_id: Mapped[int | None] = mapped_column(ForeignKey("audience.id"))
    """To whom; needed before scheduling."""
    purpose: Mapped[str] = mapped_column(String(300), default="")
    """What it is for, inside the team."""
    action_what: Mapped[str] = mapped_column(String(300), default="")
    """What the reader should do; empty when there is nothing to do."""
    action_due_on: Mapped[date | None]
    """By when, inclusive."""
    action_address: Mapped[str] = mapped_column(String(1000), default="")
    """Where to do it (http or https)."""
    action_otherwise: Mapped[str] = mapped_column(String(300), default="")
    """What happens to those who do not."""
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Whom to ask."""
    mandatory: Mapped[bool] = mapped_column(default=False)
    """Goes also to people who unsubscribed."""
    mandated_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who decided that."""
    has_survey: Mapped[bool] = mapped_column(default=False)
    """Whether questions follow it; the surveys step keeps this true, copies point there if so."""
    state: Mapped[str] = mapped_column(String(16), default="draft")
    """draft → scheduled → sending → sent; scheduled or sending → cancelled; cancelled → draft."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was begun."""
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the draft was thrown away; it can be brought back."""

    plan: Mapped[Plan] = relationship()
    activity: Mapped[Activity | None] = relationship()
    audience: Mapped[Audience | None] = relationship()
    contact: Mapped[Person | None] = relationship(foreign_keys=[contact_id])
    mandated_by: Mapped[Person | None] = relationship(foreign_keys=[mandated_by_id])
    versions: Mapped[list[Version]] = relationship(
        cascade="all, delete-orphan", order_by="Version.number", back_populates="message"
    )

    @property
    def latest(self) -> Version:
        """The newest version; every message has one from the start."""
        return self.versions[-1]


class Version(Table):
    """The text at one moment; never changed after it was written."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("message_id", "number", name="one_version_of_a_number_per_message"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    """Of which message."""
    number: Mapped[int]
    """Counts from 1."""
    subject: Mapped[str] = mapped_column(String(200))
    """Subject line; may hold personal fields."""
    preview: Mapped[str] = mapped_column(String(200), default="")
    """What inboxes show beside the subject."""
    body: Mapped[str] = mapped_column(Text)
    """Markdown with personal fields as {{ field }}."""
    action_what: Mapped[str] = mapped_column(String(300), default="")
    """The message's call to action at that moment."""
    action_due_on: Mapped[date | None]
    """By when, inclusive."""
    action_address: Mapped[str] = mapped_column(String(1000), default="")
    """Where to do it."""
    action_otherwise: Mapped[str] = mapped_column(String(300), default="")
    """What happens to those who do not."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of all the above, so that "what was approved" can be proved."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who wrote it."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When."""

    message: Mapped[Message] = relationship(back_populates="versions")
    author: Mapped[Person | None] = relationship()
    links: Mapped[list[Link]] = relationship(
        cascade="all, delete-orphan", order_by="Link.position", back_populates="version"
    )


class Link(Table):
    """An address in a version's text, at its place; counted links lead here by id only."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("version_id", "position", name="one_link_per_position"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"))
    """Of which version."""
    position: Mapped[int]
    """Counts from 1 in reading order."""
    address: Mapped[str] = mapped_column(String(2000))
    """Where it leads (http or https)."""
    words: Mapped[str] = mapped_column(String(300), default="")
    """The words that carry the link."""

    version: Mapped[Version] = relationship(back_populates="links")
