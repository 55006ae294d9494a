"""A staff list on its way: brought, claimed by a worker, agreed to, called off.

Every change of state is a compare-and-set: whoever changed the row owns it. A worker that falls
silent is taken over, and notices when it wakes, because its last beat is no longer there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from commsplan.foundation import audit
from commsplan.foundation.bell import QueueName, ring
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import Absent, NotNow
from commsplan.people.import_files import FOLDER, PROBLEMS, keep
from commsplan.people.models import Person, StaffImport, StaffImportRow

SILENT_AFTER = timedelta(seconds=60)  # a batch takes under a second, comparing some ten
FORGOTTEN_AFTER = timedelta(days=2)  # a list nobody decided about no longer fits the directory
CHECK_JOB = "commsplan.people.jobs.check_staff_list"
APPLY_JOB = "commsplan.people.jobs.apply_staff_list"


@dataclass(frozen=True)
class Claim:
    """The right to work on a list, until somebody else takes it over."""

    import_id: int
    beat: datetime


def receive(
    source: IO[bytes], file_name: str, by: Person | None, start: bool = False
) -> StaffImport:
    """Keep a brought file, for a worker to check it or, with `start`, for the caller alone.

    Raises:
        NotNow: another list is on its way; the sentence says whose.
    """
    path = keep(source)
    try:
        brought = _record(path, Path(file_name).name[:255] or "staff.csv", by, start)
    except IntegrityError as error:
        path.unlink()
        raise NotNow(
            _("Another staff list is on its way. Finish it or call it off first.")
        ) from error
    return brought


def _record(path: Path, file_name: str, by: Person | None, start: bool) -> StaffImport:
    with transaction() as database:
        brought = StaffImport(
            state="checking" if start else "waiting",
            started_at=now_utc() if start else None,
            beat_at=now_utc() if start else None,
            file_name=file_name,
            stored_as=f"{FOLDER}/{path.name}",
            by_id=by.id if by else None,
            created_at=now_utc(),
            bytes_total=path.stat().st_size,
        )
        database.add(brought)
        database.flush()
        audit.record(
            actor_of(brought), "staff_list.brought", f"staff list {brought.id}",
            after={"file": file_name, "bytes": brought.bytes_total},
        )  # fmt: skip
        return brought


def stored(brought: StaffImport) -> Path:
    """Return where the file lies."""
    return Path(current_app.config["DATA_DIR"]) / brought.stored_as


def problem_file(brought: StaffImport) -> Path:
    """Return where the rows that cannot be used are listed."""
    return stored(brought).with_suffix(PROBLEMS)


def staff_import(import_id: int) -> StaffImport:
    """Return one list, or raise Absent."""
    found = db.session.get(StaffImport, import_id)
    if found is None:
        raise Absent
    return found


def open_import() -> StaffImport | None:
    """Return the list that is on its way now, if there is one."""
    return db.session.scalar(select(StaffImport).where(StaffImport.open_slot.is_not(None)))


def actor_of(brought: StaffImport) -> str:
    """Return how the audit trail names who brought a list."""
    return f"person {brought.by_id}" if brought.by_id else "command line"


def claim(import_id: int, waiting: str, working: str) -> Claim | None:
    """Take a list that waits, or that a silent worker left; None if it is somebody else's."""
    now = now_utc()
    free = or_(
        StaffImport.state == waiting,
        and_(
            StaffImport.state == working,
            or_(StaffImport.beat_at.is_(None), StaffImport.beat_at < now - SILENT_AFTER),
        ),
    )
    taken = _change(
        and_(StaffImport.id == import_id, free), state=working, beat_at=now, started_at=now
    )
    return Claim(import_id, now) if taken else None


def beat(mine: Claim, **values: object) -> Claim | None:
    """Show life and record progress; None when called off or taken over in the meantime."""
    now = now_utc()
    return Claim(mine.import_id, now) if _change(_held(mine), beat_at=now, **values) else None


