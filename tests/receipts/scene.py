"""A message that has gone out, for the tests of what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from commsplan.audiences.models import Audience
from commsplan.delivery.models import Delivery, Send
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.messages.models import Message
from commsplan.people.models import Person
from tests.cast import Cast
from tests.messages.stage import make_message, make_plan

AN_HOUR = timedelta(hours=1)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


def send_out(
    cast: Cast,
    people: Sequence[Person] = (),
    *,
    message: Message | None = None,
    accepted_at: datetime | None = None,
    **changes: object,
) -> list[Delivery]:
    """Let a message have gone out an hour ago; anything of its content may be changed by name."""
    message = message or make_message(cast, make_plan(cast), **changes)
    message.state = "sent"
    when = accepted_at or now_utc() - AN_HOUR
    people = people or [cast.employee]
    send = _send(cast, message, when, len(people))
    copies = [
        Delivery(
            send_id=send.id,
            message_id=message.id,
            person_id=person.id,
            address=person.email,
            state="accepted",
            not_before=when,
            accepted_at=when,
            settled_at=when,
        )
        for person in people
    ]
    db.session.add_all(copies)
    db.session.commit()
    return copies


def _send(cast: Cast, message: Message, when: datetime, addressed: int) -> Send:
    audience = Audience(
        team_id=cast.team.id,
        name=f"Everybody, message {message.id}",
        rule={"kind": "everyone"},
        created_at=when,
        revised_at=when,
    )
    db.session.add(audience)
    db.session.flush()
    send = Send(
        message_id=message.id,
        version_id=message.latest.id,
        audience_id=audience.id,
        state="finished",
        due_at=when,
        scheduled_at=when,
        started_at=when,
        finished_at=when,
        addressed=addressed,
    )
    db.session.add(send)
    db.session.flush()
    return send
