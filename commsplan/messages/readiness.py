"""A message held against the checks, with what the directory and the plan know about it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from commsplan.audiences.queries import count_members
from commsplan.foundation.clock import now_utc
from commsplan.messages.checks import BAD, Check, Draft, check
from commsplan.messages.models import Message
from commsplan.messages.queries import people_without
from commsplan.messages.rendering import content_of
from commsplan.messages.rules import PERSONAL_FIELDS, fields_in
from commsplan.plans.obstacle_words import sentences
from commsplan.plans.obstacles import Touched, held


def readiness_of(message: Message, due_at: datetime | None = None) -> list[Check]:
    """Return what the checks find, worst first.

    Args:
        message: as it is saved.
        due_at: when it is to go out; by default when its activity begins, if it has one.
    """
    zone = ZoneInfo(message.plan.zone)
    content, audience = content_of(message.latest), message.audience
    used = fields_in(content.subject, content.preview, content.body)
    goes_out: date | None = due_at.astimezone(zone).date() if due_at else None
    if goes_out is None and message.activity is not None:
        goes_out = message.activity.starts_local.date()
    at = due_at or (message.activity.starts_at if message.activity else None)
    return check(
        Draft(
            content=content,
            today=now_utc().astimezone(zone).date(),
            goes_out_on=goes_out,
            audience_name=audience.name if audience else "",
            audience_count=count_members(audience) if audience else None,
            contact_name=message.contact.name if message.contact else "",
            contact_has_left=bool(message.contact and message.contact.left_on),
            against=_against(message, at),
            missing=tuple(
                (name, people_without(audience, name))
                for name, fallback in used.items()
                if audience and not fallback and name in PERSONAL_FIELDS
            ),
        )
    )


def is_ready(found: list[Check]) -> bool:
    """Tell whether nothing has to be settled before the message may go out."""
    return all(one.kind != BAD for one in found)


def _against(message: Message, at: datetime | None) -> tuple[str, ...]:
    """Say what speaks against sending it at a moment."""
    if at is None:
        return ()
    thing = Touched(at, at, message.audience)
    return tuple(sentences(held([thing]), message.plan.zone))
