"""A worker that kills itself, as the kernel would, with an invitation in its hands.

Argument: "write", before the journal has the mail's line; "reply", when the server has taken it.
"""

from __future__ import annotations

import os
import signal
import sys

from commsplan.app import create_app
from commsplan.delivery.invitation_jobs import post_invitations
from commsplan.delivery.journal import Journal


def main(moment: str) -> None:
    real = Journal.write

    def deadly(self: Journal, lines: str) -> None:
        if lines.startswith("body") and moment == "write":
            os.kill(os.getpid(), signal.SIGKILL)
        if lines.startswith("reply") and moment == "reply":
            os.kill(os.getpid(), signal.SIGKILL)
        real(self, lines)

    Journal.write = deadly  # type: ignore[method-assign]  # the fault that is tried
    with create_app().app_context():
        post_invitations()


if __name__ == "__main__":
    main(sys.argv[1])
