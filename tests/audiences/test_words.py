"""A rule is said as a sentence that people understand."""

import pytest

from commsplan.audiences.rules import EVERYONE, Condition, Match, Operator, Rule
from commsplan.audiences.words import describe
from tests.cast import Cast

DEPARTMENTS = Condition("department", Operator.IS_ONE_OF, ("Operations", "Sales"))
GERMANY = Condition("country", Operator.IS, ("DE",))
FRANCE = Condition("country", Operator.IS, ("FR",))


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (EVERYONE, "Everybody who works here"),
        (
            Rule(Match.ALL, (DEPARTMENTS, GERMANY)),
            "Department is Operations or Sales, and country is Germany",
        ),
        (
            Rule(Match.ALL, (DEPARTMENTS, Rule(Match.ANY, (GERMANY, FRANCE)))),
            "Department is Operations or Sales, and (country is Germany, or country is France)",
        ),
        (Rule(Match.NONE, (GERMANY,)), "Not: country is Germany"),
        (
            Rule(Match.NONE, (GERMANY, FRANCE)),
            "None of these: country is Germany; country is France",
        ),
        (
            Rule(Match.ALL, (Condition("attribute:Grade", Operator.IS_EMPTY),)),
            "Grade is empty",
        ),
        (
            Rule(Match.ALL, (Condition("manager", Operator.IS_EMPTY),)),
            "They report to nobody",
        ),
        (
            Rule(Match.ALL, (Condition("email", Operator.IS_ONE_OF, tuple("abcdefgh")),)),
            "E-mail address is a, b, c, d, e, f, or one of 2 others",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "rule",
)
def test_the_sentence(app, rule: Rule, sentence: str) -> None:
    assert describe(rule) == sentence


def test_a_manager_is_called_by_name(cast: Cast) -> None:
    line = Condition("manager", Operator.IN_LINE_OF, (str(cast.sponsor.id),))
    assert describe(Rule(Match.ALL, (line,))) == "They are in the reporting line of Sigrid Sponsor"
