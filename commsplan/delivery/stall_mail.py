"""Tells by mail, once for each stall, that a send could go on and does not.

Whoever scheduled it and whoever answers for its plan get one. When the mail server itself is the
cause, this mail waits for it too; the send's page, the first page and the metrics tell at once.
"""

from __future__ import annotations

import smtplib
from email.utils import parseaddr

import mrml
from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select, update

from commsplan.delivery.models import Send
from commsplan.delivery.queries import counts
from commsplan.delivery.rules import OPEN
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.dates import show_moment
from commsplan.foundation.languages import LANGUAGES
from commsplan.foundation.logs import log
from commsplan.foundation.mail import Mail, build, relay
from commsplan.messages.showing import subject_words
from commsplan.people.models import Person
from commsplan.people.queries import language_of, zone_of


def tell_of_stalls() -> None:
    """Mail about every stall nobody has been told of; what cannot be mailed is tried again."""
    untold = select(Send.id).where(Send.stalled_at.is_not(None), Send.stall_told_at.is_(None))
    for send_id in db.session.scalars(untold).all():
        if _claim(send_id) and not _tell(db.session.get_one(Send, send_id)):
            _give_back(send_id)


def _claim(send_id: int) -> bool:
    """Take the telling over: of several timetables, one mails."""
    with transaction() as database:
        mine = database.scalar(
            update(Send)
            .where(Send.id == send_id, Send.stalled_at.is_not(None), Send.stall_told_at.is_(None))
            .values(stall_told_at=now_utc())
            .returning(Send.id)
        )
    return mine is not None


def _give_back(send_id: int) -> None:
    with transaction() as database:
        database.execute(update(Send).where(Send.id == send_id).values(stall_told_at=None))


def people_of(send: Send) -> list[Person]:
    """Return who is told: who scheduled a send, and who answers for its plan."""
    wanted = [send.scheduled_by, send.message.plan.owner]
    there = [one for one in wanted if one and one.email and one.left_on is None]
    return list(dict.fromkeys(there))


def _tell(send: Send) -> bool:
    """Mail its people; return False when the mail server took none of it."""
    send_id, mails = send.id, [_written(send, person) for person in people_of(send)]
    db.session.rollback()  # no transaction stays open while a mail server thinks
    try:
        if mails:
            with relay(current_app.config["SMTP_URL"]) as client:
                for mail in mails:
                    client.send_message(build(mail))
    except (OSError, smtplib.SMTPException) as error:
        log().warning("send.stall_not_told", send=send_id, reason=type(error).__name__)
        return False
    log().info("send.stall_told", send=send_id, people=len(mails))
    return True


def _written(send: Send, person: Person) -> Mail:
    sender = str(current_app.config["MAIL_FROM"])
    language = language_of(person).split("-")[0]
    with force_locale(language if language in LANGUAGES else "en"):
        numbers = counts(send)
        words = {
            "person": person,
            "subject": subject_words(send.version.subject),
            "since": show_moment(send.idle_since or send.stalled_at, zone_of(person)),
            "waiting": sum(numbers[state] for state in OPEN),
            "address": f"{current_app.config['BASE_URL']}/sends/{send.id}",
            "organisation": current_app.config["ORGANISATION"],
        }
        stall = int((send.stalled_at or now_utc()).timestamp())
        host = parseaddr(sender)[1].partition("@")[2]
        return Mail(
            to_name=person.name,
            to_address=person.email,
            subject=render_template("mail/stalled/subject.txt", **words).strip(),
            text=render_template("mail/stalled/body.txt", **words),
            html=mrml.to_html(render_template("mail/stalled/body.mjml", **words)).content,
            sender=sender,
            message_id=f"stalled.{send.id}.{stall}.{person.id}@{host}",
            headers={"Auto-Submitted": "auto-generated"},
            language=language,
        )
