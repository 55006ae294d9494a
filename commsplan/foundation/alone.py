"""The edge of a job: what it raises ends that job alone, and stands in the log."""

from __future__ import annotations

from types import TracebackType

from commsplan.foundation.database import db
from commsplan.foundation.logs import log


class Alone:
    """Runs one job among others the way RQ does: a broken one keeps none of the others.

    It swallows nothing silently: what was raised is logged as the job's failure, whatever the job
    wrote last is rolled back, and the rows it stood for stay due. What ends the process (SIGTERM's
    SystemExit, KeyboardInterrupt) goes through.
    """

    def __init__(self, job: str, *ids: int) -> None:
        self._job = job
        self._ids = ids

    def __enter__(self) -> None:
        """Begin the job."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """End it; return whether what it raised goes no further."""
        if not isinstance(error, Exception):
            return False
        log().error("job.failed", function=self._job, ids=self._ids, exc_info=error)
        db.session.rollback()
        return True
