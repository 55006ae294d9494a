"""A calendar's address is looked at politely and safely, and every way it can fail has a name."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from flask import Flask

from commsplan.calendars import fetching
from commsplan.calendars.fetching import BadAddress, Fetched, Version, fetch, read_address
from tests.calendars.foreign import event_of, file_of
from tests.delivery.badly import Bad, Came, bad_server

FILE = file_of(event_of("DTSTART:20260601T090000Z"))
LIMIT = 100_000
NOTHING = Version()


@pytest.fixture
def bad() -> Iterator[Bad]:
    with bad_server() as server:
        server.body = FILE
        yield server


@pytest.fixture
def look(app: Flask, bad: Bad, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Look at the server on this machine, which the setting allows, with little patience."""
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_HOSTS", "127.0.0.1")
    monkeypatch.setattr(fetching, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(fetching, "READING_SECONDS", 0.3)
    return lambda known=NOTHING: fetch(bad.url + "/secret.ics", known, LIMIT)


def test_it_takes_the_file_and_what_the_server_calls_it(look, bad: Bad) -> None:
    bad.headers = {"ETag": '"v1"', "Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT"}
    found = look()
    assert found == Fetched(FILE, Version('"v1"', "Mon, 23 Nov 2026 08:00:00 GMT"))


def test_it_asks_only_for_what_is_newer(look, bad: Bad) -> None:
    bad.status, bad.body = 304, b""
    known = Version('"v1"', "Mon, 23 Nov 2026 08:00:00 GMT")
    assert look(known) == Fetched(None, known)
    headers = bad.came[0].headers
    assert headers["If-None-Match"] == '"v1"'
    assert headers["If-Modified-Since"] == "Mon, 23 Nov 2026 08:00:00 GMT"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503, 204, 206])
def test_any_other_answer_is_named_by_its_number(look, bad: Bad, status: int) -> None:
    bad.status = status
    assert look().failure == f"status {status}"


@pytest.mark.parametrize(
    ("asked", "seconds"), [("120", 120), ("999999", 86_400), ("soon", None), ("-5", None)]
)
def test_a_server_that_asks_for_rest_gets_it(look, bad: Bad, asked: str, seconds: int) -> None:
    bad.status, bad.headers = 429, {"Retry-After": asked}
    wait = look().wait
    assert (wait.total_seconds() if wait else None) == seconds


def test_more_than_the_limit_is_not_taken(look, bad: Bad) -> None:
    bad.body = FILE + b" " * LIMIT
    assert look().failure == "too large"


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_taken(look, bad: Bad) -> None:
    bad.headers, bad.body = {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 50_000_000)
    assert look().failure == "too large"


def test_an_answer_that_is_packed_although_nobody_asked_is_unpacked(look, bad: Bad) -> None:
    bad.headers, bad.body = {"Content-Encoding": "gzip"}, gzip.compress(FILE)
    assert look().body == FILE


@pytest.mark.parametrize(
    ("manner", "failures"),
    [
        ("hang", {"silent"}),
        ("trickle", {"silent", "broken", "too large"}),
        ("reset", {"unreachable", "broken"}),
        ("close", {"unreachable", "broken"}),
    ],
)
def test_a_server_that_behaves_badly_costs_a_moment(
    look, bad: Bad, manner: str, failures: set[str]
) -> None:
    bad.manner = manner
    assert look().failure in failures


def test_it_follows_a_few_steps_and_then_stops(look, bad: Bad) -> None:
    def answer(came: Came) -> tuple[int, bytes]:
        return (200, FILE) if came.path == "/there" else (302, b"")

    bad.headers, bad.answer = {"Location": "/there"}, answer
    assert look().body == FILE
    bad.headers = {"Location": "/secret.ics"}
    assert look().failure == "redirects"


@pytest.mark.parametrize(
    ("target", "failure"),
    [
        ("http://169.254.169.254/latest/meta-data", "insecure"),
        ("https://169.254.169.254/latest/meta-data", "private"),
        ("https://127.0.0.2/", "private"),
        ("https://[::1]/", "private"),
        ("https://[::ffff:10.0.0.1]/", "private"),
        ("http://example.com/", "insecure"),
        ("file:///etc/passwd", "insecure"),
        ("gopher://127.0.0.1:1/", "unusable"),
        ("", "redirects"),
    ],
)
def test_no_step_leads_into_a_private_network(look, bad: Bad, target: str, failure: str) -> None:
    bad.status, bad.headers = 302, {"Location": target}
    assert look().failure == failure


@pytest.mark.parametrize(
    "address", ["https://10.0.0.7/x.ics", "https://127.0.0.1/x", "https://192.168.0.1/x.ics"]
)
def test_a_private_address_is_not_even_asked(app: Flask, address: str) -> None:
    assert fetch(address, Version(), LIMIT).failure == "private"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" https://cal.example/a.ics ", "https://cal.example/a.ics"),
        ("webcal://cal.example/a.ics", "https://cal.example/a.ics"),
        ("WEBCAL://cal.example/a.ics", "https://cal.example/a.ics"),
    ],
)
def test_an_address_may_be_typed_as_calendars_give_it(app: Flask, typed: str, address: str) -> None:
    assert read_address(typed) == (address, "cal.example")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("cal.example/a.ics", "incomplete"),
        ("https://", "incomplete"),
        ("https://cal.example:99999/", "incomplete"),
        ("https://user:password@cal.example/", "incomplete"),
        ("https://cal.example/a b.ics", "incomplete"),
        ("ftp://cal.example/a.ics", "incomplete"),
        ("https://" + "a" * 3000, "incomplete"),
        ("http://cal.example/a.ics", "insecure"),
        ("https://localhost/a.ics", "private"),
        ("https://0x7f.1/a.ics", "private"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(app: Flask, typed: str, why: str) -> None:
    with pytest.raises(BadAddress, match=why):
        read_address(typed)


def test_a_redirect_to_no_address_is_a_named_failure(look, bad: Bad) -> None:
    bad.status, bad.headers = 302, {"Location": "https://[::1"}
    assert look().failure == "unusable"
