"""SMTP_URL names one relay or several, and a mistake in it is told without its secrets."""

from __future__ import annotations

import pytest

from commsplan.foundation.errors import Unreadable
from commsplan.foundation.relay_addresses import RelayAddress, read_relays


def test_an_address_has_sensible_defaults() -> None:
    assert read_relays("smtp://mail.example") == (
        RelayAddress("mail.example:25", "mail.example", 25, "plain", "", "", 1, 8, 500),
    )


@pytest.mark.parametrize(
    ("url", "security", "port"),
    [
        ("smtp://mail.example", "plain", 25),
        ("smtp+starttls://mail.example", "starttls", 587),
        ("smtps://mail.example", "tls", 465),
        ("smtps://mail.example:2465", "tls", 2465),
    ],
)
def test_the_scheme_says_how_the_line_is_protected(url: str, security: str, port: int) -> None:
    (relay,) = read_relays(url)
    assert (relay.security, relay.port) == (security, port)


def test_several_addresses_stand_with_white_space_between_them() -> None:
    relays = read_relays(
        "\n smtp://a.example?weight=3\t smtps://b.example?connections=8&copies=50\n"
    )
    assert [relay.name for relay in relays] == ["a.example:25", "b.example:465"]
    assert [relay.weight for relay in relays] == [3, 1]
    assert (relays[1].connections, relays[1].copies_per_connection) == (8, 50)


def test_user_and_password_may_hold_any_sign() -> None:
    (relay,) = read_relays("smtp://us%40x.example:p%2Fw%3F%23@mail.example:2525")
    assert (relay.user, relay.password) == ("us@x.example", "p/w?#")


def test_an_address_of_ipv6_keeps_its_brackets_in_the_name() -> None:
    (relay,) = read_relays("smtp://[::1]:2525")
    assert (relay.name, relay.host) == ("[::1]:2525", "::1")


def test_the_password_never_shows() -> None:
    relays = read_relays("smtp://us:secret@mail.example")
    assert "secret" not in repr(relays)
    assert "secret" not in str(relays[0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no mail server"),
        ("   ", "names no mail server"),
        ("mail.example:25", "it starts with mail.example"),
        ("//mail.example", "it starts with nothing"),
        ("http://mail.example", "it starts with http"),
        ("smtp://us:secret@mail.example:port", "port of mail.example"),
        ("smtp://us:secret@mail.example:99999", "port of mail.example"),
        ("smtp://us:sec/ret@mail.example", "%2F"),
        ("smtp://mail.example/inbox", "does not belong there"),
        ("smtp://us:secret@[::1", "broken host"),
        ("smtp://mail.example?speed=9", "weight, connections and copies"),
        ("smtp://mail.example?weight=1&weight=2", "each once"),
        ("smtp://mail.example?weight=0", "a number from 1"),
        ("smtp://mail.example?connections=many", "a number from 1"),
        ("smtp://mail.example?copies=²", "a number from 1"),
        ("smtp://mail.example?copies=", "a number from 1"),
        ("smtp://us:gehe%C3%ADm@mail.example", "printable ASCII"),
        ("smtp://us:a%0D%0Ab@mail.example", "printable ASCII"),
        ("smtp://mail.example smtp://mail.example", "twice"),
    ],
)
def test_a_mistake_is_told_in_words(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as error:
        read_relays(text)
    assert "secret" not in str(error.value)
