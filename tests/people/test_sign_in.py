"""People get in with their password, and with nothing else."""

import re

import pytest

from commsplan.foundation.audit import AuditEntry
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.limits import limiter
from commsplan.people.actions import set_password
from commsplan.people.models import Credential
from commsplan.people.passwords import HASHER
from tests.cast import Cast

PASSWORD = "seven green trains at dawn"


@pytest.fixture(autouse=True)
def _no_tries_yet(app) -> None:
    limiter.reset()


@pytest.fixture
def lead(cast: Cast):
    set_password(cast.lead, PASSWORD, by=None)
    return cast.lead


def page_of(answer) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text)


def sign_in(client, email: str, password: str, next_path: str = ""):
    form = {"email": email, "password": password, "next": next_path}
    return client.post("/sign-in", data=form)


def test_the_right_password_opens_the_page_that_was_asked_for(client, lead) -> None:
    answer = sign_in(client, f" {lead.email.upper()} ", PASSWORD, "/me/sessions?x=1")
    assert (answer.status_code, answer.location) == (303, "/me/sessions?x=1")
    assert client.get("/me/sessions").status_code == 200


def test_a_wrong_password_keeps_what_was_typed(client, lead) -> None:
    answer = sign_in(client, lead.email, "wrong", "/plans/")
    assert answer.status_code == 422
    assert lead.email in answer.text
    assert 'value="/plans/"' in answer.text
    assert "wrong" not in answer.text.split("password", 1)[1].split(">")[0]


def test_a_wrong_password_and_an_unknown_account_look_alike(client, lead) -> None:
    wrong = page_of(sign_in(client, lead.email, "not this one"))
    unknown = page_of(sign_in(client, "nobody@northwind.example", "not this one"))
    assert wrong.replace(lead.email, "nobody@northwind.example") == unknown


def test_who_has_left_stays_outside(client, lead) -> None:
    lead.left_on = now_utc().date()
    assert sign_in(client, lead.email, PASSWORD).status_code == 422


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "evil"],
)
def test_nobody_is_sent_to_another_site(client, lead, elsewhere: str) -> None:
    assert sign_in(client, lead.email, PASSWORD, elsewhere).location == "/"


def test_each_sign_in_has_a_session_of_its_own(client, lead) -> None:
    sign_in(client, lead.email, PASSWORD)
    with client.session_transaction() as session:
        first = session["token"]
    sign_in(client, lead.email, PASSWORD)
    with client.session_transaction() as session:
        assert session["token"] != first


def test_many_wrong_passwords_rest_the_account_but_never_its_link(client, lead) -> None:
    for _ in range(10):
        sign_in(client, lead.email, "wrong")
    assert sign_in(client, lead.email, PASSWORD).status_code == 429
    assert client.post("/sign-in/link", data={"email": lead.email}).status_code == 303


def test_another_account_is_not_kept_out(client, cast, lead) -> None:
    for _ in range(11):
        sign_in(client, "somebody@northwind.example", "wrong")
    assert sign_in(client, lead.email, PASSWORD).status_code == 303


def test_an_old_hash_is_made_anew(client, lead) -> None:
    credential = db.session.get_one(Credential, lead.id)
    weak = HASHER.__class__(time_cost=1, memory_cost=8192, parallelism=1)
    credential.password_hash = weak.hash(PASSWORD)
    sign_in(client, lead.email, PASSWORD)
    assert not HASHER.check_needs_rehash(db.session.get_one(Credential, lead.id).password_hash)


def test_refused_tries_are_on_record_without_the_password(client, lead) -> None:
    sign_in(client, lead.email, "hunter2hunter2")
    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.thing, entry.after) == (
        "sign_in.refused",
        f"person {lead.id}",
        None,
    )


def test_signing_out_ends_the_session(client, lead) -> None:
    sign_in(client, lead.email, PASSWORD)
    client.post("/sign-out")
    assert client.get("/me/sessions").location.startswith("/sign-in")
