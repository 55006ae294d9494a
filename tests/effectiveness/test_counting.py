"""Each person counts once, and what is counted of whom is what the definitions say."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from commsplan.delivery.models import Delivery
from commsplan.effectiveness.queries import (
    cells_of_message,
    cells_of_plan,
    counts_by_message,
    counts_by_plan,
)
from commsplan.effectiveness.rules import Counts, total
from commsplan.foundation.database import db
from tests.cast import Cast
from tests.effectiveness.scene import crowd, said, saw
from tests.messages.stage import make_message
from tests.receipts.scene import send_out
from tests.surveys.scene import ask, say


@pytest.fixture
def copies(cast: Cast) -> list[Delivery]:
    return crowd(cast, ("Crew", "DE", 3), ("Desk", "GB", 2))


def counts(copies: list[Delivery]) -> Counts:
    return total(cells_of_message(copies[0].message).values())


def test_everybody_in_the_frozen_audience_is_addressed(copies: list[Delivery]) -> None:
    copies[0].state, copies[1].state, copies[2].state = "failed", "suppressed", "planned"
    found = counts(copies)
    assert (found.addressed, found.accepted, found.waiting) == (5, 2, 1)


def test_machines_open_nothing(copies: list[Delivery]) -> None:
    saw(copies[0], verdict="machine")
    saw(copies[0], "click", "machine")
    found = counts(copies)
    assert (found.opened, found.maybe_opened, found.clicked, found.maybe_clicked) == (0, 0, 0, 0)


def test_doubtful_openings_are_at_most(copies: list[Delivery]) -> None:
    saw(copies[0])
    saw(copies[1], verdict="unknown")
    found = counts(copies)
    assert (found.opened, found.maybe_opened) == (1, 2)


def test_a_person_counts_once_however_often_seen(copies: list[Delivery]) -> None:
    for verdict in ("unknown", "human", "human"):
        saw(copies[0], "click", verdict)
    found = counts(copies)
    assert (found.opened, found.maybe_opened, found.clicked, found.maybe_clicked) == (1, 1, 1, 1)


def test_a_page_view_is_an_opening_and_no_click(copies: list[Delivery]) -> None:
    saw(copies[0], "page")
    found = counts(copies)
    assert (found.opened, found.clicked) == (1, 0)


@pytest.mark.parametrize(("kind", "acted", "cannot"), [("done", 1, 0), ("cannot", 0, 1)])
def test_whoever_says_something_has_read(
    copies: list[Delivery], kind: str, acted: int, cannot: int
) -> None:
    said(copies[0], kind)
    found = counts(copies)
    assert (found.read, found.opened, found.acted, found.cannot) == (1, 1, acted, cannot)


def test_whoever_answers_to_a_doubtful_copy_was_reached(copies: list[Delivery]) -> None:
    copies[0].state = "uncertain"
    assert counts(copies).accepted == 4
    said(copies[0])
    assert counts(copies).accepted == 5


def test_answers_are_counted_of_those_who_were_asked(cast: Cast, copies: list[Delivery]) -> None:
    assert counts(copies).surveyed == 0
    say(ask(cast, copies[0].message), copies[0])
    found = counts(copies)
    assert (found.answered, found.surveyed, found.opened) == (1, 5, 1)


def test_people_are_added_up_by_department_and_country(copies: list[Delivery]) -> None:
    said(copies[4])
    cells = cells_of_message(copies[0].message)
    assert {key: (one.addressed, one.read) for key, one in cells.items()} == {
        ("Crew", "DE"): (3, 0),
        ("Desk", "GB"): (2, 1),
    }


def test_over_two_messages_a_person_of_a_plan_counts_once(
    cast: Cast, copies: list[Delivery]
) -> None:
    plan = copies[0].message.plan
    people = [copy.person for copy in copies[:2]]
    second = send_out(cast, people, message=make_message(cast, plan, action_what=""))
    said(copies[0])
    said(second[0])
    said(second[1])
    found = total(cells_of_plan(plan).values())
    assert (found.addressed, found.read, found.asked) == (5, 2, 5)
    assert counts_by_plan([plan]) == {plan.id: found}


def test_each_message_counts_its_own(cast: Cast, copies: list[Delivery]) -> None:
    plan = copies[0].message.plan
    second = send_out(cast, message=make_message(cast, plan, action_what=""))
    said(second[0], "read")
    by_message = counts_by_message(plan)
    assert (by_message[copies[0].message_id].read, by_message[second[0].message_id].read) == (0, 1)
    assert by_message[second[0].message_id].asked == 0


def test_another_plans_people_stay_there(cast: Cast, copies: list[Delivery]) -> None:
    other = send_out(cast)
    said(other[0])
    assert total(cells_of_plan(copies[0].message.plan).values()).read == 0


def test_one_statement_counts_whatever_the_size(copies: list[Delivery]) -> None:
    message, statements = copies[0].message, []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        cells_of_message(message)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len([one for one in statements if "FROM delivery" in one]) == 1
