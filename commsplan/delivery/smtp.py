"""The wire: copies one after the other over a reused SMTP connection, each with a clear outcome.

RFC 5321's replies decide; RFC 1047 is the limit: a line that dies between the final dot and the
reply leaves one copy in doubt, and only that one.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable

from commsplan.delivery.journal import Journal
from commsplan.delivery.parcels import Parcel
from commsplan.delivery.rules import (
    CLOSING,
    Outcome,
    Trouble,
    accepted,
    doubtful,
    dropped,
    judge,
    refused,
)

COPIES_PER_CONNECTION = 500  # many relays hang up after a number of messages; we go first
COMMAND_PART, REPLY_PART = 0.1, 0.5  # of a lease: four commands and one reply stay below it
NOTHING_TAKEN = 0  # stands in the journal where no reply code can
LINE_LOST = (smtplib.SMTPServerDisconnected, OSError)


class RelayAway(Exception):
    """The mail server cannot be used at all just now; no copy is to blame."""


class Line:
    """A connection to the relay that is opened when needed and used for many copies."""

    def __init__(
        self,
        connect: Callable[[], smtplib.SMTP],
        sender: str,
        journal: Journal,
        lease_seconds: float,
        name: str = "",
    ) -> None:
        self.name = name
        self._connect = connect
        self._sender = sender
        self._journal = journal
        self._command_timeout = lease_seconds * COMMAND_PART
        self._reply_timeout = lease_seconds * REPLY_PART
        self._client: smtplib.SMTP | None = None
        self._copies = 0

    def hand_over(self, parcel: Parcel) -> Outcome:
        """Put one copy on the wire and say what became of it.

        Raises:
            RelayAway: the relay cannot be reached or refuses us as such; the copy is untouched.
        """
        client = self._begin()
        try:
            code, words = client.rcpt(parcel.address)
            if code not in (250, 251):
                return self._not_taken(code, words, parcel)
            code, words = client.docmd("DATA")
            if code != 354:
                return self._not_taken(code, words, parcel)
        except LINE_LOST as error:
            self.hang_up()
            return dropped(describe(error))
        except ValueError as error:  # an address that no command line can carry
            self._reset()
            return refused(f"The address cannot be used: {error}")
        return self._body(client, parcel)

    def _begin(self) -> smtplib.SMTP:
        """Return a connection on which MAIL was accepted; a stale one is replaced once."""
        if self._client is not None and self._copies < COPIES_PER_CONNECTION:
            try:
                return self._mail(self._client)
            except RelayAway:
                pass  # it may simply have been idle for too long: nothing was lost
        self.hang_up(politely=self._client is not None)
        try:
            self._client = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            raise RelayAway(describe(error)) from error
        if self._client.sock:
            self._client.sock.settimeout(self._command_timeout)
        return self._mail(self._client)

    def _mail(self, client: smtplib.SMTP) -> smtplib.SMTP:
        try:
            client.ehlo_or_helo_if_needed()
            code, words = client.mail(self._sender)
        except (smtplib.SMTPException, OSError) as error:
            self.hang_up()
            raise RelayAway(describe(error)) from error
        if code != 250:
            self.hang_up()
            raise RelayAway(f"{code} {_text(words)}")
        return client

    def _body(self, client: smtplib.SMTP, parcel: Parcel) -> Outcome:
        self._journal.body(parcel.delivery_id, parcel.fence)
        try:
            client.send(_stuffed(parcel.body))
        except LINE_LOST as error:  # the dot stands last and never left: the copy does not count
            self.hang_up()
            self._journal.reply(parcel.delivery_id, parcel.fence, NOTHING_TAKEN)
            return dropped(describe(error))
        try:
            if client.sock:
                client.sock.settimeout(self._reply_timeout)
            code, words = client.getreply()
        except LINE_LOST as error:
            self.hang_up()
            return doubtful(f"No reply after the last line: {describe(error)}")
        self._journal.reply(parcel.delivery_id, parcel.fence, code)
        if client.sock:
            client.sock.settimeout(self._command_timeout)
        if code != 250:
            return self._not_taken(code, words, parcel)
        self._copies += 1
        return accepted(f"{code} {_text(words)}")

    def _not_taken(self, code: int, words: bytes, parcel: Parcel) -> Outcome:
        outcome = judge(code, _text(words).replace(parcel.address, "…"))
        if outcome.trouble is Trouble.CLOSED:
            self.hang_up()
        else:
            self._reset()
        return outcome

    def _reset(self) -> None:
        if self._client is None:
            return
        try:
            code, _words = self._client.rset()
        except LINE_LOST:
            code = CLOSING
        if code != 250:
            self.hang_up()

    def hang_up(self, politely: bool = False) -> None:
        """Close the connection; a polite end says QUIT."""
        client, self._client, self._copies = self._client, None, 0
        if client is None:
            return
        try:
            if politely:
                client.quit()
        except (smtplib.SMTPException, OSError):
            politely = False  # the other side has gone already
        finally:
            client.close()


def describe(error: Exception) -> str:
    """Say in words why a connection failed."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, TimeoutError):
        return "the mail server does not answer"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens at the mail server's address"
    return str(error) or type(error).__name__


def _text(words: bytes | str) -> str:
    plain = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())


def _stuffed(body: bytes) -> bytes:
    """Return the body as it goes out: CRLF, dots doubled, the final dot (RFC 5321 §4.5.2)."""
    lines = re.sub(rb"\r\n|\n|\r", b"\r\n", body)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"
