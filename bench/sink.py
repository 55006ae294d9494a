"""Postfix's own measuring tools: `smtp-sink` takes mail and forgets it, `smtp-source` sends it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commsplan.demo.ports import HOST, wait_until_open

BACKLOG = 256
_OWN_LINES = re.compile(
    rb"\A(?:X-(?:Client|Helo|Mail|Rcpt)[^\n]*\n|Received:[^\n]*\n(?:[ \t][^\n]*\n)*)+"
)
MISSING = (
    "smtp-sink and smtp-source are not on this machine. They come with Postfix: install it with "
    "`apt-get install postfix` (Debian, Ubuntu; choose “No configuration”) or your system's own "
    "package, and run this again. Postfix itself need not run."
)


def require() -> None:
    """End in plain words when Postfix's tools are missing."""
    if not (shutil.which("smtp-sink") and shutil.which("smtp-source")):
        sys.exit(MISSING)


@contextmanager
def sink(port: int, dump: Path | None = None) -> Iterator[None]:
    """Run `smtp-sink` with its counter; with `dump` it keeps each message in a file there."""
    who = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to stay root
    keep = ["-d", str(dump / "%M.")] if dump else []
    command = ["smtp-sink", *who, "-c", *keep, f"{HOST}:{port}", str(BACKLOG)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        if not wait_until_open(port, 10):
            sys.exit("smtp-sink did not start.")
        yield
    finally:
        process.terminate()
        process.wait()


def mean_size(folder: Path) -> int:
    """Return the mean size of the messages in a dump, without the lines that smtp-sink adds."""
    sizes = [len(_OWN_LINES.sub(b"", path.read_bytes())) for path in folder.iterdir()]
    return round(sum(sizes) / len(sizes))


def smtp_source(port: int, copies: int, size: int) -> float:
    """Return the messages per second of `smtp-source -d -s4` with bodies of `size` bytes."""
    command = ["smtp-source", "-d", "-s", "4", "-m", str(copies), "-l", str(size)]
    addresses = ["-f", "bench@northwind.example", "-t", "somebody@northwind.example"]
    began = time.perf_counter()
    subprocess.run([*command, *addresses, f"{HOST}:{port}"], check=True)
    return copies / (time.perf_counter() - began)
