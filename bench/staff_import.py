"""How fast a staff list is imported, and how much memory that takes.

    python bench/staff_import.py [--rows 100000] [--database-url postgresql://…]

Runs the import of N/10 and of N rows each in a process of its own, on an empty database (SQLite
in a temporary folder unless an address is given: its tables are made and emptied). The last line
is one JSON object; ratios do not depend on the machine.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

SEED = 20_261_123
HEADER = (
    "Employee number", "E-mail", "First name", "Last name", "Department", "Location", "Country",
    "Time zone", "Language", "Manager e-mail", "Job title", "Employment type", "Start date",
    "Building", "Cost centre",
)  # fmt: skip
PLACES = (("Berlin", "DE", "de"), ("Paris", "FR", "fr"), ("Madrid", "ES", "es"))
PLACES += (("Leeds", "United Kingdom", "en"), ("Zürich", "Schweiz", "German"))


def write_list(path: Path, rows: int) -> None:
    """Write an invented staff list; one row in a thousand is bad."""
    chance = random.Random(SEED)
    with path.open("w", encoding="utf-8", newline="") as target:
        out = csv.writer(target)
        out.writerow(HEADER)
        for number in range(rows):
            city, country, language = PLACES[number % len(PLACES)]
            boss = f"person.{number // 8}@northwind.example" if number else ""
            email = f"person.{number}@northwind.example" if number % 1000 != 999 else "nobody"
            start = date(2000, 1, 1) + timedelta(days=chance.randrange(9000))
            out.writerow(
                (
                    f"N{number:07}", email, f"Jördis{number % 97}", f"Bergström{number % 1009}",
                    f"Department {number % 14}", city, country, "", language, boss,
                    f"Title {number % 60}", "permanent", start.isoformat(),
                    f"B{number % 30}", f"CC-{number % 200}",
                )
            )  # fmt: skip


def read_plainly(path: Path) -> float:
    """Return the seconds that Python's csv module alone needs for the file."""
    began = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as source:
        for _row in csv.reader(source):
            pass
    return time.perf_counter() - began


def import_here(path: Path) -> dict[str, float]:
    """Import a list in this process, on the database of the environment."""
    from flask_migrate import upgrade

    from commsplan.app import ROOT, create_app
    from commsplan.foundation.database import db
    from commsplan.people.import_applying import apply
    from commsplan.people.import_checking import check
    from commsplan.people.imports import agree, receive, staff_import

    with create_app().app_context():
        upgrade(directory=str(ROOT / "migrations"))
        began = time.perf_counter()
        with path.open("rb") as source:
            brought = receive(source, path.name, by=None)
        assert check(brought.id)
        checked = time.perf_counter()
        brought = staff_import(brought.id)
        agree(brought, True, by=None)
        assert apply(brought.id)
        ended = time.perf_counter()
        counts = staff_import(brought.id).counts
        db.session.remove()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "s": ended - began, "check_s": checked - began, "apply_s": ended - checked,
        "peak_mb": peak, "new": counts["new"], "changed": counts["changed"],
        "same": counts["same"], "bad": counts["bad"],
    }  # fmt: skip


def measure(path: Path, folder: Path, database_url: str) -> dict[str, float]:
    """Run `import_here` in a fresh process and return what it measured."""
    environment = {
        **os.environ, "DATA_DIR": str(folder), "DATABASE_URL": database_url,
        "PYTHONPATH": str(Path(__file__).parent.parent), "SECRET_KEY": "bench-" * 8, "REDIS_URL": "redis://127.0.0.1:1/0",
    }  # fmt: skip
    answer = subprocess.run(
        [sys.executable, __file__, "--here", str(path)],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(answer.stdout.splitlines()[-1])


def empty(database_url: str) -> None:
    """Remove every table, so that each size starts on an empty directory."""
    if database_url:
        import psycopg

        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("drop schema public cascade")
            connection.execute("create schema public")


def main() -> None:
    """Measure a tenth and the whole, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--here", type=Path)
    asked = parser.parse_args()
    if asked.here:
        print(json.dumps(import_here(asked.here)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {}
        for rows in (asked.rows // 10, asked.rows):
            path = folder / f"{rows}.csv"
            write_list(path, rows)
            (folder / str(rows)).mkdir()
            empty(asked.database_url)
            found[rows] = measure(path, folder / str(rows), asked.database_url)
        again = measure(path, folder / str(asked.rows), asked.database_url)
        plain = read_plainly(path)
    small, large = found.values()
    print(
        json.dumps(
            {
                "database": "postgresql" if asked.database_url else "sqlite",
                "rows": asked.rows,
                "import_100k_s": round(large["s"] * 100_000 / asked.rows, 2),
                "check_s": round(large["check_s"], 2),
                "apply_s": round(large["apply_s"], 2),
                "again_s": round(again["s"], 2),
                "again_same": again["same"],
                "rows_per_s": round(asked.rows / large["s"]),
                "peak_mb": round(large["peak_mb"], 1),
                "peak_rss_ratio_100k_vs_10k": round(large["peak_mb"] / small["peak_mb"], 3),
                "ratio_to_csv_read": round(large["s"] / plain, 1),
                "new": large["new"],
                "bad": large["bad"],
            }
        )
    )


if __name__ == "__main__":
    main()
