"""A body arrives byte for byte, dots at the beginning of its lines and all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commsplan.delivery.wire import Wire
from commsplan.foundation.relay_addresses import read_relays
from tests.delivery.sink import free_port
from tests.delivery.wire.conftest import SOON, Bench, finish, parcel

LINES = st.lists(st.text(alphabet=".\t ab", max_size=6).map(str.encode), min_size=1, max_size=12)


class Keeper:
    """Keeps every body as aiosmtpd understood it."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.port = free_port()

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.bodies[envelope.rcpt_tos[0]] = envelope.content
        return "250 Kept"


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    keeper = Keeper()
    controller = Controller(keeper, hostname="127.0.0.1", port=keeper.port, ready_timeout=10)
    controller.start()
    yield keeper
    controller.stop(no_assert=True)


def stuffed(text: bytes) -> bytes:
    """Double the dots at the beginning of lines (RFC 5321 §4.5.2)."""
    return re.sub(rb"(?m)^\.", b"..", text)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(LINES.map(lambda lines: b"\r\n".join([*lines, b""])), min_size=1, max_size=5))
def test_bodies_arrive_as_they_were(bench: Bench, keeper: Keeper, texts: list[bytes]) -> None:
    url = f"smtp://127.0.0.1:{keeper.port}?connections=2"
    wire = Wire(read_relays(url), bench.journal, timeouts=SOON)
    wire.put(parcel(number, stuffed(text)) for number, text in enumerate(texts))
    assert set(finish(wire).states().values()) == {"accepted"}
    wire.close()
    for number, text in enumerate(texts):
        assert keeper.bodies[f"person{number}@in.example"] == text


def test_a_body_whose_last_line_has_no_end_is_not_taken_on(bench: Bench, keeper: Keeper) -> None:
    wire = bench.wire_to(f"smtp://127.0.0.1:{keeper.port}")
    with pytest.raises(ValueError, match="must end in CRLF"):
        wire.put([parcel(1, b"Subject: x\r\n\r\nno end")])
    assert wire.undecided == 0
