"""An installation whose mail goes through a real Postfix into a Maildir."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from commsplan.audiences.actions import create_audience
from commsplan.audiences.models import Audience
from commsplan.audiences.rules import Condition, Match, Operator, Rule
from commsplan.delivery.actions import schedule
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.messages.actions import write_message
from commsplan.messages.rules import Content, MessageWish
from commsplan.people.models import Person, Team
from commsplan.plans.models import Plan
from tests.cast import make_cast
from tests.delivery.sink import free_port
from tests.installation import Installation, installation
from tests.messages.stage import make_plan
from tests.postfix.server import BOUNCES, Postfix, postfix, require


@dataclass
class Mailing:
    """A running installation and the Postfix behind it."""

    made: Installation
    server: Postfix
    lmtp_port: int
    """Where Postfix hands over what comes back, if somebody listens."""

    def send(self, names: dict[str, str], content: Content) -> int:
        """Hire people (address: name) and send them a message; return the send's id."""
        return self.write(self.hire(names), content)

    def hire(self, names: dict[str, str]) -> str:
        """Put people into the directory; return what their group is called."""
        with self.made.app.app_context():
            group = f"group {db.session.query(Person).count()}"
            with transaction() as database:
                for address, name in names.items():
                    database.add(_person(address, name, group))
            _make_audience(group)
            db.session.remove()
        return group

    def write(self, group: str, content: Content) -> int:
        """Send a group a new message; return the send's id."""
        with self.made.app.app_context():
            send_id = _schedule(group, content)
            db.session.remove()
        return send_id


def _person(address: str, name: str, group: str) -> Person:
    return Person(
        email=address, name=name, department="Operations", location=name[:200], language="en",
        employment=group, updated_at=now_utc(), attributes={},
    )  # fmt: skip


def _make_audience(group: str) -> None:
    team = db.session.query(Team).first()
    assert team is not None
    rule = Rule(Match.ALL, (Condition("employment", Operator.IS, (group,)),))
    create_audience(team, group, rule)


def _schedule(group: str, content: Content) -> int:
    plan = db.session.query(Plan).first()
    lead = db.session.query(Person).filter_by(name="Lena Lead").one()
    assert plan is not None
    message = write_message(plan, MessageWish(content=content, contact_id=lead.id), lead)
    with transaction():
        message.audience_id = db.session.query(Audience.id).filter_by(name=group).scalar()
    return int(schedule(message, now_utc(), lead).id)


@pytest.fixture(scope="session")
def _postfix_is_here() -> None:
    require()


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of the run's PostgreSQL, or none when the run is about SQLite."""
    if request.config.getoption("--database") != "postgres":
        return ""
    return str(request.getfixturevalue("postgres_url"))


def _empty(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")


@contextmanager
def mailing_through(
    folder: Path, database_url: str, parameters: Mapping[str, str], settings: Mapping[str, str]
) -> Iterator[Mailing]:
    """One worker and the timetable, delivering to a Postfix with these parameters."""
    if database_url:
        _empty(database_url)
    smtp, lmtp, queue = free_port(), free_port(), free_port()
    at = {"POLL_SECONDS": "0.5"} | {
        name: value.format(smtp=smtp) for name, value in settings.items()
    }
    with (
        postfix(smtp, lmtp, **parameters) as server,
        installation(folder / "installation", database_url, queue, smtp, **at) as made,
    ):
        with made.app.app_context():
            make_plan(make_cast(made.app))
            db.session.remove()
        made.start_engine("worker-1")
        yield Mailing(made, server, lmtp)


@pytest.fixture(scope="module")
def mailing(
    _postfix_is_here: None, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mailing]:
    """The engine in front of a Postfix that takes everything from this machine."""
    more = {"BOUNCE_ADDRESS": f"back@{BOUNCES}"}
    with mailing_through(tmp_path_factory.mktemp("mailing"), database_url, {}, more) as found:
        yield found
