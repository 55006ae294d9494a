"""Signing in and out: the cookie holds a random token, the database its hash and its limits."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, request, session
from sqlalchemy import select, update

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.tokens import hash_token, new_token
from commsplan.people.models import Person, SignInSession
from commsplan.people.rules import browser_name

SEEN_EVERY = timedelta(minutes=1)  # one small write a minute at most, not one a request


def start_session(person: Person) -> None:
    """Sign a person in, in this browser, under a fresh session (ASVS 5.0 v7.2.4)."""
    session.clear()
    token = new_token()
    now = now_utc()
    with transaction() as database:
        database.add(
            SignInSession(
                person_id=person.id,
                token_hash=hash_token(token),
                browser=browser_name(request.user_agent.string),
                started_at=now,
                seen_at=now,
            )
        )
    session["token"] = token
    session.permanent = True


def person_of_session() -> Person | None:
    """Return who is signed in here, or None; limits and leaving the organisation end it."""
    token = session.get("token")
    if not token:
        return None
    now = now_utc()
    found = db.session.scalar(
        select(SignInSession).where(SignInSession.token_hash == hash_token(str(token)))
    )
    idle = timedelta(hours=current_app.config["SESSION_IDLE_HOURS"])
    whole = timedelta(days=current_app.config["SESSION_DAYS"])
    if (
        found is None
        or found.ended_at
        or now - found.seen_at > idle
        or now - found.started_at > whole
        or found.person.left_on is not None
    ):
        session.clear()
        return None
    if now - found.seen_at > SEEN_EVERY:
        with transaction():
            found.seen_at = now
    return found.person


def sessions_of(person_id: int) -> list[SignInSession]:
    """Return the browsers in which a person is still signed in, the last used first."""
    now = now_utc()
    idle = now - timedelta(hours=current_app.config["SESSION_IDLE_HOURS"])
    whole = now - timedelta(days=current_app.config["SESSION_DAYS"])
    return list(
        db.session.scalars(
            select(SignInSession)
            .where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
            .where(SignInSession.seen_at > idle, SignInSession.started_at > whole)
            .order_by(SignInSession.seen_at.desc())
        )
    )


def is_this_browser(found: SignInSession) -> bool:
    """Tell whether a session is the one of this request."""
    return found.token_hash == hash_token(str(session.get("token", "")))


def end_session() -> None:
    """Sign out of this browser."""
    token = session.pop("token", None)
    session.clear()
    if token:
        _end(SignInSession.token_hash == hash_token(str(token)))


def end_all_sessions(person_id: int) -> None:
    """Sign a person out everywhere."""
    _end(SignInSession.person_id == person_id)


def _end(which: object) -> None:
    with transaction() as database:
        database.execute(
            update(SignInSession)
            .where(which, SignInSession.ended_at.is_(None))  # type: ignore[arg-type]  # a column test
            .values(ended_at=now_utc())
        )
