"""One e-mail as bytes, with headers that no input can break out of, and the relay it goes to.

Python 3.11.7's EmailMessage writes what an encoded word decodes to as it is, so that
"=?utf-8?q?=0ABcc:_e=40x?=" becomes a header of its own (CVE-2024-6923). Every value is therefore
decoded first and stripped of controls before it reaches a header (ASVS 5.0 v1.3.11).
"""

from __future__ import annotations

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
from urllib.parse import unquote, urlsplit

from commsplan.foundation import dkim
from commsplan.foundation.clock import now_utc
from commsplan.foundation.errors import Unreadable

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


def relay(address: str, timeout: float = RELAY_TIMEOUT_SECONDS) -> smtplib.SMTP:
    """Open a connection to the relay of an address such as smtp+starttls://user:pass@host:587.

    Raises:
        Unreadable: the address is not one of smtp://, smtp+starttls://, smtps://.
        OSError, smtplib.SMTPException: the relay cannot be reached or refuses.
    """
    parts = urlsplit(address)
    host = parts.hostname or "127.0.0.1"
    match parts.scheme:
        case "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                host,
                parts.port or 465,
                timeout=timeout,
                context=ssl.create_default_context(),
            )
        case "smtp" | "smtp+starttls":
            client = smtplib.SMTP(host, parts.port or 25, timeout=timeout)
        case _:
            raise Unreadable(
                "SMTP_URL must start with smtp://, smtp+starttls:// or smtps://; "
                f"it starts with {parts.scheme or 'nothing'}."
            )
    if parts.scheme == "smtp+starttls":
        client.starttls(context=ssl.create_default_context())
    if parts.username:
        client.login(unquote(parts.username), unquote(parts.password or ""))
    return client
