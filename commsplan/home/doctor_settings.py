"""Checks of what was set: each returns one finding and needs nobody else to answer."""

from __future__ import annotations

import os
import shutil
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import gettext as _

from commsplan.foundation.dates import ZONES
from commsplan.home.rules import Finding

SECRET_LENGTH = 32  # characters; 192 bits if they are random letters and digits
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LITTLE_MB = 1_000
TOO_LITTLE_MB = 100


def secret_key() -> Finding:
    """The key that signs sessions and personal links."""
    name, key = _("Secret key"), str(current_app.config["SECRET_KEY"])
    if len(key) >= SECRET_LENGTH:
        return Finding(name, "good", _("It is long enough."))
    said = (
        _("There is none.") if not key else _("It has only %(count)s characters.", count=len(key))
    )
    remedy = _(
        "Set SECRET_KEY to at least 32 random characters, and keep it: a new one ends every"
        " session and every personal link."
    )
    return Finding(name, "bad", said, remedy)


def base_url() -> Finding:
    """The address that stands in every mail, and whether the cookies fit it."""
    name, address = _("Address"), str(current_app.config["BASE_URL"])
    parts = urlsplit(address)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    if parts.scheme not in ("http", "https") or not parts.hostname:
        said = _("“%(address)s” is not an address.", address=address)
        return Finding(name, "bad", said, _("Set BASE_URL as https://comms.example.org."))
    if parts.scheme == "https":
        said = _("People reach commsplan at %(address)s.", address=address)
        if secure:
            return Finding(name, "good", said)
        return Finding(
            name, "bad", _("Cookies may travel without HTTPS."), _("Set SECURE_COOKIES to true.")
        )
    if secure:
        said = _("Nobody can stay signed in: cookies need HTTPS, and the address has none.")
        remedy = _("Set BASE_URL to the https address, or SECURE_COOKIES=false for a local demo.")
        return Finding(name, "bad", said, remedy)
    if parts.hostname in LOOPBACK:
        return Finding(name, "good", _("%(address)s: for this machine alone.", address=address))
    remedy = _("Put HTTPS in front, set BASE_URL to it and SECURE_COOKIES to true.")
    return Finding(name, "bad", _("Passwords and links travel in the open."), remedy)


def mail_from() -> Finding:
    """The sender of every mail."""
    name, sender = _("Sender"), str(current_app.config["MAIL_FROM"])
    address = parseaddr(sender)[1]
    remedy = _("Set MAIL_FROM as “Name <name@your.domain>”, a domain for which you may send.")
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        kind = "warn" if address.endswith("@localhost") else "bad"
        said = _("Mails come from “%(sender)s”, which no mail server accepts.", sender=sender)
        return Finding(name, kind, said, remedy)
    return Finding(name, "good", _("Mails come from %(sender)s.", sender=sender))


def default_zone() -> Finding:
    """The zone for everybody whose own is unknown."""
    name, zone = _("Time zone"), str(current_app.config["DEFAULT_ZONE"])
    if zone in ZONES:
        return Finding(name, "good", _("%(zone)s, where none is known.", zone=zone))
    said = _("There is no time zone “%(zone)s”.", zone=zone)
    return Finding(name, "bad", said, _("Set DEFAULT_ZONE to an IANA name, as Europe/Berlin."))


def data_folder() -> Finding:
    """The folder for uploads and the SQLite file."""
    name, folder = _("Data folder"), Path(current_app.config["DATA_DIR"]).resolve()
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        said = _("%(folder)s cannot be written to.", folder=folder)
        return Finding(name, "bad", said, _("Give commsplan's user the right to write there."))
    free = shutil.disk_usage(folder).free // 1_000_000
    said = _("%(folder)s has %(free)s MB left.", folder=folder, free=free)
    if free >= LITTLE_MB:
        return Finding(name, "good", said)
    return Finding(name, "bad" if free < TOO_LITTLE_MB else "warn", said, _("Make room there."))
