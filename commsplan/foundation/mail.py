"""One e-mail as bytes, with headers that no input can break out of, and the relay it goes to.

Python 3.11.7's EmailMessage writes what an encoded word decodes to as it is, so that
"=?utf-8?q?=0ABcc:_e=40x?=" becomes a header of its own (CVE-2024-6923). Every value is therefore
decoded first and stripped of controls before it reaches a header (ASVS 5.0 v1.3.11).
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from commsplan.foundation import dkim
from commsplan.foundation.clock import now_utc
from commsplan.foundation.relay_addresses import RelayAddress, read_relays

RELAY_TIMEOUT_SECONDS = 60  # RFC 5321 §4.5.3.2 allows minutes; a page cannot wait that long
HEADER_LIMIT = 900  # characters; a header line may have 998 (RFC 5322 §2.1.1)


@dataclass(frozen=True)
class Mail:
    """Everything one e-mail consists of."""

    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    sender: str
    """The From header: "Name <address>"."""
    message_id: str
    """Without angle brackets."""
    headers: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"


def header_safe(value: str) -> str:
    """Return a value that can stand in a header: encoded words decoded, controls gone, one line."""
    if "=?" not in value and value.isprintable():  # neither controls nor line ends in it
        return " ".join(value.split())[:HEADER_LIMIT]
    for _ in range(3):  # an encoded word may hold an encoded word
        try:
            decoded = str(make_header(decode_header(value))) if "=?" in value else value
        except (HeaderParseError, ValueError, LookupError):
            decoded = value.replace("=?", "= ?")
        if decoded == value:
            break
        value = decoded
    value = value.replace("=?", "= ?")  # whatever still looks like an encoded word is not one
    clean = "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in value
    )
    return " ".join(clean.split())[:HEADER_LIMIT]


def build(mail: Mail) -> EmailMessage:
    """Return the message with its plain-text and HTML forms, ready for the wire."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=76))
    sender_name, sender_address = parseaddr(mail.sender)
    message["From"] = Address(header_safe(sender_name), addr_spec=sender_address)
    message["To"] = Address(header_safe(mail.to_name), addr_spec=header_safe(mail.to_address))
    message["Subject"] = header_safe(mail.subject)
    message["Date"] = format_datetime(now_utc())
    message["Message-ID"] = f"<{header_safe(mail.message_id)}>"
    message["Content-Language"] = header_safe(mail.language)
    for name, value in mail.headers.items():
        message[name] = header_safe(value)
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message


def hand_over(mail: Mail, client: smtplib.SMTP, keys: Sequence[dkim.Key] = ()) -> None:
    """Give one mail to the relay, signed with each key.

    Raises:
        OSError, smtplib.SMTPException: the relay does not take it.
    """
    sender = parseaddr(mail.sender)[1]
    signed = dkim.sign(build(mail).as_bytes(), keys, int(now_utc().timestamp()))
    client.sendmail(sender, [mail.to_address], signed)


def relay(smtp_url: str, timeout: float = RELAY_TIMEOUT_SECONDS) -> smtplib.SMTP:
    """Open a connection to the first mail relay that can be used.

    Args:
        smtp_url: the setting SMTP_URL; see foundation/relay_addresses.py.
        timeout: seconds without an answer.

    Raises:
        Unreadable: the setting cannot be understood.
        smtplib.SMTPException, OSError: none of them can be used; what the last one said.
    """
    *others, last = read_relays(smtp_url)
    for address in others:
        with contextlib.suppress(smtplib.SMTPException, OSError):  # the next one may do
            return _open(address, timeout)
    return _open(last, timeout)


def _open(address: RelayAddress, timeout: float) -> smtplib.SMTP:
    if address.security == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            address.host, address.port, timeout=timeout, context=ssl.create_default_context()
        )
    else:
        client = smtplib.SMTP(address.host, address.port, timeout=timeout)
    if address.security == "starttls":
        client.starttls(context=ssl.create_default_context())
    if address.user:
        client.login(address.user, address.password)
    return client
