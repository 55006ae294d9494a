"""Mails a change of an activity to those whose calendars have not come for it: once each.

1. A row is claimed by compare-and-set before the wire is touched.
2. Whoever does not need it any more is spared: their calendar has come, the activity changed again,
   they left, or nothing may be sent to their address.
3. A mail whose sender died is in doubt and stays so; nobody gets the same mail twice.
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from datetime import timedelta
from email.utils import parseaddr

import mrml
from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select, update

from commsplan.calendars.freshness import freshness_of
from commsplan.delivery.moved_models import MovedMail
from commsplan.delivery.moved_words import told
from commsplan.delivery.suppressions import suppression_of
from commsplan.foundation import dkim
from commsplan.foundation.addresses import absolute
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.dkim_keys import signing_keys
from commsplan.foundation.languages import LANGUAGES
from commsplan.foundation.logs import log
from commsplan.foundation.mail import Mail, hand_over, relay
from commsplan.people.models import Person
from commsplan.people.queries import language_of, zone_of
from commsplan.plans.models import Activity

AT_ONCE = 200  # mails of one turn: the next turn comes a few seconds later
LOST_AFTER = timedelta(minutes=15)  # a mail server has answered or been given up long before


def mail_changes() -> None:
    """Send what waits; what the mail server cannot take now is tried again next time."""
    _doubt_lost_ones()
    waiting = select(MovedMail.id).where(MovedMail.state == "waiting").order_by(MovedMail.id)
    ids = list(db.session.scalars(waiting.limit(AT_ONCE)))
    db.session.rollback()
    if not ids:
        return
    keys = signing_keys()
    try:
        with relay(current_app.config["SMTP_URL"]) as client:
            for mail_id in ids:
                _send(mail_id, client, keys)
    except (OSError, smtplib.SMTPException) as error:
        log().warning("activity.change_not_mailed", reason=type(error).__name__)


def _doubt_lost_ones() -> None:
    lost = (MovedMail.state == "sending", MovedMail.began_at < now_utc() - LOST_AFTER)
    with transaction() as database:
        database.execute(update(MovedMail).where(*lost).values(state="uncertain"))


def _send(mail_id: int, client: smtplib.SMTP, keys: Sequence[dkim.Key]) -> None:
    """Send one mail, if it is still wanted.

    Raises:
        OSError, smtplib.SMTPException: the line broke before the server had the mail.
    """
    client.noop()  # a line that broke since the last mail is noticed before this one is touched
    if not _claim(mail_id):
        return
    row = db.session.get_one(MovedMail, mail_id)
    if why := _why_spared(row):
        _settle(mail_id, "spared", why)
        return
    mail = _written(row)
    db.session.rollback()  # no transaction stays open while a mail server thinks
    try:
        hand_over(mail, client, keys)
    except (
        smtplib.SMTPRecipientsRefused,
        smtplib.SMTPSenderRefused,
        smtplib.SMTPDataError,
    ) as error:
        _refused(mail_id, error)
    except (OSError, smtplib.SMTPException):
        _settle(mail_id, "uncertain", "")
        raise
    else:
        _settle(mail_id, "sent", "")


def _claim(mail_id: int) -> bool:
    """Take one mail over: of several timetables, one sends it."""
    with transaction() as database:
        mine = database.scalar(
            update(MovedMail)
            .where(MovedMail.id == mail_id, MovedMail.state == "waiting")
            .values(state="sending", began_at=now_utc())
            .returning(MovedMail.id)
        )
    return mine is not None


def _why_spared(row: MovedMail) -> str:
    """Return why a mail is not needed any more; empty when it is."""
    if row.activity.sequence != row.sequence:
        return "changed again"
    if row.person.left_on is not None:
        return "left"
    if suppression_of(row.person.email) is not None:
        return "nothing is sent to this address"
    fetched = row.person_id not in freshness_of(row.activity).waiting
    return "fetched since" if fetched else ""


def _refused(mail_id: int, error: smtplib.SMTPException) -> None:
    """The server said no: for good, or for now."""
    codes = [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
    for_good = any(code >= 500 for code in codes)
    _settle(mail_id, "failed" if for_good else "waiting", str(codes[0]) if codes else "")


def _settle(mail_id: int, state: str, note: str) -> None:
    with transaction() as database:
        database.execute(
            update(MovedMail)
            .where(MovedMail.id == mail_id, MovedMail.state == "sending")
            .values(state=state, note=note, settled_at=now_utc())
        )


def _written(row: MovedMail) -> Mail:
    activity, person = row.activity, row.person
    sender = str(current_app.config["MAIL_FROM"])
    language = language_of(person).split("-")[0]
    with force_locale(language if language in LANGUAGES else "en"):
        words = _words(activity, person)
        return Mail(
            to_name=person.name,
            to_address=person.email,
            subject=render_template("mail/moved/subject.txt", **words).strip(),
            text=render_template("mail/moved/body.txt", **words),
            html=mrml.to_html(render_template("mail/moved/body.mjml", **words)).content,
            sender=sender,
            message_id=f"moved.{row.id}@{parseaddr(sender)[1].partition('@')[2]}",
            headers={"Auto-Submitted": "auto-generated"},
            language=language,
        )


def _words(activity: Activity, person: Person) -> dict[str, object]:
    return {
        "person": person,
        "title": activity.title,
        "told": told(activity, zone_of(person)),
        "place": activity.place,
        "address": absolute("/me/calendars"),
        "organisation": current_app.config["ORGANISATION"],
    }
