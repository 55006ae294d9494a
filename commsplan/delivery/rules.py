"""The states of a copy, and which lead where."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where one copy for one person stands."""

    PLANNED = "planned"
    LEASED = "leased"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


OPEN = frozenset({State.PLANNED, State.LEASED, State.SENDING})
"""Something still has to happen."""

TERMINAL = frozenset({State.ACCEPTED, State.FAILED, State.CANCELLED, State.SUPPRESSED})
"""Nothing more happens by itself; `uncertain` waits for evidence or for a person."""


class SendState(StrEnum):
    """Where one send stands."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
