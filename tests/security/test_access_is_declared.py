"""Every page says who may open it, and every argument of an address is understood here."""

from flask import Flask

from commsplan.people.rules import Role
from tests.security.world import World, access_of, rules_of


def test_every_view_declares_its_access(app: Flask) -> None:
    silent = [
        str(rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    assert silent == []


def test_only_known_roles_are_declared(app: Flask) -> None:
    for rule in rules_of(app, "GET"):
        assert access_of(app, rule) <= set(Role)


def test_every_number_in_an_address_names_a_thing_these_tests_know(world: World) -> None:
    unknown = {
        name
        for rule in world.app.url_map.iter_rules()
        for name in rule.arguments
        if rule.endpoint != "static" and name.endswith("_id") and name not in world.ids
    }
    assert unknown == set()
