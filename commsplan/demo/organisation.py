"""The demo organisation: 5,000 invented people of Northwind Rail, the same on every machine.

It is written as the CSV that an HR system would give, and comes in through the same import as any
staff list.
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from commsplan.demo.names import FIRST, LAST

SEED = 20261123
PEOPLE = 5_000
SPAN = 9  # reports of one manager, at most
DOMAIN = "northwind.example"


@dataclass(frozen=True)
class Site:
    """Where people work."""

    country: str
    city: str
    zone: str
    languages: tuple[str, ...]
    weight: int


SITES = (
    Site("GB", "Leeds", "Europe/London", ("en",), 22),
    Site("DE", "Hannover", "Europe/Berlin", ("de", "de", "de", "en"), 20),
    Site("FR", "Lyon", "Europe/Paris", ("fr", "fr", "fr", "en"), 14),
    Site("ES", "Zaragoza", "Europe/Madrid", ("es", "es", "es", "en"), 12),
    Site("US", "Chicago", "America/Chicago", ("en", "en", "en", "es"), 11),
    Site("MX", "Monterrey", "America/Monterrey", ("es",), 8),
    Site("IN", "Pune", "Asia/Kolkata", ("en",), 6),
    Site("SG", "Singapore", "Asia/Singapore", ("en",), 3),
    Site("AU", "Newcastle", "Australia/Sydney", ("en",), 4),
)

DEPARTMENTS: dict[str, tuple[int, tuple[str, ...]]] = {
    "Operations": (24, ("Dispatcher", "Operations planner", "Shift coordinator")),
    "Station services": (16, ("Station assistant", "Ticket desk agent", "Station controller")),
    "Train crew": (18, ("Driver", "Conductor", "Crew roster planner")),
    "Rolling stock": (9, ("Fitter", "Workshop planner", "Reliability engineer")),
    "Infrastructure": (9, ("Track technician", "Signal engineer", "Site supervisor")),
    "Customer care": (6, ("Customer adviser", "Complaints specialist")),
    "IT and support": (5, ("Support engineer", "Service desk analyst", "Platform engineer")),
    "Finance": (3, ("Accountant", "Payroll specialist", "Controller")),
    "Human resources": (3, ("HR partner", "Learning adviser", "Recruiter")),
    "Safety": (2, ("Safety adviser", "Incident investigator")),
    "Communications": (1, ("Communications adviser", "Editor")),
    "Legal": (1, ("Legal counsel", "Contract manager")),
    "Procurement": (2, ("Buyer", "Category manager")),
    "Executive office": (1, ("Programme manager", "Executive assistant")),
}
COLUMNS = (
    "Employee number",
    "Name",
    "First name",
    "Work email",
    "Job title",
    "Department",
    "Office",
    "Country",
    "Time zone",
    "Language",
    "Manager e-mail",
    "Employment type",
    "Start date",
    "Depot",
)


@dataclass(frozen=True)
class Member:
    """One invented person; `rank` is 0 for the chief executive, larger below."""

    number: int
    first: str
    last: str
    email: str
    title: str
    department: str
    site: Site
    language: str
    manager: str
    employment: str
    started: date
    rank: int


Named = tuple[str, str, str, str, int, str]
"""First name, last name, title, department, index of the site, language."""

# Known by name, because the demo signs in as them.
CHIEF = ("Margaux", "Villarceaux", "Chief executive officer", "Executive office", 2, "en")
SPONSOR = ("Philippa", "Thackery", "Chief operating officer", "Executive office", 0, "en")
LEAD = ("Jana", "Lindenau", "Head of internal communications", "Communications", 1, "en")
ADMIN = ("Rohan", "Deshmukhe", "Head of IT service", "IT and support", 6, "en")
EMPLOYEE = ("Callum", "Marwood", "Dispatcher", "Operations", 0, "en")


def address_of(first: str, last: str) -> str:
    """Return the e-mail address of a name: letters without accents, a dot between."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".replace("ß", "ss"))
    return (
        "".join(c for c in plain.lower() if c.isascii() and (c.isalnum() or c == "."))
        + f"@{DOMAIN}"
    )


def people(count: int = PEOPLE) -> Iterator[Member]:
    """Invent the organisation, managers before their reports.

    1. The chief executive, the operating officer and the others who are known by name.
    2. A head for each department, who reports to the operating officer.
    3. Everybody else, reporting to somebody of the department who came before them, nine to a
       manager, so that the lines are a few levels deep.
    """
    chance = random.Random(SEED)  # noqa: S311 – invented people, not secrets
    taken: set[str] = set()
    number = 0

    def make(named: Named, manager: str, rank: int) -> Member:
        nonlocal number
        number += 1
        first, last, title, department, site, language = named
        email = address_of(first, last)
        if email in taken:
            email = email.replace("@", f"{number}@")
        taken.add(email)
        return Member(
            number=10_000 + number, first=first, last=last, email=email, title=title,
            department=department, site=SITES[site], language=language, manager=manager,
            employment=chance.choices(("Permanent", "Part-time", "Fixed term"), (80, 14, 6))[0],
            started=date(2004, 1, 5) + timedelta(days=7 * chance.randrange(1120)), rank=rank,
        )  # fmt: skip

    chief = make(CHIEF, "", 0)
    sponsor = make(SPONSOR, chief.email, 1)
    yield from (chief, sponsor)
    seats: dict[str, list[tuple[Member, int]]] = {}
    known = {LEAD[3]: LEAD, ADMIN[3]: ADMIN}
    for department in DEPARTMENTS:
        head = make(
            known.get(department) or _stranger(chance, department, "Head of "), sponsor.email, 2
        )
        seats[department] = [(head, 0)]
        yield head
    names = list(DEPARTMENTS)
    weights = [DEPARTMENTS[name][0] for name in names]
    fixed = [EMPLOYEE]
    while number < count:
        named = fixed.pop() if fixed else _stranger(chance, chance.choices(names, weights)[0])
        queue = seats[named[3]]
        boss, reports = queue[0]
        member = make(named, boss.email, boss.rank + 1)
        queue[0] = (boss, reports + 1)
        if reports + 1 >= SPAN:
            queue.pop(0)
        queue.append((member, 0))
        yield member


def _stranger(chance: random.Random, department: str, prefix: str = "") -> Named:
    site = chance.choices(range(len(SITES)), [site.weight for site in SITES])[0]
    country = SITES[site].country
    title = f"{prefix}{department.lower()}" if prefix else chance.choice(DEPARTMENTS[department][1])
    return (
        chance.choice(FIRST[country].split()),
        chance.choice(LAST[country].split()),
        title,
        department,
        site,
        chance.choice(SITES[site].languages),
    )


def write_staff_list(path: Path, count: int = PEOPLE) -> None:
    """Write the organisation as the CSV of an HR system."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(COLUMNS)
        for member in people(count):
            writer.writerow(
                (
                    member.number, f"{member.first} {member.last}", member.first, member.email,
                    member.title, member.department, member.site.city, member.site.country,
                    member.site.zone, member.language, member.manager, member.employment,
                    member.started.isoformat(), f"{member.site.city} {1 + member.number % 3}",
                )
            )  # fmt: skip
