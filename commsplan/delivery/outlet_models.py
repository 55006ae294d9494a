"""Channels that reach a whole audience at once, and the ledger of what was posted there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.delivery.models import Send
from commsplan.foundation.database import Identity, Moment, Table
from commsplan.messages.models import Message
from commsplan.people.models import Person, Team


class Outlet(Table):
    """One chat room, one webhook or one notice board of a team."""

    __tablename__ = "outlet"
    __table_args__ = (
        UniqueConstraint("team_id", "name", name="one_outlet_of_a_name_per_team"),
        CheckConstraint("kind in ('chat', 'webhook', 'board')", name="kind_is_known"),
        CheckConstraint("(kind = 'board') = (address = '')", name="only_a_board_has_no_address"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    """Which team keeps it."""
    name: Mapped[str] = mapped_column(String(120))
    """What the team calls it."""
    kind: Mapped[str] = mapped_column(String(8))
    """chat, webhook or board."""
    service: Mapped[str] = mapped_column(String(40), default="")
    """Which chat service, as "Slack"; may be shown."""
    host: Mapped[str] = mapped_column(String(253), default="")
    """Where it leads, the host alone; may be shown."""
    address: Mapped[str] = mapped_column(Text, default="")
    """The whole address, sealed (foundation/sealing.py): it holds the token. Never shown again."""
    secret: Mapped[str] = mapped_column(Text, default="")
    """A webhook's signing secret, sealed; shown once, when it is made."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who made it."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When."""
    switched_off_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when nothing is posted there any more."""
    last_ok_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it last took something."""
    last_words: Mapped[str] = mapped_column(String(500), default="")
    """What it last said; empty once it took something."""

    team: Mapped[Team] = relationship()
    created_by: Mapped[Person | None] = relationship()


class MessageOutlet(Table):
    """An outlet that a message also goes to."""

    __tablename__ = "message_outlet"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), primary_key=True
    )
    """Which message."""
    outlet_id: Mapped[int] = mapped_column(
        ForeignKey("outlet.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    """Where it goes as well."""


class Posting(Table):
    """One message at one outlet: the ledger's row, as `delivery` is for one person."""

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint(
            "message_id", "outlet_id", "round", name="one_posting_per_message_outlet_and_round"
        ),
        CheckConstraint(
            "state in ('planned', 'sending', 'accepted', 'failed', 'uncertain', 'cancelled')",
            name="state_is_known",
        ),
        Index(
            "ix_posting_open",
            "not_before",
            sqlite_where=text("state in ('planned', 'sending')"),
            postgresql_where=text("state in ('planned', 'sending')"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    send_id: Mapped[int] = mapped_column(ForeignKey("send.id"), index=True)
    """Of which send."""
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    """Of which message (for the uniqueness)."""
    outlet_id: Mapped[int] = mapped_column(ForeignKey("outlet.id"), index=True)
    """Where."""
    round: Mapped[int] = mapped_column(default=1)
    """1 for the first time; a deliberate repeat has the next number."""
    state: Mapped[str] = mapped_column(String(16), default="planned")
    """planned → sending → accepted, failed or uncertain; planned → cancelled."""
    not_before: Mapped[datetime] = mapped_column(Moment)
    """Not earlier than this: a later try, the moment the service named."""
    fence: Mapped[int] = mapped_column(default=0)
    """Rises whenever a worker takes it; whoever holds an older number changes nothing."""
    leased_by: Mapped[str] = mapped_column(String(80), default="")
    """Which worker has it on the wire."""
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until when that worker must have said what became of it."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was put on the wire."""
    note: Mapped[str] = mapped_column(String(500), default="")
    """The service's words, or why it is where it is; no address, no token."""
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its present state was reached."""
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the outlet took it."""

    send: Mapped[Send] = relationship()
    message: Mapped[Message] = relationship()
    outlet: Mapped[Outlet] = relationship()


class BoardFeed(Table):
    """One person's secret address of the notice board's feeds."""

    __tablename__ = "board_feed"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    """Whose."""
    generation: Mapped[int] = mapped_column(default=1)
    """Bound into the address; +1 makes a new address and ends the old one at once."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it was asked for."""
    renewed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the address was last replaced."""
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was switched off."""
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of what was last handed out, to know when it changed."""
    content_changed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When that changed: Last-Modified, which also moves when people join or leave an audience."""

    person: Mapped[Person] = relationship()
