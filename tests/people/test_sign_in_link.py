"""A one-time link lets its person in once, and tells nobody who works here."""

from datetime import timedelta

import pytest

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.limits import limiter
from commsplan.foundation.tokens import sign
from commsplan.people.actions import make_sign_in_link
from commsplan.people.models import SignInLink
from commsplan.people.sign_in import ask_for_link, forget_old_sign_ins
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _no_tries_yet(app) -> None:
    limiter.reset()


def path(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def test_looking_at_a_link_uses_nothing_up(client, cast: Cast) -> None:
    link = path(make_sign_in_link(cast.lead))
    assert client.get(link).status_code == client.get(link).status_code == 200
    assert client.post(link).status_code == 303
    assert client.get("/me/sessions").status_code == 200


def test_a_link_works_once(client, cast: Cast) -> None:
    link = path(make_sign_in_link(cast.lead))
    client.post(link)
    assert client.post(link).status_code == 404


def test_a_link_remembers_where_to_go(client, cast: Cast) -> None:
    assert client.post(path(make_sign_in_link(cast.lead, "/plans/"))).location == "/plans/"


def test_used_expired_forged_and_left_look_alike(client, cast: Cast) -> None:
    used = path(make_sign_in_link(cast.lead))
    client.post(used)
    expired = path(make_sign_in_link(cast.lead, valid=-timedelta(seconds=1)))
    left = path(make_sign_in_link(cast.employee))
    cast.employee.left_on = now_utc().date()
    link = db.session.query(SignInLink).first()
    other_purpose = "/sign-in/link/" + sign("message", link.id, link.nonce)
    other_nonce = "/sign-in/link/" + sign("sign-in", link.id, link.nonce % 1000 + 1)
    fresh = cast.app.test_client()
    addresses = (used, expired, left, other_purpose, other_nonce, "/sign-in/link/x")
    answers = [fresh.get(one) for one in addresses]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}


def test_known_and_unknown_addresses_get_the_same_answer(client, cast: Cast) -> None:
    known = client.post("/sign-in/link", data={"email": cast.lead.email})
    unknown = client.post("/sign-in/link", data={"email": "nobody@northwind.example"})
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert known.text == unknown.text
    assert db.session.query(SignInLink).count() == 1


def test_asking_twice_in_a_minute_mails_once(cast: Cast) -> None:
    ask_for_link(cast.lead.email, "/")
    ask_for_link(cast.lead.email, "/")
    assert db.session.query(SignInLink).count() == 1


def test_spent_links_are_forgotten_after_a_month(cast: Cast) -> None:
    make_sign_in_link(cast.lead, valid=-timedelta(days=31))
    make_sign_in_link(cast.lead)
    forget_old_sign_ins()
    assert db.session.query(SignInLink).count() == 1
