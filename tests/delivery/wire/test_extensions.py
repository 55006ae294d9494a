"""What a server does not take is refused in words before it is asked."""

from __future__ import annotations

import pytest

from commsplan.delivery.smtp_envelope import CannotCarry, Features, envelope, features_of
from tests.delivery.wire.conftest import TEXT, Bench, finish, parcel
from tests.delivery.wire.server import FakeServer

EVERYTHING = Features(pipelining=True, eight_bit=True, wide=True)
EIGHT_BIT = TEXT + "Grüße\r\n".encode()


def commands(features: Features, body: bytes = b"", **who: str) -> list[str]:
    return envelope(parcel(1, body, **who), features).decode().split("\r\n")[:2]


def test_a_usual_copy_needs_no_options() -> None:
    assert commands(Features()) == [
        "MAIL FROM:<bounce-1@out.example>",
        "RCPT TO:<person1@in.example>",
    ]


def test_the_size_is_told_where_it_is_asked_for() -> None:
    mail, _rcpt = commands(Features(sizes=True), TEXT)
    assert mail == f"MAIL FROM:<bounce-1@out.example> SIZE={len(TEXT)}"


def test_a_body_beyond_the_servers_size_is_refused() -> None:
    features = Features(sizes=True, size_limit=10)
    with pytest.raises(CannotCarry, match=r"has 38 bytes; the mail server takes 10\."):
        commands(features, TEXT)


def test_an_8_bit_body_is_announced() -> None:
    assert commands(EVERYTHING, EIGHT_BIT)[0].endswith(" BODY=8BITMIME")


def test_an_8_bit_body_is_refused_where_it_is_not_taken() -> None:
    with pytest.raises(CannotCarry, match="8BITMIME"):
        commands(Features(), EIGHT_BIT)


@pytest.mark.parametrize(
    ("domain", "ascii_domain"),
    [("bücher.example", "xn--bcher-kva.example"), ("straße.example", "xn--strae-oqa.example")],
)
@pytest.mark.parametrize("features", [Features(), EVERYTHING])
def test_an_international_domain_needs_no_extension(
    domain: str, ascii_domain: str, features: Features
) -> None:
    mail, rcpt = commands(features, address=f"kim@{domain}")
    assert rcpt == f"RCPT TO:<kim@{ascii_domain}>"
    assert "SMTPUTF8" not in mail


def test_an_international_address_is_announced() -> None:
    mail, rcpt = commands(EVERYTHING, address="jürgen@bücher.example")
    assert mail.endswith(" SMTPUTF8")
    assert rcpt == "RCPT TO:<jürgen@bücher.example>"


def test_an_international_address_is_refused_where_it_is_not_taken() -> None:
    with pytest.raises(CannotCarry, match="SMTPUTF8"):
        commands(Features(), address="jürgen@in.example")


def test_a_quoted_local_part_may_hold_spaces() -> None:
    assert (
        commands(Features(), address='"kim doe"@in.example')[1] == 'RCPT TO:<"kim doe"@in.example>'
    )


@pytest.mark.parametrize(
    "address",
    ['"kim\r\n"@in.example', '"kim"doe"@in.example', "kim@-.-ü", "kim@ü..example", "ü@x>y", "ü @x"],
)
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(CannotCarry):
        commands(EVERYTHING, address=address)


@pytest.mark.parametrize("said", ["", "many", "²", "9" * 5000])
def test_a_size_that_is_no_number_is_no_limit(said: str) -> None:
    assert features_of({"size": said}) == Features(sizes=True)


def refuse(bench: Bench, server: FakeServer, body: bytes = TEXT, **who: str) -> str:
    """Send a copy that is refused unasked, and one that is not."""
    wire = bench.wire(server)
    wire.put([parcel(1, body, **who), parcel(2)])
    results = finish(wire)
    assert results.states() == {1: "refused", 2: "accepted"}
    assert len(server.taken) == 1
    return results.of(1).outcome.note


def test_a_large_body_costs_only_its_own_copy(bench: Bench) -> None:
    server = bench.server(offers=("SIZE 1000", "PIPELINING"))
    assert "takes 1000" in refuse(bench, server, TEXT + b"x" * 1000 + b"\r\n")


def test_an_8_bit_body_costs_only_its_own_copy(bench: Bench) -> None:
    assert "8BITMIME" in refuse(bench, bench.server(offers=()), EIGHT_BIT)


def test_an_international_address_costs_only_its_own_copy(bench: Bench) -> None:
    assert "SMTPUTF8" in refuse(bench, bench.server(offers=()), address="jürgen@in.example")


def test_an_international_address_reaches_a_server_that_takes_it(bench: Bench) -> None:
    server = bench.server()
    wire = bench.wire(server)
    wire.put([parcel(1, EIGHT_BIT, address="jürgen@in.example")])
    assert finish(wire).tally() == {"accepted": 1}
    assert server.taken == [("jürgen@in.example".encode(), EIGHT_BIT)]
    assert any(line.endswith(b" BODY=8BITMIME SMTPUTF8") for line in server.heard)
