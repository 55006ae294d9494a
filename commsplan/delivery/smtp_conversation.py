"""What is asked of a mail server, what it answers, and which copy that concerns.

With PIPELINING (RFC 2920):

1. MAIL, RCPT and DATA of a copy go out together; DATA is the last of its group.
2. Nothing of a body goes out before its 354. Then the body, the final dot and the next copy's
   MAIL, RCPT and DATA go out together: one body for each round trip.
3. After a transaction that did not end with a dot, RSET stands before the next MAIL.

Without it every command waits for its answer. A line that dies leaves the copy in doubt whose dot
was handed to the kernel and not answered, and only that one (RFC 1047).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from commsplan.delivery.journal import NOTHING_TAKEN
from commsplan.delivery.parcels import Parcel
from commsplan.delivery.rules import Outcome, accepted, closed, doubtful, dropped, judge, refused
from commsplan.delivery.smtp_envelope import CannotCarry, Features, envelope
from commsplan.delivery.smtp_owner import Owner
from commsplan.delivery.smtp_replies import CLOSING, Reply, blames_the_copy, without
from commsplan.delivery.smtp_writing import DOT, Writing

OUT_OF_STEP = "the mail server answers before it is asked"

# What is waited for, in order: S of RSET, M of MAIL, R of RCPT, D of DATA, "." of the final dot,
# E of a lone dot after which nothing was taken.
GROUP = ".MRD"


class Conversation(ABC):
    """The state of one line, without its socket."""

    def __init__(self, out: Writing, features: Features, owner: Owner, copies: int) -> None:
        self.out = out
        self.copies_left = copies
        self.is_open = True
        self.is_proven = False
        """Whether it has taken a MAIL; a line that never did says something about its relay."""
        self.current: Parcel | None = None
        """The copy whose body is on its way or waits for the answer to its dot."""
        self.ahead: Parcel | None = None
        """The copy that was announced; nothing of its body has left."""
        self._features = features
        self._owner = owner
        self._since = owner.now()
        self._waiting = ""
        self._script: list[bytes] = []
        self._kinds = ""
        self._verdict: Outcome | None = None
        self._refusal = ""
        self._has_go_ahead = False
        self._is_broken = False
        self._is_withdrawn = False

    @abstractmethod
    def _send_soon(self) -> None:
        """Send what is queued, when the journal is written."""

    @abstractmethod
    def _rest(self) -> None:
        """There is nothing to do."""

    @abstractmethod
    def _lost(self, words: str, held: bool) -> None:
        """Close the line: it died, with a copy on it or without."""

    def begin(self) -> None:
        """Announce the next copy, or rest."""
        commands = self._take()
        if not commands:
            self._rest()
            return
        kinds = "MRD"
        if self._is_broken:
            commands, kinds, self._is_broken = b"RSET\r\n" + commands, "SMRD", False
        if self._features.pipelining:
            self._ask(commands, kinds)
        else:
            self._script, self._kinds = commands.splitlines(keepends=True), kinds
            self._ask_next()

    def withdraw(self) -> bool:
        """Stop after the copy whose body is on its way; say whether the line is of no more use."""
        ahead, self.ahead = self.ahead, None
        if ahead is not None:
            self._is_withdrawn = True
            if self._verdict:
                self._owner.finish(ahead, self._verdict)
            else:
                self._owner.give_back(ahead)
        return self._is_withdrawn and self.current is None

    def abandon(self, words: str) -> None:
        """Settle what is on the line: it is about to be closed."""
        self.withdraw()
        if self.current is not None:
            self._give_up_current(self.current, words)

    # Asking

    def _take(self) -> bytes:
        """Choose the next copy that this server can be asked to take; return its commands."""
        while self.copies_left and (parcel := self._owner.next_parcel()) is not None:
            try:
                commands = envelope(parcel, self._features)
            except CannotCarry as error:
                self._owner.finish(parcel, refused(str(error)))
                continue
            self.ahead, self._verdict, self._refusal = parcel, None, ""
            self.copies_left -= 1
            return commands
        return b""

    def _ask(self, commands: bytes, kinds: str) -> None:
        self._waiting, self._since = kinds, self._owner.now()
        self.out.queue(commands)
        self._send_soon()

    def _ask_next(self) -> None:
        kind, self._kinds = self._kinds[0], self._kinds[1:]
        self._ask(self._script.pop(0), kind)

    def _send_body(self, parcel: Parcel) -> None:
        """Let a body go out, and behind it the next copy's announcement."""
        self.current, self.ahead = parcel, None
        self._has_go_ahead = False
        commands = self._take() if self._features.pipelining else b""
        self._waiting = GROUP if commands else "."
        self.out.queue_body(parcel.body, commands)
        self._owner.begun(parcel)
        self._send_soon()

    # Hearing

    def _answer(self, kind: str, reply: Reply) -> None:
        """Take one reply to what was asked."""
        if reply.code == CLOSING:
            self._hung_up(kind, reply)
        elif kind == ".":
            self._dot_answered(reply)
        elif kind == "D":
            self._data_answered(reply)
        elif 300 <= reply.code < 400 and kind != "E":
            self._die(OUT_OF_STEP)
        elif kind == "M":
            self._mail_answered(reply)
        elif kind == "R" and not reply.is_good:
            self._refuse_ahead(reply)
        elif kind == "S" and not reply.is_good:
            self._die(reply.said)

    def _dot_answered(self, reply: Reply) -> None:
        parcel, is_early = self.current, not self.out.is_dot_out
        if parcel is None or (reply.code < 400 and (is_early or not reply.is_good)):
            self._die(OUT_OF_STEP)  # "fine" to half a text, or 354: nobody can rely on that
            return
        self.current, self.is_proven = None, True
        self._owner.answered(parcel, reply.code)
        if reply.is_good:
            self._owner.finish(parcel, accepted(without(reply.said, parcel.address)))
        else:
            self._owner.finish(parcel, self._judge(reply, parcel))
        if is_early:
            self._die(without(reply.said, parcel.address, parcel.sender), held=True)
        elif self._is_withdrawn:  # the server will wait for a text that must not come
            self._die("")

    def _mail_answered(self, reply: Reply) -> None:
        if reply.is_good:
            self.is_proven = True
            self._owner.mail_judged("")
        elif blames_the_copy(reply):
            self._refuse_ahead(reply)
            self._owner.mail_judged(self._said(reply))
        else:
            self._refusal = self._said(reply)

    def _data_answered(self, reply: Reply) -> None:
        if reply.code == 354:
            self._has_go_ahead = True
        elif reply.code < 400:
            self._die(OUT_OF_STEP)
        else:
            self._refuse_ahead(reply)

    def _refuse_ahead(self, reply: Reply) -> None:
        """Keep the first refusal of the announced copy; the others only follow from it."""
        if self.ahead is not None and self._verdict is None and not self._refusal:
            self._verdict = self._judge(reply, self.ahead)

    def _judge(self, reply: Reply, parcel: Parcel) -> Outcome:
        return judge(reply.code, without(reply.words, parcel.address, parcel.sender))

    def _said(self, reply: Reply) -> str:
        """Return what was said, without the addresses of whom it is about."""
        said = reply.said
        for parcel in (self.current, self.ahead):
            if parcel is not None:
                said = without(said, parcel.address, parcel.sender)
        return said

    def _go_on(self) -> None:
        """Do what comes next, now that everything that was asked is answered."""
        is_refused = self._verdict is not None or bool(self._refusal)
        if self._script and not is_refused:
            self._ask_next()
        elif self._has_go_ahead and not is_refused and self.ahead is not None:
            self._send_body(self.ahead)
        elif self._has_go_ahead:  # RFC 2920 §3.1: 354 although nobody was taken
            self._has_go_ahead = False
            self._ask(DOT, "E")
        else:
            self._settle_ahead()
            self.begin()

    def _settle_ahead(self) -> None:
        """Finish with a copy that was announced in vain."""
        ahead, self.ahead = self.ahead, None
        self._script.clear()
        if ahead is None:
            return
        self._is_broken = True
        self._give_up_ahead(ahead, OUT_OF_STEP)

    # Ends

    def _hung_up(self, kind: str, reply: Reply) -> None:
        """Let the copy that was asked about step back; the server closes the line (421)."""
        held, said = bool(self.current or self.ahead), self._said(reply)
        if kind == "." and self.current is not None:
            self._owner.answered(self.current, reply.code)
            self._owner.finish(self.current, self._judge(reply, self.current))
            self.current = None
        elif kind != "S" and self.ahead and not (self._verdict or self._refusal):
            self._verdict = closed(said)
        self._die(said, held=held)

    def _die(self, words: str, held: bool = False) -> None:
        """Settle what the line held, and let it go."""
        current, ahead = self.current, self.ahead
        self.current = self.ahead = None
        if current is not None:
            self._give_up_current(current, words)
        if ahead is not None:
            self._give_up_ahead(ahead, words)
        self.is_open = False
        self._lost(words, held or bool(current or ahead))

    def _give_up_current(self, parcel: Parcel, words: str) -> None:
        self.current = None
        if self.out.is_dot_begun:
            self._owner.finish(parcel, doubtful(f"No reply after the last line: {words}"))
        else:
            self._owner.answered(parcel, NOTHING_TAKEN)
            self._owner.finish(parcel, dropped(words))

    def _give_up_ahead(self, parcel: Parcel, words: str) -> None:
        if self._verdict is not None:
            self._owner.finish(parcel, self._verdict)
        elif self._refusal:
            self._owner.refuses_us(self._refusal)
            self._owner.give_back(parcel)
        elif self._waiting.startswith((".", "S", "M")):
            self._owner.give_back(parcel)  # nothing was said about it: it is not to blame
        else:
            self._owner.finish(parcel, dropped(words))
