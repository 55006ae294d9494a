"""What could go wrong with a send: what has to be settled first, and what is worth a look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.delivery.outlook import Outlook
from commsplan.delivery.timing import PLAIN, Timing
from commsplan.messages.checks import BAD, GOOD, WARN, Check
from commsplan.messages.models import Message
from commsplan.messages.readiness import readiness_of

further: list[Callable[[Message, datetime], list[Check]]] = []
"""What later steps have to say before a message goes out at a moment; app.py puts them here."""


def checks_before(
    message: Message, outlook: Outlook | None, due_at: datetime, timing: Timing = PLAIN
) -> list[Check]:
    """Return what the message's own checks find, and what sending it adds; the worst first."""
    found = [one for one in readiness_of(message, due_at) if one.name != "audience"]
    found += [*_plan(message), *_audience(outlook, due_at, timing)]
    found += [one for ask in further for one in ask(message, due_at)]
    order = {BAD: 0, WARN: 1, GOOD: 2}
    return sorted(found, key=lambda one: order[one.kind])


def _plan(message: Message) -> list[Check]:
    plan = message.plan
    if plan.status == "archived":
        text = _("The plan is archived.")
        return [Check(BAD, "plan", text, _("Bring it back before anything is sent."))]
    found = []
    if plan.status == "draft":
        text = _("The plan is still a draft: readers do not see its dates in their calendars.")
        found.append(Check(WARN, "plan", text, _("Make it active on the plan's page.")))
    if plan.sponsor is None or plan.owner is None:
        text = _("The plan does not say yet who sponsors it and who is accountable.")
        found.append(Check(WARN, "people", text, _("Name both on the plan.")))
    return found


def _audience(outlook: Outlook | None, due_at: datetime, timing: Timing) -> list[Check]:
    if outlook is None:
        text = _("The message has no audience.")
        return [Check(BAD, "audience", text, _("Choose whom it is for."), "audience")]
    if not outlook.people:
        return [_nobody(outlook)]
    found = [Check(GOOD, "audience", _("The audience has members today."))]
    found += _hours(outlook, due_at, timing)
    if outlook.without_address:
        text = ngettext(
            "%(num)s person has no usable e-mail address and gets nothing.",
            "%(num)s people have no usable e-mail address and get nothing.",
            outlook.without_address,
        )
        found.append(Check(WARN, "addresses", text, _("Tell them another way.")))
    return found


def _hours(outlook: Outlook, due_at: datetime, timing: Timing) -> list[Check]:
    found = []
    if night := outlook.at_night(due_at, timing):
        text = ngettext(
            "For %(num)s person it will be before 7:00 or after 20:00.",
            "For %(num)s people it will be before 7:00 or after 20:00.",
            night,
        )
        found.append(Check(WARN, "hour", text, _("Choose an hour that suits most of them.")))
    if passed := outlook.passed(due_at, timing):
        text = ngettext(
            "For %(num)s person this hour has passed when it starts: they get it at once.",
            "For %(num)s people this hour has passed when it starts: they get it at once.",
            passed,
        )
        found.append(Check(WARN, "passed", text, _("Choose the next day if that is too late.")))
    if late := outlook.too_late(due_at, timing):
        text = ngettext(
            "The last part would come too late for %(num)s person, who may get nothing.",
            "The last part would come too late for %(num)s people, who may get nothing.",
            late,
        )
        found.append(Check(WARN, "too late", text, _("Shorten the pauses, or start earlier.")))
    return found


def _nobody(outlook: Outlook) -> Check:
    if outlook.have_it:
        text = _("Everybody in the audience has this message already.")
        return Check(BAD, "audience", text, _("Nothing is left to send."), "audience")
    text = _("Nobody would get it: the audience has no members today.")
    return Check(BAD, "audience", text, _("Choose another audience."), "audience")
