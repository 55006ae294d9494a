"""What came back and wants somebody's word: people whose address works, readers who complained."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.delivery.came_back import complaints_for
from commsplan.delivery.suppressions import appeals_waiting
from commsplan.home.rules import Matter
from commsplan.people.models import Person

LIST = "/suppressions/"
FRESH = timedelta(days=7)  # older complaints are history, to be seen on the list's page


def returns(person: Person) -> list[Matter]:
    """Return what a lead has to hear of."""
    return [*_appeals(), *_complaints(person)]


def _appeals() -> list[Matter]:
    waiting = appeals_waiting()
    if not waiting:
        return []
    text = ngettext(
        "%(num)s person says that their address works",
        "%(num)s people say that their addresses work",
        waiting,
    )
    note = _("Nothing is sent there until somebody decides.")
    return [Matter("warn", _("Decide"), text, LIST + "?show=appeals", "", "", note)]


def _complaints(person: Person) -> list[Matter]:
    plans = Counter(
        one.delivery.message.plan for one in complaints_for(person, FRESH) if one.delivery
    )
    return [
        Matter(
            "warn",
            _("Complaint"),
            ngettext("%(num)s reader complained", "%(num)s readers complained", number),
            LIST + "#complaints",
            plan.title,
            plan.colour,
        )
        for plan, number in plans.items()
    ]
