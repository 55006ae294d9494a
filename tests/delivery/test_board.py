"""The board shows what concerns somebody; its feeds say the same, at addresses that are secret."""

from datetime import timedelta
from email.utils import format_datetime
from typing import cast as typed

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from commsplan.audiences.actions import create_audience, set_exception
from commsplan.audiences.rules import EVERYONE
from commsplan.delivery.board_actions import (
    open_board_feed,
    renew_board_feed,
    restore_board_feed,
    revoke_board_feed,
)
from commsplan.delivery.board_queries import notices_for
from commsplan.delivery.models import Send
from commsplan.delivery.outlet_actions import make_outlet
from commsplan.delivery.outlet_models import BoardFeed, Posting
from commsplan.foundation.addresses import board_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Person
from tests.cast import Cast
from tests.delivery.feed_lint import complaints, titles
from tests.messages.stage import make_message, make_plan

every_form = pytest.mark.parametrize("form", ["rss", "atom", "json"])


class Board:
    """A team's board, on which messages can be hung."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.plan = make_plan(cast)
        self.everyone = create_audience(cast.team, "Everybody", EVERYONE, by=cast.lead)
        self.outlet = make_outlet(cast.team, "Board", "board", "", cast.lead).outlet

    def hang(self, subject: str, kind: str = "first", of: int | None = None, **more: object) -> int:
        """Hang a notice; return its id. `of` repeats the message of an earlier one."""
        now = now_utc()
        if of is None:
            message = make_message(self.cast, self.plan, subject=subject, **more)
        else:
            message = db.session.get_one(Posting, of).message
        send = Send(
            message_id=message.id,
            version_id=message.latest.id,
            audience_id=self.everyone.id,
            kind=kind,
            state="finished",
            due_at=now,
            scheduled_at=now,
        )
        with transaction() as database:
            database.add(send)
            database.flush()
            posting = Posting(
                send_id=send.id,
                message_id=message.id,
                outlet_id=self.outlet.id,
                round=send.id,
                state="accepted",
                not_before=now,
                accepted_at=now,
            )
            database.add(posting)
        return posting.id

    def leave_out(self, person: Person) -> None:
        """Take somebody out of the audience."""
        set_exception(self.everyone, person, included=False, why="", by=self.cast.lead)


@pytest.fixture
def board(cast: Cast) -> Board:
    return Board(cast)


@pytest.fixture
def employee(cast: Cast) -> FlaskClient:
    return cast.as_(cast.employee)


def feed_of(person: Person) -> BoardFeed:
    return open_board_feed(person)


def path_of(feed: BoardFeed, form: str) -> str:
    return board_address(feed.person_id, feed.generation, form).removeprefix(
        "http://127.0.0.1:8000"
    )


def test_an_empty_board_says_what_will_hang_there(employee: FlaskClient) -> None:
    assert "Nothing hangs here yet" in employee.get("/board/").text


def test_the_newest_notice_hangs_on_top_with_what_to_do(
    board: Board, employee: FlaskClient
) -> None:
    board.hang("Pack your boxes", action_what="Label every box")
    board.hang("Move on Monday")
    page = employee.get("/board/").text
    assert page.index("Move on Monday") < page.index("Pack your boxes")
    assert "Label every box" in page


def test_a_notice_for_others_is_not_there(board: Board, cast: Cast) -> None:
    notice = board.hang("Pack your boxes")
    board.leave_out(cast.employee)
    outsider = cast.as_(cast.employee)
    assert "Pack your boxes" not in outsider.get("/board/").text
    assert outsider.get(f"/board/{notice}").status_code == 404
    assert cast.as_(cast.outsider).get(f"/board/{notice}").status_code == 200


def test_what_was_posted_elsewhere_or_not_at_all_is_not_there(board: Board, cast: Cast) -> None:
    notice = board.hang("Pack your boxes")
    with transaction():
        db.session.get_one(Posting, notice).state = "planned"
    assert notices_for(cast.employee) == []
    assert cast.as_(cast.employee).get(f"/board/{notice}").status_code == 404


def test_what_was_taken_back_is_marked(board: Board, cast: Cast) -> None:
    first = board.hang("Pack your boxes")
    board.hang("", kind="recall", of=first)
    assert [notice.is_recalled for notice in notices_for(cast.employee)] == [False, True]
    assert "Taken back" in cast.as_(cast.employee).get(f"/board/{first}").text


def test_a_notice_keeps_its_html_fenced_in(board: Board, employee: FlaskClient) -> None:
    notice = board.hang("A <b>title</b>", body="<script>alert(1)</script> **strong**")
    page = employee.get(f"/board/{notice}").text
    assert "<strong>strong</strong>" in page
    assert "<script>alert" not in page
    assert "A &lt;b&gt;title" in page


@every_form
def test_a_feed_is_valid_and_says_what_the_board_says(
    board: Board, cast: Cast, client: FlaskClient, form: str
) -> None:
    board.hang("Pack & label <all> your \N{PACKAGE} boxes", body="]]> & <b> *now*")
    board.hang("{{ first_name | Everybody }}, move on Monday")
    answer = client.get(path_of(feed_of(cast.employee), form))
    assert complaints(form, answer.data) == []
    expected = ["Everybody, move on Monday", "Pack & label <all> your \N{PACKAGE} boxes"]
    assert titles(form, answer.data) == expected


@every_form
def test_an_empty_feed_is_valid_too(cast: Cast, client: FlaskClient, form: str) -> None:
    answer = client.get(path_of(feed_of(cast.employee), form))
    assert complaints(form, answer.data) == []
    assert titles(form, answer.data) == []


@every_form
def test_a_plan_with_characters_that_xml_does_not_know_breaks_nothing(
    board: Board, cast: Cast, client: FlaskClient, form: str
) -> None:
    with transaction():
        board.plan.title = "Office\x0b\ufffe move"
    board.hang("Pack your boxes")
    answer = client.get(path_of(feed_of(cast.employee), form))
    assert complaints(form, answer.data) == []


@every_form
def test_a_reader_that_has_it_is_told_so(
    board: Board, cast: Cast, client: FlaskClient, form: str
) -> None:
    board.hang("Pack your boxes")
    path = path_of(feed_of(cast.employee), form)
    first = client.get(path)
    etag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(path, headers={"If-Modified-Since": changed}).status_code == 304
    assert client.head(path).status_code == 200


@every_form
def test_a_reader_that_lacks_something_gets_it(
    board: Board, cast: Cast, client: FlaskClient, form: str
) -> None:
    path = path_of(feed_of(cast.employee), form)
    with time_machine.travel(now_utc() - timedelta(hours=1)):
        board.hang("Pack your boxes")
        first = client.get(path)
    board.hang("Move on Monday")
    for name, header in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = client.get(path, headers={name: first.headers[header]})
        assert again.status_code == 200
        assert len(titles(form, again.data)) == 2


def test_the_date_moves_also_when_a_notice_goes(
    board: Board, cast: Cast, client: FlaskClient
) -> None:
    path = path_of(feed_of(cast.employee), "rss")
    with time_machine.travel(now_utc() - timedelta(hours=1)):
        board.hang("Pack your boxes")
        first = client.get(path)
    board.leave_out(cast.employee)
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(path, headers=since).status_code == 200
    later = format_datetime(now_utc() + timedelta(seconds=2), usegmt=True)
    assert client.get(path, headers={"If-Modified-Since": later}).status_code == 304


def test_another_persons_feed_shows_what_concerns_them(
    board: Board, cast: Cast, client: FlaskClient
) -> None:
    board.hang("Pack your boxes")
    board.leave_out(cast.employee)
    assert titles("rss", client.get(path_of(feed_of(cast.employee), "rss")).data) == []
    assert len(titles("rss", client.get(path_of(feed_of(cast.lead), "rss")).data)) == 1


def test_a_replaced_address_ends_at_once(cast: Cast, client: FlaskClient) -> None:
    feed = feed_of(cast.employee)
    old = path_of(feed, "atom")
    renew_board_feed(feed)
    assert client.get(old).status_code == 404
    assert client.get(path_of(feed, "atom")).status_code == 200


def test_a_switched_off_address_ends_and_can_come_back(cast: Cast, client: FlaskClient) -> None:
    feed = feed_of(cast.employee)
    path = path_of(feed, "json")
    revoke_board_feed(feed)
    assert client.get(path).status_code == 404
    restore_board_feed(feed)
    assert client.get(path).status_code == 200


def test_who_has_left_reads_nothing_more(cast: Cast, client: FlaskClient) -> None:
    path = path_of(feed_of(cast.employee), "rss")
    with transaction():
        cast.employee.left_on = now_utc().date() - timedelta(days=1)
    assert client.get(path).status_code == 404


def test_a_person_makes_replaces_and_ends_their_address(
    cast: Cast, employee: FlaskClient, client: FlaskClient
) -> None:
    employee.post("/board/feed")
    feed = db.session.scalars(select(BoardFeed)).one()
    assert path_of(feed, "rss") in employee.get("/board/").text
    employee.post("/board/feed/renew")
    answer = employee.post("/board/feed/revoke", follow_redirects=True)
    assert 'action="/board/feed/restore"' in answer.text
    db.session.rollback()
    assert typed(BoardFeed, db.session.get(BoardFeed, cast.employee.id)).generation == 2
    employee.post("/board/feed")
    db.session.rollback()
    assert typed(BoardFeed, db.session.get(BoardFeed, cast.employee.id)).generation == 3
