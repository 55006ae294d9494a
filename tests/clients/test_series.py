"""Every program shows exactly the occurrences of a series that our own pages show."""

import pytest

from tests.calendars.lint import complaints
from tests.clients.many_series import WINDOW, as_calendar, draw
from tests.clients.readers import READERS
from tests.clients.seen import inside, wider

pytestmark = pytest.mark.clients

SERIES = draw(400)


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_sees_the_same_occurrences(reader: str) -> None:
    shown = inside(READERS[reader](as_calendar(SERIES), wider(WINDOW)), WINDOW)
    expected = inside([one for drawn in SERIES for one in drawn.expected()], WINDOW)
    assert len(expected) > 10_000
    assert {*shown} ^ {*expected} == set()
    assert shown == expected


def test_the_linter_finds_nothing_wrong() -> None:
    assert complaints(as_calendar(SERIES)) == []
