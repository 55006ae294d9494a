"""One test copy of a saved message, over the real relay, to whoever asks for it."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _

from commsplan.foundation.addresses import absolute
from commsplan.foundation.dkim_keys import signing_keys
from commsplan.foundation.errors import Unreadable
from commsplan.foundation.logs import log
from commsplan.foundation.mail import Mail, hand_over, relay
from commsplan.foundation.tokens import new_token
from commsplan.messages.models import Message
from commsplan.messages.rendering import Places, compose, language_for, reader_of
from commsplan.people.models import Person


@dataclass(frozen=True)
class Refused:
    """The relay did not take the copy: why, in plain words."""

    why: str


def send_test_copy(message: Message, to: Person) -> Refused | None:
    """Send the newest version to one person; links lead straight on, nothing is counted."""
    version, reader = message.latest, reader_of(to)
    links = {link.position: link.address for link in version.links}
    places = Places(
        page=absolute(f"/messages/{message.id}?as=web"),
        link=lambda position: links.get(position, absolute(f"/messages/{message.id}")),
    )
    copy = compose(version, message, reader, places)
    sender = str(current_app.config["MAIL_FROM"])
    domain = sender.rpartition("@")[2].strip(" >") or "localhost"
    mail = Mail(
        to_name=to.name,
        to_address=to.email,
        subject="[Test] " + copy.subject,
        text=copy.text,
        html=copy.html,
        sender=sender,
        message_id=f"test.{new_token()}@{domain}",
        headers={"X-Auto-Response-Suppress": "All", "Auto-Submitted": "auto-generated"},
        language=language_for(reader),
    )
    try:
        with relay(str(current_app.config["SMTP_URL"])) as connection:
            hand_over(mail, connection, signing_keys())
    except (OSError, smtplib.SMTPException, Unreadable) as error:
        log().warning("test_copy.refused", message=message.id, reason=type(error).__name__)
        return Refused(_why(error))
    return None


def _why(error: Exception) -> str:
    said: str = _("The mail server cannot be reached (%(what)s).", what=type(error).__name__)
    match error:
        case smtplib.SMTPRecipientsRefused():
            said = _("The mail server does not accept your address.")
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=words):
            reply = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
            said = _("The mail server said: %(code)s %(reply)s", code=code, reply=reply[:200])
        case Unreadable():
            said = str(error)
        case ConnectionRefusedError():
            said = _("No mail server answers at the configured address.")
        case TimeoutError():
            said = _("The mail server did not answer in time.")
    return said
