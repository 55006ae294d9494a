"""A rule as data: a tree of groups and conditions, checked before anything is done with it.

A rule is never evaluated as code. Kept as JSON it reads
`{"all": [{"field": "department", "is": ["Operations"]}, {"any": [...]}]}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MAX_DEPTH = 4  # groups inside groups; deeper than this nobody reads
MAX_CONDITIONS = 50
MAX_VALUES = 500
MAX_VALUE_LENGTH = 200  # characters, as the longest column of the directory
ATTRIBUTE = "attribute:"
"""What the name of a custom attribute is prefixed with, to be a field."""


class Match(StrEnum):
    """How many parts of a group must hold."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


class Operator(StrEnum):
    """How a field is compared."""

    IS = "is"
    IS_NOT = "is_not"
    IS_ONE_OF = "is_one_of"
    STARTS_WITH = "starts_with"
    CONTAINS = "contains"
    IS_EMPTY = "is_empty"
    BEFORE = "before"
    AFTER = "after"
    IN_LINE_OF = "in_line_of"
    REPORTS_TO = "reports_to"


MATCH_WORDS = frozenset(match.value for match in Match)
OPERATOR_WORDS = frozenset(operator.value for operator in Operator)
PERSON_KEY = re.compile(r"[0-9]{1,18}")  # fits a 64-bit primary key

TEXT_OPERATORS = (
    Operator.IS,
    Operator.IS_NOT,
    Operator.IS_ONE_OF,
    Operator.STARTS_WITH,
    Operator.CONTAINS,
    Operator.IS_EMPTY,
)
CODE_OPERATORS = (Operator.IS, Operator.IS_NOT, Operator.IS_ONE_OF, Operator.STARTS_WITH)
DATE_OPERATORS = (Operator.IS, Operator.BEFORE, Operator.AFTER, Operator.IS_EMPTY)
MANAGER_OPERATORS = (Operator.IN_LINE_OF, Operator.REPORTS_TO, Operator.IS_EMPTY)

FIELDS: dict[str, tuple[Operator, ...]] = {
    "department": TEXT_OPERATORS,
    "location": TEXT_OPERATORS,
    "country": TEXT_OPERATORS,
    "zone": CODE_OPERATORS,
    "language": CODE_OPERATORS,
    "title": TEXT_OPERATORS,
    "employment": TEXT_OPERATORS,
    "name": TEXT_OPERATORS,
    "email": TEXT_OPERATORS,
    "started_on": DATE_OPERATORS,
    "manager": MANAGER_OPERATORS,
}
"""Every field of the directory a rule may ask for, and how it can be compared.

Zone and language are never empty: where the directory says nothing, the organisation's hold.
"""


class BadRule(ValueError):
    """This is not a rule; `key` says which part, as a path of positions ("0.2")."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(why)
        self.key = key
        self.why = why


@dataclass(frozen=True)
class Condition:
    """One comparison; a manager is named by the primary key of the person, as text."""

    field: str
    operator: Operator
    values: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return what is kept in the database."""
        return {"field": self.field, self.operator.value: list(self.values)}


@dataclass(frozen=True)
class Rule:
    """A group of conditions and further groups; the root of the tree is one too."""

    match: Match
    parts: tuple[Condition | Rule, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return what is kept in the database."""
        return {self.match.value: [part.to_json() for part in self.parts]}

    @staticmethod
    def from_json(data: object) -> Rule:
        """Read a rule and check it.

        Raises:
            BadRule: unknown words, too deep, too many conditions or values.
        """
        rule = _read_group(data, "", 1)
        check(rule)
        return rule

    def conditions(self) -> Iterator[Condition]:
        """Every condition of the tree."""
        for part in self.parts:
            if isinstance(part, Condition):
                yield part
            else:
                yield from part.conditions()


EVERYONE = Rule(Match.ALL)
"""All who work here."""


def operators_of(field: str) -> tuple[Operator, ...]:
    """Return how a field can be compared; nothing if there is no such field."""
    if field.startswith(ATTRIBUTE) and 0 < len(field) - len(ATTRIBUTE) <= MAX_VALUE_LENGTH:
        return TEXT_OPERATORS
    return FIELDS.get(field, ())


def fold(text: str) -> str:
    """Return the form in which texts are compared: lower case, and one Greek sigma."""
    return text.lower().replace("ς", "σ")


def check(rule: Rule) -> None:
    """Refuse a rule that is too large or says what cannot be compared.

    Raises:
        BadRule: the first thing that is wrong, and where.
    """
    conditions = list(rule.conditions())
    if len(conditions) > MAX_CONDITIONS:
        raise BadRule("", "too many conditions")
    if sum(len(condition.values) for condition in conditions) > MAX_VALUES:
        raise BadRule("", "too many values")
    _check_group(rule, "", 1)


def _check_group(rule: Rule, key: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BadRule(key, "too deep")
    if not rule.parts and rule != EVERYONE:
        raise BadRule(key, "empty group")
    for position, part in enumerate(rule.parts):
        here = f"{key}.{position}".lstrip(".")
        if isinstance(part, Rule):
            if not part.parts:
                raise BadRule(here, "empty group")
            _check_group(part, here, depth + 1)
        else:
            _check_condition(part, here)


def _check_condition(condition: Condition, key: str) -> None:
    operators = operators_of(condition.field)
    if not operators:
        raise BadRule(key, "unknown field")
    if condition.operator not in operators:
        raise BadRule(key, "operator does not fit")
    wanted = {Operator.IS_EMPTY: (0, 0), Operator.IS_ONE_OF: (1, MAX_VALUES)}
    low, high = wanted.get(condition.operator, (1, 1))
    if not low <= len(condition.values) <= high or not all(condition.values):
        raise BadRule(key, "no value" if low else "no value allowed")
    for value in condition.values:
        if len(value) > MAX_VALUE_LENGTH or not value.isprintable():
            raise BadRule(key, "value too long or not printable")
        if condition.field == "manager" and not PERSON_KEY.fullmatch(value):
            raise BadRule(key, "not a person")
        if condition.field == "started_on":
            _check_day(value, key)


def _check_day(value: str, key: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError as error:
        raise BadRule(key, "not a date") from error


def _read_group(data: object, key: str, depth: int) -> Rule:
    if depth > MAX_DEPTH:
        raise BadRule(key, "too deep")
    if not isinstance(data, dict) or len(data) != 1 or not set(data) <= MATCH_WORDS:
        raise BadRule(key, "not a group")
    ((how, parts),) = data.items()
    if not isinstance(parts, list):
        raise BadRule(key, "not a group")
    if len(parts) > MAX_CONDITIONS:
        raise BadRule(key, "too many conditions")
    return Rule(
        Match(how),
        tuple(
            _read_part(part, f"{key}.{position}".lstrip("."), depth)
            for position, part in enumerate(parts)
        ),
    )


def _read_part(data: object, key: str, depth: int) -> Condition | Rule:
    if not isinstance(data, dict) or "field" not in data:
        return _read_group(data, key, depth + 1)
    words = [word for word in data if word != "field"]
    if len(words) != 1 or words[0] not in OPERATOR_WORDS or not isinstance(data["field"], str):
        raise BadRule(key, "not a condition")
    values = data[words[0]]
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadRule(key, "values are not a list of texts")
    return Condition(data["field"], Operator(words[0]), tuple(values))
