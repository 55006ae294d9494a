"""Drafts that follow an earlier send: a correction, a recall notice, a reminder."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.delivery.models import Send
from commsplan.foundation.database import Identity, Moment, Table
from commsplan.messages.models import Message


class Followup(Table):
    """Which send a message was written to follow: that send says who gets it."""

    __tablename__ = "followup"
    __table_args__ = (
        CheckConstraint("kind in ('reminder', 'correction', 'recall')", name="kind_is_known"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), unique=True
    )
    """The message that follows."""
    of_send_id: Mapped[int] = mapped_column(ForeignKey("send.id", ondelete="CASCADE"), index=True)
    """The send it follows."""
    kind: Mapped[str] = mapped_column(String(16))
    """What it is to that send."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When it was begun."""

    message: Mapped[Message] = relationship()
    of_send: Mapped[Send] = relationship()
