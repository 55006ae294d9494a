"""Free ports on this machine, the usual ones if they are free."""

from __future__ import annotations

import socket
import time
from itertools import chain

HOST = "127.0.0.1"
TRIES_ABOVE = 50


def free_port(wanted: int, taken: set[int]) -> int:
    """Return `wanted` or the next port above it that nothing listens on."""
    for port in chain(range(wanted, wanted + TRIES_ABOVE), [0]):
        if port in taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            found = int(probe.getsockname()[1])
            taken.add(found)
            return found
    raise OSError(f"No free port near {wanted}.")


def wait_until_open(port: int, seconds: float) -> bool:
    """Wait until something listens on the port; return whether it came."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex((HOST, port)) == 0:
                return True
        time.sleep(0.1)
    return False
