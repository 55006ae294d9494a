"""The engine with one fault put into it, run as `python -m tests.chaos.faulty FAULT COMMAND …`.

A harness that has never caught anything proves nothing. Each fault here is one that engines of
this kind really have; it is put in by replacing one thing in this process alone, so that the
package itself holds no switch for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql

from commsplan.app import create_app
from commsplan.cli import main
from commsplan.delivery import freezing, quick_turns, windows
from commsplan.delivery.leases import Lease
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import accepted
from commsplan.delivery.shift_ledger import ShiftLedger
from commsplan.delivery.windows import Result, Turn
from commsplan.foundation.database import db, transaction

CONSTRAINT = "one_copy_per_message_person_and_round"


def settle_without_fence() -> None:
    """Let a worker write down what it has in hand, whoever holds the copies by now.

    What Healthchecks, Indico and most home-made queues do: they update by id.
    """
    guarded = "delivery.fence = :fence and delivery.state = 'sending'"
    at_once = "delivery.fence = cast(:fence as integer)\n        and delivery.state = 'sending'"
    assert guarded in windows.FINAL
    assert at_once in quick_turns.AT_ONCE
    windows.FINAL = windows.FINAL.replace(guarded, ":fence = :fence")
    quick_turns.AT_ONCE = quick_turns.AT_ONCE.replace(at_once, "true")


def no_unique_constraint() -> None:
    """Freeze every audience twice, with nothing in the database to forbid it.

    What happens when a start runs again after a crash and only the code is careful.
    """
    with create_app().app_context(), transaction() as database:
        database.execute(text(f"alter table delivery drop constraint if exists {CONSTRAINT}"))
    make_chunks = freezing.make_chunks

    def again(send: Send) -> None:
        copies = [column for column in Delivery.__table__.columns if column.name != "id"]
        rows = select(*copies).where(Delivery.send_id == send.id)
        db.session.execute(
            postgresql.insert(Delivery)
            .from_select([column.name for column in copies], rows)
            .on_conflict_do_nothing()
        )
        make_chunks(send)

    freezing.make_chunks = again


def settle_before_send() -> None:
    """Write `accepted` down when copies are begun, before anything of them is on the wire.

    What GOV.UK Notify, Keila and Mailman have each done in their time: mark first, then send.
    """
    turn_over = ShiftLedger.turn_over

    def eager(
        self: ShiftLedger,
        lease: Lease,
        results: Sequence[Result],
        going: Collection[int],
        answered: Callable[[Turn], None],
    ) -> None:
        def mark_first(turn: Turn) -> None:
            with transaction():
                windows.settle(lease, [Result(one, accepted("250"), "", 0) for one in turn.begun])
            answered(turn)

        turn_over(self, lease, results, going, mark_first)

    ShiftLedger.turn_over = eager


FAULTS: dict[str, Callable[[], None]] = {
    "settle-without-fence": settle_without_fence,
    "no-unique-constraint": no_unique_constraint,
    "settle-before-send": settle_before_send,
}

if __name__ == "__main__":
    fault = sys.argv.pop(1)
    FAULTS[fault]()
    main()
