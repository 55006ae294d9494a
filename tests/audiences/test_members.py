"""Who belongs to an audience: the rule, plus people added, minus people left out, minus leavers."""

from datetime import date

import pytest

from commsplan.audiences.actions import (
    ChangedMeanwhile,
    NameTaken,
    change_audience,
    create_audience,
    drop_exception,
    set_exception,
)
from commsplan.audiences.queries import (
    audience_for_reader,
    audience_named,
    audiences_for,
    audiences_with,
    contains,
    count_members,
    members,
)
from commsplan.audiences.rules import EVERYONE, Condition, Match, Operator, Rule
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import Absent
from tests.cast import Cast, make_person


def only(field: str, operator: Operator, *values: str) -> Rule:
    return Rule(Match.ALL, (Condition(field, operator, values),))


@pytest.fixture
def operations(cast: Cast):
    return create_audience(cast.team, "Operations", only("department", Operator.IS, "operations"))


def test_upper_and_lower_case_do_not_matter(cast: Cast, operations) -> None:
    assert set(db.session.scalars(members(operations))) == {cast.sponsor.id, cast.employee.id}


def test_case_does_not_matter_beyond_ascii(cast: Cast) -> None:
    strasse = make_person("Änne Öhm", location="ŁÓDŹ")
    audience = create_audience(cast.team, "Łódź", only("location", Operator.IS, "Łódź"))
    assert list(db.session.scalars(members(audience))) == [strasse.id]


def test_who_left_is_out_even_when_added_by_hand(cast: Cast, operations) -> None:
    set_exception(operations, cast.admin, True, "asked for it", cast.lead)
    with transaction():
        cast.admin.left_on = date(2026, 1, 1)
    assert not contains(operations, cast.admin.id)


def test_somebody_added_belongs_and_somebody_left_out_does_not(cast: Cast, operations) -> None:
    set_exception(operations, cast.admin, True, "deputy", cast.lead)
    set_exception(operations, cast.employee, False, "on leave", cast.lead)
    assert set(db.session.scalars(members(operations))) == {cast.sponsor.id, cast.admin.id}
    assert count_members(operations) == 2


def test_the_rule_decides_again_when_the_exception_goes(cast: Cast, operations) -> None:
    set_exception(operations, cast.employee, False, "on leave", cast.lead)
    drop_exception(operations, cast.employee.id, cast.lead)
    assert contains(operations, cast.employee.id)


def test_everyone_is_everyone(cast: Cast) -> None:
    assert count_members(create_audience(cast.team, "All", EVERYONE)) == 6


def test_the_reporting_line_reaches_down_and_a_loop_ends(cast: Cast) -> None:
    below = make_person("Bela Below", manager_id=cast.employee.id)
    with transaction():
        cast.sponsor.manager_id = below.id
    rule = only("manager", Operator.IN_LINE_OF, str(cast.sponsor.id))
    audience = create_audience(cast.team, "Line", rule)
    assert set(db.session.scalars(members(audience))) == {cast.employee.id, below.id}


def test_custom_attributes_are_asked_by_any_name(cast: Cast) -> None:
    key = "Straße \"$.x' %s"
    with transaction():
        cast.employee.attributes = {key: "Nord 100%"}
    audience = create_audience(
        cast.team, "Odd", only(f"attribute:{key}", Operator.STARTS_WITH, "nord 100%")
    )
    assert list(db.session.scalars(members(audience))) == [cast.employee.id]


def test_an_audience_belongs_to_its_team(cast: Cast, operations) -> None:
    assert audiences_for(cast.teammate) == [operations] == audiences_for(cast.admin)
    assert audience_named(cast.team, "Operations") == operations
    for stranger in (cast.outsider, cast.sponsor, cast.employee):
        with pytest.raises(Absent):
            audience_for_reader(stranger, operations.id)


def test_a_name_is_used_once_in_a_team(cast: Cast, operations) -> None:
    with pytest.raises(NameTaken):
        create_audience(cast.team, " Operations ", EVERYONE)
    assert create_audience(cast.other_team, "Operations", EVERYONE)


def test_the_second_of_two_editors_is_told(cast: Cast, operations) -> None:
    wish = {"rule": EVERYONE, "note": "", "revision": 1}
    change_audience(operations, name="Operations", by=cast.lead, **wish)
    with pytest.raises(ChangedMeanwhile):
        change_audience(operations, name="Operators", by=cast.teammate, **wish)


def test_many_audiences_are_asked_at_once_and_say_what_each_says_alone(cast: Cast) -> None:
    rules = [
        EVERYONE,
        only("department", Operator.IS, "Operations"),
        only("manager", Operator.IN_LINE_OF, str(cast.sponsor.id)),
        only("manager", Operator.REPORTS_TO, str(cast.sponsor.id)),
        only("attribute:Grade", Operator.IS_EMPTY),
        only("country", Operator.IS, "FR"),
    ]
    many = [create_audience(cast.team, f"A{n}", rules[n % len(rules)]) for n in range(60)]
    set_exception(many[5], cast.employee, True, "asked", cast.lead)
    set_exception(many[0], cast.employee, False, "left out", cast.lead)
    for person in (cast.employee, cast.sponsor, cast.admin):
        alone = {one.id for one in many if contains(one, person.id)}
        assert audiences_with(person.id, many) == alone
    with transaction():
        cast.employee.left_on = date(2026, 1, 1)
    assert audiences_with(cast.employee.id, many) == frozenset()
    assert audiences_with(99_999, many) == frozenset()
