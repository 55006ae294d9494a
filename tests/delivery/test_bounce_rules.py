"""Which failures speak against an address, and when soft ones have piled up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commsplan.delivery.bounce_rules import (
    Action,
    Fate,
    Kind,
    fate_of,
    is_hard,
    is_worn_out,
    kind_of,
    state_after,
    status_of,
    without_addresses,
)
from commsplan.delivery.rules import State

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", "550 5.1.1 User unknown"),
        ("5.1.2", "Host not found"),
        ("5.1.3", ""),
        ("5.1.6", "moved"),
        ("5.1.10", "RecipientNotFound"),
        ("5.2.1", "mailbox disabled"),
        ("5.4.4", "unable to look up host"),
        ("5.7.17", "Mailbox owner has changed"),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [x]"),
        ("", "550 No such user here"),
        ("5.0.0", "554 delivery error: dd This user doesn't have a yahoo.example account"),
        ("5.1.0", "550 5.1.0 Address rejected: unknown user"),
        ("5.3.0", "553 5.3.0 <x@y.example>... Addressee unknown, user not found"),
        ("", "The account has been disabled"),
    ],
)
def test_nobody_can_be_reached_there(status: str, words: str) -> None:
    assert is_hard(status, words)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.2.2", "552 5.2.2 mailbox full"),
        ("4.2.2", "over quota"),
        ("5.7.1", "550 5.7.1 Message rejected as spam: user unknown to us"),
        ("5.7.1", "554 5.7.1 Recipient address rejected: Access denied"),
        ("5.1.8", "sender's domain not found"),
        ("5.1.7", "sender address not found"),
        ("5.4.1", "no answer from host"),
        ("5.3.4", "message too big"),
        ("4.4.7", "delivery time expired"),
        ("4.1.1", "user unknown, perhaps"),
        ("5.1.0", "550 5.1.0 sender denied"),
        ("", "mailbox unavailable"),
        ("", ""),
    ],
)
def test_the_address_may_be_fine(status: str, words: str) -> None:
    assert not is_hard(status, words)


@pytest.mark.parametrize(
    ("field", "words", "status"),
    [
        ("5.1.1", "", "5.1.1"),
        ("5.0.0", "550 5.1.1 no", "5.1.1"),
        ("5.0.0 (permanent)", "no", "5.0.0"),
        ("", "550-5.7.26 unauthenticated", "5.7.26"),
        ("5.2.2", "550 5.1.1 no", "5.2.2"),
        ("", "host 5.1.1.9 said no", ""),
        ("", "version 15.1.1", ""),
        ("rubbish", "rubbish", ""),
    ],
)
def test_the_code_that_says_more_counts(field: str, words: str, status: str) -> None:
    assert status_of(field, words) == status


def test_the_fate_that_names_the_address_counts() -> None:
    mine = Fate(Action.FAILED, "5.1.1", addresses=frozenset({"emil@northwind.example"}))
    other = Fate(Action.DELIVERED, addresses=frozenset({"lena@northwind.example"}))
    assert fate_of([other, mine], " Emil@Northwind.Example") is mine


def test_of_several_behind_an_address_the_mildest_counts() -> None:
    gone = Fate(Action.FAILED, "5.1.1", addresses=frozenset({"a@northwind.example"}))
    full = Fate(Action.FAILED, "5.2.2", addresses=frozenset({"b@northwind.example"}))
    assert fate_of([gone, full], "everybody@northwind.example") is full
    assert fate_of([], "everybody@northwind.example") is None


STATES = [state for state in State if state not in (State.ACCEPTED, State.UNCERTAIN)]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", list(Action))
def test_terminal_stays(state: State, action: Action) -> None:
    assert state_after(state, Fate(action)) is None


@pytest.mark.parametrize("action", list(Action))
def test_no_doubt_outlives_a_report(action: Action) -> None:
    assert state_after(State.UNCERTAIN, Fate(action)) in (
        State.BOUNCED,
        State.DELIVERED,
        State.ACCEPTED,
    )


def test_relayed_is_not_yet_delivered() -> None:
    assert state_after(State.ACCEPTED, Fate(Action.RELAYED)) is None
    assert kind_of(Fate(Action.RELAYED)) is Kind.DELIVERED


def _days_ago(*days: float) -> list[datetime]:
    return [NOON - timedelta(days=day) for day in days]


@pytest.mark.parametrize(
    ("days", "delivered", "worn_out"),
    [
        ((0, 1, 2), None, True),
        ((0, 5, 13), None, True),
        ((0, 1), None, False),
        ((0, 0.1, 0.2), None, False),
        ((0, 1, 15), None, False),
        ((0, 1, 2), 1.5, False),
        ((0, 1, 2, 3), 2.5, True),
        ((0, 1, 2), 3, True),
    ],
)
def test_three_days_within_two_weeks_and_nothing_between(
    days: tuple[float, ...], delivered: float | None, worn_out: bool
) -> None:
    at = NOON - timedelta(days=delivered) if delivered is not None else None
    assert is_worn_out(_days_ago(*days), at, NOON) is worn_out


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("550 5.1.1 <emil@northwind.example>: unknown", "550 5.1.1 …: unknown"),
        ("emil@northwind.example unknown", "… unknown"),
        ("two\r\nlines\tand\x00a NUL", "two lines and a NUL"),
        ("\ud800 surrogates", "surrogates"),
        ("RTL \u202e trick", "RTL trick"),
        ("Grüße 東京", "Grüße 東京"),
    ],
)
def test_words_are_kept_without_addresses(words: str, kept: str) -> None:
    assert without_addresses(words) == kept


@given(st.text())
def test_whatever_is_kept_is_short_printable_and_without_address(words: str) -> None:
    kept = without_addresses(words + " emil@northwind.example " + words)
    assert len(kept) <= 500
    assert kept.isprintable()
    assert "emil@" not in kept
    kept.encode()
