"""Each rule catches what it names, and lets people pass."""

from datetime import UTC, datetime, timedelta

import pytest

from commsplan.receipts.rules import Hit, Judgement, Kind, Past, exposed, judge

NOON = datetime(2026, 10, 6, 12, tzinfo=UTC)
OUTLOOK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def hit(kind: Kind = Kind.OPEN, **fields: object) -> Hit:
    values: dict[str, object] = {
        "at": NOON,
        "method": "GET",
        "agent": OUTLOOK,
        "source": "here",
        "accepted_at": NOON - timedelta(hours=1),
        **fields,
    }
    return Hit(kind=kind, **values)


def past(seconds_ago: float, kind: str = "click", **fields: object) -> Past:
    values: dict[str, object] = {"id": 1, "source": "here", "verdict": "human", **fields}
    return Past(kind=kind, at=NOON - timedelta(seconds=seconds_ago), **values)


def soon(seconds: float) -> datetime:
    return NOON - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seen", "by", "rule"),
    [
        (hit(), Judgement.HUMAN, "nothing against it"),
        (hit(Kind.CLICK), Judgement.HUMAN, "nothing against it"),
        (hit(Kind.PAGE), Judgement.HUMAN, "nothing against it"),
        (hit(method="HEAD"), Judgement.MACHINE, "head"),
        (hit(Kind.CLICK, method="HEAD"), Judgement.MACHINE, "head"),
        (hit(agent="Mozilla/5.0"), Judgement.MACHINE, "prefetch"),
        (hit(Kind.CLICK, agent="Mozilla/5.0"), Judgement.HUMAN, "nothing against it"),
        (hit(agent=GMAIL), Judgement.HUMAN, "picture proxy"),
        (hit(agent=GMAIL, accepted_at=soon(1)), Judgement.HUMAN, "picture proxy"),
        (hit(Kind.CLICK, agent="Barracuda Sentinel"), Judgement.MACHINE, "scanner"),
        (hit(agent="curl/8.5.0"), Judgement.MACHINE, "scanner"),
        (hit(accepted_at=soon(1.9)), Judgement.MACHINE, "too soon"),
        (hit(accepted_at=soon(2)), Judgement.HUMAN, "nothing against it"),
        (hit(accepted_at=None), Judgement.HUMAN, "nothing against it"),
        (hit(accepted_at=None, on_the_wire=True), Judgement.MACHINE, "too soon"),
        (hit(Kind.CLICK, accepted_at=soon(29)), Judgement.MACHINE, "click without open"),
        (hit(Kind.CLICK, accepted_at=soon(30)), Judgement.HUMAN, "nothing against it"),
        (hit(agent=" "), Judgement.UNKNOWN, "no user agent"),
    ],
)
def test_a_single_request(seen: Hit, by: Judgement, rule: str) -> None:
    verdict = judge(seen)
    assert (verdict.by, verdict.rule) == (by, rule)


@pytest.mark.parametrize(
    ("before", "count", "rule"),
    [
        ([past(1, link_id=1), past(2, link_id=2)], 0, "burst"),
        ([past(1, link_id=1), past(2.1, link_id=2)], 0, "nothing against it"),
        ([past(0.5, link_id=3), past(0.8, link_id=3), past(1, link_id=3)], 0, "burst"),
        ([past(n, link_id=3) for n in (2, 4, 6, 10)], 0, "burst"),
        ([past(n, link_id=3) for n in (2, 4, 6, 10.1)], 0, "nothing against it"),
        ([past(10, link_id=1), past(20, link_id=2)], 3, "every link"),
        ([past(10, link_id=1), past(20, link_id=2)], 4, "nothing against it"),
        ([past(10, link_id=1)], 2, "nothing against it"),
        ([past(899, "open", verdict="machine")], 0, "caught before"),
        ([past(901, "open", verdict="machine")], 0, "nothing against it"),
        ([past(10, "open", verdict="machine", source="elsewhere")], 0, "nothing against it"),
    ],
)
def test_a_click_after_others(before: list[Past], count: int, rule: str) -> None:
    assert judge(hit(Kind.CLICK, link_id=3, link_count=count), before).rule == rule


def test_a_click_after_an_open_is_a_persons_however_soon() -> None:
    seen = hit(Kind.CLICK, accepted_at=soon(20))
    assert judge(seen, [past(5, "open")]).by is Judgement.HUMAN


def test_clicks_from_elsewhere_make_no_burst() -> None:
    before = [past(1, link_id=1, source="there"), past(1, link_id=2, source="there")]
    assert judge(hit(Kind.CLICK, link_id=3), before).by is Judgement.HUMAN


def test_a_burst_exposes_the_clicks_it_began_with() -> None:
    before = [past(1, id=7, link_id=1), past(2, id=8, link_id=2), past(40, id=5, link_id=1)]
    seen = hit(Kind.CLICK, link_id=3)
    assert exposed(seen, judge(seen, before), before) == [7, 8]


def test_a_persons_click_exposes_nothing() -> None:
    before = [past(5, id=7, link_id=1)]
    seen = hit(Kind.CLICK, link_id=3)
    assert exposed(seen, judge(seen, before), before) == []
