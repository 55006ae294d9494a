"""The public addresses of one copy, one feed, one sign-in: absolute, built without a request."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app

from commsplan.foundation.tokens import sign


@dataclass(frozen=True)
class Way:
    """How the address of one kind of thing is put together: path, token, ending."""

    path: str
    purpose: str
    """What its token may be used for."""
    ending: str = ""

    def address(self, identity: int, extra: int = 0) -> str:
        """Return the full address of one thing."""
        return absolute(f"{self.path}{sign(self.purpose, identity, extra)}{self.ending}")


MESSAGE = Way("/m/", "message")
SURVEY = Way("/s/", "survey")
LINK = Way("/l/", "link")
PIXEL = Way("/o/", "open", ".gif")
UNSUBSCRIBE = Way("/u/", "unsubscribe")
CALENDAR = Way("/c/", "calendar")
INVITATION = Way("/r/", "invitation")
FEED = Way("/f/", "feed", ".ics")
SIGN_IN = Way("/sign-in/link/", "sign-in")


def absolute(path: str) -> str:
    """Return the full address of a path on this installation."""
    return str(current_app.config["BASE_URL"]) + path


def calendar_uid(key: str) -> str:
    """Return the UID of what has none of its own, made of a key that is never used again."""
    return f"{key}@{urlsplit(str(current_app.config['BASE_URL'])).hostname or 'localhost'}"


def message_address(delivery_id: int) -> str:
    """The copy as a web page."""
    return MESSAGE.address(delivery_id)


def survey_address(delivery_id: int) -> str:
    """The questions that belong to the copy's message."""
    return SURVEY.address(delivery_id)


def link_address(delivery_id: int, position: int) -> str:
    """A counted way to the link at this position (from 1) of the copy's text."""
    return LINK.address(delivery_id, position)


def pixel_address(delivery_id: int) -> str:
    """The picture that shows that a mail was opened, perhaps."""
    return PIXEL.address(delivery_id)


def unsubscribe_address(delivery_id: int) -> str:
    """The way out, where the plan allows one (RFC 8058)."""
    return UNSUBSCRIBE.address(delivery_id)


def subscribe_address(delivery_id: int) -> str:
    """The page that offers the plan's calendar to the reader of this copy."""
    return CALENDAR.address(delivery_id)


def invitation_address(invitation_id: int) -> str:
    """Where one person answers an invitation."""
    return INVITATION.address(invitation_id)


def appeal_address(entry_id: int) -> str:
    """Where a person says that mail to their address works after all."""
    return absolute(f"/a/{sign('appeal', entry_id)}")


def feed_address(feed_id: int, generation: int) -> str:
    """The secret iCalendar address of one person's feed."""
    return FEED.address(feed_id, generation)


def public_feed_address(slug: str) -> str:
    """The address of a plan's public calendar."""
    return absolute(f"/calendars/{slug}.ics")


def board_address(person_id: int, generation: int, form: str) -> str:
    """The secret address of one person's notice board, as "rss", "atom" or "json"."""
    return absolute(f"/board/feed/{sign('board', person_id, generation)}.{form}")


def sign_in_address(link_id: int, nonce: int) -> str:
    """The one-time way in of one person."""
    return SIGN_IN.address(link_id, nonce)
