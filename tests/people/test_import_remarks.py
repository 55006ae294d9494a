"""What cannot be used of a row is left out and said; the person comes all the same."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.people.lists import checked, imported, person, problems

WIDE = "E-mail,Name,Department,Time zone,Floor,Start date"


@pytest.mark.parametrize(
    ("column", "cell"),
    [("Time zone", "Moon/Base"), ("Start date", "soon"), ("Start date", "3/4/2019"),
     ("Country", "Atlantis"), ("Language", "Elvish"), ("Department", "d" * 201),
     ("Floor", "f" * 1001)],
)  # fmt: skip
def test_an_unreadable_cell_costs_only_itself(app: Flask, column: str, cell: str) -> None:
    brought = imported(f"a@northwind.example,Ann,{cell}", header=f"E-mail,Name,{column}")
    assert (brought.counts["bad"], brought.counts["remarks"]) == (0, 1)
    assert "imported without what cannot be used" in problems(brought)
    assert person("a@northwind.example").name == "Ann"


def test_a_known_person_keeps_what_the_row_does_not_tell(app: Flask) -> None:
    imported("a@northwind.example,Ann,Ops,Europe/Paris,3,2019-04-03", header=WIDE)
    imported("a@northwind.example,Anne,Ops,Moon/Base,3,3/4/2019", header=WIDE)
    ann = person("a@northwind.example")
    assert (ann.name, ann.zone, str(ann.started_on)) == ("Anne", "Europe/Paris", "2019-04-03")


def test_a_row_that_lost_half_its_cells_is_unusable(app: Flask) -> None:
    brought = checked("a@northwind.example,Ann", header=WIDE)
    assert brought.counts["bad"] == 1
    assert "The row has 2 cells, the header 6." in problems(brought)


def test_a_row_without_its_last_cells_empties_nothing(app: Flask) -> None:
    imported("a@northwind.example,Ann,Ops,Europe/Paris,3,2019-04-03", header=WIDE)
    brought = imported("a@northwind.example,Ann,IT,Europe/Paris", header=WIDE)
    ann = person("a@northwind.example")
    assert (brought.counts["bad"], brought.counts["remarks"]) == (0, 1)
    assert (ann.department, ann.attributes) == ("IT", {"Floor": "3"})
    assert str(ann.started_on) == "2019-04-03"


def test_a_row_without_its_manager_cell_keeps_the_manager(app: Flask) -> None:
    header = "E-mail,Name,Department,Manager e-mail"
    rows = ["a@northwind.example,Ann,Ops,", "b@northwind.example,Ben,Ops,a@northwind.example"]
    imported(*rows, header=header)
    imported(rows[0], "b@northwind.example,Ben,IT", header=header)
    ben = person("b@northwind.example")
    assert (ben.department, ben.manager.name) == ("IT", "Ann")
