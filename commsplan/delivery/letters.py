"""The words that a correction, a recall notice or a reminder starts from."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from commsplan.delivery.models import Send
from commsplan.delivery.rules import SendKind
from commsplan.foundation.dates import show_moment
from commsplan.messages.rules import SUBJECT_LIMIT, Content, MessageWish

ACTION = ("action_what", "action_due_on", "action_address", "action_otherwise")
LETTERS = (SendKind.CORRECTION, SendKind.RECALL, SendKind.REMINDER)
"""Follow-ups that are messages of their own."""
FOLLOWUP_WORDS = {
    SendKind.TOP_UP: lazy_gettext("To those who joined later"),
    SendKind.RESEND: lazy_gettext("Again to those it failed for"),
    SendKind.CORRECTION: lazy_gettext("Correction"),
    SendKind.RECALL: lazy_gettext("Recall notice"),
    SendKind.REMINDER: lazy_gettext("Reminder"),
}


def letter_of(send: Send, kind: SendKind) -> MessageWish:
    """Return the words a follow-up starts from; what is still to be written names no field.

    Such a place holds the message back until somebody writes it.
    """
    original = send.version
    day = show_moment(send.started_at, send.message.plan.zone)
    known = {"subject": original.subject, "day": day}
    subject, body = {
        SendKind.CORRECTION: _correction,
        SendKind.RECALL: _recall,
        SendKind.REMINDER: _reminder,
    }[kind](known)
    content = Content(subject=subject[:SUBJECT_LIMIT], body=body)
    if kind is SendKind.REMINDER:
        content = replace(content, **{name: getattr(original, name) for name in ACTION})
    message = send.message
    return MessageWish(
        content=content,
        audience_id=send.audience_id,
        purpose=f"{FOLLOWUP_WORDS[kind]}: {original.subject}"[:300],
        contact_id=message.contact_id,
        mandatory=message.mandatory,
        mandated_by_id=message.mandated_by_id,
    )


def _correction(known: dict[str, str]) -> tuple[str, str]:
    return _("Correction: %(subject)s", **known), _(
        "Hello {{ first_name | everybody }},\n\n"
        "on %(day)s we wrote to you about “%(subject)s”. Part of it was wrong. We are sorry.\n\n"
        "**This is right:** {{ write here what is right }}\n\n"
        "**This was wrong:** {{ write here what was wrong }}\n\n"
        "Everything else in that message still holds.",
        **known,
    )


def _recall(known: dict[str, str]) -> tuple[str, str]:
    return _("Please disregard: %(subject)s", **known), _(
        "Hello {{ first_name | everybody }},\n\n"
        "on %(day)s we sent you “%(subject)s”. Please disregard that message: "
        "{{ write here why, in one sentence }}\n\n"
        "You need not do anything it asked for. If you have already, this is what follows: "
        "{{ write here what happens to those who have acted }}\n\n"
        "We are sorry for the trouble.",
        **known,
    )


def _reminder(known: dict[str, str]) -> tuple[str, str]:
    return _("Reminder: %(subject)s", **known), _(
        "Hello {{ first_name | everybody }},\n\n"
        "on %(day)s we wrote to you about “%(subject)s”. We have not heard from you yet. If you "
        "have done it in the meantime, thank you; nothing more is needed.",
        **known,
    )
