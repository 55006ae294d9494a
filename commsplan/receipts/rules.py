"""Whether a person or a machine opened, clicked or looked: named rules over what was seen.

Mail scanners fetch pictures and follow links before anybody reads. Nothing they do is dropped; it
is flagged with the rule that caught it. An address and a user agent are judged here and forgotten.
Thresholds are ours to set; each is a constant with its unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RULE_VERSION = 1
"""Raise it with every change below: figures name the edition that produced them."""

TOO_SOON = timedelta(seconds=2)
"""Nobody reads within two seconds of the mail server taking a copy."""
UNOPENED_TOO_SOON = timedelta(seconds=30)
"""A click this soon, without an open before it, is a scanner's."""
BURST_LINKS, BURST_LINKS_WITHIN = 3, timedelta(seconds=2)
BURST_CLICKS, BURST_CLICKS_WITHIN = 4, timedelta(seconds=1)
RUN_CLICKS, RUN_CLICKS_WITHIN = 5, timedelta(seconds=10)
ALL_LINKS_FROM, ALL_LINKS_WITHIN = 3, timedelta(seconds=30)
"""Every link of a mail with at least this many, followed this quickly."""
CAUGHT_FOR = timedelta(minutes=15)
"""How long a source that was caught stays caught."""

PREFETCH_AGENT = "Mozilla/5.0"
"""Apple Mail's privacy prefetch says exactly this and nothing more."""
PICTURE_PROXIES = ("googleimageproxy", "yahoomailproxy", "outlook-android", "outlook-ios", "owa")
"""Fetch a picture when its reader opens the mail."""
SCANNERS = (
    "bot",
    "crawler",
    "spider",
    "preview",
    "curl/",
    "wget/",
    "python",
    "go-http-client",
    "java/",
    "okhttp",
    "headless",
    "barracuda",
    "proofpoint",
    "mimecast",
    "symantec",
    "trend micro",
    "safelinks",
    "forcepoint",
    "facebookexternalhit",
    "whatsapp",
    "slack-imgproxy",
)
"""Found in the user agents of link scanners, previews and programs (lower case)."""


class Kind(StrEnum):
    """What came back."""

    OPEN = "open"
    CLICK = "click"
    PAGE = "page"


class Judgement(StrEnum):
    """By whom."""

    HUMAN = "human"
    MACHINE = "machine"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Hit:
    """One request for a picture, a counted link or the web page."""

    kind: Kind
    at: datetime
    method: str
    agent: str
    source: str
    """A keyed hash, good for a day: where it came from without saying where."""
    link_id: int | None = None
    accepted_at: datetime | None = None
    """When the mail server took the copy; none when that is not known."""
    on_the_wire: bool = False
    """The copy is being handed over at this very moment."""
    link_count: int = 0
    """How many links the mail has."""


@dataclass(frozen=True)
class Past:
    """What the same copy's events were before."""

    id: int
    kind: str
    at: datetime
    source: str
    verdict: str
    link_id: int | None = None


@dataclass(frozen=True)
class Verdict:
    """A judgement, and the name of the rule that gave it."""

    by: Judgement
    rule: str


def judge(hit: Hit, past: Sequence[Past] = ()) -> Verdict:
    """Say whether a person or a machine was there; the first rule that fits decides."""
    clicks = [*_same_source_clicks(hit, past)] if hit.kind is Kind.CLICK else []
    for fits, by, rule in (
        (hit.method == "HEAD", Judgement.MACHINE, "head"),
        (_is_proxy(hit), Judgement.HUMAN, "picture proxy"),
        (_is_prefetch(hit), Judgement.MACHINE, "prefetch"),
        (_is_scanner(hit.agent), Judgement.MACHINE, "scanner"),
        (hit.on_the_wire or _within(hit, TOO_SOON), Judgement.MACHINE, "too soon"),
        (_is_burst(hit, clicks), Judgement.MACHINE, "burst"),
        (_took_every_link(hit, clicks), Judgement.MACHINE, "every link"),
        (_is_unopened(hit, past), Judgement.MACHINE, "click without open"),
        (_was_caught(hit, past), Judgement.MACHINE, "caught before"),
        (not hit.agent.strip(), Judgement.UNKNOWN, "no user agent"),
    ):
        if fits:
            return Verdict(by, rule)
    return Verdict(Judgement.HUMAN, "nothing against it")


def exposed(hit: Hit, verdict: Verdict, past: Sequence[Past]) -> list[int]:
    """Return the earlier events that this one shows to be the same machine's.

    The first clicks of a burst look like a person's until the burst is one. The events stay as
    they are; only their verdict is given again.
    """
    if verdict.rule not in ("burst", "every link"):
        return []
    return [
        event.id
        for event in past
        if event.source == hit.source
        and event.verdict != Judgement.MACHINE
        and hit.at - event.at <= ALL_LINKS_WITHIN
    ]


def _is_proxy(hit: Hit) -> bool:
    agent = hit.agent.lower()
    return hit.kind is Kind.OPEN and any(name in agent for name in PICTURE_PROXIES)


def _is_prefetch(hit: Hit) -> bool:
    return hit.kind is Kind.OPEN and hit.agent.strip() == PREFETCH_AGENT


def _is_scanner(agent: str) -> bool:
    return any(name in agent.lower() for name in SCANNERS)


def _within(hit: Hit, span: timedelta) -> bool:
    return hit.accepted_at is not None and hit.at - hit.accepted_at < span


def _same_source_clicks(hit: Hit, past: Iterable[Past]) -> Iterable[Past]:
    return (event for event in past if event.kind == Kind.CLICK and event.source == hit.source)


def _is_burst(hit: Hit, clicks: Sequence[Past]) -> bool:
    if hit.kind is not Kind.CLICK:
        return False
    links = {event.link_id for event in clicks if hit.at - event.at <= BURST_LINKS_WITHIN}
    return (
        len(links | {hit.link_id}) >= BURST_LINKS
        or _count(clicks, hit.at, BURST_CLICKS_WITHIN) >= BURST_CLICKS
        or _count(clicks, hit.at, RUN_CLICKS_WITHIN) >= RUN_CLICKS
    )


def _count(clicks: Sequence[Past], now: datetime, span: timedelta) -> int:
    return 1 + sum(1 for event in clicks if now - event.at <= span)


def _took_every_link(hit: Hit, clicks: Sequence[Past]) -> bool:
    if hit.kind is not Kind.CLICK or hit.link_count < ALL_LINKS_FROM:
        return False
    links = {event.link_id for event in clicks if hit.at - event.at <= ALL_LINKS_WITHIN}
    return len(links | {hit.link_id}) >= hit.link_count


def _is_unopened(hit: Hit, past: Sequence[Past]) -> bool:
    if hit.kind is Kind.OPEN or not _within(hit, UNOPENED_TOO_SOON):
        return False
    return not any(event.kind in (Kind.OPEN, Kind.PAGE) for event in past)


def _was_caught(hit: Hit, past: Sequence[Past]) -> bool:
    return any(
        event.verdict == Judgement.MACHINE
        and event.source == hit.source
        and hit.at - event.at <= CAUGHT_FOR
        for event in past
    )
