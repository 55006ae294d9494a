"""Two people who save the same thing in the same instant: one wins, the other is told."""

from datetime import datetime
from threading import Barrier, Thread

from flask import Flask

from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from commsplan.plans import actions, history
from commsplan.plans.models import Activity
from commsplan.plans.rules import ActivityWish
from tests.cast import Cast


def test_of_two_who_save_at_once_one_is_told(app: Flask, cast: Cast, activity: Activity) -> None:
    seen, activity_id, told = history.fingerprint(activity), activity.id, []
    db.session.commit()
    start = Barrier(2)

    def save(title: str) -> None:
        with app.app_context():
            mine = db.session.get(Activity, activity_id)
            db.session.rollback()
            start.wait()
            try:
                wish = ActivityWish("chat", title, datetime(2026, 11, 24, 9))
                actions.change_activity(mine, wish, None, seen)
            except NotNow:
                told.append(title)
            finally:
                db.session.remove()

    writers = [Thread(target=save, args=(title,)) for title in ("One", "Two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    db.session.refresh(activity)
    assert len(told) == 1
    assert {activity.title, *told} == {"One", "Two"}
    assert activity.sequence == 1
