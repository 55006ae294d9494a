"""The first page asks for sign-in and then greets."""

from tests.cast import Cast


def test_a_stranger_is_sent_to_sign_in(client) -> None:
    answer = client.get("/")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=%2F"


def test_a_lead_sees_the_first_page(cast: Cast) -> None:
    assert cast.as_(cast.lead).get("/").status_code == 200


def test_health_needs_no_sign_in(client) -> None:
    assert client.get("/healthz").json == {"alive": True}


def test_readiness_says_that_the_queue_is_away_and_stays_ready(client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": True, "queue": False})
