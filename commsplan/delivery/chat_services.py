"""The chat services that may be posted to, and how an address names one.

apprise knows more than a hundred services, among them files, shell commands and mail. Only the
classes listed here are ever made, directly and never through its registry, and only from the parts
of an address that are listed: no template (it names a file), no attachment, no other format.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from apprise import AppriseAsset
from apprise.exception import AppriseException
from apprise.plugins.base import NotifyBase
from apprise.plugins.google_chat import NotifyGoogleChat
from apprise.plugins.matrix import NotifyMatrix
from apprise.plugins.mattermost import NotifyMattermost
from apprise.plugins.ntfy import NotifyNtfy
from apprise.plugins.rocketchat import NotifyRocketChat
from apprise.plugins.slack import NotifySlack
from apprise.plugins.webexteams import NotifyWebexTeams
from apprise.plugins.workflows import NotifyWorkflows

ADDRESS_LIMIT = 2000  # characters
PARTS = frozenset(
    {"to", "channel", "channels", "team", "mode", "botname", "thread", "threadkey", "key", "token"}
    | {"workspace", "sig", "signature", "sp", "sv", "api-version", "workflow", "id", "pa"}
    | {"powerautomate", "route", "routeid", "ver", "v", "version", "priority", "msgtype", "auth"}
    | {"path", "webhook"}
)
"""What may stand behind the question mark. Left out on purpose: template, attach, verify, redirect,
format, overflow, icon_url, avatar_url, click, actions, email, delay, e2ee, store and whatever else
a later apprise may understand."""
FIXED = {
    "verify": True,
    "redirect": False,
    "overflow": "upstream",  # we shorten ourselves, see posting_text.py: one post stays one post
    "e2ee": False,  # would make a new device of ours in the room with every post
    "include_image": False,
    "include_footer": False,
    "include_timestamp": False,
}


@dataclass(frozen=True)
class Service:
    """One chat service."""

    name: str
    plugin: type[NotifyBase]
    schemas: frozenset[str]
    limit: int
    """Bytes of UTF-8 that a post may have there, title included."""
    host: str = ""
    """Where it is hosted, if it is at one place."""
    is_own: bool = False
    """Whether organisations run it themselves, perhaps in a private network."""
    is_plain: bool = False
    """Whether it shows plain text rather than Markdown."""


SERVICES = (
    # docs.slack.dev/changelog/2018-truncating-really-long-messages: best kept to 4,000 characters
    Service("Slack", NotifySlack, frozenset({"slack"}), 4000, "slack.com"),
    # learn.microsoft.com/microsoftteams/limits-specifications-teams: 28 KB a message, the card's
    # JSON included, in which a letter beyond ASCII takes six bytes
    Service("Microsoft Teams", NotifyWorkflows, frozenset({"workflow", "workflows"}), 6000),
    # docs.mattermost.com: at most 16,383 characters; of four bytes in the worst case
    Service("Mattermost", NotifyMattermost, frozenset({"mmost", "mmosts"}), 16_000, "", True),
    # docs.rocket.chat, Message_MaxAllowedSize: 5,000 characters unless changed
    Service("Rocket.Chat", NotifyRocketChat, frozenset({"rocket", "rockets"}), 5000, "", True),
    # spec.matrix.org, "Size limits": an event has at most 65,536 bytes; text stands in it twice
    Service("Matrix", NotifyMatrix, frozenset({"matrix", "matrixs"}), 16_000, "", True),
    # docs.ntfy.sh/publish, "Limitations": 4,096 bytes; a longer one becomes a file
    Service("ntfy", NotifyNtfy, frozenset({"ntfy", "ntfys"}), 3900, "", True, True),
    # developer.webex.com/docs/api/v1/messages/create-a-message: 7,439 bytes
    Service("Webex", NotifyWebexTeams, frozenset({"wxteams", "webex"}), 7000, "webexapis.com"),
    # developers.google.com/workspace/chat/create-messages: 32,000 bytes; apprise gives 4,000
    Service("Google Chat", NotifyGoogleChat, frozenset({"gchat"}), 3900, "chat.googleapis.com"),
)
ACCOUNTS = frozenset({"bot", "off", "basic", "token"})
"""How apprise calls the ways to post as an account, which may be in many rooms."""
HOSTED = {("ntfy", "cloud"): "ntfy.sh", ("Matrix", "t2bot"): "webhooks.t2bot.io"}
"""Where apprise keeps a token in place of the host."""
_BY_SCHEMA = {schema: service for service in SERVICES for schema in service.schemas}
_HOOK = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^/?#@]+)(?P<before>(?:/[^/?#]+)*)/hooks/(?P<rest>[^?#]+?)/?",
    re.I,
)
_MATTERMOST = re.compile(r"[a-z0-9]{26}")


@dataclass(frozen=True)
class Room:
    """An address, understood: the service, and apprise's own object for it."""

    service: Service
    plugin: NotifyBase
    host: str
    """May be shown."""
    is_secure: bool


