"""Role × address × team, for every address of the application."""

import pytest

from commsplan.people.models import Person
from commsplan.people.rules import Role
from tests.security.world import World, access_of, is_team_owned, rules_of

STRICTER = {"/plans/"}
"""Open to whoever works on a plan, so that it refuses those who work on none by itself."""


def answers(world: World, person: Person | None) -> dict[str, int]:
    """Return the status of every page that is looked at, by rule."""
    browser = world.cast.as_(person) if person else world.app.test_client()
    return {
        str(rule): browser.get(world.address(rule)).status_code
        for rule in rules_of(world.app, "GET")
    }


def guarded(world: World, *roles: Role) -> set[str]:
    """Return the rules that none of these roles opens."""
    return {
        str(rule)
        for rule in rules_of(world.app, "GET")
        if (wanted := access_of(world.app, rule)) and not wanted & set(roles)
    }


def test_a_stranger_is_sent_to_sign_in_from_every_page_that_is_not_public(world: World) -> None:
    found = answers(world, None)
    public = {str(rule) for rule in rules_of(world.app, "GET") if not access_of(world.app, rule)}
    asked_by_programs = {rule for rule in found.keys() - public if rule.startswith("/api/")}
    assert {found[rule] for rule in asked_by_programs} == {401}
    closed = found.keys() - public - asked_by_programs
    assert {rule for rule, status in found.items() if status == 303} >= closed
    assert [rule for rule in public if found[rule] in (401, 403) or found[rule] >= 500] == []


@pytest.mark.parametrize(
    ("who", "roles"),
    [
        ("employee", (Role.EMPLOYEE,)),
        ("sponsor", (Role.EMPLOYEE, Role.SPONSOR)),
        ("lead", (Role.EMPLOYEE, Role.LEAD)),
        ("outsider", (Role.EMPLOYEE, Role.LEAD)),
        ("admin", (Role.EMPLOYEE, Role.ADMIN)),
    ],
)
def test_a_role_is_refused_exactly_where_the_page_says_so(
    world: World, who: str, roles: tuple[Role, ...]
) -> None:
    found = answers(world, getattr(world.cast, who))
    closed = set() if Role.ADMIN in roles else guarded(world, *roles)
    refused = {rule for rule, status in found.items() if status == 403}
    assert refused >= closed
    assert refused - closed <= STRICTER
    assert {
        rule: status for rule, status in found.items() if status >= 500 and rule != "/readyz"
    } == {}


def test_a_lead_opens_every_page_of_their_own_team(world: World) -> None:
    found = answers(world, world.cast.lead)
    closed = guarded(world, Role.EMPLOYEE, Role.LEAD)
    own = {str(rule) for rule in rules_of(world.app, "GET") if is_team_owned(rule)}
    assert {rule: found[rule] for rule in own - closed if found[rule] >= 400} == {}


def test_another_teams_things_are_not_there_to_look_at(world: World) -> None:
    browser = world.cast.as_(world.cast.outsider)
    closed = guarded(world, Role.EMPLOYEE, Role.LEAD)
    found = {
        str(rule): browser.get(world.address(rule)).status_code
        for rule in rules_of(world.app, "GET")
        if is_team_owned(rule) and str(rule) not in closed
    }
    assert {rule: status for rule, status in found.items() if status != 404} == {}


def test_another_teams_things_are_not_there_to_change(world: World) -> None:
    browser = world.cast.as_(world.cast.outsider)
    found = {
        str(rule): browser.post(world.address(rule), data={}).status_code
        for rule in rules_of(world.app, "POST")
        if is_team_owned(rule) and Role.LEAD in access_of(world.app, rule)
    }
    assert {rule: status for rule, status in found.items() if status != 404} == {}


def test_nobody_without_a_role_changes_anything_of_a_team(world: World) -> None:
    browser = world.cast.as_(world.cast.employee)
    found = {
        str(rule): browser.post(world.address(rule), data={}).status_code
        for rule in rules_of(world.app, "POST")
        if (wanted := access_of(world.app, rule)) and Role.EMPLOYEE not in wanted
    }
    assert {rule: status for rule, status in found.items() if status != 403} == {}
