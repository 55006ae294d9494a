"""What a person decides about a posting that nobody on this side knows about."""

from __future__ import annotations

from sqlalchemy import select, update

from commsplan.delivery.models import Send
from commsplan.delivery.outlet_models import Posting
from commsplan.delivery.reopening import open_again
from commsplan.delivery.rules import SendState, State
from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Person

IT_IS_THERE = "Somebody looked: it is there."
POST_AGAIN = "Somebody looked: it was not there. It is posted again."


def resolve_posting(posting: Posting, is_there: bool, by: Person) -> bool:
    """Settle a doubtful posting: it is there, or it is posted once more.

    Posting again opens a finished send once more; of a cancelled one, the posting is cancelled.

    Returns:
        Whether it was in doubt; one that is not is left alone.
    """
    now, send_id = now_utc(), posting.send_id
    values: dict[str, object] = (
        {"state": State.ACCEPTED, "note": IT_IS_THERE, "accepted_at": now}
        if is_there
        else {"state": State.PLANNED, "note": POST_AGAIN, "not_before": now}
    )
    with transaction() as database:
        settled = database.scalar(
            update(Posting)
            .where(Posting.id == posting.id, Posting.state == State.UNCERTAIN)
            .values(settled_at=now, **values)
            .returning(Posting.id)
        )
        if settled is None:
            return False
        if not is_there:
            _open_again(send_id, posting.id)
        found: dict[str, object] = {"posting": posting.id, "is there": is_there}
        record(f"person {by.id}", "posting.resolved", f"send {send_id}", after=found)
    return True


def _open_again(send_id: int, posting_id: int) -> None:
    """Let a finished send run again; of a cancelled one, nothing leaves any more."""
    state = db.session.scalar(select(Send.state).where(Send.id == send_id))
    if state == SendState.CANCELLED:
        db.session.execute(
            update(Posting).where(Posting.id == posting_id).values(state=State.CANCELLED)
        )
    open_again([send_id])
