"""Bounces that are written for people, as Exim, qmail and many others do: read by flufl.bounce."""

from __future__ import annotations

import logging
import re

from flufl.bounce import all_failures

from commsplan.delivery.bounce_rules import ENHANCED, Action, Fate, status_of
from commsplan.delivery.report_mail import (
    BROKEN,
    EXIM_LIST,
    RECIPIENTS,
    Incoming,
    Reading,
    reading_of,
    short_lines,
)

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)
"""It logs what it chokes on, and that may hold an address."""

QUOTED_FROM = re.compile(
    r"^(?:-{3,}|return-path:|received:|.*(?:copy of the message|original message|returned mail))",
    re.IGNORECASE,
)
SMTP_REPLY = re.compile(r"(?<!\d)[45]\d\d[ -]")


def bounce_in_words(mail: Incoming) -> Reading | None:
    """Recognise a bounce that is written for people, as Exim, qmail and many others do."""
    text = mail.text
    _shorten(mail)
    try:
        delayed, gone = all_failures(mail.message)
    except BROKEN:  # its detectors trust mails to have a sender, for one
        return None
    fates = [_told(address, Action.FAILED, text) for address in sorted(gone)[:RECIPIENTS]]
    fates += [_told(address, Action.DELAYED, text) for address in sorted(delayed)[:RECIPIENTS]]
    return reading_of(mail, "report", fates, fates[0].words) if fates else None


def _told(address: bytes, action: Action, text: str) -> Fate:
    bare = address.decode("utf-8", "replace").strip().lower()
    words = _explanation(text, bare)
    return Fate(action, status_of("", words), words, frozenset({bare}))


def _explanation(text: str, address: str) -> str:
    """Return the lines in which a bounce says why: those with a code, else after the address."""
    lines: list[str] = []
    for line in text.splitlines():
        if QUOTED_FROM.match(line) and lines:
            break  # from here on it is the mail that comes back
        if line.strip():
            lines.append(line.strip())
    for index, line in enumerate(lines):
        if ENHANCED.search(line) or SMTP_REPLY.search(line):
            return " ".join(lines[index : index + 3])
    after = [index for index, line in enumerate(lines) if address in line.lower()]
    start = after[0] if after else max(len(lines) - 3, 0)
    return " ".join(lines[start : start + 3])


def _shorten(mail: Incoming) -> None:
    """Cut the texts of a mail, and the list of failed recipients, to what is read in no time."""
    failed = mail.headers(EXIM_LIST)
    del mail.message[EXIM_LIST]
    for value in failed:
        mail.message[EXIM_LIST] = " ".join(value.split())
    for part in mail.message.walk():
        payload = part.get_payload()
        if isinstance(payload, str):
            part.set_payload(short_lines(payload))
