"""The mail server of the chaos runs: a process of its own that takes, counts and misbehaves.

It speaks SMTP (RFC 5321) with PIPELINING (RFC 2920), written by hand over asyncio because no
library misbehaves on purpose. It is never a victim: it stands for the truth. Every copy is in its
log before its 250 leaves, with one `write` to a file opened for appending; the log needs no fsync,
since the machine itself is not killed.

`XCALM` and `XPACE n` are commands of the harness: no more mischief, and n copies a second.

Run it with `python -m tests.chaos.sink PORT LOG SEED COPIES_PER_SECOND`.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tests.chaos.mischief import HAS_COPY, End, Mischief
from tests.chaos.sink_log import LogWriter

SILENCE_SECONDS = 60.0
"""How long the server keeps silent where it does; the runs make every client give up earlier."""
MESSAGE_ID = re.compile(rb"(?im)^Message-ID:\s*<([^>\r\n]+)>")
ADDRESS = re.compile(r"<([^>]*)>")


class Hangup(Exception):
    """The line ends here."""


class Desk:
    """What all connections share: the draws, the log, the pace."""

    def __init__(self, log: LogWriter, mischief: Mischief, per_second: float) -> None:
        self.log = log
        self.mischief = mischief
        self.per_second = per_second
        self.connections = 0
        self.tries: Counter[str] = Counter()
        self._next_slot = 0.0

    async def take_turn(self) -> None:
        """Wait for the next place in the common pace."""
        now = asyncio.get_running_loop().time()
        slot = max(now, self._next_slot)
        self._next_slot = slot + 1 / self.per_second
        if slot > now:
            await asyncio.sleep(slot - now)

    def tried(self, what: str) -> int:
        """Count one more try of a recipient or a copy."""
        self.tries[what] += 1
        return self.tries[what]


class Line(asyncio.Protocol):
    """One connection: the bytes that came, and a task that answers them in order."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.connections += 1
        self.number = desk.connections
        self.commands = 0
        self.sender: str | None = None
        self.address = ""
        self.data = bytearray()
        self.more = asyncio.Event()
        self.gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to answer."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        """Keep what came."""
        self.data += data
        self.more.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        self.gone = True
        self.more.set()

    async def _serve(self) -> None:
        try:
            if not self.desk.mischief.welcomes(self.number):
                self._note("421", "greeting")
                self._hang_up("421 sink.test Too busy")
            self._say("220 sink.test ESMTP")
            while True:
                await self._answer((await self._until(b"\r\n")).decode("utf-8", "replace"))
        except Hangup:
            self.transport.close()

    async def _until(self, end: bytes) -> bytes:
        """Return the bytes up to `end`, without it."""
        looked = 0
        while (at := self.data.find(end, looked)) < 0:
            looked = max(0, len(self.data) - len(end))
            self.more.clear()
            if self.gone:
                raise Hangup
            try:
                patience = self.desk.mischief.patience(self.number)
                await asyncio.wait_for(self.more.wait(), patience)
            except TimeoutError:
                self._note("idle")
                self._hang_up("421 sink.test Idle for too long")
        found = bytes(self.data[:at])
        del self.data[: at + len(end)]
        return found

    async def _answer(self, line: str) -> None:
        self.commands += 1
        verb = line[:5].rstrip(" :").upper()
        self._misbehave(verb)
        match verb:
            case "EHLO":
                self._greet()
            case "MAIL":
                self.sender, self.address = line, ""
                self._say("250 2.1.0 Sender fine")
            case "RCPT":
                self._recipient(line)
            case "DATA":
                await self._data()
            case "QUIT":
                self._hang_up("221 Bye")
            case "XCALM" | "XPACE":
                self._obey(line)
            case "HELO" | "RSET" | "NOOP":
                self.sender, self.address = None, ""
                self._say("250 Fine")
            case _:
                self._say("500 What?")

    def _misbehave(self, verb: str) -> None:
        """Hang up or break the line, perhaps, before a command is answered."""
        rules = self.desk.mischief
        if self.data and (verb == "DATA" or not rules.offers_pipelining(self.number)):
            self._note("violation", verb)  # RFC 2920 §3.1: DATA is the last of its group
        if verb not in ("MAIL", "RCPT", "DATA"):
            return
        if rules.closes_at(self.number, self.commands):
            self._note("421", verb)
            self._hang_up("421 sink.test Closing")
        if self.data and rules.resets_at(self.number, self.commands):
            self._note("reset", verb)
            self._cut()

    def _obey(self, line: str) -> None:
        """Do what the harness says."""
        verb, _, pace = line.partition(" ")
        if verb == "XCALM":
            self.desk.mischief = replace(self.desk.mischief, calm=True)
        else:
            self.desk.per_second = float(pace)
        self._say("250 Fine")

    def _greet(self) -> None:
        offers = ["sink.test", "SIZE 36700160", "8BITMIME", "SMTPUTF8"]
        if self.desk.mischief.offers_pipelining(self.number):
            offers.append("PIPELINING")
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _recipient(self, line: str) -> None:
        found = ADDRESS.search(line)
        address = found[1] if found else ""
        code = 503
        if self.sender is not None:
            code = self.desk.mischief.at_recipient(address, self.desk.tried(address))
        if code == 250:
            self.address = address
            self._say("250 2.1.5 Recipient fine")
            return
        self._note(str(code), "", address)
        words = {550: "5.1.1 Nobody of that name", 451: "4.7.1 Come again later"}
        self._say(f"{code} {words.get(code, 'Not now')}")

    async def _data(self) -> None:
        if not self.address:
            self._say("554 5.5.1 No valid recipients")
            return
        self._say("354 Go on")
        body = await self._until(b"\r\n.\r\n")
        found = MESSAGE_ID.search(body)
        copy = found[1].decode() if found else "without-message-id"
        address, self.address, self.sender = self.address, "", None
        await self.desk.take_turn()
        end = self.desk.mischief.at_end(copy, address, self.desk.tried(copy))
        if slow := self.desk.mischief.slowness(self.number):
            await asyncio.sleep(slow)
        self._note(end, copy, address)
        if end in HAS_COPY:
            self.desk.log.copy(copy, address)
        await self._end(end)

    async def _end(self, end: End) -> None:
        match end:
            case End.TAKEN:
                self._say("250 2.0.0 Taken")
            case End.LATER:
                self._say("451 4.3.0 Not now")
            case End.NEVER:
                self._say("554 5.7.1 Never")
            case End.CLOSING:
                self._hang_up("421 4.3.2 Closing")
            case End.SILENT | End.TAKEN_THEN_SILENT:
                await asyncio.sleep(SILENCE_SECONDS)
                self._cut()
            case _:
                self._cut()

    def _say(self, words: str) -> None:
        if not self.transport.is_closing():
            self.transport.write(f"{words}\r\n".encode())

    def _note(self, event: str, copy: str = "", address: str = "") -> None:
        if event != End.TAKEN:
            self.desk.log.event(event, copy, address)

    def _hang_up(self, words: str) -> None:
        self._say(words)
        raise Hangup

    def _cut(self) -> None:
        self.transport.abort()
        raise Hangup


async def serve(port: int, desk: Desk) -> None:
    """Listen on this machine until told to stop."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Line(desk), "127.0.0.1", port, backlog=200)
    async with server:
        await server.serve_forever()


def main(port: str, log: str, seed: str, per_second: str) -> None:
    """Run the sink as a process of its own."""
    desk = Desk(LogWriter(Path(log)), Mischief(int(seed)), float(per_second))
    asyncio.run(serve(int(port), desk))


if __name__ == "__main__":
    main(*sys.argv[1:])