class BadAddress(ValueError):
    """An address that names no room we may post to; `why` is one of the keys of `PROBLEMS`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def room_of(address: str) -> Room:
    """Read the address of a room: an incoming webhook as the service shows it, or apprise's form.

    Raises:
        BadAddress: "long", "unknown", "part", "incomplete", "several" or "roomless".
    """
    address = address.strip()
    if len(address) > ADDRESS_LIMIT or not address.isprintable():
        raise BadAddress("long")
    service, parts = _read(address)
    asset = AppriseAsset(app_id="commsplan", app_desc="commsplan", app_url="")
    try:
        plugin = service.plugin(**{**parts, **FIXED, "asset": asset})
    except (AppriseException, TypeError, ValueError) as error:
        raise BadAddress("incomplete") from error
    if len(plugin) != 1:
        raise BadAddress("several")
    mode = str(getattr(plugin, "mode", ""))
    if mode in ACCOUNTS and not parts.get("targets"):
        raise BadAddress("roomless")  # apprise would choose one: #general, or every room there is
    hosted = service.host or HOSTED.get((service.name, mode), "")
    is_secure = bool(hosted) or not service.is_own or bool(plugin.secure)
    return Room(service, plugin, hosted or str(plugin.host or ""), is_secure)


def _read(address: str) -> tuple[Service, dict[str, object]]:
    """Return the service an address belongs to, and the parts it consists of."""
    schema = address.partition("://")[0].lower()
    if schema in ("http", "https"):
        return _read_pasted(address)
    service = _BY_SCHEMA.get(schema)
    if service is None:
        raise BadAddress("unknown")
    spelled = address.replace("#", "%23")  # a channel's name, not the end of the address
    return service, _parse(service.plugin.parse_url, spelled)


def _read_pasted(address: str) -> tuple[Service, dict[str, object]]:
    """Read an address as the service itself shows it."""
    hook = _HOOK.fullmatch(address)
    if hook is not None:
        return _read(_as_apprise(hook))
    for service in SERVICES:
        if service.plugin.parse_native_url(address):
            return service, _parse(service.plugin.parse_native_url, address)
    raise BadAddress("unknown")


def _as_apprise(hook: re.Match[str]) -> str:
    """Return Mattermost's and Rocket.Chat's webhooks, which look alike, in apprise's form."""
    s = "s" if hook["scheme"].lower() == "https" else ""
    if _MATTERMOST.fullmatch(hook["rest"]):
        return f"mmost{s}://{hook['host']}{hook['before']}/{hook['rest']}"
    if hook["rest"].count("/") == 1 and not hook["before"]:
        return f"rocket{s}://{hook['rest']}@{hook['host']}"
    raise BadAddress("unknown")


def _parse(parse: Callable[[str], dict[str, object] | None], address: str) -> dict[str, object]:
    """Return the parts of an address, if it names none that is not allowed."""
    named = {name.lower() for name, _value in parse_qsl(_query(address), keep_blank_values=True)}
    if named - PARTS:
        raise BadAddress("part")
    parts = parse(address)
    if not parts:
        raise BadAddress("incomplete")
    return parts


def _query(address: str) -> str:
    try:
        return urlsplit(address).query
    except ValueError as error:
        raise BadAddress("incomplete") from error
