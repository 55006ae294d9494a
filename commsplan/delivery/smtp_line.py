"""One line to a mail server: its socket in the loop, and the conversation over it."""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import suppress

from commsplan.delivery.rules import accepted
from commsplan.delivery.smtp_conversation import GROUP, OUT_OF_STEP, Conversation
from commsplan.delivery.smtp_envelope import Features
from commsplan.delivery.smtp_greeting import describe
from commsplan.delivery.smtp_owner import LineOwner
from commsplan.delivery.smtp_replies import CLOSING, INBOX_LIMIT, Nonsense, Reply, take_reply
from commsplan.delivery.smtp_timeouts import Timeouts
from commsplan.delivery.smtp_writing import NOT_NOW, Writing

CHUNK = 8192  # bytes read at once
SILENT = "the mail server does not answer"
HUNG_UP = "the mail server closed the line"
ENDLESS = "the mail server's answer has no end"

# The usual answer to GROUP in one piece. "@" is left out: words with an address take the long way.
_USUAL = re.compile(rb"(250 [ -?A-~]{0,500})\r\n(?:250 [ -~]{0,500}\r\n){2}354[ -~]{0,500}\r\n")


class Line(Conversation):
    """One connection; the loop calls it when bytes came or may go."""

    def __init__(
        self, sock: socket.socket, features: Features, owner: LineOwner, copies: int
    ) -> None:
        super().__init__(Writing(sock), features, owner, copies)
        self._keeper = owner
        self.sock = sock
        self.is_watched = False
        """Whether the loop wakes it when the kernel takes more."""
        self._inbox = bytearray()

    def ready(self, now: float) -> None:
        """Read what the server said."""
        try:
            data = self.sock.recv(CHUNK)
            if isinstance(self.sock, ssl.SSLSocket):
                while self.sock.pending():  # decrypted already: no poll would tell of it
                    data += self.sock.recv(CHUNK)
        except NOT_NOW:
            return
        except OSError as error:
            self._fail(describe(error))
            return
        if not data:
            self._fail(HUNG_UP)
        elif self._waiting == GROUP and not self._inbox and not self.out.left:
            self._hear_usual(data, now)
        else:
            self._hear(data, now)

    def flush(self, now: float) -> None:
        """Send what is queued, as far as the kernel takes it."""
        before = self.out.left
        try:
            self.out.flush()
        except NOT_NOW:
            pass
        except OSError as error:
            self._fail(describe(error))
            return
        if self.out.left < before:
            self._since = now
        if bool(self.out.left) is not self.is_watched:
            self._keeper.watch(self)
        if self._inbox and not self.out.left:
            self._answers(now)

    def check(self, now: float, timeouts: Timeouts) -> None:
        """Give the line up when its time is over."""
        limit = self._limit(timeouts)
        if limit and now - self._since > limit:
            self._die(SILENT)

    def _hear_usual(self, data: bytes, now: float) -> None:
        """Hear that a copy was taken and the next one may come."""
        usual = _USUAL.fullmatch(data)
        done, ahead = self.current, self.ahead
        if usual is None or done is None or ahead is None:
            self._hear(data, now)
            return
        self._since = now
        self._owner.answered(done, 250)
        self._owner.finish(done, accepted(usual[1].decode("ascii")))
        self._send_body(ahead)

    def _hear(self, data: bytes, now: float) -> None:
        self._inbox += data
        if len(self._inbox) > INBOX_LIMIT:
            self._die(ENDLESS)
        else:
            self._answers(now)

    def _answers(self, now: float) -> None:
        """Hear reply after reply, then go on."""
        try:
            while self._waiting and self.is_open:
                if self.out.left and self._waiting[0] != ".":
                    return  # what is asked has not all left: its answers are read afterwards
                reply = take_reply(self._inbox)
                if reply is None:
                    return
                self._since = now
                self._hear_reply(reply)
        except Nonsense as error:
            self._die(str(error))
        if not self.is_open:
            return
        if self._inbox:
            self._unasked()
        else:
            self._go_on()

    def _hear_reply(self, reply: Reply) -> None:
        kind, self._waiting = self._waiting[0], self._waiting[1:]
        self._answer(kind, reply)

    def _unasked(self) -> None:
        """End a line on which the server speaks unasked: it hangs up, or is out of step."""
        reply = self._peek()
        if reply is not None and reply.code == CLOSING:
            self._hung_up("", reply)
        else:
            self._die(OUT_OF_STEP)

    def _fail(self, words: str) -> None:
        """End a line that broke, after hearing why, where the server said so."""
        reply = self._last_reply()
        if reply and self._waiting and (self._waiting[0] == "." or reply.code == CLOSING):
            self._hear_reply(reply)
        if self.is_open:
            self._die(words)

    def _last_reply(self) -> Reply | None:
        """Return what the server said before it closed the line."""
        with suppress(OSError):  # there may be nothing more than what was read before
            self._inbox += self.sock.recv(CHUNK)
        return self._peek()

    def _peek(self) -> Reply | None:
        try:
            return take_reply(self._inbox)
        except Nonsense:
            return None

    def _send_soon(self) -> None:
        self._keeper.send_soon(self)

    def _rest(self) -> None:
        self._keeper.rest(self)

    def _lost(self, words: str, held: bool) -> None:
        self._keeper.lost(self, words, held=held)

    def _limit(self, timeouts: Timeouts) -> float:
        """Return how many seconds it may take until what comes next, 0 for ever."""
        if self.out.left:
            return timeouts.block
        match self._waiting[:1]:
            case "":
                return 0
            case "R":
                return timeouts.rcpt
            case "D":
                return timeouts.data
            case "S" | "M":
                return timeouts.mail
            case _:
                return timeouts.dot
