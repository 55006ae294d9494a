"""A staff list becomes the directory, as often as it is brought."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from commsplan.foundation.database import db
from commsplan.people.models import Person, StaffImportRow
from tests.cast import make_person
from tests.people.lists import checked, imported, person, problems


def some(**counts: int) -> dict[str, int]:
    return counts


def test_people_arrive_with_everything_the_list_says(app: Flask) -> None:
    imported(
        "17,anna@northwind.example,Anna,Berg,Ops,Berlin,Germany,,German,,Clerk,31.12.2025,B7",
        header="Employee number,Work e-mail,First name,Surname,Dept,Site,Country,Time zone,"
        "Language,Manager e-mail,Job title,Start date,Building",
    )
    anna = person("anna@northwind.example")
    assert (anna.external_id, anna.name, anna.first_name) == ("17", "Anna Berg", "Anna")
    assert (anna.country, anna.zone, anna.language) == ("DE", "Europe/Berlin", "de")
    assert str(anna.started_on) == "2025-12-31"
    assert anna.attributes == {"Building": "B7"}


def test_the_same_list_twice_changes_nothing(app: Flask) -> None:
    rows = ["a@northwind.example,Ann,Ops", "b@northwind.example,Ben,Ops"]
    imported(*rows)
    again = checked(*rows)
    assert (again.counts["same"], again.counts["new"], again.counts["leaving"]) == (2, 0, 0)


def test_the_same_list_with_attributes_and_managers_changes_nothing(app: Flask) -> None:
    header = "E-mail,Name,Manager e-mail,Floor,Büro"
    rows = ["a@northwind.example,Ann,,3,süd", "b@northwind.example,Ben,a@northwind.example,,x"]
    imported(*rows, header=header)
    assert checked(*rows, header=header).counts["same"] == 2
    assert person("b@northwind.example").manager.name == "Ann"


def test_a_new_address_under_the_same_number_is_the_same_person(app: Flask) -> None:
    header = "Employee number,E-mail,Name"
    imported("1,ann@northwind.example,Ann Old", header=header)
    before = person("ann@northwind.example").id
    imported("1,ann.new@northwind.example,Ann New", header=header)
    assert person("ann.new@northwind.example").id == before


def test_who_is_missing_is_marked_as_left_and_comes_back(app: Flask) -> None:
    imported("a@northwind.example,Ann,Ops", "b@northwind.example,Ben,Ops")
    imported("a@northwind.example,Ann,Ops")
    assert person("b@northwind.example").left_on is not None
    back = imported("a@northwind.example,Ann,Ops", "b@northwind.example,Ben,Ops")
    assert back.counts["returning"] == 1
    assert person("b@northwind.example").left_on is None


def test_columns_that_are_not_there_leave_fields_alone(app: Flask) -> None:
    imported("a@northwind.example,Ann,Ops")
    imported("a@northwind.example,Anne", header="E-mail,Name")
    assert person("a@northwind.example").department == "Ops"


def test_somebody_whose_row_is_bad_stays_as_is(app: Flask) -> None:
    make_person("Ann Berg", email="ann@northwind.example")
    make_person("Ben Low", email="ben@northwind.example", external_id="2")
    brought = imported(
        "1,ann@northwind,Ann Berg,DE", "2,ben@northwind.example,Ben Low,Atlantis",
        header="Employee number,E-mail,Name,Country",
    )  # fmt: skip
    assert (brought.counts["bad"], brought.counts["leaving"]) == (2, 0)
    assert person("ann@northwind.example").left_on is None


def test_duplicates_are_reported_with_both_lines(app: Flask) -> None:
    brought = checked("a@northwind.example,Ann,Ops", "A@Northwind.example,Ann,Ops")
    assert brought.counts["bad"] == 1
    assert "3,a@northwind.example,The same e-mail address is on line 2." in problems(brought)


def test_repeated_numbers_are_reported(app: Flask) -> None:
    brought = checked(
        "7,a@northwind.example,Ann", "7,b@northwind.example,Ben", header="Staff ID,E-mail,Name"
    )
    assert "The same personnel number is on line 2." in problems(brought)


def test_an_address_of_somebody_else_is_a_conflict(app: Flask) -> None:
    make_person("Ann Berg", email="ann@northwind.example", external_id="1")
    brought = checked("2,ann@northwind.example,Ann Other", header="Staff ID,E-mail,Name")
    assert "belongs to Ann Berg (1) already" in problems(brought)


def test_a_loop_of_managers_is_named_and_broken(app: Flask) -> None:
    mail = "%s@northwind.example".__mod__
    brought = imported(
        f"{mail('a')},Ann,{mail('c')}", f"{mail('b')},Ben,{mail('a')}",
        f"{mail('c')},Cy,{mail('b')}", f"{mail('d')},Di,{mail('a')}",
        header="Mail,Name,Manager",
    )  # fmt: skip
    assert brought.counts["remarks"] == 3
    assert f"in a circle: {mail('a')} → {mail('c')} → {mail('b')}" in problems(brought)
    assert person(mail("a")).manager_id is None
    assert person(mail("d")).manager.name == "Ann"


def test_a_manager_nobody_knows_is_left_out_and_said(app: Flask) -> None:
    brought = imported(
        "a@northwind.example,Ann,x@northwind.example",
        "b@northwind.example,Ben,b@northwind.example",
        header="Mail,Name,Manager",
    )  # fmt: skip
    assert brought.counts["new"] == 2
    assert "The manager x@northwind.example is not in the list." in problems(brought)
    assert "They are given as their own manager." in problems(brought)


def test_an_applied_list_leaves_no_rows_and_no_file(app: Flask) -> None:
    brought = imported("a@northwind.example,Ann,Ops")
    assert db.session.scalar(select(func.count()).select_from(StaffImportRow)) == 0
    assert brought.state == "done"


@pytest.mark.parametrize("name", ["=1+1", "-2", "@x"])
def test_the_problem_file_holds_no_formula(app: Flask, name: str) -> None:
    assert f",'{name}," in problems(checked(f"nobody,{name},Ops"))


def test_nobody_is_written_when_applying_fails(app: Flask) -> None:
    checked("a@northwind.example,Ann,Ops")
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0
