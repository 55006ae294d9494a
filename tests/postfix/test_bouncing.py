"""What a real Postfix sends back is read, laid to the right copies, and the addresses rest."""

from __future__ import annotations

import time

import pytest

from commsplan.messages.rules import Content
from tests.installation import ME
from tests.postfix.conftest import Mailing

pytestmark = pytest.mark.mainline

PEOPLE, GONE = 1_000, 30  # 3 %
PATIENCE_SECONDS = 90
CONTENT = Content(
    subject="Raise concerns on one page", body="Hello {{ name }}, see [it](https://x.example)."
)


def _staff() -> dict[str, str]:
    """Return addresses and names; Postfix takes mail for those that are gone, then bounces it."""
    gone = {f"gone.{n:02}@northwind.example": f"Gone {n}" for n in range(GONE)}
    here = {f"here.{n:03}@northwind.example": f"Here {n}" for n in range(PEOPLE - GONE)}
    return gone | here


def _settled(mailing: Mailing, send_id: int, wanted: dict[str, int]) -> dict[str, int]:
    """Wait until the copies stand as wanted, or for as long as patience lasts."""
    end = time.monotonic() + PATIENCE_SECONDS
    while mailing.made.states(send_id) != wanted and time.monotonic() < end:
        time.sleep(0.3)
    return mailing.made.states(send_id)


def _bounced_addresses(mailing: Mailing, send_id: int) -> set[object]:
    rows = mailing.made.ask(
        "select d.address from bounce b join delivery d on d.id = b.delivery_id"
        " where d.send_id = :one and d.state = 'bounced'",
        one=send_id,
    )
    return {address for (address,) in rows}


def test_bounces_come_back_to_their_copies_and_the_next_send_leaves_those_addresses_out(
    mailing: Mailing,
) -> None:
    mailing.made.start("inbox", *ME, "inbox", "lmtp", "--listen", f"127.0.0.1:{mailing.lmtp_port}")
    group = mailing.hire(_staff())
    send_id = mailing.write(group, CONTENT)
    after = _settled(mailing, send_id, {"accepted": PEOPLE - GONE, "bounced": GONE})
    assert after == {"accepted": PEOPLE - GONE, "bounced": GONE}, mailing.server.log()[-3000:]

    gone = {address for address in _staff() if address.startswith("gone.")}
    assert _bounced_addresses(mailing, send_id) == gone
    resting = mailing.made.ask("select address, reason from suppressed_address")
    assert {address for address, _reason in resting} == gone
    assert len(resting) == GONE

    again = mailing.write(group, CONTENT)
    wanted = {"accepted": PEOPLE - GONE, "suppressed": GONE}
    assert _settled(mailing, again, wanted) == wanted
