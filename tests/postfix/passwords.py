"""Says yes to one name and password, in the words that Dovecot uses with Postfix.

Postfix asks such a server for SMTP AUTH (`smtpd_sasl_type = dovecot`). One line is one message, its
fields stand between tabs. Source: Dovecot's "Authentication Protocol" 1.1, doc/auth-protocol.txt.
"""

from __future__ import annotations

import socketserver
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

HELLO = b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t0\nDONE\n"


@contextmanager
def password_server(port: int, name: str, password: str) -> Iterator[None]:
    """Listen on a port of this machine."""
    right = b64encode(f"\0{name}\0{password}".encode())

    class Asked(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(HELLO)
            for line in self.rfile:
                words = line.rstrip(b"\n").split(b"\t")
                if words[0] != b"AUTH":
                    continue
                verdict = b"OK" if b"resp=" + right in words else b"FAIL"
                self.wfile.write(b"\t".join([verdict, words[1], b"user=" + name.encode()]) + b"\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Asked) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()