def agree(brought: StaffImport, leaving_confirmed: bool, by: Person | None) -> None:
    """Agree to what a checked list will do, and ask a worker to do it.

    Raises:
        NotNow: more people would be marked as left than goes without saying, or it is no longer
            waiting for an answer. A second click finds it under way and changes nothing.
    """
    if brought.state in ("applying", "done"):
        return
    if leaves_too_many(brought.counts) and not leaving_confirmed:
        raise NotNow(_("Confirm first how many people will be marked as left."))
    with transaction():
        agreed = _change(
            and_(StaffImport.id == brought.id, StaffImport.state == "ready"),
            state="applying",
            beat_at=None,
            leaving_confirmed=leaving_confirmed,
        )
        if not agreed:
            raise NotNow(_("This list has moved on; look at it again."))
        audit.record(
            f"person {by.id}" if by else "command line", "staff_list.agreed",
            f"staff list {brought.id}", after=dict(brought.counts),
        )  # fmt: skip


def call_off(brought: StaffImport, by: Person | None) -> bool:
    """Stop a list that has not been applied; False if it is too late."""
    path = stored(brought)
    with transaction():
        stopped = _change(
            and_(
                StaffImport.id == brought.id,
                StaffImport.state.in_(("waiting", "checking", "ready")),
            ),
            state="cancelled",
            open_slot=None,
            finished_at=now_utc(),
        )
        if stopped:
            forget_rows(brought.id)
            audit.record(
                f"person {by.id}" if by else "worker",
                "staff_list.called_off",
                f"staff list {brought.id}",
            )
    if stopped:
        path.unlink(missing_ok=True)
    return stopped


def refuse(brought: StaffImport, why: str) -> None:
    """End a list that cannot be used at all, with the reason in words."""
    with transaction():
        _change(
            and_(StaffImport.id == brought.id, StaffImport.state == "checking"),
            state="refused",
            why=why,
            open_slot=None,
            finished_at=now_utc(),
        )
        forget_rows(brought.id)
    stored(brought).unlink(missing_ok=True)


def forget_rows(import_id: int) -> None:
    """Remove the rows that were staged; the file itself is removed by whoever ends the list."""
    db.session.execute(delete(StaffImportRow).where(StaffImportRow.import_id == import_id))


def leaves_too_many(counts: dict[str, int]) -> bool:
    """Tell whether a list marks so many as left that somebody has to confirm it."""
    limit = int(current_app.config["LEAVING_LIMIT_PERCENT"])
    return counts.get("leaving", 0) * 100 > counts.get("staff", 0) * limit


def ring_for(brought: StaffImport) -> None:
    """Ask a worker to go on with a list, after commit; the timetable asks again if need be."""
    ring(QueueName.CHORES, APPLY_JOB if brought.state == "applying" else CHECK_JOB, brought.id)


def waiting_imports() -> list[StaffImport]:
    """Return the lists that wait for a worker, or whose worker fell silent."""
    quiet = or_(StaffImport.beat_at.is_(None), StaffImport.beat_at < now_utc() - SILENT_AFTER)
    waits = or_(
        StaffImport.state == "waiting",
        and_(StaffImport.state.in_(("checking", "applying")), quiet),
    )
    return list(db.session.scalars(select(StaffImport).where(waits)))


def ring_waiting_imports() -> None:
    """Ask for workers for every list that waits or fell silent; end what nobody decided about."""
    for brought in waiting_imports():
        ring_for(brought)
    old = StaffImport.created_at < now_utc() - FORGOTTEN_AFTER
    forgotten = select(StaffImport).where(StaffImport.state == "ready", old)
    for brought in db.session.scalars(forgotten).all():
        call_off(brought, by=None)


def give_back(mine: Claim) -> bool:
    """Let another worker have a list, because this one was told to stop; always False."""
    _change(_held(mine), state="waiting")
    return False


def _held(mine: Claim) -> ColumnElement[bool]:
    return and_(
        StaffImport.id == mine.import_id,
        StaffImport.state == "checking",
        StaffImport.beat_at == mine.beat,
    )


def _change(which: ColumnElement[bool], **values: object) -> bool:
    with transaction() as database:
        changed = database.scalars(
            update(StaffImport)
            .where(which)
            .values(**values)
            .returning(StaffImport.id)
            .execution_options(synchronize_session=False)
        ).all()
        database.expire_all()
        return bool(changed)
