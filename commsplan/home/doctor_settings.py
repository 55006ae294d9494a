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
from commsplan.foundation.dkim_keys import key_files, signing_domain, signing_keys
from commsplan.foundation.errors import Unreadable
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


def signatures() -> Finding:
    """The keys that sign mails (DKIM)."""
    name, domain = _("Signed mails"), signing_domain()
    try:
        keys = signing_keys()
    except Unreadable as error:
        return Finding(name, "bad", str(error), _("Make one with “commsplan dkim key SELECTOR”."))
    if not keys:
        remedy = _("Make a key with “commsplan dkim key SELECTOR”, or let the mail server sign.")
        return Finding(name, "warn", _("Mails are not signed (DKIM) by commsplan."), remedy)
    open_files = [str(file) for file in key_files() if file.stat().st_mode & 0o077]
    if open_files:
        said = _("Others can read the key in %(file)s.", file=open_files[0])
        return Finding(name, "bad", said, _("Let only commsplan's user read it (chmod 600)."))
    sender = parseaddr(str(current_app.config["MAIL_FROM"]))[1].rpartition("@")[2]
    if not _aligned(sender, domain):
        said = _("%(domain)s signs, but mails come from %(sender)s.", domain=domain, sender=sender)
        remedy = _("Set DKIM_DOMAIN to the domain in MAIL_FROM: DMARC wants them to match.")
        return Finding(name, "warn", said, remedy)
    selectors = ", ".join(key.selector for key in keys)
    said = _("%(domain)s signs with: %(selectors)s.", domain=domain, selectors=selectors)
    return Finding(name, "good", said)


def _aligned(sender: str, domain: str) -> bool:
    """Tell whether one domain is the other or stands below it (RFC 7489 §3.1.1, roughly)."""
    sender, domain = sender.lower(), domain.lower()
    return sender == domain or sender.endswith("." + domain) or domain.endswith("." + sender)


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
