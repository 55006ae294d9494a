"""The two ways in: a password, or a one-time link by mail."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from email.utils import parseaddr

import mrml
from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import delete, or_, select, update

from commsplan.foundation import audit
from commsplan.foundation.addresses import sign_in_address
from commsplan.foundation.bell import QueueName, ring
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.dkim_keys import signing_keys
from commsplan.foundation.errors import Absent
from commsplan.foundation.languages import LANGUAGES
from commsplan.foundation.logs import log
from commsplan.foundation.mail import Mail, hand_over, relay
from commsplan.foundation.tokens import read_signed
from commsplan.people.actions import LINK_VALID
from commsplan.people.models import Credential, Person, SignInLink, SignInSession
from commsplan.people.passwords import fits, hash_password, is_outdated
from commsplan.people.queries import language_of, person_by_email

MAIL_AGAIN = timedelta(minutes=1)  # a second request within it waits for the first mail
UNHEARD_AFTER = timedelta(seconds=10)  # then the timetable mails what no worker took
KEEP = timedelta(days=30)  # ended sessions and spent links, for whoever asks what happened
MAIL_JOB = "commsplan.people.sign_in_jobs.mail_sign_in_link"


def person_with_password(email: str, password: str) -> Person | None:
    """Return who signs in with this address and password; refusals are recorded.

    The work is the same whether or not the account exists (ASVS 5.0 v6.3.8).
    """
    person = person_by_email(email)
    credential = db.session.get(Credential, person.id) if person else None
    right = fits(credential.password_hash if credential else None, password)
    if person is None or credential is None or not right or person.left_on is not None:
        with transaction():
            audit.record(
                "visitor", "sign_in.refused", f"person {person.id}" if person else "nobody"
            )
        return None
    if is_outdated(credential.password_hash):
        kept = hash_password(password)
        with transaction():
            credential.password_hash = kept
    with transaction():
        audit.record(f"person {person.id}", "sign_in.by_password", f"person {person.id}")
    return person


def ask_for_link(email: str, next_path: str) -> None:
    """Have a one-time link mailed, if somebody has this address; the visitor never learns."""
    with transaction() as database:
        person = person_by_email(email)
        known = person is not None and person.left_on is None
        link_id = 0
        if person and known and not _was_just_mailed(person):
            link = SignInLink(
                person_id=person.id,
                expires_at=now_utc() + LINK_VALID,
                next_path=next_path,
                mail="waiting",
            )
            database.add(link)
            database.flush()
            link_id = link.id
        thing = f"person {person.id}" if person else "nobody"
        audit.record("visitor", "sign_in.link_asked", thing)
    ring(QueueName.CHORES, MAIL_JOB, link_id)


def _was_just_mailed(person: Person) -> bool:
    fresh = now_utc() + LINK_VALID - MAIL_AGAIN
    return bool(
        db.session.scalar(
            select(SignInLink.id).where(
                SignInLink.person_id == person.id,
                SignInLink.mail != "",
                SignInLink.expires_at > fresh,
                SignInLink.used_at.is_(None),
            )
        )
    )


def mail_link(link_id: int) -> None:
    """Mail one waiting link; whoever changed its row owns it, so that it goes out once."""
    keys = signing_keys()  # before the claim: a key that cannot be read leaves the link waiting
    with transaction() as database:
        claimed = database.scalar(
            update(SignInLink)
            .where(SignInLink.id == link_id, SignInLink.mail == "waiting")
            .where(SignInLink.expires_at > now_utc())
            .values(mail="sending")
            .returning(SignInLink.id)
        )
    if claimed is None:
        return
    mail = _written(db.session.get_one(SignInLink, link_id))
    db.session.rollback()  # no transaction stays open while a mail server thinks
    try:
        with relay(current_app.config["SMTP_URL"]) as client:
            hand_over(mail, client, keys)
        outcome = "sent"
    except (OSError, smtplib.SMTPException) as error:
        log().warning("sign_in.mail_failed", link=link_id, reason=type(error).__name__)
        outcome = "waiting"
    with transaction() as database:
        database.execute(update(SignInLink).where(SignInLink.id == link_id).values(mail=outcome))


def _written(link: SignInLink) -> Mail:
    person, sender = link.person, str(current_app.config["MAIL_FROM"])
    language = language_of(person).split("-")[0]
    words = {
        "person": person,
        "address": sign_in_address(link.id, link.nonce),
        "minutes": int(LINK_VALID.total_seconds() // 60),
        "organisation": current_app.config["ORGANISATION"],
    }
    with force_locale(language if language in LANGUAGES else "en"):
        return Mail(
            to_name=person.name,
            to_address=person.email,
            subject=render_template("mail/sign_in/subject.txt", **words).strip(),
            text=render_template("mail/sign_in/body.txt", **words),
            html=mrml.to_html(render_template("mail/sign_in/body.mjml", **words)).content,
            sender=sender,
            message_id=f"sign-in.{link.id}@{parseaddr(sender)[1].partition('@')[2]}",
            headers={"Auto-Submitted": "auto-generated"},
            language=language,
        )


def mail_unheard_links() -> None:
    """Mail the links that no worker took: the queue server may be away."""
    before = now_utc() + LINK_VALID - UNHEARD_AFTER
    waiting = select(SignInLink.id).where(
        SignInLink.mail == "waiting",
        SignInLink.expires_at.between(now_utc(), before),
    )
    for link_id in list(db.session.scalars(waiting)):
        mail_link(link_id)


def link_of(token: str) -> SignInLink:
    """Return the link of a token.

    Raises:
        Absent: forged, used, expired, or its person has left; all look alike.
    """
    link_id, nonce = read_signed("sign-in", token)
    link = db.session.get(SignInLink, link_id)
    if link is None or link.nonce != nonce or link.used_at or link.person.left_on:
        raise Absent
    if link.expires_at <= now_utc():
        raise Absent
    return link


def use_link(token: str) -> SignInLink:
    """Use a link up; of two who try, one is let in.

    Raises:
        Absent: as `link_of`.
    """
    link_id = link_of(token).id
    with transaction() as database:
        used = database.scalar(
            update(SignInLink)
            .where(SignInLink.id == link_id, SignInLink.used_at.is_(None))
            .values(used_at=now_utc())
            .returning(SignInLink.id)
        )
        if used is None:
            raise Absent
        link = database.get_one(SignInLink, link_id, populate_existing=True)
        audit.record(f"person {link.person_id}", "sign_in.by_link", f"person {link.person_id}")
        return link


def forget_old_sign_ins() -> None:
    """Remove spent links and ended sessions after 30 days."""
    long_ago = now_utc() - KEEP
    with transaction() as database:
        database.execute(delete(SignInLink).where(SignInLink.expires_at < long_ago))
        ended = or_(SignInSession.ended_at < long_ago, SignInSession.seen_at < long_ago)
        database.execute(delete(SignInSession).where(ended))
