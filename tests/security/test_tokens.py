"""A token opens what it was made for; forged, foreign and unknown ones look the same."""

import re

from commsplan.foundation.tokens import sign
from tests.security.world import PURPOSES, World, purpose_of, rules_of

UNKNOWN = 987_654_321


def page_of(answer) -> tuple[int, str]:
    return answer.status_code, re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text)


def wrong_tokens(world: World, purpose: str) -> list[str]:
    good = world.token(purpose)
    others = [
        sign(other, *world.signed[purpose]) for other in PURPOSES.values() if other != purpose
    ]
    return [
        *others,
        sign(purpose, UNKNOWN, world.signed[purpose][1]),
        ("A" if good[0] != "A" else "B") + good[1:],
        good[:-3],
        good + "AAAA",
        "x",
    ]


def test_the_right_token_opens_its_page(world: World) -> None:
    for rule in rules_of(world.app, "GET"):
        if "token" in rule.arguments:
            answer = world.app.test_client().get(world.address(rule))
            assert answer.status_code < 400, rule


def test_every_wrong_token_gets_the_same_404(world: World) -> None:
    for rule in rules_of(world.app, "GET"):
        if "token" in rule.arguments:
            browser = world.app.test_client()
            wrong = wrong_tokens(world, purpose_of(rule))
            answers = {page_of(browser.get(world.address(rule, token))) for token in wrong}
            assert {status for status, _ in answers} == {404}, rule
            assert len(answers) == 1, rule


def test_a_wrong_token_changes_nothing_either(world: World) -> None:
    for rule in rules_of(world.app, "POST"):
        if "token" in rule.arguments:
            browser = world.app.test_client()
            for token in wrong_tokens(world, purpose_of(rule)):
                answer = browser.post(world.address(rule, token), data={})
                assert answer.status_code == 404, rule
