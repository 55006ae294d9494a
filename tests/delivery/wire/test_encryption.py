"""An encrypted line carries copies like a plain one, and nothing goes where it was not proved."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.delivery.wire.certificates import Certified, certified
from tests.delivery.wire.conftest import TEXT, Bench, finish, parcel, parcels
from tests.delivery.wire.server import ALL, FakeServer, Talk

OFFERS = (*ALL, "STARTTLS")
BIG = TEXT + (b"y" * 76 + b"\r\n") * 20_000


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return certified(tmp_path_factory.mktemp("tls"))


def wire_to(bench: Bench, scheme: str, server: FakeServer, trust: Certified, **options: object):  # type: ignore[no-untyped-def]  # a Wire
    url = f"{scheme}://{server.name}?connections=2"
    return bench.wire_to(url, tls=trust.client, **options)


def encrypted(bench: Bench, scheme: str, trust: Certified, **options: object) -> FakeServer:
    at_once = scheme == "smtps"
    offers = ALL if at_once else OFFERS
    return bench.server(offers=offers, tls=trust.server, tls_at_once=at_once, **options)


SCHEMES = pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])


@SCHEMES
def test_copies_arrive_over_an_encrypted_line(bench: Bench, scheme: str, trust: Certified) -> None:
    server = encrypted(bench, scheme, trust)
    wire = wire_to(bench, scheme, server, trust)
    wire.put(parcels(20))
    assert finish(wire).tally() == {"accepted": 20}
    assert len(server.taken) == 20


@SCHEMES
def test_large_bodies_arrive_over_an_encrypted_line(
    bench: Bench, scheme: str, trust: Certified
) -> None:
    server = encrypted(bench, scheme, trust, receive_buffer=4096)
    wire = wire_to(bench, scheme, server, trust)
    wire.put(parcels(3, BIG))
    assert finish(wire).tally() == {"accepted": 3}
    assert {body for _recipient, body in server.taken} == {BIG}


@SCHEMES
def test_an_encrypted_line_that_ends_after_the_dot_leaves_one_copy_in_doubt(
    bench: Bench, scheme: str, trust: Certified
) -> None:
    server = encrypted(bench, scheme, trust, steps={("DOT", 2): Talk.cut})
    wire = bench.wire_to(f"{scheme}://{server.name}?connections=1", tls=trust.client)
    wire.put(parcels(3))
    assert finish(wire).states() == {1: "accepted", 2: "lost", 3: "accepted"}


def test_an_encrypted_line_that_ends_in_a_body_drops_its_copy(
    bench: Bench, trust: Certified
) -> None:
    def in_the_middle(talk: Talk) -> None:
        talk.say(b"354 Go ahead\r\n")
        talk.part_of_body(10_000)
        talk.cut()

    server = encrypted(
        bench, "smtps", trust, steps={("DATA", 1): in_the_middle}, receive_buffer=4096
    )
    wire = bench.wire_to(f"smtps://{server.name}?connections=1", tls=trust.client)
    wire.put([parcel(1, BIG * 5), parcel(2)])
    assert finish(wire).states() == {1: "dropped", 2: "accepted"}


@SCHEMES
def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    bench: Bench, scheme: str, trust: Certified
) -> None:
    server = encrypted(bench, scheme, trust)
    wire = bench.wire_to(f"{scheme}://user:secret@{server.name}")
    wire.put(parcels(3))
    assert finish(wire).tally() == {"away": 3}
    assert "certificate is not to be trusted" in wire.away()[server.name]
    assert not any(line.startswith((b"MAIL", b"AUTH")) for line in server.heard)


@SCHEMES
def test_a_certificate_for_another_name_gets_nothing(
    bench: Bench, scheme: str, tmp_path: Path
) -> None:
    trust = certified(tmp_path, address="127.0.0.2")
    server = encrypted(bench, scheme, trust)
    wire = wire_to(bench, scheme, server, trust)
    wire.put(parcels(1))
    assert finish(wire).tally() == {"away": 1}
    assert "certificate is not to be trusted" in wire.away()[server.name]


def test_a_server_without_starttls_gets_nothing_in_plain(bench: Bench, trust: Certified) -> None:
    server = bench.server()
    wire = wire_to(bench, "smtp+starttls", server, trust)
    wire.put(parcels(2))
    results = finish(wire)
    assert results.tally() == {"away": 2}
    assert "does not offer STARTTLS" in results.of(1).outcome.note
    assert not any(line.startswith(b"MAIL") for line in server.heard)


def test_a_refused_starttls_gets_nothing_in_plain(bench: Bench, trust: Certified) -> None:
    server = bench.server({("STARTTLS", 0): b"454 Not now\r\n"}, offers=OFFERS)
    wire = wire_to(bench, "smtp+starttls", server, trust)
    wire.put(parcels(1))
    assert finish(wire).of(1).outcome.note == "STARTTLS: 454 Not now"


@pytest.mark.parametrize("said", [b"220 Go\r\n250 Injected\r\n", b"220 Go\r\n250-AUTH PLAIN"])
def test_what_was_said_in_plain_behind_starttls_ends_the_line(
    bench: Bench, trust: Certified, said: bytes
) -> None:
    def inject(talk: Talk) -> None:
        talk.say(said)

    server = bench.server({("STARTTLS", 0): inject}, offers=OFFERS, tls=trust.server)
    wire = wire_to(bench, "smtp+starttls", server, trust)
    wire.put(parcels(1))
    assert finish(wire).of(1).outcome.note == "the mail server answers before it is asked"


def test_what_was_offered_in_plain_is_forgotten(bench: Bench, trust: Certified) -> None:
    before = b"250-fake\r\n250-STARTTLS\r\n250-SIZE 10\r\n250 PIPELINING\r\n"
    server = bench.server({("EHLO", 1): before}, offers=ALL, tls=trust.server)
    wire = bench.wire_to(f"smtp+starttls://{server.name}?connections=1", tls=trust.client)
    wire.put(parcels(1))
    assert finish(wire).tally() == {"accepted": 1}
