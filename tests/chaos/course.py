"""The course of a run: start, strike, drain, audit."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from commsplan.demo.ports import wait_until_open
from tests.chaos.audit import Findings, Verdict, examine, judge
from tests.chaos.ledger import count_open, read_ledger
from tests.chaos.monkey import Monkey, Strike
from tests.chaos.office import Office, furnish
from tests.chaos.plant import LEASE_SECONDS, START_SECONDS, Plant, plant
from tests.chaos.sink_log import read_log

TICK_SECONDS = 0.05
REPORT_SECONDS = 10.0
DRAIN_PART = 0.3
"""Of the time allowed; the strikes end before it begins."""
PAUSE_SECONDS = 2.5
"""Between two strikes, on the average."""
HASTE_SECONDS = 0.5
"""The same when the time runs short."""
STILL_SECONDS = 25.0
"""When nothing at all has moved for so long, nothing will: leases and pauses are far shorter."""
SPREAD = 0.9
"""Of the copies: by the last strike so many are out."""
MEAN_PART = 0.25
"""So much mischief beside each strike."""


@dataclass(frozen=True)
class Wish:
    """How large a run is."""

    copies: int
    kills: int
    seed: int = 1
    database: str = "postgres"
    minutes: float = 25.0
    fault: str = ""
    """A fault to put into the engine, to see that it is caught."""
    only: tuple[str, ...] = ()
    """Draw from these strikes alone; empty means all."""

    @property
    def people(self) -> int:
        """How many people each message goes to: many messages start and finish under fire."""
        return max(100, min(5_000, self.copies // 5))

    @property
    def strike_seconds(self) -> float:
        """How long the monkey has at most."""
        return 60 * self.minutes * (1 - DRAIN_PART)


@dataclass(frozen=True)
class Result:
    """The verdict, and what led to it."""

    verdict: Verdict
    findings: Findings
    unscheduled: int
    """Messages the lead did not get scheduled in time: then the run proves less than it should."""
    states: dict[str, int]
    sink: dict[str, int]
    """How often the sink misbehaved in which way."""
    extras: dict[str, int]
    strikes: list[Strike] = field(repr=False)
    seconds: float

    @property
    def is_good(self) -> bool:
        """Tell whether every promise was kept, and all of them were made."""
        return self.verdict.is_good and not self.unscheduled


def run(wish: Wish) -> Result:
    """Run once, in a folder of its own that is kept when something is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="commsplan-chaos-"))
    folder.chmod(0o755)  # PostgreSQL is another user when we are root
    began = time.monotonic()
    module = ("tests.chaos.faulty", wish.fault) if wish.fault else ("commsplan",)
    with plant(folder, wish.database, wish.seed, module) as running:
        sends = -(-wish.copies // wish.people)
        office = furnish(running, wish.people, sends, wish.seed)
        monkey = Monkey(running, wish.seed)
        _start(running)
        wait_until_open(running.web_port, START_SECONDS)
        lead = office.open()
        _wait_for_the_first_copy(monkey, office, began)
        _strike(monkey, office, wish, began)
        _drain(monkey, office, began + 60 * wish.minutes)
        office.stop.set()
        lead.join(30)
        result = _audit(monkey, office, time.monotonic() - began)
    if result.is_good or wish.fault:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"Everything is kept in {folder}")
    return result


def _start(running: Plant) -> None:
    for part in running.parts.values():
        if part.process is None:
            part.start()


def _wait_for_the_first_copy(monkey: Monkey, office: Office, began: float) -> None:
    """Strike nobody before everything runs: a process that is still starting holds nothing."""
    while not office.plant.tail.copies():
        time.sleep(TICK_SECONDS)
        monkey.supervise()
        if time.monotonic() > began + START_SECONDS or office.broken:
            raise office.broken or AssertionError(office.plant.last_words())


def _strike(monkey: Monkey, office: Office, wish: Wish, began: float) -> None:
    """Strike at random moments, spread over the copies, until everything is done and sent.

    The sink's pace lets the copies last as long as the strikes. A strike waits until its share of
    the copies is out, unless the time runs short: a slow machine is not struck while it stands.
    """
    end = began + wish.strike_seconds
    office.plant.tell_sink(f"XPACE {wish.copies / (wish.kills * PAUSE_SECONDS):.0f}")
    next_at = reported = 0.0
    while (left := wish.kills - len(monkey.strikes)) > 0 or (
        len(office.promised) < len(office.messages) and time.monotonic() < end
    ):
        time.sleep(TICK_SECONDS)
        monkey.supervise()
        reported = _report(monkey, office, reported)
        is_early = office.plant.tail.copies() < wish.copies * SPREAD * (1 - left / wish.kills)
        is_late = time.monotonic() > end - left * HASTE_SECONDS
        if left <= 0 or not (is_late or (time.monotonic() >= next_at and not is_early)):
            continue
        if monkey.strike(wish.only):
            if monkey.chance.random() < MEAN_PART and not wish.only:
                monkey.be_mean()
            pause = HASTE_SECONDS if is_late else PAUSE_SECONDS
            next_at = time.monotonic() + min(monkey.chance.expovariate(1 / pause), 3 * pause)


def _report(monkey: Monkey, office: Office, reported: float) -> float:
    if office.broken:
        raise office.broken
    if time.monotonic() - reported < REPORT_SECONDS:
        return reported
    say(
        f"{time.monotonic() - monkey.began:6.0f} s  {len(monkey.strikes):4} strikes"
        f"  {office.copies_promised:7} promised  {office.plant.tail.copies():7} at the sink"
        f"  {office.troubles} troubles of the lead"
    )
    return time.monotonic()


def _drain(monkey: Monkey, office: Office, end: float) -> None:
    """Disturb nothing any more; wait until every send has ended, nothing moves, or time is up."""
    monkey.rest()
    office.all_at_once.set()
    office.plant.tell_sink("XCALM")
    office.plant.tell_sink("XPACE 100000")
    moved_at, stood, reported = time.monotonic(), (-1, -1), 0.0
    while time.monotonic() < min(end, moved_at + STILL_SECONDS):
        time.sleep(4 * TICK_SECONDS)
        monkey.supervise()
        reported = _report(monkey, office, reported)
        stands = (_open(), office.copies_promised + office.plant.tail.copies())
        if stands[0] == 0 and len(office.promised) == len(office.messages):
            return
        if stands != stood:
            moved_at, stood = time.monotonic(), stands


def _open() -> int:
    try:
        return count_open()
    except SQLAlchemyError:
        return -1  # the database comes back just now


def _audit(monkey: Monkey, office: Office, seconds: float) -> Result:
    ledger, seen = read_ledger(), read_log(office.plant.sink_log)
    findings = examine(ledger, seen, office.promised, office.people, LEASE_SECONDS)
    return Result(
        verdict=judge(len(monkey.strikes), office.copies_promised, ledger, findings),
        unscheduled=len(office.messages) - len(office.promised),
        findings=findings,
        states=dict(Counter(row.state for row in ledger.rows)),
        sink=dict(seen.kinds),
        extras=dict(+monkey.extras) | {"send paused": office.pauses},
        strikes=monkey.strikes,
        seconds=round(seconds, 1),
    )


def say(words: str) -> None:
    """Tell whoever watches."""
    print(words, file=sys.stderr, flush=True)  # noqa: T201 – a command line
