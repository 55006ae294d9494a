"""Only rooms of the services on the list can be named, and nothing but a room."""

import inspect
import re
import sys

import pytest

from commsplan.delivery.channel_chat import Door
from commsplan.delivery.chat_services import SERVICES, BadAddress, room_of
from tests.delivery.test_chat import ROOMS

TOKEN = "xoxb-1234567890-1234567890-4ddbc191d40ee098cbaae6f3523ada2d"


@pytest.mark.parametrize(
    ("room", "service", "host"),
    [
        ("slack", "Slack", "slack.com"),
        ("slack-bot", "Slack", "slack.com"),
        ("teams", "Microsoft Teams", "prod-12.westeurope.logic.azure.com"),
        ("mattermost", "Mattermost", "chat.northwind.example"),
        ("rocketchat", "Rocket.Chat", "rocket.northwind.example"),
        ("matrix", "Matrix", "matrix.northwind.example"),
        ("ntfy", "ntfy", "ntfy.sh"),
        ("webex", "Webex", "webexapis.com"),
        ("google-chat", "Google Chat", "chat.googleapis.com"),
    ],
)
def test_service_and_host_may_be_shown_and_hold_no_token(
    room: str, service: str, host: str
) -> None:
    found = room_of(ROOMS[room])
    assert (found.service.name, found.host, found.is_secure) == (service, host, True)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "exec://rm",
        "mailto://user:pass@northwind.example",
        "json://127.0.0.1/hook",
        "xml://127.0.0.1/hook",
        "syslog://",
        "dbus://",
        "apprise://127.0.0.1/key",
        "https://127.0.0.1/config.yml",
        "https://evil.example/hooks/a/b/c",
        "https://hooks.slack.com.evil.example/services/T0000000A/B0000000A/aaaaaaaaaaaaaaaaaaaaaa",
        "",
        "slack",
        "://",
        "javascript:alert(1)",
    ],
)
def test_nothing_else_can_be_named(address: str) -> None:
    with pytest.raises(BadAddress) as problem:
        room_of(address)
    assert problem.value.why in ("unknown", "incomplete")


@pytest.mark.parametrize(
    "part",
    [
        "template=/etc/passwd",
        "attach=http://127.0.0.1/",
        "icon_url=http://127.0.0.1/",
        "verify=no",
        "redirect=yes",
        "cto=900",
        "format=html",
        "overflow=split",
        "e2ee=yes",
        "image=yes",
    ],
)
def test_no_part_reaches_a_file_another_host_or_a_weaker_line(part: str) -> None:
    with pytest.raises(BadAddress, match="part"):
        room_of(f"slack://{TOKEN}/general?{part}")


def test_whatever_the_address_says_the_line_is_verified_and_straight() -> None:
    plugin = room_of(ROOMS["mattermost"]).plugin
    assert (plugin.verify_certificate, plugin.redirects) == (True, False)


def test_two_rooms_are_two_outlets() -> None:
    with pytest.raises(BadAddress, match="several"):
        room_of(f"slack://{TOKEN}/#general/#random")


@pytest.mark.parametrize("address", [f"slack://{TOKEN}", "matrixs://user:pass@matrix.example"])
def test_an_account_needs_a_room(address: str) -> None:
    with pytest.raises(BadAddress, match="roomless"):
        room_of(address)


@pytest.mark.parametrize(
    "address",
    ["http://chat.example/hooks/yobjmukpaw3r3urc5h6i369yim", "ntfy://push.example/topic"],
)
def test_a_line_that_is_not_encrypted_is_noticed(address: str) -> None:
    assert not room_of(address).is_secure


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_plugin_finds_all_it_needs_at_the_door_and_knows_no_other_way_out(service) -> None:
    module = sys.modules[service.plugin.__module__]
    source = inspect.getsource(module)
    used = set(re.findall(r"\brequests\.([A-Za-z]+)", re.sub(r"#.*|\"\"\".*?\"\"\"", "", source)))
    assert {name for name in used if not hasattr(Door, name)} - {"Session"} == set()
    assert isinstance(module.requests, Door)
    other_ways = (
        r"^\s*(?:import|from) (socket|http\.client|urllib\.request|urllib3|aiohttp|httpx)\b"
    )
    assert not re.search(other_ways, source, re.M)
    assert not re.search(r"requests\.Session|from requests", source)
