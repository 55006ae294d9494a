"""A reader read from columns is the reader read from the directory."""

import pytest

from commsplan.delivery.windows import Row
from commsplan.delivery.writing import reader_from
from commsplan.messages.rendering import reader_of
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
    row = Row(
        delivery_id=1,
        address=person.email,
        attempts=0,
        name=person.name,
        first_name=person.first_name,
        title=person.title,
        department=person.department,
        location=person.location,
        country=person.country,
        language=person.language,
        chosen_language=person.chosen_language,
        manager_name=person.manager.name if person.manager else "",
    )
    assert reader_from(row) == reader_of(person)
