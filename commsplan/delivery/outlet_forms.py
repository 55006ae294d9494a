"""What a person wants of an outlet, read from a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from commsplan.delivery.chat_services import BadAddress
from commsplan.delivery.outlet_addresses import understood
from commsplan.foundation.errors import Unusable
from commsplan.people.models import Team

KINDS = ("chat", "webhook", "board")
NAME_LIMIT = 120


@dataclass(frozen=True)
class OutletWish:
    """An outlet as somebody wants it."""

    team: Team
    name: str
    kind: str
    address: str


@dataclass(frozen=True)
class ChangeWish:
    """Another name, and another address unless it is empty."""

    name: str
    address: str


@dataclass(frozen=True)
class PostingWish:
    """Whether a doubtful posting is there."""

    is_there: bool


def read_outlet(form: Mapping[str, str], teams: Sequence[Team]) -> Unusable | OutletWish:
    """Read a new outlet; a team's lead chooses among their own teams only."""
    kind, name = form.get("kind", ""), form.get("name", "").strip()
    address = form.get("address", "").strip() if kind != "board" else ""
    team = next((one for one in teams if str(one.id) == form.get("team", "")), None)
    problems = _name_problems(name)
    if kind not in KINDS:
        problems["kind"] = _("Choose what it is.")
    elif problem := address_problem(kind, address):
        problems["address"] = problem
    if team is None:
        problems["team"] = _("Choose the team that keeps it.")
    if problems or team is None:
        return Unusable(problems, dict(form))
    return OutletWish(team, name, kind, address)


def read_change(form: Mapping[str, str], kind: str) -> Unusable | ChangeWish:
    """Read a change; an empty address keeps the one there is."""
    name, address = form.get("name", "").strip(), form.get("address", "").strip()
    problems = _name_problems(name)
    if address and kind != "board" and (problem := address_problem(kind, address)):
        problems["address"] = problem
    if problems:
        return Unusable(problems, dict(form))
    return ChangeWish(name, address if kind != "board" else "")


def read_verdict(form: Mapping[str, str]) -> Unusable | PostingWish:
    """Read "it is there" or "post again"."""
    verdict = form.get("verdict", "")
    if verdict not in ("there", "again"):
        return Unusable({"verdict": _("Say whether it is there.")}, dict(form))
    return PostingWish(verdict == "there")


def address_problem(kind: str, address: str) -> str:
    """Return why an address cannot be used, in words, or nothing."""
    if not address and kind != "board":
        return str(_("Paste the address that the service gave you."))
    try:
        understood(kind, address)
    except BadAddress as error:
        return _problem_words(error.why)
    return ""


def _name_problems(name: str) -> dict[str, str]:
    if not name:
        return {"name": _("Give it a name by which your team knows it.")}
    if len(name) > NAME_LIMIT or not name.isprintable():
        return {"name": _("The name is too long: at most %(limit)s characters.", limit=NAME_LIMIT)}
    return {}


def _problem_words(why: str) -> str:
    words = {
        "long": _("This is not one address: it is too long, or there is a space in it."),
        "unknown": _(
            "This is not the address of a room in one of the services that can be posted to."
        ),
        "part": _(
            "Behind the question mark stands something that is not allowed here, such as a "
            "template or an attachment."
        ),
        "incomplete": _("Something is missing in this address, or it is damaged."),
        "several": _("This address names several rooms. Make one outlet for each of them."),
        "roomless": _("The address says who posts, but not in which room."),
        "insecure": _(
            "The line would not be encrypted. Use an address with https, or ask whoever runs "
            "commsplan to list the host."
        ),
        "private": _(
            "This leads into a private network. Whoever runs commsplan can list the host "
            "(WEBHOOK_PRIVATE_HOSTS)."
        ),
    }
    return str(words[why])
