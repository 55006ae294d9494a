"""What a worker put on the wire, line by line: it tells a dead worker's doubt from its certainty.

Each worker process has one file below DATA_DIR/journal and holds a lock on it while it lives. One
line goes in before a body goes out, one after the server's reply, with O_APPEND and no buffer, so
they survive SIGKILL. When the lock is free the worker is dead, and the file tells which of its
copies never reached the wire. A lost machine may lose lines: then the file carries another boot's
name and only what it says was accepted counts.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from commsplan.foundation.clock import now_utc

BOOT = Path("/proc/sys/kernel/random/boot_id")
ORPHANED_AFTER_SECONDS = 3600  # a file this old is not being opened just now
NOTHING_TAKEN = 0  # stands where no reply code can: the body broke off before its final dot
HOST_LENGTH = 40  # leaves room for process and token in delivery.leased_by


def this_boot() -> str:
    """Return a name for the time since this machine started, or "" where there is none."""
    return BOOT.read_text().strip() if BOOT.exists() else ""


def body_line(delivery_id: int, fence: int) -> str:
    """Return the line that says that this copy's body is about to go out."""
    return f"body {delivery_id} {fence}\n"


def reply_line(delivery_id: int, fence: int, code: int) -> str:
    """Return the line that says what the server answered after the final dot, or NOTHING_TAKEN."""
    return f"reply {delivery_id} {fence} {code}\n"


class Journal:
    """The file of one living worker."""

    def __init__(self, folder: Path) -> None:
        """Open a fresh file and lock it for as long as this process lives."""
        folder.mkdir(parents=True, exist_ok=True)
        host = socket.gethostname()[:HOST_LENGTH]
        self.worker = f"{host}-{os.getpid()}-{secrets.token_hex(4)}"
        self.path = folder / f"{self.worker}.log"
        self._file = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self.clear()

    def clear(self) -> None:
        """Forget what is settled in the database."""
        os.ftruncate(self._file, 0)
        self.write(f"boot {this_boot()}\n")

    def body(self, delivery_id: int, fence: int) -> None:
        """Note that this copy's body is about to go out."""
        self.write(body_line(delivery_id, fence))

    def reply(self, delivery_id: int, fence: int, code: int) -> None:
        """Note what the server answered after the final dot."""
        self.write(reply_line(delivery_id, fence, code))

    def write(self, lines: str) -> None:
        """Note several of these at once; they stand in the file when this returns.

        Raises:
            OSError: they do not (the disk is full); nothing may go out.
        """
        rest = lines.encode("ascii")
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def close(self, settled: bool = True) -> None:
        """Give up the lock; a worker that ends well has nothing in doubt and leaves no file."""
        if settled:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.close(settled=error is None)


@dataclass(frozen=True)
class Evidence:
    """What a dead worker's file tells about its copies, by delivery id and fence."""

    whole: bool
    """Nothing can be missing: the machine did not restart since."""
    bodies: frozenset[tuple[int, int]] = frozenset()
    replies: tuple[tuple[int, int, int], ...] = ()

    def accepted(self) -> frozenset[tuple[int, int]]:
        """The copies for which a 250 was read; the first digit decides (RFC 5321 §4.2.1)."""
        return frozenset((one, fence) for one, fence, code in self.replies if code // 100 == 2)

    def refused(self) -> dict[tuple[int, int], int]:
        """The copies that the server did not take, with its code."""
        return {(one, fence): code for one, fence, code in self.replies if code // 100 != 2}


def evidence_of(folder: Path, worker: str) -> Evidence | None:
    """Return what a worker's file tells, or None while it lives or when it worked elsewhere."""
    try:
        file = os.open(folder / f"{worker}.log", os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return _read((folder / f"{worker}.log").read_text("ascii", errors="replace"))
    except BlockingIOError:
        return None
    finally:
        os.close(file)


def forget(folder: Path, worker: str) -> None:
    """Remove the file of a worker whose copies are all settled."""
    (folder / f"{worker}.log").unlink(missing_ok=True)


def sweep(folder: Path, holders: Collection[str]) -> None:
    """Remove the files of dead workers that left nothing open in the database."""
    for path in folder.glob("*.log"):
        is_old = path.stat().st_mtime < now_utc().timestamp() - ORPHANED_AFTER_SECONDS
        if is_old and path.stem not in holders and evidence_of(folder, path.stem) is not None:
            forget(folder, path.stem)


def _read(text: str) -> Evidence:
    """Read a dead worker's file; where it is damaged, only what it says was answered counts."""
    lines = [line.split() for line in text.splitlines(keepends=True) if line.endswith("\n")]
    boot = lines[0][1] if lines and lines[0][:1] == ["boot"] and len(lines[0]) == 2 else ""
    bodies, replies, damaged = set(), [], False
    for word, *written in filter(None, lines[1:] if boot else lines):
        numbers = [int(one) for one in written if one.isascii() and one.isdecimal()]
        if word == "body" and len(numbers) == len(written) == 2:
            bodies.add((numbers[0], numbers[1]))
        elif word == "reply" and len(numbers) == len(written) == 3:
            replies.append((numbers[0], numbers[1], numbers[2]))
        else:
            damaged = True
    return Evidence(
        whole=bool(boot) and boot == this_boot() and not damaged,
        bodies=frozenset(bodies),
        replies=tuple(replies),
    )
