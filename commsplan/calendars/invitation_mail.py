"""One mail about a meeting, written for one person (iMIP, RFC 6047).

    multipart/mixed
     ├ multipart/alternative: text/plain · text/html · text/calendar; method=…; component=VEVENT
     └ application/ics, the same bytes, invite.ics

A mail has one recipient, so that nobody sees who else is invited, and ATTENDEE is exactly its To.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr

import mrml
from flask import current_app, render_template
from flask_babel import force_locale

from commsplan.calendars.invitation_events import Scheduling, calendar_part
from commsplan.calendars.invitation_mail_words import words_of
from commsplan.calendars.invitation_models import InvitationMail
from commsplan.calendars.invitation_queries import invitation_for, meeting_of
from commsplan.calendars.invitation_rules import METHODS, Answer, MailKind
from commsplan.calendars.itip import Party
from commsplan.calendars.meeting_times import is_off
from commsplan.calendars.reply_address import reply_address
from commsplan.foundation import dkim
from commsplan.foundation.addresses import invitation_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dkim_keys import signing_keys
from commsplan.foundation.languages import LANGUAGES
from commsplan.foundation.mail import Mail, build, header_safe
from commsplan.foundation.tokens import keyed_hash
from commsplan.people.models import Person
from commsplan.people.queries import language_of, zone_of
from commsplan.plans.models import Activity

HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF"}
"""Keep out-of-office notes away (RFC 3834 §5; MS-OXCMAIL §2.1.3.2.20), but no answers."""


@dataclass(frozen=True)
class Letter:
    """A mail, ready to be handed over."""

    sender: str
    """The return path: the address that its answers go to, so that a bounce says whose it is."""
    address: str
    raw: bytes
    """The whole message, CRLF, signed where this installation signs."""


def write(mail: InvitationMail) -> Letter:
    """Write one mail of the outbox, in its reader's language and on their clock.

    Raises:
        ValueError: something in it cannot be written, such as an address in a header.
    """
    person = mail.person
    language = language_of(person).split("-")[0]
    sender = reply_address(mail.invitation_id)
    with force_locale(language if language in LANGUAGES else "en"):
        words = words_of(mail)
        message = build(
            Mail(
                to_name=person.name,
                to_address=person.email,
                subject=render_template("mail/invitation/subject.txt", **words).strip(),
                text=render_template("mail/invitation/body.txt", **words),
                html=_html(words),
                sender=f'"{_quoted(organiser_of(mail.activity))}" <{sender}>',
                message_id=message_id_of(mail),
                headers=HEADERS,
                language=language,
            )
        )
        if says_it_as_a_calendar(mail):
            _attach(message, METHODS[MailKind(mail.kind)], _calendar(mail, sender))
    signed = dkim.sign(message.as_bytes(), signing_keys(), int(now_utc().timestamp()))
    return Letter(sender, person.email, signed)


def says_it_as_a_calendar(mail: InvitationMail) -> bool:
    """Tell whether a mail has a calendar part: not before a session is chosen."""
    return (mail.kind in METHODS and mail.invitation.session_id is not None) or is_farewell(mail)


def is_farewell(mail: InvitationMail) -> bool:
    """Tell whether a mail takes something out of a calendar."""
    return mail.kind == MailKind.CANCELLATION


def message_id_of(mail: InvitationMail) -> str:
    """Return the Message-ID: the same whenever this mail is sent."""
    host = parseaddr(str(current_app.config["MAIL_FROM"]))[1].partition("@")[2]
    return f"i{mail.id}.{keyed_hash('invitation mail', str(mail.id))[:16]}@{host}"


def organiser_of(activity: Activity) -> str:
    """Return in whose name people are invited."""
    meeting = meeting_of(activity)
    person = activity.owner or (meeting.by if meeting else None) or activity.plan.owner
    return person.name if person else str(current_app.config["ORGANISATION"])


def organiser_person(activity: Activity) -> Person | None:
    """Return who hears of proposals; nobody where the plan names nobody who works here."""
    meeting = meeting_of(activity)
    wanted = (activity.owner, meeting.by if meeting else None, activity.plan.owner)
    return next((one for one in wanted if one and one.left_on is None), None)


def _calendar(mail: InvitationMail, sender: str) -> bytes:
    person = mail.invitation.person
    party = Party(
        organiser=sender,
        organiser_name=organiser_of(mail.activity),
        attendee=person.email,
        attendee_name=person.name,
        partstat=_partstat(mail),
    )
    return calendar_part(
        Scheduling(
            method=METHODS[MailKind(mail.kind)],
            activity=mail.activity,
            day=mail.occurrence,
            party=party,
            sequence=mail.sequence,
            stamp=mail.created_at,
            zone=zone_of(person),
            url=invitation_address(mail.invitation_id),
            for_everybody=is_off(mail.activity) or bool(mail.occurrence and not _is_let_go(mail)),
            comment=mail.words if mail.kind == MailKind.COUNTER else "",
        )
    )


def _is_let_go(mail: InvitationMail) -> bool:
    return mail.invitation.withdrawn_at is not None


def _partstat(mail: InvitationMail) -> str:
    """Return what the calendar shows as their answer; who waits for a place is not sure of it."""
    row = mail.invitation
    if mail.occurrence and row.occurrence != mail.occurrence:
        row = invitation_for(row.activity_id, row.person_id, mail.occurrence) or row
    said = Answer.MAYBE if row.waiting_since else Answer(row.answer)
    return said.upper()


def _attach(message: EmailMessage, method: str, calendar: bytes) -> None:
    """Put the calendar last among the alternatives, and beside them as a file (RFC 6047 §2.4)."""
    parameters = {"method": method, "component": "VEVENT", "charset": "UTF-8"}
    message.add_alternative(
        calendar, maintype="text", subtype="calendar", cte="base64", params=parameters
    )
    message.add_attachment(
        calendar, maintype="application", subtype="ics", cte="base64", filename="invite.ics"
    )


def _quoted(name: str) -> str:
    return header_safe(name).replace("\\", "").replace('"', "'")


def _html(words: dict[str, object]) -> str:
    try:
        return str(mrml.to_html(render_template("mail/invitation/body.mjml", **words)).content)
    except OSError as error:  # what mrml raises for what it cannot parse
        raise ValueError("The HTML form cannot be written.") from error
