"""`make chaos`: one run from the first process to the verdict.

1. Start PostgreSQL (or take SQLite), Valkey, the sink, the web, three workers, two timetables.
2. A lead schedules one message after the other through the web, while the monkey strikes.
3. The drain: no more strikes, a sink that behaves; wait until everything is settled, or a bound.
4. The audit. The last line is one JSON object; the exit code is not 0 when a promise was broken.

Run it with `python -m tests.chaos.run --copies 100000 --kills 200 --seed 1`.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
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
"""Of the time allowed; the strikes and the copies share the rest."""
FASTER = 1.25
"""The sink is so much faster than it would have to be: recovery takes its time too."""
MEAN_PART = 0.25
"""So much mischief beside each strike."""
HURRY = 0.85
"""The strikes are so much closer together than they would have to be, as some find nobody."""
SHORTEST_PAUSE = 0.1


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
        """How long the monkey has."""
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
        monkey = Monkey(running, random.Random(f"monkey {wish.seed}"))
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
    """Strike at random moments until every strike is done and every message has gone out."""
    end = began + wish.strike_seconds
    pace = FASTER * wish.copies / max(end - time.monotonic(), 1)
    office.plant.tell_sink(f"XPACE {pace:.0f}")
    next_at = reported = 0.0
    while (left := wish.kills - len(monkey.strikes)) > 0 or (
        _copies_wait(office) and time.monotonic() < end
    ):
        time.sleep(TICK_SECONDS)
        monkey.supervise()
        reported = _report(monkey, office, reported)
        if left > 0 and time.monotonic() >= next_at and monkey.strike(wish.only):
            if monkey.chance.random() < MEAN_PART and not wish.only:
                monkey.be_mean()
            mean = max(SHORTEST_PAUSE, (end - time.monotonic()) * HURRY / left)
            next_at = time.monotonic() + min(monkey.chance.expovariate(1 / mean), 3 * mean)


def _copies_wait(office: Office) -> bool:
    """Tell whether messages are not scheduled yet, or have hardly gone out."""
    left = office.copies_promised - office.plant.tail.copies()
    return len(office.promised) < len(office.messages) or left > len(office.people) // 10


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
    """Disturb nothing any more; wait until every send has ended, or until the time is up."""
    monkey.rest()
    office.plant.tell_sink("XCALM")
    office.plant.tell_sink("XPACE 100000")
    reported = 0.0
    while time.monotonic() < end:
        time.sleep(4 * TICK_SECONDS)
        monkey.supervise()
        reported = _report(monkey, office, reported)
        if len(office.promised) == len(office.messages) and not _still_open():
            return


def _still_open() -> bool:
    try:
        return count_open() > 0
    except SQLAlchemyError:
        return True  # the database comes back just now


def _audit(monkey: Monkey, office: Office, seconds: float) -> Result:
    ledger, seen = read_ledger(), read_log(office.plant.sink_log)
    findings = examine(ledger, seen, office.promised, office.people, LEASE_SECONDS)
    return Result(
        verdict=judge(len(monkey.strikes), office.copies_promised, ledger, findings),
        unscheduled=len(office.messages) - len(office.promised),
        findings=findings,
        states=dict(Counter(row.state for row in ledger.rows)),
        sink=dict(seen.kinds),
        extras=dict(+monkey.extras),
        strikes=monkey.strikes,
        seconds=round(seconds, 1),
    )


def say(words: str) -> None:
    """Tell whoever watches."""
    print(words, file=sys.stderr, flush=True)  # noqa: T201 – a command line


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, run, print the verdict; return the exit code."""
    options = _parser().parse_args(arguments)
    result = run(
        Wish(
            copies=options.copies,
            kills=options.kills,
            seed=options.seed,
            database=options.database,
            minutes=options.minutes,
            fault=options.fault,
            only=tuple(options.only),
        )
    )
    kinds = Counter(f"{one.victim.partition('-')[0]} {one.how}" for one in result.strikes)
    say(f"strikes: {dict(kinds)}\nbeside them: {result.extras}")
    say(f"the sink: {result.sink}\nstates: {result.states}")
    say(f"in detail: {asdict(result.findings)}\nseconds: {result.seconds}")
    if options.report:
        options.report.write_text(json.dumps(asdict(result), indent=1))
    print(json.dumps(asdict(result.verdict)))  # noqa: T201 – the verdict is the output
    return 0 if result.is_good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--copies", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--minutes", type=float, default=25.0, help="it ends by itself within")
    parser.add_argument("--fault", default="", help="put a fault in: see tests/chaos/faulty.py")
    parser.add_argument("--only", nargs="*", default=[], help='such as "worker kill"; else all')
    parser.add_argument("--report", type=Path, help="write everything that was found here, as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
