"""Numbers that move with every change of what they stand for: caches hold on to them.

A step names the tables it builds on; whoever writes to one of them, by object or by statement,
moves the number in the same transaction, at its end, so that nobody waits long for the row.
Reading the number before the data makes the data at most newer than the number: a cache may be
thrown away once too often, never once too seldom.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ScalarSelect, String, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column

from commsplan.foundation.database import Identity, Table, db, is_sqlite


class Revision(Table):
    """How often the tables of one scope were changed."""

    __tablename__ = "revision"

    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    """What the number stands for, as "calendars"."""
    number: Mapped[int] = mapped_column(Identity)
    """+1 with every transaction that changed something in it."""


_watched: dict[str, set[str]] = {}
"""Name of a table → the scopes it belongs to; filled while modules are imported."""

MOVED = "moved scopes"


def watch(scope: str, *tables: type[Table]) -> None:
    """Let every change of these tables move the number of a scope."""
    for table in tables:
        _watched.setdefault(str(table.__tablename__), set()).add(scope)


def number_of(scope: str) -> ScalarSelect[int]:
    """Return the number of a scope as a subquery; no number yet is NULL."""
    return select(Revision.number).where(Revision.scope == scope).scalar_subquery()


def _note(session: Session, tables: Iterable[str]) -> None:
    for table in tables:
        if scopes := _watched.get(table):
            session.info.setdefault(MOVED, set()).update(scopes)


@event.listens_for(db.session, "after_flush")
def _objects_changed(session: Session, _context: object) -> None:
    changed = [*session.new, *session.deleted]
    changed += [one for one in session.dirty if session.is_modified(one)]
    _note(session, {one.__tablename__ for one in changed})


@event.listens_for(db.session, "do_orm_execute")
def _statement_runs(state: ORMExecuteState) -> None:
    if not state.is_select and (table := getattr(state.statement, "table", None)) is not None:
        _note(state.session, (str(table.name),))


@event.listens_for(db.session, "before_commit")
def _move(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    for scope in sorted(session.info.pop(MOVED, ())):  # in one order: no two wait for each other
        dialect = sqlite if is_sqlite() else postgresql
        session.execute(
            dialect.insert(Revision)
            .values(scope=scope, number=1)
            .on_conflict_do_update(
                index_elements=[Revision.scope], set_={"number": Revision.number + 1}
            )
        )


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(MOVED, None)
