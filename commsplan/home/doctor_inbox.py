"""Whether what comes back can be read."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from commsplan.delivery.imap import place_of
from commsplan.foundation.errors import Unreadable
from commsplan.home.rules import Finding


def bounces() -> Finding:
    """Where bounces go, and whether the mailbox they are read from has a usable address."""
    name, address = _("Bounces"), str(current_app.config["BOUNCE_ADDRESS"])
    mailbox = current_app.config["INBOX_IMAP_URL"].get_secret_value()
    try:
        host = place_of(mailbox).host if mailbox else ""
    except Unreadable as error:
        remedy = _("Set INBOX_IMAP_URL as imaps://user:password@host/folder.")
        return Finding(name, "bad", str(error), remedy)
    if not address:
        said = _("They go to the sender's mailbox, where commsplan does not see them.")
        remedy = _("Set BOUNCE_ADDRESS, and let what comes there reach “commsplan inbox”.")
        return Finding(name, "warn", said, remedy)
    if host:
        said = _("They go to %(address)s and are read at %(host)s.", address=address, host=host)
    else:
        said = _("They go to %(address)s; a mail server has to hand them over.", address=address)
    return Finding(name, "good", said)
