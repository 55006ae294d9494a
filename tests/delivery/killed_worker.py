"""A worker that kills itself, as the kernel would: python -m tests.delivery.killed_worker …

Arguments: the send, the step ("ShiftLedger.turn_over", "Journal.write"), and which call of it.
"""

from __future__ import annotations

import os
import signal
import sys

from commsplan.app import create_app
from commsplan.delivery import shift
from commsplan.delivery.jobs import deliver
from commsplan.delivery.journal import Journal
from commsplan.delivery.shift_ledger import ShiftLedger

PLACES = {"ShiftLedger": ShiftLedger, "Journal": Journal}


def main(send_id: int, step: str, number: int) -> None:
    place, name = PLACES[step.split(".", maxsplit=1)[0]], step.split(".")[1]
    real, calls = getattr(place, name), [0]

    def deadly(*args: object, **kwargs: object) -> object:
        calls[0] += 1
        if calls[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)

    shift.SETTLE_SECONDS = 60.0  # a slow machine must not turn over once more than a fast one
    setattr(place, name, deadly)
    with create_app().app_context():
        deliver(send_id)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
