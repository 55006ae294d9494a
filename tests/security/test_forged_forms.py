"""A form that did not come from our own page is refused, everywhere but at RFC 8058's door."""

from tests.security.world import World, rules_of

ONE_CLICK = "/u/<token>"


def test_every_form_without_its_token_is_refused(world: World) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = True
    browser = world.cast.as_(world.cast.admin)
    for rule in rules_of(world.app, "POST"):
        if str(rule) != ONE_CLICK:
            answer = browser.post(world.address(rule), data={})
            assert answer.status_code == 400, rule
            assert "still there" in answer.text, rule


def test_nothing_answers_put_patch_or_delete(world: World) -> None:
    methods = {method for rule in world.app.url_map.iter_rules() for method in rule.methods or ()}
    assert methods <= {"GET", "HEAD", "POST", "OPTIONS"}
