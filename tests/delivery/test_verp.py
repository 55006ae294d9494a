"""The return path of a copy names it, fits an envelope, and cannot be made up."""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from flask import Flask
from pydantic import ValidationError

from commsplan.delivery.verp import (
    LOCAL_PART_LIMIT,
    LONGEST_BASE,
    MAX_IDENTITY,
    Verp,
    delivery_id_of,
    verp_sender,
)
from commsplan.foundation.settings import Settings
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink

SECRET = "a-secret-for-tests-that-is-long-enough"


@pytest.fixture
def bounce_address(app: Flask) -> Iterator[str]:
    app.config["BOUNCE_ADDRESS"] = "Bounces@news.northwind.example"
    yield app.config["BOUNCE_ADDRESS"]
    app.config["BOUNCE_ADDRESS"] = ""


@pytest.mark.parametrize("delivery_id", [1, 42, 10**12, MAX_IDENTITY])
def test_a_return_path_leads_back_to_its_copy(bounce_address: str, delivery_id: int) -> None:
    assert delivery_id_of(verp_sender(delivery_id)) == delivery_id


def test_it_reads_as_one_expects(bounce_address: str) -> None:
    before, _, host = verp_sender(42).partition("@")
    assert before.startswith("Bounces+42.")
    assert host == "news.northwind.example"


def test_servers_may_change_case_and_add_brackets(bounce_address: str) -> None:
    assert delivery_id_of(f"<{verp_sender(42).upper()}>") == 42


def test_every_local_part_fits(bounce_address: str) -> None:
    longest = Verp("b" * LONGEST_BASE + "@news.northwind.example", SECRET).sender(MAX_IDENTITY)
    assert len(longest.partition("@")[0]) == LOCAL_PART_LIMIT


def test_a_base_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="characters"):
        Verp("b" * (LONGEST_BASE + 1) + "@news.northwind.example", SECRET)


@pytest.mark.parametrize("address", ["bounces", "@news.northwind.example", "bounces@", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        Verp(address, SECRET)


@pytest.mark.parametrize(
    "forge",
    [
        lambda true: true.replace("+42.", "+43."),
        lambda true: true.replace("+42.", "+٤٢."),
        lambda true: true.replace("+42.", "+-42."),
        lambda true: true.replace("+42.", "+" + "9" * 5000 + "."),
        lambda true: true.replace("@news", "0@news"),
        lambda true: true.replace("@news", "é@news"),
        lambda true: true.replace("@news.", "@evil."),
        lambda true: true.replace("Bounces", "Other"),
        lambda true: "Bounces+42.@news.northwind.example",
        lambda true: "Bounces@news.northwind.example",
        lambda true: "",
    ],
)
def test_a_forged_one_leads_nowhere(bounce_address: str, forge) -> None:  # type: ignore[no-untyped-def]
    assert delivery_id_of(forge(verp_sender(42))) is None


def test_another_installation_s_is_forged_here(bounce_address: str) -> None:
    assert delivery_id_of(Verp(bounce_address, "another secret").sender(42)) is None


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("", True),
        ("b" * LONGEST_BASE + "@news.northwind.example", True),
        ("b" * (LONGEST_BASE + 1) + "@news.northwind.example", False),
        ("bounces", False),
        ("Bounces <bounces@news.northwind.example>", False),
        ("bounces@news.northwind.example\r\nRCPT TO:<x>", False),
    ],
)
def test_the_setting_is_refused_at_the_start_where_it_would_not_fit(
    address: str, fits: bool
) -> None:
    with nullcontext() if fits else pytest.raises(ValidationError):
        Settings(bounce_address=address)


def test_every_copy_leaves_with_its_own(stage: Stage, sink: Sink, bounce_address: str) -> None:
    stage.deliver()
    found = {delivery_id_of(sender): to for sender, to in zip(sink.senders, sink.to, strict=True)}
    assert found == {row.id: row.address for row in stage.rows()}


def test_without_a_bounce_address_mail_comes_from_the_sender(app: Flask) -> None:
    assert verp_sender(42) == "communications@localhost"
    assert delivery_id_of("communications@localhost") is None
