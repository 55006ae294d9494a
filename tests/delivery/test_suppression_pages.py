"""Leads see to which addresses nothing is sent, and decide about them."""

import csv
import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from commsplan.delivery.appealing import appeal
from commsplan.delivery.bounce_models import Bounce, SuppressedAddress
from commsplan.delivery.copies import message_id
from commsplan.delivery.incoming import take_in
from commsplan.delivery.suppressing import SuppressionWish, suppress
from commsplan.delivery.suppressions import HARD, SOFT, suppression_of
from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.database import db
from tests.cast import Cast
from tests.delivery.conftest import Stage
from tests.delivery.letters import letter
from tests.delivery.sink import Sink


@pytest.fixture
def lead(cast: Cast) -> FlaskClient:
    return cast.as_(cast.lead)


def _hold(cast: Cast, reason: str = HARD, words: str = "550 no such user") -> SuppressedAddress:
    suppress(SuppressionWish(cast.employee.email, reason, words))
    return db.session.scalars(select(SuppressedAddress)).one()


def _new(**fields: str) -> dict[str, str]:
    known = {"address": "gone@northwind.example", "why": "She asked us", "reason": "by hand"}
    return {**known, "lasts": "", **fields}


def test_the_empty_list_says_what_it_is_for(lead: FlaskClient) -> None:
    page = lead.get("/suppressions/").text
    assert "Mail goes to every address." in page
    assert "comes here by itself" in page


def test_an_address_stands_there_with_its_reason_and_person(cast: Cast, lead: FlaskClient) -> None:
    _hold(cast)
    page = lead.get("/suppressions/").text
    assert "Nothing is sent to 1 address." in page
    for words in (cast.employee.email, cast.employee.name, "no such user", "for good"):
        assert words in page


@pytest.mark.parametrize(("words", "found"), [("EMIL", True), ("northwind", True), ("zzz", False)])
def test_it_can_be_searched(cast: Cast, lead: FlaskClient, words: str, found: bool) -> None:
    _hold(cast)
    assert (cast.employee.email in lead.get(f"/suppressions/?q={words}").text) is found


def test_a_percent_sign_is_no_wild_card(cast: Cast, lead: FlaskClient) -> None:
    _hold(cast)
    assert cast.employee.email not in lead.get("/suppressions/?q=%25").text


def test_an_address_is_added_by_hand(cast: Cast, lead: FlaskClient) -> None:
    answer = lead.post("/suppressions/new", data=_new(lasts="30"), follow_redirects=True)
    assert "gone@northwind.example" in answer.text
    entry = suppression_of("gone@northwind.example")
    assert entry is not None
    assert (entry.reason, entry.words, entry.by_id) == ("by hand", "She asked us", cast.lead.id)
    assert entry.expires_at is not None


def test_adding_can_be_undone(lead: FlaskClient) -> None:
    page = lead.post("/suppressions/new", data=_new(), follow_redirects=True).text
    entry = suppression_of("gone@northwind.example")
    assert entry is not None
    assert f'action="/suppressions/{entry.id}/lift"' in page
    lead.post(f"/suppressions/{entry.id}/lift")
    assert suppression_of("gone@northwind.example") is None


def test_adding_what_is_there_changes_nothing(lead: FlaskClient) -> None:
    lead.post("/suppressions/new", data=_new())
    page = lead.post("/suppressions/new", data=_new(lasts="30"), follow_redirects=True).text
    assert "on the list already" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "nobody"),
        ("address", ""),
        ("address", "a@b.example\r\nBcc: x@y.example"),
        ("why", " "),
        ("why", "x" * 501),
        ("lasts", "7"),
        ("reason", "hard bounce"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(
    lead: FlaskClient, field: str, value: str
) -> None:
    answer = lead.post("/suppressions/new", data=_new(**{field: value}))
    assert answer.status_code == 422
    assert f'id="f-{field}-problem"' in answer.text
    assert db.session.scalars(select(SuppressedAddress)).all() == []


def test_lifting_and_its_undo_leave_their_trace(cast: Cast, lead: FlaskClient) -> None:
    entry = _hold(cast)
    page = lead.post(f"/suppressions/{entry.id}/lift", follow_redirects=True).text
    assert f'action="/suppressions/{entry.id}/hold"' in page
    lead.post(f"/suppressions/{entry.id}/hold")
    assert suppression_of(cast.employee.email) is not None
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-2:] == ["address.trusted", "address.suppressed"]


def test_an_appeal_is_shown_and_refused(cast: Cast, lead: FlaskClient) -> None:
    entry = _hold(cast)
    appeal(entry, "It works since Monday")
    page = lead.get("/suppressions/").text
    assert "1 person waits for your decision" in page
    assert "It works since Monday" in lead.get("/suppressions/?show=appeals").text
    lead.post(f"/suppressions/{entry.id}/refuse")
    assert "waits for your decision" not in lead.get("/suppressions/").text
    assert suppression_of(cast.employee.email) is not None


