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
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.chaos.course import Wish, run, say


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, run, print the verdict; return the exit code."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))  # nothing is left running
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
