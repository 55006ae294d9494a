"""How fast the delivery engine is, beside what else sends mail on this machine, in one run.

    python bench/delivery.py [--copies 40000] [--rounds 3] [--only race,sqlite,pages,memory,freeze]
                             [--long]

Needs Postfix's `smtp-sink` and `smtp-source`; PostgreSQL and Valkey come from wheels. Everything
runs as real processes on loopback: PostgreSQL (fsync and synchronous commits on), the queue
server, two `commsplan worker`, `commsplan timetable`, the web server, and `smtp-sink -c`.

race    In each round, one after the other into the same sink: `smtp-source -d -s4` with as many
        messages as copies and bodies of the mean size of ours; the engine; Django's
        `EmailMultiAlternatives` in a loop over one connection (a tenth of the copies). The engine
        sends a new message, with six personal fields, counted links, a pixel and List-Unsubscribe,
        to the same people; its rate is copies ÷ (first lease → last `accepted_at`), both from the
        ledger; workers are running and have sent 500 copies before. Medians of the rounds.
sqlite  The same on SQLite, beside `smtp-source` again.
pages   A lead's home page and the page of a send of 10,000 copies that is over, 5 a second,
        without and with a send of 100,000 copies going out; the ratio of the 95th percentiles.
memory  The most that one worker had in RAM after 10,000 and after 100,000 copies (and, with
        --long, 1,000,000), each with new workers.
freeze  Starting a send to 1,000,000 people: the transaction of `start_due_sends`, while the pages
        are asked for at the same rate; the slowest of them is reported beside.

The last line is one JSON object. Ratios hardly depend on the machine; rates do.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path[0] = str(Path(__file__).parent.parent)  # run as a file, Python knows bench/ alone

from bench import sink
from bench.figures import Figures
from bench.parts import Bench
from commsplan.demo.ports import free_port
from tests.durable_postgres import PostgresServer, serve


def main() -> None:
    """Measure what is asked for and print the figures."""
    asked = _arguments()
    sink.require()
    taken: set[int] = set()
    queue, web, mail, database = (free_port(wanted, taken) for wanted in (6390, 8090, 2525, 5490))
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="commsplan-bench-") as name:
        bench = Bench(Path(name), (queue, web, mail), asked.copies, asked.rounds, figures)
        if asked.only - {"sqlite"}:
            with serve(database) as server:
                _on_postgresql(bench, server, asked)
        if "sqlite" in asked.only:
            bench.race("", "sqlite_")
    print(json.dumps(figures.as_json()))


def _on_postgresql(bench: Bench, server: PostgresServer, asked: argparse.Namespace) -> None:
    parts: dict[str, Callable[[str], None]] = {
        "race": bench.race,
        "pages": lambda url: bench.pages(url, asked.people),
        "memory": lambda url: bench.memory(url, asked.people),
        "freeze": lambda url: bench.freeze(url, asked.freeze, asked.long),
    }
    for name, part in parts.items():
        if name in asked.only:
            part(server.create(f"bench_{name}"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--copies", type=int, default=40_000, help="500, 10000, 40000 or 100000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=100_000, help="of the parts beside the race")
    parser.add_argument("--freeze", type=int, default=1_000_000)
    parser.add_argument("--only", default="race,sqlite,pages,memory,freeze")
    parser.add_argument("--long", action="store_true", help="send to all of the freeze's people")
    asked = parser.parse_args()
    asked.only = set(asked.only.split(","))
    return asked


if __name__ == "__main__":
    main()
