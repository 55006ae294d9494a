"""The directory, teams and roles, and how people sign in."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commsplan.foundation.database import Identity, Json, Moment, Table


class Person(Table):
    """Somebody who works or worked here, whether or not they ever sign in."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    """The key of the HR system, if the list has one."""
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Where mail goes: trimmed, lower case."""
    name: Mapped[str] = mapped_column(String(200), index=True)
    """The full name as the person writes it."""
    first_name: Mapped[str] = mapped_column(String(100), default="")
    """How a message greets them; empty means the name's first word."""
    title: Mapped[str] = mapped_column(String(200), default="")
    """What they do."""
    department: Mapped[str] = mapped_column(String(200), default="", index=True)
    """Where in the organisation."""
    location: Mapped[str] = mapped_column(String(200), default="", index=True)
    """Which site or city."""
    country: Mapped[str] = mapped_column(String(2), default="", index=True)
    """ISO 3166-1 alpha-2, or empty."""
    zone: Mapped[str] = mapped_column(String(64), default="")
    """IANA time zone, or empty for the organisation's."""
    language: Mapped[str] = mapped_column(String(16), default="")
    """BCP 47 tag, or empty for the organisation's."""
    chosen_zone: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """The zone the person chose on their own page; wins over the list's."""
    chosen_language: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """The language the person chose on their own page; wins over the list's."""
    employment: Mapped[str] = mapped_column(String(100), default="")
    """Kind of contract, in the list's own words."""
    started_on: Mapped[date | None]
    """First day of work."""
    left_on: Mapped[date | None] = mapped_column(index=True)
    """Last day; people who left are kept until retention erases them."""
    manager_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    """To whom they report."""
    attributes: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    """Every further column of the staff list, by its name there."""
    updated_at: Mapped[datetime] = mapped_column(Moment)
    """When the directory last changed here."""

    manager: Mapped[Person | None] = relationship(remote_side=[id])

    @property
    def greeting_name(self) -> str:
        """The name a message greets with."""
        return self.first_name or self.name.split(" ")[0]


class Team(Table):
    """A communications team that owns plans and audiences."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    """What it is called."""


class Grant(Table):
    """A role that a person holds, in one team or everywhere."""

    __tablename__ = "grant"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "team_id", name="one_grant_per_person_role_and_team"),
        CheckConstraint("role in ('admin', 'lead', 'sponsor')", name="role_is_known"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    """Who holds it."""
    role: Mapped[str] = mapped_column(String(16))
    """admin, lead or sponsor; employee needs no grant."""
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    """In which team; none for an admin, who sees every team."""

    person: Mapped[Person] = relationship()
    team: Mapped[Team | None] = relationship()


class Credential(Table):
    """A person's password."""

    __tablename__ = "credential"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    """Whose."""
    password_hash: Mapped[str] = mapped_column(String(200))
    """Argon2id."""
    changed_at: Mapped[datetime] = mapped_column(Moment)
    """When it was set."""

    person: Mapped[Person] = relationship()


