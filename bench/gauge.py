"""What processes cost: their CPU time and their memory, as the kernel counts them (proc(5))."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU time these processes have used, in user and kernel mode, in seconds."""
    return sum(_cpu(pid) for pid in pids)


def _cpu(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS  # utime and stime, fields 14 and 15


def memory_mb(pid: int, what: str = "VmRSS") -> float:
    """Return the memory a process has in RAM, in MB (VmHWM: at most so far)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"{what} is not known of process {pid}")


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which a share of the values lies (nearest rank, never made up)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]
