"""A rule is data that is checked: what is no rule, or too large a one, is refused."""

import pytest

from commsplan.audiences.rules import (
    EVERYONE,
    MAX_CONDITIONS,
    MAX_VALUES,
    BadRule,
    Condition,
    Match,
    Operator,
    Rule,
)

GERMANY = {"field": "country", "is": ["DE"]}


def nested(depth: int) -> dict[str, object]:
    rule: dict[str, object] = {"all": [GERMANY]}
    for _ in range(depth - 1):
        rule = {"any": [rule]}
    return rule


def test_what_is_written_is_read_again() -> None:
    inner = Rule(Match.NONE, (Condition("attribute:Grade", Operator.IS_ONE_OF, ("A", "B")),))
    rule = Rule(Match.ANY, (Condition("started_on", Operator.AFTER, ("2024-02-29",)), inner))
    assert Rule.from_json(rule.to_json()) == rule


def test_everyone_is_a_rule_without_conditions() -> None:
    assert Rule.from_json({"all": []}) == EVERYONE


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"any": []},
        {"all": [], "any": []},
        {"all": [{"any": []}]},
        {"all": ["department"]},
        {"all": [{"field": "password_hash", "is": ["x"]}]},
        {"all": [{"field": "attribute:", "is": ["x"]}]},
        {"all": [{"field": "department", "eval": ["x"]}]},
        {"all": [{"field": "department", "is": []}]},
        {"all": [{"field": "department", "is": [""]}]},
        {"all": [{"field": "department", "is": ["a", "b"]}]},
        {"all": [{"field": "department", "is": "a"}]},
        {"all": [{"field": "department", "is": ["a"], "is_not": ["b"]}]},
        {"all": [{"field": "department", "is_empty": ["a"]}]},
        {"all": [{"field": "department", "before": ["2026-01-01"]}]},
        {"all": [{"field": "department", "is": ["a\x00b"]}]},
        {"all": [{"field": "department", "is": ["a" * 201]}]},
        {"all": [{"field": "started_on", "before": ["yesterday"]}]},
        {"all": [{"field": "manager", "in_line_of": ["1 or 1=1"]}]},
        {"all": [{"field": "manager", "in_line_of": ["9" * 19]}]},
        {"all": [GERMANY] * (MAX_CONDITIONS + 1)},
        {"all": [{"any": [GERMANY] * 30}, {"any": [GERMANY] * 30}]},
        {"all": [{"field": "email", "is_one_of": ["a"] * (MAX_VALUES + 1)}]},
        nested(5),
    ],
    ids=lambda data: str(data)[:50],
)
def test_what_is_no_rule_is_refused(data: object) -> None:
    with pytest.raises(BadRule):
        Rule.from_json(data)


def test_four_levels_are_allowed() -> None:
    assert Rule.from_json(nested(4))


def test_a_very_deep_tree_is_refused_without_reading_it_all() -> None:
    with pytest.raises(BadRule):
        Rule.from_json(nested(900))
