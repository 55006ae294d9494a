"""Who got a message and who did not: as a page, as a file, as one copy's way, however many."""

from __future__ import annotations

import csv
import io

import pytest
from click.testing import CliRunner
from flask import Flask

from commsplan.cli_sends import sends
from commsplan.delivery import copy_lists, freezing, ranges
from commsplan.delivery.actions import resolve_doubt
from commsplan.delivery.copies import message_id
from commsplan.delivery.copy_lists import CHOICES, copy_page
from commsplan.delivery.jobs import deliver
from commsplan.delivery.models import Send
from commsplan.delivery.queries import failures
from commsplan.delivery.ranges import ids_with, parts_of, ranges_with
from commsplan.delivery.rules import State
from commsplan.delivery.stopping import cancel_send
from commsplan.delivery.whereto import whereto
from commsplan.foundation.database import db
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink

REFUSED = "550 5.1.1 No such user"


@pytest.fixture
def send(stage: Stage, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Send:
    """A send in chunks of ten to 46 people, of whom every eleventh is refused."""
    monkeypatch.setattr(freezing, "CHUNK", 10)
    monkeypatch.setattr(ranges, "AT_ONCE", 4)
    stage.more_people(40)
    sink.at_rcpt = lambda _server, _address, n: REFUSED if n % 11 == 0 else None
    return stage.deliver()


def _lead(stage: Stage, address: str) -> str:
    return stage.cast.as_(stage.cast.lead).get(address).text


def _table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_file_holds_each_person_once_with_why_and_where(stage: Stage, send: Send) -> None:
    rows = _table(_lead(stage, f"/sends/{send.id}/people.csv?state=all"))
    assert sorted(row["E-mail"] for row in rows) == sorted(row.address for row in stage.rows())
    refused = [row for row in rows if row["Where it stands"] == "could not be delivered"]
    assert {row["Why"] for row in refused} == {REFUSED}
    assert len(refused) == 4
    by_address = {row.address: message_id(row.id) for row in stage.rows()}
    assert all(row["Message-ID"] == f"<{by_address[row['E-mail']]}>" for row in rows)
    assert {row["Times on the wire"] for row in rows} == {"1"}
    assert all(row["Mail server"].startswith("127.0.0.1:") for row in rows)


def test_the_file_can_hold_one_state_only(stage: Stage, send: Send) -> None:
    assert len(_table(_lead(stage, f"/sends/{send.id}/people.csv?state=failed"))) == 4


def test_the_command_line_prints_the_same(app: Flask, stage: Stage, send: Send) -> None:
    page = _lead(stage, f"/sends/{send.id}/people.csv")
    printed = CliRunner().invoke(sends, ["missing", str(send.id), "--csv"], obj=app).output
    assert _table(printed) == _table(page)
    told = CliRunner().invoke(sends, ["missing", str(send.id)], obj=app).output
    assert told.count(REFUSED) == 4


def test_a_long_list_is_read_on_behind_the_last_one(
    stage: Stage, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_lists, "BY_NAME", 10)
    monkeypatch.setattr(copy_lists, "PER_PAGE", 20)
    seen, after = [], 0
    for _page in range(3):
        found = copy_page(send, CHOICES["all"], 1, after)
        seen += [row.id for row in found.rows]
        after = found.next_after or 0
    assert seen == [row.id for row in stage.rows()]
    assert after == 0
    assert "after=" in _lead(stage, f"/sends/{send.id}/people?state=all")


def test_a_short_list_is_in_the_order_of_names(stage: Stage, send: Send) -> None:
    names = [row.person.name for row in copy_page(send, CHOICES["all"], 1, 0).rows]
    assert names == sorted(names)


def test_only_chunks_that_hold_such_copies_are_looked_into(stage: Stage, send: Send) -> None:
    failed = [row.id for row in stage.rows() if row.state == "failed"]
    found = ranges_with(send.id, [State.FAILED])
    assert sum(last - first + 1 for first, last in found) < len(stage.rows())
    assert ids_with(send.id, [State.FAILED], 99) == failed
    assert ids_with(send.id, [State.FAILED], 1, after=failed[0]) == failed[1:2]
    assert ranges_with(send.id, [State.BOUNCED]) == []


def test_ranges_are_cut_into_parts_behind_an_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "AT_ONCE", 4)
    assert list(parts_of([(1, 6), (10, 11)])) == [(1, 4), (5, 6), (10, 11)]
    assert list(parts_of([(1, 6), (10, 11)], after=5)) == [(6, 6), (10, 11)]
    assert list(parts_of([(1, 6)], after=6)) == []


def test_reasons_are_counted_in_every_chunk(send: Send) -> None:
    assert failures(send) == [(REFUSED, 4)]


def test_mail_servers_and_domains_add_up(stage: Stage, send: Send) -> None:
    found = whereto(send)
    assert [(one.sent, one.failed, one.waiting) for one in found.relays] == [(42, 4, 0)]
    assert [(one.name, one.sent) for one in found.domains] == [("northwind.example", 42)]
    page = _lead(stage, f"/sends/{send.id}")
    assert "By mail server" in page
    assert "By domain" in page


def test_a_sponsor_sees_no_domains(stage: Stage, send: Send) -> None:
    page = stage.cast.as_(stage.cast.sponsor).get(f"/sends/{send.id}").text
    assert "By domain" not in page


def _way(stage: Stage, number: int = 0) -> str:
    """Return the part of a copy's page that tells its way."""
    row = stage.rows()[number]
    return _lead(stage, f"/sends/{row.send_id}/people/{row.id}").partition("Its way")[2]


def test_a_plain_copys_way_has_its_two_steps(stage: Stage, send: Send) -> None:
    page = _way(stage)
    assert page.index("Planned, with everybody") < page.index("Taken by 127.0.0.1:")
    assert "250" in page


def test_a_copy_that_was_put_off_says_when_it_goes_again(stage: Stage, sink: Sink) -> None:
    sink.at_rcpt = lambda _server, _address, n: "450 4.2.1 Later" if n < 7 else None
    send = stage.deliver()
    page = _way(stage)
    assert page.index("450 4.2.1 Later") < page.index("Goes again")
    stage.let_time_pass()
    deliver(send.id)
    page = _way(stage)
    assert page.index("Not taken this time") < page.index("Taken by")
    assert "Goes again" not in page


def test_a_doubtful_copy_that_was_settled_keeps_both_lines(stage: Stage, sink: Sink) -> None:
    sink.at_end = lambda _server, n: "taken, line cut" if n == 1 else None
    stage.deliver()
    number = [row.state for row in stage.rows()].index("uncertain")
    resolve_doubt([stage.rows()[number].id], arrived=True, by=stage.cast.lead)
    page = _way(stage, number)
    assert page.index("In doubt") < page.index("Confirmed that it arrived")


def test_a_stopped_copy_says_so(stage: Stage) -> None:
    send = stage.start()
    cancel_send(send, stage.cast.lead)
    db.session.commit()
    assert "Stopped" in _way(stage)
