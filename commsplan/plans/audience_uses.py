"""Which plans address an audience, for the audience's own page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from commsplan.audiences.uses import Use
from commsplan.foundation.database import db
from commsplan.plans.models import Activity, Plan


def plans_that_use(audience_ids: Sequence[int]) -> dict[int, list[Use]]:
    """Return the plans with an activity for each of these audiences, by title."""
    rows = db.session.execute(
        select(Activity.audience_id, Plan.id, Plan.title)
        .join(Activity.plan)
        .where(
            Activity.audience_id.in_(audience_ids),
            Activity.removed_at.is_(None),
            Plan.status != "archived",
        )
        .distinct()
        .order_by(Plan.title, Plan.id)
    )
    found: defaultdict[int, list[Use]] = defaultdict(list)
    for audience_id, plan_id, title in rows:
        if audience_id is not None:
            found[audience_id].append(Use(title, f"/plans/{plan_id}"))
    return dict(found)
