"""What a reader's pages say when nothing more is sent to their address."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from commsplan.delivery.models import Delivery
from commsplan.delivery.suppression_words import READER_WORDS
from commsplan.delivery.suppressions import suppression_of
from commsplan.foundation.addresses import appeal_address
from commsplan.people.models import Person


def stopped_panel(delivery: Delivery) -> Markup | None:
    """Return what a copy's page says when nothing more is sent to its reader."""
    return stopped_notice(delivery.person)


def stopped_notice(person: Person) -> Markup | None:
    """Return what a person reads when nothing is sent to their present address."""
    entry = suppression_of(person.email)
    if entry is None:
        return None
    return Markup(  # noqa: S704  # our own template, which escapes
        render_template(
            "delivery/_stopped.html",
            entry=entry,
            why=READER_WORDS[entry.reason],
            address=appeal_address(entry.id),
        )
    )
