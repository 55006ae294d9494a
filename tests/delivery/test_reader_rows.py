"""A reader read from columns is the reader read from the directory."""

import pytest

from commsplan.delivery.copies import reader_from_row
from commsplan.messages.rendering import language_for, reader_of
from tests.cast import Cast


@pytest.mark.parametrize("language", ["", "fr"])
@pytest.mark.parametrize("chosen", ["", "de"])
@pytest.mark.parametrize("first_name", ["", "Emmi"])
@pytest.mark.parametrize("managed", [True, False])
def test_both_ways_tell_the_same(
    cast: Cast, language: str, chosen: str, first_name: str, managed: bool
) -> None:
    person = cast.employee
    person.language, person.chosen_language, person.first_name = language, chosen, first_name
    person.manager = cast.lead if managed else None
    person.title, person.department = "Signaller", "Operations"
    person.location, person.country = "Berlin", "DE"
    columns = (
        person.name,
        person.first_name,
        person.title,
        person.department,
        person.location,
        person.country,
        person.language,
        person.chosen_language,
        person.manager.name if person.manager else None,
    )
    row, told = reader_from_row(columns), reader_of(person)
    assert language_for(row) == language_for(told)
    assert {**row.__dict__, "language": ""} == {**told.__dict__, "language": ""}
