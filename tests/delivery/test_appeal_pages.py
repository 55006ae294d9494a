"""Somebody to whom nothing is sent reads why, and says that their address works."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from commsplan.delivery.appealing import refuse
from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.suppressing import SuppressionWish, lift, suppress
from commsplan.delivery.suppressions import BY_HAND, HARD, SOFT, suppression_of
from commsplan.foundation.addresses import appeal_address, message_address
from commsplan.foundation.database import db
from tests.cast import Cast
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink

MONTH = timedelta(days=30)


def _hold(cast: Cast, reason: str) -> str:
    """Suppress the employee's address; return the path of their page about it."""
    suppress(SuppressionWish(cast.employee.email, reason, lasts=MONTH if reason == SOFT else None))
    return urlsplit(appeal_address(_entry().id)).path


def _entry() -> SuppressedAddress:
    db.session.expire_all()
    return db.session.scalars(select(SuppressedAddress)).one()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (HARD, "there is no mailbox with this address"),
        (SOFT, "came back on three different days"),
        (BY_HAND, "put it on the list"),
    ],
)
def test_it_says_why(cast: Cast, client: FlaskClient, reason: str, words: str) -> None:
    page = client.get(_hold(cast, reason)).text
    assert words in page
    assert "This address works, mail me again" in page


def test_it_knows_addresses_of_nobody_too(cast: Cast, client: FlaskClient) -> None:
    suppress(SuppressionWish("gone@northwind.example", BY_HAND, lasts=MONTH))
    path = urlsplit(appeal_address(_entry().id)).path
    assert "gone@northwind.example" in client.get(path).text
    assert client.post(path, follow_redirects=True).status_code == 200


def test_looking_changes_nothing(cast: Cast, client: FlaskClient) -> None:
    path = _hold(cast, SOFT)
    client.get(path)
    client.head(path)
    assert suppression_of(cast.employee.email) is not None


def test_after_soft_bounces_one_s_word_is_enough(cast: Cast, client: FlaskClient) -> None:
    page = client.post(_hold(cast, SOFT), follow_redirects=True).text
    assert "Mail goes to this address again." in page
    assert suppression_of(cast.employee.email) is None


@pytest.mark.parametrize("reason", [HARD, BY_HAND])
def test_otherwise_a_lead_decides(cast: Cast, client: FlaskClient, reason: str) -> None:
    path = _hold(cast, reason)
    page = client.post(path, data={"words": "New\r\nserver \x00here"}, follow_redirects=True).text
    assert "Somebody of the communications team looks at it" in page
    assert _entry().appeal == "New server here"
    assert suppression_of(cast.employee.email) is not None


def test_it_is_said_once(cast: Cast, client: FlaskClient) -> None:
    path = _hold(cast, HARD)
    client.post(path, data={"words": "first"})
    assert client.post(path, data={"words": "second"}).status_code == 409
    assert _entry().appeal == "first"


def test_a_refusal_is_read_there(cast: Cast, client: FlaskClient) -> None:
    path = _hold(cast, HARD)
    client.post(path)
    refuse(_entry(), cast.lead)
    page = client.get(path).text
    assert "it stays as it is" in page
    assert "mail me again" not in page


def test_when_mail_goes_again_there_is_nothing_to_do(cast: Cast, client: FlaskClient) -> None:
    path = _hold(cast, HARD)
    lift(_entry(), cast.lead)
    assert "There is nothing to do" in client.get(path).text
    assert client.post(path).status_code == 409


def test_it_speaks_the_reader_s_language(cast: Cast, client: FlaskClient) -> None:
    cast.employee.language = "de"
    db.session.commit()
    assert 'lang="de"' in client.get(_hold(cast, HARD)).text


def test_the_copy_s_page_leads_there(stage: Stage, sink: Sink, client: FlaskClient) -> None:
    stage.deliver()
    path = _hold(stage.cast, HARD)
    copy = next(row for row in stage.rows() if row.person_id == stage.cast.employee.id)
    page = client.get(urlsplit(message_address(copy.id)).path).text
    assert "We stopped sending you mail" in page
    assert path in page


def test_somebody_else_s_copy_says_nothing_of_it(
    stage: Stage, sink: Sink, client: FlaskClient
) -> None:
    stage.deliver()
    _hold(stage.cast, HARD)
    copy = next(row for row in stage.rows() if row.person_id == stage.cast.lead.id)
    page = client.get(urlsplit(message_address(copy.id)).path).text
    assert "We stopped sending you mail" not in page


def test_one_s_own_page_leads_there(cast: Cast) -> None:
    path = _hold(cast, SOFT)
    assert path in cast.as_(cast.employee).get("/me").text
    assert path not in cast.as_(cast.lead).get("/me").text
