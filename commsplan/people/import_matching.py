"""The rows of a staff list against each other and against the directory, in sets.

Every function works on the rows of one list inside the caller's transaction, and takes as long
as a handful of statements, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased

from commsplan.foundation.database import db, is_sqlite
from commsplan.people.models import Person, StaffImport, StaffImportRow

Row = StaffImportRow
Words = ColumnElement[str]

PLAIN_FIELDS = (
    "name", "first_name", "title", "department", "location", "country", "zone", "language",
    "employment", "started_on",
)  # fmt: skip
LOOP_SHOWN = 6  # people named in one sentence


def look_at_sizes(_import_id: int) -> None:
    """Let PostgreSQL's planner know the fresh rows, or it would join them row by row."""
    if not is_sqlite():
        db.session.execute(text("analyze staff_import_row"))
        db.session.execute(text("analyze person"))


def match(import_id: int) -> None:
    """Recognise who each good row is.

    1. By external id, which survives a change of name and address.
    2. By e-mail, unless the list gives another number than the directory: that is a conflict,
       except for somebody who left and comes back under a new number.
    3. Whoever holds the e-mail of a row that is somebody else is a conflict too.
    4. Two rows that are the same person: the first one counts.
    """
    mine, found = _good(import_id), _recognised(import_id)
    person_id = found.c.person_id
    _set(
        and_(mine, Row.id == found.c.id, Row.person_id.is_distinct_from(person_id)),
        person_id=person_id,
        outcome=case((person_id.is_(None), "new"), else_="same"),
    )
    other = or_(Row.person_id.is_(None), Row.person_id != Person.id)
    _set(
        and_(mine, Person.email == Row.email, other),
        problem=_sentence(
            lambda hole: _("The e-mail address belongs to %(name)s already.", name=hole),
            _whom(Person),
        ),
    )
    _refuse_repeated(
        import_id, Row.person_id, lambda hole: _("This is the person of line %(line)s.", line=hole)
    )
    _keep_what_is_left_out(import_id)


def _keep_what_is_left_out(import_id: int) -> None:
    """Give rows of known people their own values where the row says nothing usable."""
    boss = aliased(Person)
    theirs = {field: getattr(Person, field) for field in PLAIN_FIELDS}
    now = select(boss.email).where(boss.id == Person.manager_id).scalar_subquery()
    theirs["manager_email"] = func.coalesce(now, "")
    _set(
        and_(_good(import_id), Row.left_out != "", Row.person_id == Person.id),
        **{
            field: case((Row.left_out.contains(f",{field},"), value), else_=getattr(Row, field))
            for field, value in theirs.items()
        },
    )


def refuse_duplicates(import_id: int) -> None:
    """Keep the first of the rows that share an e-mail address or a number; name its line."""
    _refuse_repeated(
        import_id,
        Row.email,
        lambda hole: _("The same e-mail address is on line %(line)s.", line=hole),
    )
    _refuse_repeated(
        import_id,
        Row.external_id,
        lambda hole: _("The same personnel number is on line %(line)s.", line=hole),
    )


def drop_absent_managers(import_id: int) -> None:
    """Take out managers who are not there, or are the person; the row itself stays good."""
    mine = and_(_good(import_id), Row.manager_email != "")
    _set(
        and_(mine, Row.manager_email == Row.email),
        remark=_further(_("They are given as their own manager.")),
        manager_email="",
    )
    boss = aliased(Row)
    in_list = exists().where(
        boss.import_id == import_id, boss.email == Row.manager_email, boss.problem == ""
    )
    staying = exists().where(Person.email == Row.manager_email, _stays(import_id))
    _set(
        and_(mine, ~in_list, ~staying),
        remark=_further(
            _sentence(
                lambda hole: _("The manager %(email)s is not in the list.", email=hole),
                Row.manager_email,
            )
        ),
        manager_email="",
    )


