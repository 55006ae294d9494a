"""A web server that kills itself: python -m tests.delivery.killed_web MESSAGE PERSON before|after.

It answers one press of "schedule", for a person who is signed in, and dies right before or right
after the commit of that transaction, as the kernel would end it.
"""

from __future__ import annotations

import os
import signal
import sys

from sqlalchemy import event

from commsplan.app import create_app
from commsplan.delivery.models import Send
from commsplan.foundation.database import db
from commsplan.people.models import Person
from tests.cast import signed_in

MOMENTS = {"before": "before_commit", "after": "after_commit"}


def main(message_id: int, person_id: int, moment: str) -> None:
    app = create_app(overrides={"WTF_CSRF_ENABLED": False})
    with app.app_context():
        browser = signed_in(app, db.session.get_one(Person, person_id))
        db.session.remove()
    scheduled = []

    @event.listens_for(db.session, "after_flush")
    def _look(session: object, *_: object) -> None:
        scheduled.extend(one for one in db.session.new if isinstance(one, Send))

    @event.listens_for(db.session, MOMENTS[moment])
    def _die(*_: object) -> None:
        if scheduled:
            os.kill(os.getpid(), signal.SIGKILL)

    browser.post(f"/messages/{message_id}/schedule", data={"when": "now"})


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
