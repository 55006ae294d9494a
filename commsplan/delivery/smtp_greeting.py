"""Opening a line to a mail server: connect, greeting, EHLO, STARTTLS or TLS, AUTH; in a thread.

smtplib speaks, but reads through `take_reply`: bounded, and with nothing left over. Bytes that a
server (or somebody between) sends before they are asked for end the line, so that nothing said in
plain text survives into the encrypted part (CVE-2011-0411).
"""

from __future__ import annotations

import functools
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from commsplan.delivery.smtp_envelope import Features, features_of
from commsplan.delivery.smtp_replies import INBOX_LIMIT, Nonsense, readable, take_reply
from commsplan.foundation.relay_addresses import RelayAddress

CHUNK = 4096
CONNECT_SECONDS = 30.0  # a network that drops packets does not tell us; others may take the copies


class RelayAway(Exception):
    """The mail server cannot be used just now; the words say why."""


@dataclass(frozen=True)
class Opened:
    """A line that is ready for its first MAIL."""

    sock: socket.socket
    features: Features


class Opening:
    """A line that is being opened in a thread of its own, so that nobody waits for it."""

    def __init__(
        self,
        relay: RelayAddress,
        seconds: float,
        tls: Callable[[], ssl.SSLContext],
        ready: Callable[[Opening], None],
    ) -> None:
        self._relay, self._seconds, self._tls, self._ready = relay, seconds, tls, ready
        self._lock = threading.Lock()
        self._dialogue: _Dialogue | None = None
        self._is_given_up = False
        self.opened: Opened | None = None
        self.words = "the mail server does not answer"
        """Why it could not be opened."""
        self._thread = threading.Thread(target=self._run, name="smtp-opening", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def give_up(self) -> None:
        """Close whatever there is, now or as soon as it exists."""
        with self._lock:
            self._is_given_up = True
            if self.opened is not None:
                self.opened.sock.close()
            elif self._dialogue is not None:
                self._dialogue.give_up()

    def _run(self) -> None:
        try:
            dialogue = _Dialogue(self._relay, self._seconds)
            self._keep(dialogue)
            opened = dialogue.open(self._tls)
        except (RelayAway, smtplib.SMTPException, OSError, ValueError) as error:
            self.words = describe(error)
        else:
            with self._lock:
                self.opened = None if self._is_given_up else opened
                if self._is_given_up:
                    opened.sock.close()
        self._ready(self)

    def _keep(self, dialogue: _Dialogue) -> None:
        with self._lock:
            self._dialogue = dialogue
            if self._is_given_up:
                raise RelayAway("given up")


class _Dialogue(smtplib.SMTP):
    """smtplib's side of the conversation until the first MAIL, with bounded reading."""

    def __init__(self, relay: RelayAddress, seconds: float) -> None:
        super().__init__(local_hostname=own_name(), timeout=seconds)
        self._relay = relay
        self._seconds = seconds
        self._inbox = bytearray()
        self._lock = threading.Lock()
        self._is_given_up = False

    def give_up(self) -> None:
        """Shut the line from another thread; the one that waits for it wakes, and closes it."""
        with self._lock:
            self._is_given_up = True
            if self.sock is not None:
                with suppress(OSError):  # it may not be connected yet, or no longer
                    self.sock.shutdown(socket.SHUT_RDWR)

    def open(self, tls: Callable[[], ssl.SSLContext]) -> Opened:
        """Go through every step; a line on which one fails is closed."""
        try:
            self._connect(tls)
            if self._relay.security == "starttls":
                self._begin_tls(tls)
            self.ehlo_or_helo_if_needed()
            if self._relay.user:
                self.login(self._relay.user, self._relay.password)
            features = features_of(self.esmtp_features)
        except BaseException:
            self.close()
            raise
        sock, self.sock = self.sock, None
        if sock is None:  # smtplib lets go of a line that failed
            raise RelayAway("the mail server closed the line")
        sock.setblocking(False)
        return Opened(sock, features)

    def _connect(self, tls: Callable[[], ssl.SSLContext]) -> None:
        relay = self._relay
        patience = min(CONNECT_SECONDS, self._seconds)
        sock = socket.create_connection((relay.host, relay.port), patience)
        with self._lock:
            self.sock = sock
            if self._is_given_up:
                raise RelayAway("given up")
        sock.settimeout(self._seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if relay.security == "tls":
            self._wrap(tls())
        code, words = self.getreply()
        if code != 220:
            raise RelayAway(f"{code} {readable([words])}")

    def _begin_tls(self, tls: Callable[[], ssl.SSLContext]) -> None:
        self.ehlo_or_helo_if_needed()
        if not self.has_extn("starttls"):
            raise RelayAway("the mail server does not offer STARTTLS, and nothing goes in plain")
        code, words = self.docmd("STARTTLS")
        if code != 220:
            raise RelayAway(f"STARTTLS: {code} {readable([words])}")
        self._wrap(tls())
        self.ehlo_resp = self.helo_resp = None  # RFC 3207 §4.2: forget what was said in plain

    def _wrap(self, context: ssl.SSLContext) -> None:
        with self._lock:  # a socket that is shut meanwhile would leak from wrap_socket
            if self.sock is None or self._is_given_up:
                raise RelayAway("the mail server closed the line")
            wrapped = context.wrap_socket(
                self.sock, server_hostname=self._relay.host, do_handshake_on_connect=False
            )
            self.sock = wrapped
        wrapped.do_handshake()

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply, in bounded time and space, and nothing behind it."""
        until = time.monotonic() + self._seconds
        try:
            while (reply := take_reply(self._inbox)) is None:
                self._read(until)
        except Nonsense as error:
            raise RelayAway(str(error)) from error
        if self._inbox:
            raise RelayAway("the mail server answers before it is asked")
        return reply.code, b"\n".join(reply.lines)

    def _read(self, until: float) -> None:
        left = until - time.monotonic()
        if self.sock is None:
            raise RelayAway("the mail server closed the line")
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)
        data = self.sock.recv(CHUNK)
        if not data:
            raise RelayAway("the mail server closed the line")
        self._inbox += data
        if len(self._inbox) > INBOX_LIMIT:
            raise Nonsense("the mail server's answer has no end")


@functools.cache
def own_name() -> str:
    """Return the name by which this machine greets: its full name, else its address."""
    name = socket.getfqdn()
    if "." in name:
        return name
    try:
        return f"[{socket.gethostbyname(socket.gethostname())}]"  # RFC 5321 §4.1.3
    except socket.gaierror:
        return "[127.0.0.1]"


def describe(error: Exception) -> str:
    """Say in words why a line failed."""
    match error:
        case smtplib.SMTPResponseException():
            words = error.smtp_error
            said = readable([words.encode() if isinstance(words, str) else words])
            return f"{error.smtp_code} {said}"
        case ssl.SSLCertVerificationError():
            return f"the mail server's certificate is not to be trusted: {error.verify_message}"
        case TimeoutError():
            return "the mail server does not answer"
        case ConnectionRefusedError():
            return "nothing listens at the mail server's address"
        case (
            smtplib.SMTPServerDisconnected()
            | ConnectionResetError()
            | BrokenPipeError()
            | ssl.SSLEOFError()
            | ssl.SSLZeroReturnError()
        ):
            return "the mail server closed the line"
        case _:
            return readable([str(error).encode()]) or type(error).__name__
