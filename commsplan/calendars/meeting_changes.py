"""Changed meetings: what differs from what people were told goes out by itself, a little later.

The change itself is the entry in the outbox: an activity whose sequence is not the one its meeting
has seen. So it is written in the transaction of the change, wherever that is made, and no restart
loses it. Two minutes after the last change it becomes one mail for each person whom it concerns;
undone before, it becomes none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select

from commsplan.calendars.announcing import Word, tell_day, tell_off, tell_whole, words_for
from commsplan.calendars.answering import ask_again, move_up
from commsplan.calendars.invitation_models import Invitation, Meeting
from commsplan.calendars.invitation_queries import coming_to, sessions_of
from commsplan.calendars.invitation_rules import GRACE, Answer, MailKind
from commsplan.calendars.meeting_times import digests, ends_at, is_off
from commsplan.calendars.outbox import Wish, put
from commsplan.calendars.seating import days_waited_for, leave_place, lock_meeting
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Person
from commsplan.plans.models import Activity

Told = dict[Word, list[Invitation]]


def notice_changes() -> None:
    """Tell the people of every meeting that changed and has been left alone since."""
    settled = now_utc() - GRACE
    changed = (
        select(Meeting.activity_id)
        .join(Activity, Activity.id == Meeting.activity_id)
        .where(Activity.sequence != Meeting.seen_sequence, Activity.revised_at <= settled)
    )
    for activity_id in db.session.scalars(changed).all():
        tell_change(activity_id)


def seat_who_waits() -> None:
    """Give places that became free by a larger room, or by people who left, to who waits."""
    waiting = select(Invitation.session_id).where(Invitation.waiting_since.is_not(None)).distinct()
    for session_id in db.session.scalars(waiting).all():
        if session_id is None:
            continue
        with transaction() as database:
            session = database.get_one(Activity, session_id, populate_existing=True)
            lock_meeting(session_id)
            for day in days_waited_for(session_id):
                if not is_off(session) and ends_at(session, day) > now_utc():
                    move_up(session, day)


def tell_change(activity_id: int, by: Person | None = None) -> int:
    """Tell everybody whom a meeting's changes concern; return how many people that were."""
    with transaction() as database:
        meeting = lock_meeting(activity_id)
        activity = database.get_one(Activity, activity_id, populate_existing=True)
        if meeting is None or meeting.seen_sequence == activity.sequence:
            return 0
        meeting.seen_sequence = activity.sequence
        concerned = what_is_to_say(activity)
        for word, rows in concerned.items():
            _say(activity, word, rows)
        people = {row.person_id for rows in concerned.values() for row in rows}
        if people:
            who = f"person {by.id}" if by else "timetable"
            after: dict[str, object] = {"people": len(people)}
            audit.record(who, "invitation.change_told", f"activity {activity_id}", after=after)
    return len(people)


def keep_quiet(activity: Activity, by: Person | None) -> None:
    """Let the changes of a meeting so far go without a mail; the next one tells them all."""
    with transaction() as database:
        meeting = lock_meeting(activity.id)
        fresh = database.get_one(Activity, activity.id, populate_existing=True)
        if meeting is not None:
            meeting.seen_sequence = fresh.sequence
            who = f"person {by.id}" if by else "command line"
            audit.record(who, "invitation.change_untold", f"activity {activity.id}")


def what_is_to_say(activity: Activity) -> Told:
    """Return who has to hear what about a meeting; nothing of days that are over."""
    now, found = digests(activity), defaultdict[Word, list[Invitation]](list)
    for row in db.session.scalars(coming_to(activity)):
        for word in words_for(row.told, activity, now, row.occurrence):
            if ends_at(activity, word.day) > now_utc():
                found[word].append(row)
    return dict(found)


def is_waiting_to_be_told(activity: Activity) -> bool:
    """Tell whether a change of a meeting has not been looked at yet."""
    meeting = db.session.get(Meeting, activity.id)
    return meeting is not None and meeting.seen_sequence != activity.sequence


def _say(activity: Activity, word: Word, rows: list[Invitation]) -> None:
    if word.kind is MailKind.CANCELLATION:
        tell_off(activity, word.day, rows)
        if not word.day:
            _offer_others(activity, rows)
        return
    if word.moved:
        ask_again(_answers(activity, word.day, rows))
    if word.day:
        tell_day(word.kind, activity, word.day, rows)
    else:
        tell_whole(word.kind, activity, rows)


def _answers(activity: Activity, day: str, rows: Iterable[Invitation]) -> list[Invitation]:
    """Return the rows that hold answers to what moved: of a whole series those of its days too."""
    own = [row for row in rows if row.occurrence == day]
    that_day = (Invitation.occurrence == day,) if day else ()
    days = db.session.scalars(
        select(Invitation).where(
            Invitation.session_id == activity.id, Invitation.occurrence != "", *that_day
        )
    )
    return list({row.id: row for row in (*own, *days)}.values())


def _offer_others(activity: Activity, rows: list[Invitation]) -> None:
    """Ask those whose session is cancelled to choose another one, where there is one."""
    wishes: dict[int, list[Wish]] = defaultdict(list)
    for row in rows:
        others = [
            one
            for one in sessions_of(row.activity)
            if one.id != activity.id and not is_off(one) and one.ends_at > now_utc()
        ]
        if others:
            leave_place(row)
            row.session_id, row.answer, row.answered_at = None, Answer.NONE, None
            wishes[row.activity_id].append(Wish(row.id, row.person_id))
    for head_id, choosing in wishes.items():
        put(MailKind.CHOICE, head_id, "", choosing)
