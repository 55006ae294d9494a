"""Two worker hosts, one database, one queue: one host cut off in the middle costs nobody a copy."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from commsplan.foundation.database import db
from tests.crowd import WARM, employ, write_and_schedule
from tests.delivery.sink import free_port
from tests.durable_postgres import serve
from tests.installation import ME, Installation, installation
from tests.scaling.hosts import Host, network, require

pytestmark = pytest.mark.mainline

PEOPLE = 5_000
EVERYBODY = PEOPLE + 1  # and the lead
LEASE_SECONDS = 10
WINDOW = 64
PATIENCE_SECONDS = 120


@dataclass
class Site:
    """Two worker hosts, and the machine in the middle with everything they share."""

    made: Installation
    hosts: tuple[Host, ...]
    taken: Path
    """The mail server's notes: a Message-ID per copy."""

    def copies(self) -> Counter[str]:
        """Count what the mail server took, by Message-ID."""
        return Counter(self.taken.read_text().split())

    def work_on(self, number: int) -> None:
        """Start a worker on a host, with a folder that no other host sees."""
        own = str(self.made.folder / f"host-{number}")
        command = (*self.hosts[number].enter, *ME, "worker")
        self.made.start(f"worker-{number}", *command, DATA_DIR=own)

    def until(self, happened: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait for something; show the processes' last words when it never comes."""
        end = time.monotonic() + seconds
        while not happened():
            words = [f"{part.name}: {part.last_words(6)}" for part in self.made.parts.values()]
            assert time.monotonic() < end, "\n".join(words)
            time.sleep(0.1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Everything listens on the bridge's address alone."""
    require()
    database, queue, mail = free_port(), free_port(), free_port()
    with network(2) as net, serve(database, net.address) as server:
        settings = {
            "WORKER_LEASE_SECONDS": str(LEASE_SECONDS),
            "WORKER_WINDOW": str(WINDOW),
            "POLL_SECONDS": "0.5",
        }
        url = server.create("site")
        with installation(
            tmp_path / "site", url, queue, mail, host=net.address, **settings
        ) as made:
            with made.app.app_context():
                employ(PEOPLE)
                db.session.remove()
            found = Site(made, net.hosts, tmp_path / "taken")
            found.taken.touch()
            made.start(
                "sink", ME[0], "-m", "tests.scaling.slow_sink", net.address, mail, found.taken
            )
            made.start("timetable", *ME, "timetable")
            found.work_on(0)
            found.work_on(1)
            yield found


def _send(site: Site, audience: str = "everybody") -> int:
    with site.made.app.app_context():
        send_id = write_and_schedule(audience)
        db.session.remove()
    return send_id


def _has_ended(site: Site, send_id: int) -> bool:
    return site.made.ask("select state from send where id=:one", one=send_id) == [("finished",)]


def _both_work(site: Site) -> bool:
    rows = site.made.ask("select distinct leased_by from chunk where state = 'leased'")
    return len(rows) == 2


def test_a_host_cut_off_in_the_middle_loses_nothing_and_repeats_nothing(site: Site) -> None:
    send_id = _send(site)
    site.until(lambda: len(site.copies()) > EVERYBODY // 4 and _both_work(site))
    site.hosts[0].cut_off()
    site.until(lambda: _has_ended(site, send_id))
    states = site.made.states(send_id)
    doubtful = states.pop("uncertain", 0)
    assert doubtful <= WINDOW
    assert states == {"accepted": EVERYBODY - doubtful}
    assert set(site.copies().values()) == {1}

    site.hosts[0].reconnect()
    time.sleep(2 * LEASE_SECONDS)
    late = site.made.states(send_id)
    assert late == states | ({"uncertain": doubtful} if doubtful else {}), "it comes too late"
    assert set(site.copies().values()) == {1}

    site.made.stop("worker-1")
    again = _send(site, str(WARM))
    site.until(lambda: _has_ended(site, again))
    assert site.made.states(again) == {"accepted": WARM}, "the host that came back goes on"


def test_a_host_cut_off_inside_a_transaction_holds_nobody_up_for_long(site: Site) -> None:
    site.made.stop("worker-0", "worker-1")
    send_id = _send(site, str(WARM))
    holder = (*site.hosts[0].enter, ME[0], "-m", "tests.scaling.lock_holder", "commsplan-lost")
    held = site.made.start("holder", *holder, DATA_DIR=str(site.made.folder / "host-0"))
    site.until(lambda: "holding" in held.last_words())
    site.hosts[0].cut_off()
    site.work_on(1)
    site.until(lambda: _has_ended(site, send_id))
    assert site.made.states(send_id) == {"accepted": WARM}