class SignInLink(Table):
    """A one-time way in; its address carries this row's id and nonce, signed for the purpose."""

    __tablename__ = "sign_in_link"
    __table_args__ = (
        CheckConstraint("mail in ('', 'waiting', 'sending', 'sent')", name="mail_is_known"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    """For whom."""
    nonce: Mapped[int] = mapped_column(default=lambda: secrets.randbelow(2**24 - 1) + 1)
    """Bound into the address: a row that gets an old id again has another address."""
    mail: Mapped[str] = mapped_column(String(8), default="")
    """waiting → sending → sent (or waiting again); empty for one that was printed."""
    expires_at: Mapped[datetime] = mapped_column(Moment)
    """After this it no longer opens."""
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was used; it works once."""
    next_path: Mapped[str] = mapped_column(String(300), default="")
    """Where on this site to go afterwards."""

    person: Mapped[Person] = relationship()


class SignInSession(Table):
    """One browser in which a person is signed in."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    """Who."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the secret in the cookie."""
    browser: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """Which browser, as a name ("Firefox on Linux"), not its full user agent."""
    started_at: Mapped[datetime] = mapped_column(Moment)
    """When they signed in: the absolute limit counts from here."""
    seen_at: Mapped[datetime] = mapped_column(Moment)
    """The last request, to the minute: the idle limit counts from here."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it ended by signing out or by an administrator."""

    person: Mapped[Person] = relationship()


class StaffImport(Table):
    """One staff list on its way into the directory."""

    __tablename__ = "staff_import"
    __table_args__ = (
        CheckConstraint(
            "state in ('waiting', 'checking', 'ready', 'applying', 'done', 'refused', 'cancelled')",
            name="state_is_known",
        ),
        CheckConstraint(
            "(open_slot is null) = (state in ('done', 'refused', 'cancelled'))",
            name="open_until_it_ends",
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    file_name: Mapped[str] = mapped_column(String(255))
    """The name it had on the uploader's machine."""
    stored_as: Mapped[str] = mapped_column(String(255))
    """Path below the data folder; removed when the import ends."""
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    """waiting → checking → ready → applying → done; or refused (with why), cancelled."""
    open_slot: Mapped[int | None] = mapped_column(unique=True, default=1)
    """1 until it ends, then none; unique, so that one list at a time is on its way."""
    why: Mapped[str] = mapped_column(Text, default="")
    """Why it was refused, or is being checked again, in plain words."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who brought it; none for the command line."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    """When it came."""
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    """When checking began, or began again."""
    beat_at: Mapped[datetime | None] = mapped_column(Moment)
    """The worker's last sign of life; a silent one is taken over."""
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it ended."""
    bytes_total: Mapped[int] = mapped_column(BigInteger, default=0)
    """Size of the file in bytes."""
    bytes_done: Mapped[int] = mapped_column(BigInteger, default=0)
    """How far checking has read, in bytes."""
    counts: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    """rows, new, changed, same, returning, leaving, staff (before), bad, remarks."""
    columns: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    """How each column was understood: header, field ("" for a further one), example."""
    leaving_confirmed: Mapped[bool] = mapped_column(default=False)
    """Somebody saw how many will be marked as left, and agreed."""

    by: Mapped[Person | None] = relationship()


class StaffImportRow(Table):
    """One row of a staff list, checked and waiting to be applied; removed when the import ends."""

    __tablename__ = "staff_import_row"
    __table_args__ = (
        Index("ix_staff_import_row_email", "import_id", "email"),
        Index("ix_staff_import_row_external_id", "import_id", "external_id"),
        Index("ix_staff_import_row_person", "import_id", "person_id"),
        Index("ix_staff_import_row_manager", "import_id", "manager_email"),
        Index(
            "ix_staff_import_row_bad",
            "import_id",
            "name",
            sqlite_where=text("problem <> ''"),
            postgresql_where=text("problem <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("staff_import.id", ondelete="CASCADE"))
    """Which list."""
    line: Mapped[int]
    """Line number in the file, from 1."""
    email: Mapped[str] = mapped_column(String(254))
    """Key of the row; as it stands there if it is not an address."""
    external_id: Mapped[str | None] = mapped_column(String(100))
    """The other key."""
    name: Mapped[str] = mapped_column(String(200))
    """Like every field below: as in Person."""
    first_name: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(200))
    department: Mapped[str] = mapped_column(String(200))
    location: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
    zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(16))
    employment: Mapped[str] = mapped_column(String(100))
    started_on: Mapped[date | None]
    attributes: Mapped[dict[str, str | None]] = mapped_column(Json)
    """The further columns; null takes an attribute away."""
    manager_email: Mapped[str] = mapped_column(String(254))
    """Who the manager is, resolved when all rows are known."""
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    """Whom it was recognised as; none for somebody new."""
    outcome: Mapped[str] = mapped_column(String(16), default="new")
    """new until recognised; then, once compared with the directory, changed, same or returning."""
    problem: Mapped[str] = mapped_column(Text)
    """Why the row cannot be used; empty for a good one."""
    remark: Mapped[str] = mapped_column(Text, default="")
    """What was left out of a row that is used, and why."""
    left_out: Mapped[str] = mapped_column(Text, default="")
    """Fields the row says nothing usable about, as ",zone,title,": a known person keeps theirs."""
