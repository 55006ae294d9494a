"""What the composer shows beside the text: words for states, choices, the first form."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from commsplan.audiences.models import Audience
from commsplan.messages.models import Message
from commsplan.messages.rules import SLOT, MessageState, unhex, with_slots
from commsplan.people.models import Person
from commsplan.plans.models import Activity, Plan
from commsplan.plans.queries import activities_of

FORMS = {
    "mail": later("Mail"),
    "phone": later("Phone"),
    "text": later("Plain text"),
    "web": later("Web page"),
}
"""The ways to look at a message, and their names."""

PICKER = (
    ("first_name", later("First name")),
    ("name", later("Full name")),
    ("title", later("Job title")),
    ("department", later("Department")),
    ("location", later("Location")),
    ("country", later("Country")),
    ("manager_name", later("Manager's name")),
    ("action_due", later("Date of the call to action")),
    ("contact_name", later("Contact's name")),
    ("plan_title", later("Title of the plan")),
    ("organisation", later("Name of the organisation")),
    ("survey_link", later("Address of the survey, in a link")),
    ("calendar_link", later("Address of the calendar, in a link")),
    ("page_link", later("Address of the web page, in a link")),
)
"""The personal fields in the order people look for them."""


def subject_words(text: str) -> str:
    """Return a subject as lists and titles show it: "[First name], see a risk?"."""
    names = dict(PICKER)
    return SLOT.sub(lambda slot: unhex(slot[2]) or f"[{names[slot[1]]}]", with_slots(text))


def state_word(state: str) -> tuple[str, str]:
    """Return kind and word of a state, for `status`."""
    words = {
        MessageState.DRAFT: ("neutral", _("Draft")),
        MessageState.SCHEDULED: ("info", _("Scheduled")),
        MessageState.SENDING: ("info", _("Going out")),
        MessageState.SENT: ("good", _("Sent")),
        MessageState.CANCELLED: ("warn", _("Cancelled")),
    }
    return words[MessageState(state)]


def form_of(message: Message) -> dict[str, object]:
    """Return a saved message as its form."""
    version, decided = message.latest, message.mandated_by or message.plan.sponsor
    return {
        "subject": version.subject,
        "preview": version.preview,
        "body": version.body,
        "action_what": version.action_what,
        "action_due_on": version.action_due_on,
        "action_address": version.action_address,
        "action_otherwise": version.action_otherwise,
        "audience": message.audience_id,
        "activity": message.activity_id,
        "contact": message.contact.email if message.contact else "",
        "mandatory": "1" if message.mandatory else "",
        "mandated_by": decided.email if decided else "",
        "base": version.number,
    }


def starting_form(plan: Plan, activity: Activity | None) -> dict[str, object]:
    """Return the form of a message that is about to be written."""
    greeting = _("Hello {{ first_name }},")
    key = activity.key_message.strip() if activity else ""
    return {
        "subject": activity.title if activity else "",
        "body": f"{greeting}\n\n{key}\n" if key else f"{greeting}\n\n",
        "audience": activity.audience_id if activity else None,
        "activity": activity.id if activity else None,
        "contact": plan.owner.email if plan.owner else "",
        "mandated_by": plan.sponsor.email if plan.sponsor else "",
        "base": 0,
    }


def choices(
    plan: Plan, audiences: Sequence[Audience], me: Person, message: Message | None
) -> dict[str, object]:
    """Return what the form's lists offer."""
    offered = [one for one in audiences if one.team_id == plan.team_id]
    if message and message.audience and message.audience not in offered:
        offered.append(message.audience)
    known = [me, plan.owner, plan.sponsor, *(member.person for member in plan.members)]
    return {
        "audiences": [(one.id, one.name) for one in offered],
        "activities": [(one.id, one.title) for one in activities_of(plan)],
        "known": {one.email: one.name for one in known if one},
    }
