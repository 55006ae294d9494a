"""What a mail that comes in is: a delivery report, a complaint, an automatic answer, or none.

Each reader looks for one kind; the first that recognises a mail decides:

1. `delivery_report`: a DSN (RFC 3464, with the address types of RFC 6533);
2. `complaint`: a feedback report (ARF, RFC 5965);
3. `receipt`: a disposition notification (RFC 8098);
4. `automatic_answer`: out of office and the like (RFC 3834), unless a mail system wrote it;
5. `bounce_in_words`: what other mail systems write, by flufl.bounce;
6. `challenge`: somebody's filter wants the sender confirmed.

A step that expects mail of its own puts its reader into `FIRST` when the application is put
together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from email.message import Message

from commsplan.delivery.bounce_rules import Action, Fate, status_of
from commsplan.delivery.report_mail import (
    ADDRESS,
    BROKEN,
    EXIM_LIST,
    Incoming,
    Reading,
    blocks_of,
    header_of,
    open_mail,
    parts_of,
    reading_of,
)
from commsplan.delivery.report_prose import bounce_in_words

Reader = Callable[[Incoming], Reading | None]


STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")

MAIL_SYSTEM = re.compile(
    r"mailer-?daemon|postmaster|mail delivery (?:sub)?system|microsoftexchange", re.IGNORECASE
)
AUTOMATIC = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response|antwort)|out of (?:the )?office"
    r"|automatische antwort|abwesenheits?|abwesend|réponse automatique|absence du bureau"
    r"|absent du bureau|respuesta automática|fuera de la oficina|risposta automatica)",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    r"(?:confirm|verify|verification|bestätig|confirmez|validez)[^\n]{0,60}"
    r"(?:message|mail|sender|absender|expéditeur|delivery)",
    re.IGNORECASE,
)


def read(
    raw: bytes, readers: Sequence[Reader] | None = None, recipient: str | None = None
) -> Reading:
    """Say what a mail is. Never raises: what cannot be read is "unreadable".

    Args:
        readers: who tries, in this order; by default READERS.
        recipient: to which address it came, from the envelope.
    """
    try:
        mail = open_mail(raw, recipient or "")
        for reader in readers if readers is not None else READERS:
            found = reader(mail)
            if found is not None:
                return found
        return reading_of(mail, "other", words=mail.header("Subject"))
    except BROKEN as error:
        return Reading("unreadable", words=f"This mail cannot be read ({type(error).__name__}).")


def delivery_report(mail: Incoming) -> Reading | None:
    """Recognise a DSN."""
    part = next(parts_of(mail.message, *STATUS_PARTS), None)
    if part is None:
        return None
    blocks = blocks_of(part)
    fates = [fate for fate in map(_fate_in, blocks) if fate is not None]
    if not fates:
        return None
    envelope_ids = tuple(header_of(block, "Original-Envelope-Id") for block in blocks[:1])
    return reading_of(mail, "report", fates, fates[0].words, mentions=envelope_ids)


def _fate_in(block: Message) -> Fate | None:
    try:
        action = Action(header_of(block, "Action").split("(")[0].strip().lower())
    except ValueError:
        return None
    words = " ".join(_value(header_of(block, "Diagnostic-Code")).split())
    addresses = {
        _bare(header_of(block, name)) for name in ("Original-Recipient", "Final-Recipient")
    }
    status = header_of(block, "Status")
    return Fate(action, status_of(status, words), words, frozenset(addresses - {""}))


def _value(written: str) -> str:
    """Return a typed field's value: "smtp; 550 no" is "550 no" (RFC 3464 §2.1.2)."""
    kind, mark, value = written.partition(";")
    return value.strip() if mark and " " not in kind.strip() else written.strip()


def _bare(written: str) -> str:
    """Return a recipient's address: without its type, decoded from xtext (RFC 3461 §4)."""
    address = re.sub(
        r"\+([0-9A-F]{2})", lambda found: chr(int(found.group(1), 16)), _value(written)
    )
    found = ADDRESS.search(address)
    return found.group().lower() if found else ""


def complaint(mail: Incoming) -> Reading | None:
    """Recognise a feedback report in which somebody called the mail a nuisance."""
    part = next(parts_of(mail.message, "message/feedback-report"), None)
    if part is None:
        return None
    blocks = blocks_of(part)
    kind = header_of(blocks[0], "Feedback-Type").strip().lower() if blocks else ""
    if kind not in ("abuse", "fraud", "opt-out", "opt-out-list", "other"):
        return None  # "not-spam" (RFC 6430) and "auth-failure" (RFC 6591) blame nobody
    senders = tuple(header_of(block, "Original-Mail-From") for block in blocks[:1])
    agent = header_of(blocks[0], "User-Agent")
    return reading_of(mail, "complaint", words=f"{kind} {agent}".strip(), recipients=senders)


def receipt(mail: Incoming) -> Reading | None:
    """Recognise a disposition notification: a mail program's own word about a mail it holds."""
    part = next(parts_of(mail.message, "message/disposition-notification"), None)
    if part is None:
        return None
    blocks = blocks_of(part)
    said = header_of(blocks[0], "Disposition") if blocks else ""
    ids = tuple(header_of(block, "Original-Message-ID") for block in blocks[:1])
    return reading_of(mail, "auto-reply", words=said, mentions=ids)


def automatic_answer(mail: Incoming) -> Reading | None:
    """Recognise what a person's mailbox answers by itself."""
    if mail.header(EXIM_LIST) or MAIL_SYSTEM.search(mail.header("From")):
        return None
    submitted = mail.header("Auto-Submitted").split(";")[0].strip().lower()
    precedence = mail.header("Precedence").strip().lower()
    answers = (
        submitted not in ("", "no")
        or precedence in ("auto_reply", "auto-reply")
        or any(mail.headers("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Autoresponder"))
        or AUTOMATIC.search(mail.header("Subject"))
    )
    return reading_of(mail, "auto-reply", words=mail.header("Subject")) if answers else None


def challenge(mail: Incoming) -> Reading | None:
    """Recognise a filter that asks whether a person sent this."""
    subject = mail.header("Subject")
    asks = "TMDA" in mail.header("X-Delivery-Agent") or CHALLENGE.search(subject)
    return reading_of(mail, "challenge", words=subject) if asks else None


FIRST: list[Reader] = []
"""Readers of other steps: they may need the application, and are asked before all others."""
READERS: list[Reader] = [
    delivery_report,
    complaint,
    receipt,
    automatic_answer,
    bounce_in_words,
    challenge,
]
