"""No log line holds a token: pages are named by their rule, never by their path."""

from structlog.testing import capture_logs

from tests.security.world import World, rules_of


def test_no_token_is_written_down(world: World) -> None:
    secrets = []
    with capture_logs() as lines:
        for method in ("GET", "POST"):
            browser = world.app.test_client()
            for rule in rules_of(world.app, method):
                if "token" in rule.arguments:
                    address = world.address(rule)
                    secrets.append(address.split("/")[-1].partition(".")[0])
                    browser.open(address, method=method)
    written = str(lines)
    assert [line["route"] for line in lines if line["event"] == "request"]
    assert [secret for secret in secrets if len(secret) > 12 and secret in written] == []


def test_a_password_is_not_written_down(client) -> None:
    with capture_logs() as lines:
        client.post("/sign-in", data={"email": "a@b.example", "password": "open sesame please"})
    assert "open sesame" not in str(lines)