def test_an_appeal_is_granted(cast: Cast, lead: FlaskClient) -> None:
    entry = _hold(cast)
    appeal(entry, "")
    lead.post(f"/suppressions/{entry.id}/lift")
    assert suppression_of(cast.employee.email) is None


def test_refusing_what_nobody_asked_is_refused(cast: Cast, lead: FlaskClient) -> None:
    assert lead.post(f"/suppressions/{_hold(cast).id}/refuse").status_code == 409


@pytest.mark.parametrize("what", ["lift", "hold", "refuse"])
def test_an_entry_that_is_not_there_is_absent(lead: FlaskClient, what: str) -> None:
    assert lead.post(f"/suppressions/987654/{what}").status_code == 404


@pytest.mark.parametrize("who", ["employee", "sponsor"])
def test_others_may_not_look_or_decide(cast: Cast, who: str) -> None:
    entry, browser = _hold(cast), cast.as_(getattr(cast, who))
    assert browser.get("/suppressions/").status_code == 403
    assert browser.get("/suppressions/list.csv").status_code == 403
    assert browser.post(f"/suppressions/{entry.id}/lift").status_code == 403
    assert suppression_of(cast.employee.email) is not None


def test_the_file_runs_nothing_in_a_spreadsheet(cast: Cast, lead: FlaskClient) -> None:
    entry = _hold(cast, words="=HYPERLINK(1)")
    appeal(entry, "+1 for me")
    cast.employee.name = "@SUM(1)"
    db.session.commit()
    text = lead.get("/suppressions/list.csv").data.decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text))
    cells = dict(zip(head, row, strict=True))
    assert cells["E-mail"] == cast.employee.email
    assert (cells["Name"], cells["Words"], cells["Appeal"]) == (
        "'@SUM(1)",
        "'=HYPERLINK(1)",
        "'+1 for me",
    )


def test_the_file_holds_what_was_searched(cast: Cast, lead: FlaskClient) -> None:
    _hold(cast, SOFT)
    assert cast.employee.email not in lead.get("/suppressions/list.csv?show=ended").text
    assert cast.employee.email in lead.get("/suppressions/list.csv?show=all").text


def _come(stage: Stage, name: str) -> None:
    copy = next(row for row in stage.rows() if row.person_id == stage.cast.employee.id)
    take_in(letter(name, recipient=copy.address, message_id=message_id(copy.id)))


def test_a_complaint_is_told_to_the_lead_of_the_plan_alone(stage: Stage, sink: Sink) -> None:
    stage.deliver()
    _come(stage, "arf_abuse")
    assert len(db.session.scalars(select(Bounce)).all()) == 1
    words, cast = "Complaints of the last 30 days", stage.cast
    page = cast.as_(cast.lead).get("/suppressions/").text
    assert words in page
    assert "cannot be left" in page
    assert words not in cast.as_(cast.outsider).get("/suppressions/").text


def test_the_first_page_of_a_lead_names_what_came_back(stage: Stage, sink: Sink) -> None:
    stage.deliver()
    for name in ("postfix_unknown_user", "arf_abuse"):
        _come(stage, name)
    appeal(db.session.scalars(select(SuppressedAddress)).one(), "")
    page = stage.cast.as_(stage.cast.lead).get("/").text
    for words in (
        "1 copy came back after",
        "1 person says that their address works",
        "1 reader complained",
    ):
        assert words in page
    assert "1 reader complained" not in stage.cast.as_(stage.cast.outsider).get("/").text


def test_a_send_says_what_came_back(stage: Stage, sink: Sink) -> None:
    send = stage.deliver()
    for name in ("postfix_unknown_user", "arf_abuse", "out_of_office_de"):
        _come(stage, name)
    page = stage.cast.as_(stage.cast.lead).get(f"/sends/{send.id}").text
    for words in (
        "1 copy came back",
        "no such mailbox",
        "1 reader complained",
        "1 automatic answer",
        "northwind.example",
    ):
        assert words in page


def test_a_send_for_which_nothing_came_back_says_nothing_of_it(stage: Stage, sink: Sink) -> None:
    send = stage.deliver()
    page = stage.cast.as_(stage.cast.lead).get(f"/sends/{send.id}").text
    assert "What came back" not in page


def test_the_list_of_people_shows_who_it_came_back_for(stage: Stage, sink: Sink) -> None:
    send = stage.deliver()
    _come(stage, "postfix_unknown_user")
    page = stage.cast.as_(stage.cast.lead).get(f"/sends/{send.id}/people").text
    assert stage.cast.employee.name in page
    assert "came back" in page
    assert "User unknown" in page


def test_a_person_s_page_says_that_nothing_is_sent(cast: Cast, lead: FlaskClient) -> None:
    _hold(cast)
    page = lead.get(f"/people/{cast.employee.id}/sent").text
    assert f"Nothing is sent to {cast.employee.email}" in page
