"""A rule means the same in SQL as in a few lines of Python, on whatever database."""

import random
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from commsplan.audiences.queries import belongs
from commsplan.audiences.rules import Condition, Match, Operator, Rule, operators_of
from commsplan.foundation.database import db
from commsplan.people.models import Person
from commsplan.people.queries import language_of, zone_of
from tests.cast import make_person

TEXTS = [
    "Operations",
    "operations",
    "Öl & Gas",
    "öl & gas",
    "ŁÓDŹ",
    "Łódź",
    "100%",
    "a_b",
    "",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "Straße",
]
PARTS = [*filter(None, TEXTS), "op", "Ö", "%", "_", "\\", "/", "'", '"', "ß", "φος", "x"]
DAYS = ["2019-12-31", "2020-02-29", "2024-01-01"]
ATTRIBUTES = ["Grade", "Straße", 'a"b', "$.x", "2024"]
PEOPLE = 40
FIELDS = [
    "department",
    "location",
    "country",
    "zone",
    "language",
    "title",
    "employment",
    "name",
    "email",
    "started_on",
    "manager",
    *(f"attribute:{name}" for name in ATTRIBUTES),
]


@pytest.fixture
def people(app) -> list[Person]:
    dice = random.Random(20261123)
    made: list[Person] = []
    for number in range(PEOPLE):
        made.append(
            make_person(
                f"{dice.choice(PARTS)} {number % 7}",
                email=f"p{number}@northwind.example",
                department=dice.choice(TEXTS),
                location=dice.choice(TEXTS),
                title=dice.choice(TEXTS),
                employment=dice.choice(TEXTS),
                country=dice.choice(["DE", "FR", ""]),
                zone=dice.choice(["Europe/Paris", "", "Asia/Tokyo"]),
                chosen_zone=dice.choice(["", "", "Europe/Madrid"]),
                language=dice.choice(["de", "", "fr"]),
                started_on=dice.choice([None, *map(date.fromisoformat, DAYS)]),
                left_on=dice.choice([None, None, None, date(2025, 1, 1)]),
                attributes={name: dice.choice(TEXTS) for name in dice.sample(ATTRIBUTES, 3)},
            )
        )
    for person in made:
        person.manager_id = dice.choice([None, *(one.id for one in made)])  # loops included
    db.session.commit()
    return made


@some.composite
def conditions(draw: some.DrawFn) -> Condition:
    field = draw(some.sampled_from(FIELDS))
    operator = draw(some.sampled_from(operators_of(field)))
    values = some.sampled_from(
        DAYS
        if field == "started_on"
        else [str(number) for number in range(1, PEOPLE + 3)]
        if field == "manager"
        else [*PARTS, "DE", "fr", "europe/paris", "Europe/Berlin", "en", "p1"]
    )
    if operator is Operator.IS_EMPTY:
        return Condition(field, operator)
    if operator is Operator.IS_ONE_OF:
        return Condition(field, operator, tuple(draw(some.lists(values, min_size=1, max_size=4))))
    return Condition(field, operator, (draw(values),))


def groups(parts: some.SearchStrategy[Condition | Rule]) -> some.SearchStrategy[Rule]:
    return some.builds(
        Rule, some.sampled_from(Match), some.lists(parts, min_size=1, max_size=3).map(tuple)
    )


RULES = groups(conditions() | groups(conditions() | groups(conditions() | groups(conditions()))))


def expected(rule: Condition | Rule, person: Person, bosses: dict[int, int | None]) -> bool:
    if isinstance(rule, Rule):
        held = [expected(part, person, bosses) for part in rule.parts]
        return {Match.ALL: all(held), Match.ANY: any(held), Match.NONE: not any(held)}[rule.match]
    if rule.field == "manager":
        return _expected_manager(rule, person, bosses)
    if rule.field == "started_on":
        return _expected_day(rule, person.started_on)
    return _expected_text(rule, _value(rule.field, person))


def _value(field: str, person: Person) -> str:
    if field.startswith("attribute:"):
        return person.attributes.get(field.removeprefix("attribute:"), "")
    if field in ("zone", "language"):
        return zone_of(person) if field == "zone" else language_of(person)
    return str(getattr(person, field))


def _expected_text(rule: Condition, value: str) -> bool:
    value = _alike(value)
    wanted = [_alike(one) for one in rule.values]
    match rule.operator:
        case Operator.IS | Operator.IS_ONE_OF:
            return value in wanted
        case Operator.IS_NOT:
            return value not in wanted
        case Operator.STARTS_WITH:
            return value.startswith(wanted[0])
        case Operator.CONTAINS:
            return wanted[0] in value
        case _:
            return not value


def _alike(text: str) -> str:
    return text.lower().replace("ς", "σ")


def _expected_day(rule: Condition, day: date | None) -> bool:
    if rule.operator is Operator.IS_EMPTY or day is None:
        return day is None and rule.operator is Operator.IS_EMPTY
    other = date.fromisoformat(rule.values[0])
    return {Operator.IS: day == other, Operator.BEFORE: day < other, Operator.AFTER: day > other}[
        rule.operator
    ]


def _expected_manager(rule: Condition, person: Person, bosses: dict[int, int | None]) -> bool:
    if rule.operator is Operator.IS_EMPTY:
        return person.manager_id is None
    wanted = int(rule.values[0])
    if rule.operator is Operator.REPORTS_TO:
        return person.manager_id == wanted
    above, boss = set(), bosses[person.id]
    while boss is not None and boss not in above:
        above.add(boss)
        boss = bosses[boss]
    return wanted in above and wanted != person.id


@given(rule=RULES)
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def _compare(people: list[Person], rule: Rule) -> None:
    assert Rule.from_json(rule.to_json()) == rule
    bosses = {person.id: person.manager_id for person in people}
    found = set(db.session.scalars(select(Person.id).where(belongs(rule))))
    assert found == {
        one.id for one in people if one.left_on is None and expected(rule, one, bosses)
    }


def test_sql_and_python_agree(people: list[Person]) -> None:
    _compare(people)
