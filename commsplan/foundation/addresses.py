"""The public addresses of one copy, one feed, one sign-in: absolute, built without a request."""

from __future__ import annotations

from flask import current_app

from commsplan.foundation.tokens import sign


def absolute(path: str) -> str:
    """Return the full address of a path on this installation."""
    return str(current_app.config["BASE_URL"]) + path


def message_address(delivery_id: int) -> str:
    """The copy as a web page."""
    return absolute(f"/m/{sign('message', delivery_id)}")


def survey_address(delivery_id: int) -> str:
    """The questions that belong to the copy's message."""
    return absolute(f"/s/{sign('survey', delivery_id)}")


def link_address(delivery_id: int, position: int) -> str:
    """A counted way to the link at this position (from 1) of the copy's text."""
    return absolute(f"/l/{sign('link', delivery_id, position)}")


def pixel_address(delivery_id: int) -> str:
    """The picture that shows that a mail was opened, perhaps."""
    return absolute(f"/o/{sign('open', delivery_id)}.gif")


def unsubscribe_address(delivery_id: int) -> str:
    """The way out, where the plan allows one (RFC 8058)."""
    return absolute(f"/u/{sign('unsubscribe', delivery_id)}")


def subscribe_address(delivery_id: int) -> str:
    """The page that offers the plan's calendar to the reader of this copy."""
    return absolute(f"/c/{sign('calendar', delivery_id)}")


def appeal_address(entry_id: int) -> str:
    """Where a person says that mail to their address works after all."""
    return absolute(f"/a/{sign('appeal', entry_id)}")


def feed_address(feed_id: int, generation: int) -> str:
    """The secret iCalendar address of one person and one plan."""
    return absolute(f"/f/{sign('feed', feed_id, generation)}.ics")


def sign_in_address(link_id: int, nonce: int) -> str:
    """The one-time way in of one person."""
    return absolute(f"/sign-in/link/{sign('sign-in', link_id, nonce)}")
