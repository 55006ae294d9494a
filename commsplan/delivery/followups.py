"""What follows a send: to those who joined later, those it failed for, those who had it."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from commsplan.delivery.actions import add_scheduled
from commsplan.delivery.followup_models import Followup
from commsplan.delivery.letters import LETTERS, letter_of
from commsplan.delivery.models import Send
from commsplan.delivery.recipients import recipients, still_to_act, who_had
from commsplan.delivery.rules import SendKind, SendState
from commsplan.delivery.schedules import columns_of, timing_of
from commsplan.delivery.stopping import REPEATS, actor
from commsplan.delivery.timing import LatePolicy, Timing
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.messages.actions import mark, write_message
from commsplan.messages.models import Message
from commsplan.messages.rules import EDITABLE
from commsplan.people.models import Person


def people_for(send: Send, kind: SendKind) -> int:
    """Count who would get a follow-up of a send now."""
    if kind in LETTERS:
        who = who_had(send, kind)
    else:
        who = recipients(send.message, send.audience, kind, send)
    return db.session.scalar(select(func.count()).select_from(who.subquery())) or 0


def offers(send: Send) -> dict[SendKind, int]:
    """Return the follow-ups that a send can have now, with how many people each would reach."""
    if not has_ended(send):
        return {}
    kinds = [SendKind.TOP_UP, SendKind.RESEND, SendKind.CORRECTION]
    if still_to_act:
        kinds.append(SendKind.REMINDER)
    found = {kind: people_for(send, kind) for kind in kinds}
    found[SendKind.RECALL] = found[SendKind.CORRECTION]
    return {kind: people for kind, people in found.items() if people}


def has_ended(send: Send) -> bool:
    """Tell whether a send went out and nothing of it happens by itself any more."""
    return send.started_at is not None and send.state in (SendState.FINISHED, SendState.CANCELLED)


def send_again(send: Send, kind: SendKind, by: Person | None) -> Send:
    """Send a message once more, as it was: to those who joined later, or those it failed for.

    Raises:
        NotNow: it has not ended, its message goes out at this moment, or nobody is left to get it.
    """
    if kind not in REPEATS:
        raise ValueError(kind)
    with transaction() as database:
        database.refresh(send)
        if not has_ended(send) or not people_for(send, kind):
            raise NotNow(_("There is nobody to send it to."))
        if not mark(send.message_id, {"sent", "cancelled"}, "scheduled"):
            raise NotNow(_("This message is being changed or goes out at this moment."))
        again = Send(
            message_id=send.message_id,
            version_id=send.version_id,
            audience_id=send.audience_id,
            kind=kind,
            of_send_id=_first(send).id,
            due_at=now_utc(),
            **columns_of(_timing_of_repeat(send)),
        )
        add_scheduled(again, by)
    return again


def _first(send: Send) -> Send:
    """Return the send that a repeat repeats, at the bottom of it all."""
    if send.kind in REPEATS and send.of_send is not None:
        return send.of_send
    return send


def _timing_of_repeat(send: Send) -> Timing:
    """Return the original's timing as far as it still means something: at once, not at night."""
    before = timing_of(send)
    if before.valid_until and before.valid_until <= now_utc() + timedelta(minutes=1):
        raise NotNow(_("It is outdated: nothing of it goes out any more."))
    return Timing(
        stop_percent=before.stop_percent,
        quiet=before.quiet,
        valid_until=before.valid_until,
        late_policy=LatePolicy.ASK,
    )


def begin_letter(send: Send, kind: SendKind, by: Person) -> Message:
    """Begin a message to exactly those who had a send's message, with words to start from.

    Raises:
        NotNow: the send has not ended, or nobody had it.
    """
    if kind not in LETTERS:
        raise ValueError(kind)
    if not has_ended(send) or not people_for(send, kind):
        raise NotNow(_("There is nobody to send it to."))
    with transaction() as database:
        message = write_message(send.message.plan, letter_of(send, kind), by)
        origin = Followup(message_id=message.id, of_send_id=send.id, kind=kind, at=now_utc())
        database.add(origin)
        audit.record(
            actor(by),
            "followup.begun",
            f"send {send.id}",
            after={"message": message.id, "kind": kind.value},
        )
    return message


def follows(send: Send) -> list[Send]:
    """Return the sends that follow a send, the oldest first."""
    return list(
        db.session.scalars(select(Send).where(Send.of_send_id == send.id).order_by(Send.id))
    )


def drafts_after(send: Send) -> list[Followup]:
    """Return the follow-ups of a send that are still being written."""
    return list(
        db.session.scalars(
            select(Followup)
            .join(Followup.message)
            .where(
                Followup.of_send_id == send.id,
                Message.removed_at.is_(None),
                Message.state.in_([str(state) for state in EDITABLE]),
            )
            .order_by(Followup.id)
        )
    )
