"""A worker that is stopped by fate inside a transaction: it has changed its chunk, not committed.

python -m tests.scaling.lock_holder <name of the worker>
"""

from __future__ import annotations

import sys
import time

from sqlalchemy import select

from commsplan.app import create_app
from commsplan.delivery.leases import Lease, lease, renew
from commsplan.delivery.models import Send
from commsplan.foundation.database import db, transaction


def _lease(worker: str) -> Lease:
    """Take the first chunk that is ready, waiting for its send to start."""
    while True:
        send_id = db.session.scalar(select(Send.id).where(Send.state == "running"))
        db.session.rollback()
        if send_id is not None and (mine := lease(send_id, worker)):
            return mine
        time.sleep(0.2)


def main() -> None:
    """Hold a chunk's row until the end."""
    with create_app().app_context():
        mine = _lease(sys.argv[1])
        with transaction():
            renew([mine])
            sys.stdout.write("holding\n")
            sys.stdout.flush()
            time.sleep(3600)


if __name__ == "__main__":
    main()
