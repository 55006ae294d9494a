"""A small IMAP server for tests: real sockets, one folder, and whatever trouble a test wants."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from dataclasses import dataclass, field


@dataclass
class Box:
    """The mailbox: mails by uid, and which of them are seen."""

    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    password: str = "p@ss/word"
    hangs_up_at: str = ""
    """A command at which the line breaks."""
    commands: list[str] = field(default_factory=list)

    def add(self, raw: bytes) -> int:
        """Let a mail arrive."""
        uid = max(self.mails, default=100) + 1
        self.mails[uid] = raw
        return uid


class _Session(socketserver.StreamRequestHandler):
    server: ImapServer

    def handle(self) -> None:
        self._say(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            self.server.box.commands.append(rest.split(" ")[0].upper() + " " + rest[-60:])
            if self.server.box.hangs_up_at and self.server.box.hangs_up_at in rest.upper():
                return
            if not self._answer(tag.encode(), rest):
                return

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")
        self.wfile.flush()

    def _answer(self, tag: bytes, rest: str) -> bool:
        box, command = self.server.box, rest.upper()
        if command.startswith("LOGIN") and box.password not in rest:
            self._say(tag + b" NO [AUTHENTICATIONFAILED] no")
            return True
        if command == "CAPABILITY":
            self._say(b"* CAPABILITY IMAP4rev1 STARTTLS")
        elif command == "STARTTLS":
            self._say(tag + b" OK begin")
            self._secure()
            return True
        elif command.startswith("SELECT"):
            if "Bounces" not in rest:
                self._say(tag + b" NO no such folder")
                return True
            self._say(b"* %d EXISTS" % len(box.mails))
        elif command.startswith("UID SEARCH"):
            unseen = [b"%d" % uid for uid in sorted(box.mails) if uid not in box.seen]
            self._say(b"* SEARCH " + b" ".join(unseen))
        elif found := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            self._fetch(int(found.group(1)), int(found.group(2)))
        elif found := re.match(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\SEEN\)", command):
            box.seen.add(int(found.group(1)))
        elif command == "LOGOUT":
            self._say(b"* BYE")
            self._say(tag + b" OK")
            return False
        self._say(tag + b" OK done")
        return True

    def _fetch(self, uid: int, octets: int) -> None:
        raw = self.server.box.mails[uid][:octets]
        self.wfile.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, len(raw)) + raw)
        self._say(b")")

    def _secure(self) -> None:
        assert self.server.tls is not None
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb")


class ImapServer(socketserver.ThreadingTCPServer):
    """The server; with `tls` it speaks TLS from the start when `implicit`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None, implicit: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.box, self.tls, self.implicit = Box(), tls, implicit
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def get_request(self):  # type: ignore[no-untyped-def]  # as socketserver has it
        connection, address = super().get_request()
        if self.implicit and self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True)
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that distrusts us hangs up: that is what a test wants."""

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