def break_loops(import_id: int) -> None:
    """Find people who report to each other in a circle; leave them without a manager, and say so.

    1. Whoever reports to nobody is fine, and so is everybody below them.
    2. Who is left stands in a circle or below one: usually nobody, so they fit into memory.
    """
    edges = _reporting_lines(import_id)
    for circle in _circles(edges):
        names = circle[:LOOP_SHOWN] + (["…"] if len(circle) > LOOP_SHOWN else [])
        said = _("They report to each other in a circle: %(names)s.", names=" → ".join(names))
        for at in range(0, len(circle), 500):
            part = Row.email.in_(circle[at : at + 500])
            _set(and_(_good(import_id), part), remark=_further(said), manager_email="")


def compare(import_id: int, given: frozenset[str]) -> None:
    """Tell for each row that was recognised what it will do: changed, same or returning."""
    differs = [Row.email != Person.email]
    differs += [
        and_(Row.external_id.is_not(None), Row.external_id.is_distinct_from(Person.external_id))
    ]
    differs += [
        getattr(Row, field).is_distinct_from(getattr(Person, field))
        for field in PLAIN_FIELDS
        if field in given
    ]
    if "attributes" in given:
        differs.append(merged_attributes() != _attributes_now())
    if "manager_email" in given:
        boss = aliased(Person)
        now = select(boss.email).where(boss.id == Person.manager_id).scalar_subquery()
        differs.append(func.coalesce(now, "") != Row.manager_email)
    outcome = case(
        (Person.left_on.is_not(None), "returning"), (or_(*differs), "changed"), else_="same"
    )
    known = and_(_good(import_id), Row.person_id == Person.id)
    _set(and_(known, Row.outcome != outcome), outcome=outcome)


def leaving(import_id: int) -> Select[int]:
    """Select the ids of those whom the list no longer has.

    Nobody is missing whose row is there but cannot be used, nor whoever brings the list.
    """
    found = exists().where(
        Row.import_id == import_id, Row.person_id == Person.id, Row.problem == ""
    )
    return select(Person.id).where(Person.left_on.is_(None), ~found, ~_stays(import_id))


def count(import_id: int) -> dict[str, int]:
    """Count what the list holds and what will happen; `staff` is who works here now."""
    by_outcome = select(Row.outcome, func.count()).where(_good(import_id)).group_by(Row.outcome)
    outcomes = {str(outcome): int(number) for outcome, number in db.session.execute(by_outcome)}
    rows, bad, remarks = db.session.execute(
        select(
            func.count(),
            func.count(case((Row.problem != "", 1))),
            func.count(case((and_(Row.problem == "", Row.remark != ""), 1))),
        ).where(Row.import_id == import_id)
    ).one()
    going = db.session.scalar(select(func.count()).select_from(leaving(import_id).subquery()))
    staff = db.session.scalar(select(func.count()).where(Person.left_on.is_(None)))
    return {
        "rows": rows,
        **{name: outcomes.get(name, 0) for name in ("new", "changed", "same", "returning")},
        "leaving": going or 0,
        "staff": staff or 0,
        "bad": bad,
        "remarks": remarks,
    }


def merged_attributes() -> ColumnElement[Any]:
    """The attributes a person will have: theirs, with the list's over them (RFC 7396)."""
    if is_sqlite():
        return func.json_patch(func.json(Person.attributes), Row.attributes, type_=String)
    return func.jsonb_strip_nulls(Person.attributes.op("||")(Row.attributes))


def _attributes_now() -> ColumnElement[Any]:
    return (
        func.json(Person.attributes, type_=String) if is_sqlite() else Person.attributes.expression
    )


def _good(import_id: int) -> ColumnElement[bool]:
    return and_(Row.import_id == import_id, Row.problem == "")


