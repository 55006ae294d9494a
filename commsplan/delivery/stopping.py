"""Pause, resume, cancel: at any moment, by whoever is first; workers see it within seconds.

Nothing is told to workers: before each window, and every second, they look at the send's row.
"""

from __future__ import annotations

from sqlalchemy import select, update

from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.postings import cancel_postings
from commsplan.delivery.rules import ARRIVED, STOPPABLE, SendKind, SendState, State
from commsplan.delivery.tallies import QUIET, lock_chunks_of, standings
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.messages.actions import mark
from commsplan.people.models import Person

FAILURES, OVERDUE = "failures", "overdue"
"""Why a send paused by itself, as its `paused_why`."""
REPEATS = frozenset({SendKind.TOP_UP, SendKind.RESEND})
"""Send an earlier send's message once more."""
WENT_WRONG = frozenset({State.FAILED, State.BOUNCED, State.UNCERTAIN})


def pause_send(send: Send, by: Person | None) -> None:
    """Let nothing more of a running send leave until somebody resumes it.

    Raises:
        NotNow: it does not run, or was paused already.
    """
    with transaction():
        if not _pause(send.id, by, ""):
            raise NotNow("This send is not going out any more, or somebody has paused it already.")
        audit.record(actor(by), "send.paused", f"send {send.id}")


def pause_by_rule(send_id: int, why: str, found: dict[str, object]) -> bool:
    """Pause a send because of what a rule found; return whether it was not paused already.

    Args:
        send_id: which.
        why: FAILURES or OVERDUE.
        found: figures for the audit trail.
    """
    with transaction():
        paused = _pause(send_id, None, why)
        if paused:
            audit.record("timetable", "send.paused", f"send {send_id}", after={"why": why, **found})
    return paused


def _pause(send_id: int, by: Person | None, why: str) -> bool:
    paused = db.session.scalar(
        update(Send)
        .where(Send.id == send_id, Send.state == SendState.RUNNING, Send.paused_at.is_(None))
        .values(paused_at=now_utc(), paused_by_id=by.id if by else None, paused_why=why)
        .returning(Send.id)
    )
    return paused is not None


def resume_send(send: Send, by: Person | None) -> int | None:
    """Let a paused send go on.

    Whoever lets one go on that its stop rule paused accepts what failed so far: the rule then
    allows as much again on top of it.

    Returns:
        The stop rule's new limit in percent, if it had paused the send.

    Raises:
        NotNow: it is not paused.
    """
    with transaction() as database:
        database.refresh(send, with_for_update=True)
        if send.state != SendState.RUNNING or send.paused_at is None:
            raise NotNow("This send is not paused any more.")
        limit = None
        if send.paused_why == FAILURES and send.stop_percent is not None:
            failed, tried = failed_and_tried(send.id)
            share = -(-failed * 100 // tried) if tried else 0
            limit = send.stop_percent = min(100, send.stop_percent + share)
        send.paused_at, send.paused_by_id, send.paused_why = None, None, ""
        send.seen_at = now_utc()
        audit.record(actor(by), "send.resumed", f"send {send.id}", after={"stop_percent": limit})
    return limit


def failed_and_tried(send_id: int) -> tuple[int, int]:
    """Return how many copies failed, came back or are in doubt, and how many were tried.

    Copies that failed without any mail server, for want of an address, were not tried.
    """
    failed = tried = 0
    for one in standings(send_id):
        wrong = one.state in WENT_WRONG and (one.state is not State.FAILED or one.relay != "")
        failed += one.copies if wrong else 0
        tried += one.copies if wrong or one.state in ARRIVED else 0
    return failed, tried


def cancel_send(send: Send, by: Person | None) -> SendState:
    """Stop a send; what is on the wire at this moment finishes, nothing else leaves any more.

    Returns:
        The state it had: a scheduled one leaves its message as it was before.

    Raises:
        NotNow: it is finished or cancelled already.
    """
    with transaction():
        if _cancel(send.id, SendState.SCHEDULED, by):
            before = SendState.SCHEDULED
            after_taking_back(send)
        elif _cancel(send.id, SendState.RUNNING, by):
            before = SendState.RUNNING
            mark(send.message_id, {"sending"}, "sent" if _has_been_sent(send) else "cancelled")
            _cancel_rows(send.id)
            cancel_postings(send.id)
        else:
            raise NotNow("This send has ended already.")
        audit.record(actor(by), "send.cancelled", f"send {send.id}", before={"state": before.value})
    return before


def after_taking_back(send: Send) -> None:
    """Leave the message of a send that never started as it was before it was scheduled."""
    if send.kind in REPEATS:
        mark(send.message_id, {"scheduled"}, "sent" if _has_been_sent(send) else "cancelled")
    else:
        mark(send.message_id, {"scheduled"}, "draft")


def _has_been_sent(send: Send) -> bool:
    """Tell whether an earlier send of the same message ended by itself."""
    return (
        send.kind in REPEATS
        and send.of_send is not None
        and send.of_send.state == SendState.FINISHED
    )


def sweep_cancelled() -> None:
    """Cancel what came back from a worker after its send was cancelled."""
    leftover = (
        select(Chunk.send_id)
        .join(Send)
        .where(Send.state == SendState.CANCELLED, Chunk.state == "ready", Chunk.tally.is_not(None))
        .distinct()
    )
    for send_id in db.session.scalars(leftover).all():
        with transaction():
            _cancel_rows(send_id)


def _cancel(send_id: int, state: SendState, by: Person | None) -> bool:
    stopped = db.session.scalar(
        update(Send)
        .where(Send.id == send_id, Send.state == state)
        .values(
            state=SendState.CANCELLED,
            cancelled_at=now_utc(),
            cancelled_by_id=by.id if by else None,
        )
        .returning(Send.id)
    )
    return stopped is not None


def _cancel_rows(send_id: int) -> None:
    lock_chunks_of([send_id])
    db.session.execute(
        update(Delivery)
        .where(Delivery.send_id == send_id, Delivery.state.in_(STOPPABLE))
        .values(state=State.CANCELLED, settled_at=now_utc())
        .execution_options(**QUIET)
    )


def actor(by: Person | None) -> str:
    """Return who acted, as the audit trail names them."""
    return f"person {by.id}" if by else "command line"
