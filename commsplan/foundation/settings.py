"""Everything that can be set from outside, read once from the environment.

Each field becomes an environment variable of the same name in capitals. A test holds this list
against docs/reference/settings.md.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One organisation's installation of commsplan."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    data_dir: Path = Field(
        Path("var"), description="Folder for uploads, reports and the SQLite file."
    )
    database_url: str = Field(
        "", description="SQLAlchemy address of the database; empty means SQLite in DATA_DIR."
    )
    redis_url: str = Field(
        "redis://127.0.0.1:6379/0", description="Queue server (Valkey or Redis) that rings workers."
    )
    smtp_url: str = Field(
        "smtp://127.0.0.1:1025",
        description="Mail relays: one or several smtp://[user:password@]host:port?weight=…, "
        "smtp+starttls://… or smtps://…, with spaces between.",
    )
    base_url: str = Field(
        "http://127.0.0.1:8000", description="Address under which people reach commsplan."
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="Signs sessions and personal links; at least 32 characters."
    )
    organisation: str = Field("Our organisation", description="Name shown on pages and mails.")
    mail_from: str = Field(
        "Communications <communications@localhost>", description="From header of every mail."
    )
    dkim_keys: str = Field(
        "",
        description="Keys that sign mails: selector:file, separated by spaces; empty signs none.",
    )
    dkim_domain: str = Field("", description="Domain that signs; empty means MAIL_FROM's.")
    bounce_address: str = Field(
        "",
        # the local part's 64 octets (RFC 5321 §4.5.3.1.1) less what delivery/verp.py adds
        pattern=r"^(?:[A-Za-z0-9._+-]{1,23}@[A-Za-z0-9.-]{1,190})?$",
        description="Where bounces go: bounces@news.example.org becomes a return path per copy, "
        "bounces+….@news.example.org; empty means MAIL_FROM's address.",
    )
    invitation_address: str = Field(
        "",
        # the local part's 64 octets less what calendars/reply_address.py adds
        pattern=r"^(?:[A-Za-z0-9._+-]{1,26}@[A-Za-z0-9.-]{1,190})?$",
        description="Where invitations to meetings come from and their answers go: "
        "meetings@news.example.org becomes an address for each, meetings+i….@news.example.org; "
        "empty means BOUNCE_ADDRESS.",
    )
    inbox_imap_url: SecretStr = Field(
        SecretStr(""),
        description="Mailbox that bounces are read from: imaps://user:password@host/folder.",
    )
    inbox_limit_mb: int = Field(
        10, gt=0, le=100, description="Largest incoming mail that is read, in MB."
    )
    bounce_days: int = Field(
        400, gt=0, description="How long single bounces are remembered, in days."
    )
    default_zone: str = Field("Europe/Berlin", description="IANA time zone where none is known.")
    default_language: str = Field("en", description="Language of pages where none is known.")
    secure_cookies: bool = Field(
        True, description="Cookies only over HTTPS, with HSTS; switch off for a local demo alone."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many reverse proxies in front set X-Forwarded-* truthfully."
    )
    upload_limit_mb: int = Field(200, gt=0, description="Largest file a person may upload, in MB.")
    calendar_limit_mb: int = Field(
        10, gt=0, le=50, description="Largest calendar (.ics) that is read from elsewhere, in MB."
    )
    leaving_limit_percent: int = Field(
        10,
        ge=0,
        le=100,
        description="Share of staff one file may mark as left without confirmation.",
    )
    session_idle_hours: int = Field(12, gt=0, description="A session ends after this much silence.")
    session_days: int = Field(
        14, gt=0, description="A session ends after this many days at the latest."
    )
    worker_window: int = Field(
        64, ge=1, le=64, description="Copies a worker may have in doubt at once when it is killed."
    )
    worker_lease_seconds: int = Field(
        120,
        ge=5,
        description="How long a worker owns its copies without a sign of life, in seconds.",
    )
    worker_stop_seconds: float = Field(
        20.0,
        ge=0,
        description="Told to stop, how long a worker waits for answers to what is on the wire.",
    )
    smtp_timeout_scale: float = Field(
        1.0,
        gt=0,
        le=1,
        description="Shortens the waiting times of RFC 5321; 1 keeps them.",
    )
    late_after_hours: int = Field(
        24,
        gt=0,
        description="A send overdue by more than this (a restored backup) waits for a person.",
    )
    stall_after_minutes: int = Field(
        5, ge=1, description="Alert when a send could go on and settles nothing for so long."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token for /metrics; without one only this machine may ask.",
    )
    quiet_hours: str = Field(
        "",
        description="No mail in these hours of the reader's day, as 20:00-07:00; empty is none. "
        "Each send may differ.",
    )
    poll_seconds: float = Field(
        3.0, gt=0, le=60, description="How often the timetable looks for due work, in seconds."
    )

    feed_gzip: bool = Field(
        True, description="Compress calendar feeds for programmes that say they can read that."
    )
    webhook_private_hosts: str = Field(
        "",
        description="Hosts of webhooks, chat servers and calendars that may be private and without "
        "TLS, separated by spaces.",
    )
    ca_bundle: str = Field(
        "",
        description="File of certificate authorities that webhooks and chat servers are checked "
        "against; empty means the public ones.",
    )

    @field_validator("base_url")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def database(self) -> str:
        """The database address, with the default filled in and psycopg 3 as PostgreSQL's driver."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'commsplan.sqlite3').resolve()}"
        for plain in ("postgresql://", "postgres://"):
            if self.database_url.startswith(plain):
                return "postgresql+psycopg://" + self.database_url.removeprefix(plain)
        return self.database_url
