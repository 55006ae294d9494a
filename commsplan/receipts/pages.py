"""What the page of one copy says, put together before the template sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from commsplan.calendars.queries import shows_dates
from commsplan.delivery.models import Delivery
from commsplan.delivery.rules import State
from commsplan.foundation.addresses import link_address, subscribe_address, survey_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import utc_to_local
from commsplan.messages.models import Version
from commsplan.messages.rendering import content_of, reader_of, subject_for, web_body
from commsplan.messages.skeleton import action_position
from commsplan.people.models import Person
from commsplan.people.queries import zone_of
from commsplan.receipts.actions import TAKE_BACK_WITHIN
from commsplan.receipts.models import Confirmation
from commsplan.receipts.panels import render_panels
from commsplan.receipts.queries import said


@dataclass(frozen=True)
class MessagePage:
    """One copy, ready to be shown to its reader."""

    token: str
    subject: str
    body: Markup
    version: Version
    plan_title: str
    sent_at: datetime | None
    zone: str
    """The reader's own."""
    act_at: str
    """The counted way to where the action is done, or nothing."""
    contact: Person | None
    is_overdue: bool
    """The day by which to act has passed where the reader lives."""
    said: dict[str, Confirmation]
    panels: list[Markup]
    calendar: str
    """Where to get the plan's dates, or nothing while the plan shows none."""
    individual: bool
    """Whether opening and clicking may be looked at person by person."""

    def may_take_back(self, word: Confirmation) -> bool:
        """Tell whether the reader said it only just now."""
        return now_utc() - word.at <= TAKE_BACK_WITHIN

    @property
    def is_confirmed(self) -> bool:
        """Tell whether the reader has said anything: whoever has done it has read it."""
        return bool(self.said)


def page_of(delivery: Delivery, token: str) -> MessagePage:
    """Put the page of one copy together."""
    version, message = delivery.send.version, delivery.message
    reader, zone = reader_of(delivery.person), zone_of(delivery.person)
    due, position = version.action_due_on, action_position(content_of(version))
    calendar = subscribe_address(delivery.id) if shows_dates(message.plan) else ""
    return MessagePage(
        token=token,
        subject=subject_for(version, reader),
        body=web_body(
            version,
            reader,
            lambda position: link_address(delivery.id, position),
            survey_address(delivery.id),
            calendar,
        ),
        version=version,
        plan_title=message.plan.title,
        sent_at=delivery.accepted_at or delivery.send.started_at,
        zone=zone,
        act_at=link_address(delivery.id, position) if position else "",
        contact=message.contact or message.plan.owner,
        is_overdue=bool(due and due < utc_to_local(now_utc(), zone).date()),
        said=said(delivery),
        panels=render_panels(delivery),
        calendar=calendar,
        individual=message.plan.privacy == "individual",
    )


def is_withdrawn(delivery: Delivery) -> bool:
    """Tell whether the message was stopped: then its text may be wrong, and nothing is asked."""
    return delivery.state == State.CANCELLED or delivery.message.state == "cancelled"
