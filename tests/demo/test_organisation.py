"""The demo organisation is the same on every machine, and shaped like a real one."""

from collections import Counter

from commsplan.demo.organisation import people

EVERYBODY = list(people())


def test_five_thousand_people_with_an_address_each() -> None:
    assert len({member.email for member in EVERYBODY}) == len(EVERYBODY) == 5_000


def test_two_runs_invent_the_same_people() -> None:
    assert list(people(200)) == list(people(200))


def test_fourteen_departments_nine_countries_and_zones_four_languages() -> None:
    assert len({member.department for member in EVERYBODY}) == 14
    assert len({member.site.country for member in EVERYBODY}) == 9
    assert len({member.site.zone for member in EVERYBODY}) == 9
    assert {member.language for member in EVERYBODY} == {"en", "de", "fr", "es"}


def test_every_manager_comes_before_their_reports() -> None:
    seen = {""}
    for member in EVERYBODY:
        assert member.manager in seen
        seen.add(member.email)


def test_nobody_but_the_heads_has_more_than_nine_reports() -> None:
    reports = Counter(member.manager for member in EVERYBODY if member.rank > 2)
    assert max(reports.values()) <= 9