def _stays(import_id: int) -> ColumnElement[bool]:
    """People about whom the list says nothing usable, so that they stay as they are.

    A row whose address is no address still has a number or a name.
    """
    bad = aliased(Row)
    bringer = select(StaffImport.by_id).where(StaffImport.id == import_id).scalar_subquery()

    def has(same: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(bad.import_id == import_id, bad.problem != "", same)

    return and_(
        Person.left_on.is_(None),
        or_(
            has(bad.email == Person.email),
            has(bad.external_id == Person.external_id),
            has(bad.name == Person.name),
            Person.id == func.coalesce(bringer, 0),
        ),
    )


def _recognised(import_id: int) -> Subquery:
    """Select for each good row who it is: by number, else by e-mail, else nobody."""
    row, by_number, by_email = aliased(Row), aliased(Person), aliased(Person)
    same_number = or_(
        row.external_id.is_(None), by_email.external_id.is_(None), by_email.left_on.is_not(None)
    )
    return (
        select(row.id, func.coalesce(by_number.id, by_email.id).label("person_id"))
        .outerjoin(by_number, by_number.external_id == row.external_id)
        .outerjoin(by_email, and_(by_email.email == row.email, same_number))
        .where(row.import_id == import_id, row.problem == "")
        .subquery()
    )


def _refuse_repeated(import_id: int, key: Any, words: Callable[[str], str]) -> None:
    first = (
        select(key.label("key"), func.min(Row.line).label("line"))
        .where(_good(import_id), key.is_not(None))
        .group_by(key)
        .having(func.count() > 1)
        .subquery()
    )
    _set(
        and_(_good(import_id), key == first.c.key, Row.line > first.c.line),
        problem=_sentence(words, first.c.line.cast(String)),
    )


def _further(words: str | Words) -> Words:
    """Put a remark behind those the row has already."""
    said: Words = func.trim(Row.remark + literal(" ", String) + words)
    return said


def _sentence(words: Callable[[str], str], filling: Any) -> Words:
    """Build a translated sentence inside the database, with a column where the hole is."""
    before, after = words("\x01").split("\x01")
    whole: Words = literal(before, String) + filling + literal(after, String)
    return whole


def _whom(person: type[Person]) -> Words:
    number = literal(" (", String) + person.external_id + literal(")", String)
    whom: Words = person.name.concat(func.coalesce(number, ""))
    return whom


def _reporting_lines(import_id: int) -> dict[str, str]:
    """Return who reports to whom, by e-mail, of the managers who have nobody at the top above them.

    Whoever manages nobody is in no circle, so that most people need not be looked at.
    """
    boss, moved, row = aliased(Person), aliased(Row), aliased(Row)
    taken = exists().where(
        row.import_id == import_id, row.person_id == Person.id, row.problem == ""
    )
    staged = select(Row.email.label("who"), Row.manager_email.label("boss")).where(_good(import_id))
    others = (
        select(Person.email, func.coalesce(moved.email, boss.email, ""))
        .outerjoin(boss, boss.id == Person.manager_id)
        .outerjoin(
            moved,
            and_(moved.import_id == import_id, moved.person_id == boss.id, moved.problem == ""),
        )
        .where(~taken)
    )
    everybody = staged.union_all(others).cte("everybody")
    lines = select(everybody).where(everybody.c.who.in_(select(everybody.c.boss))).cte("lines")
    fine = select(lines.c.who).where(lines.c.boss == "").cte("fine", recursive=True)
    fine = fine.union_all(select(lines.c.who).join(fine, lines.c.boss == fine.c.who))
    rest = select(lines.c.who, lines.c.boss).where(
        ~exists().where(fine.c.who == lines.c.who), lines.c.boss != ""
    )
    return {str(who): str(boss) for who, boss in db.session.execute(rest)}


def _circles(reports_to: dict[str, str]) -> list[list[str]]:
    """Return each circle once, in the order of reporting, beginning with its first name."""
    circles: list[list[str]] = []
    seen: set[str] = set()
    for start in sorted(reports_to):
        path: dict[str, None] = {}
        who = start
        while who in reports_to and who not in seen:
            seen.add(who)
            path[who] = None
            who = reports_to[who]
        if who in path:
            members = list(path)
            circles.append(members[members.index(who) :])
    return circles


def _set(which: ColumnElement[bool], **values: Any) -> None:
    """Set columns of the rows that fit; tables named beside Row are joined (UPDATE … FROM)."""
    db.session.execute(
        update(Row).where(which).values(**values).execution_options(synchronize_session=False)
    )
