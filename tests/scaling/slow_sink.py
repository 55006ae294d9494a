"""A mail server, as a process, that takes its time and notes the Message-ID of every copy.

python -m tests.scaling.slow_sink <host> <port> <file>
"""

from __future__ import annotations

import asyncio
import sys
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import TextIO

from aiosmtpd.smtp import SMTP, Envelope

PAUSE_SECONDS = 0.004  # per copy and connection: a send of some thousand copies lasts some seconds


class Notes:
    """Writes one line per copy before it answers 250."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:
        mail = BytesHeaderParser().parsebytes(bytes(envelope.content or b""))
        self.file.write(f"{mail['Message-ID'].strip('<>')}\n")
        self.file.flush()
        await asyncio.sleep(PAUSE_SECONDS)
        return "250 Taken"


async def _serve(host: str, port: int, path: Path) -> None:
    with path.open("a") as file:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Notes(file), hostname="sink"), host, port)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
