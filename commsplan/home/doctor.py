"""What is well and what is wrong with this installation, in plain words: every check in order."""

from __future__ import annotations

from collections.abc import Callable

from commsplan.home import doctor_inbox, doctor_services, doctor_settings
from commsplan.home.rules import Finding

CHECKS: tuple[Callable[[], Finding], ...] = (
    doctor_settings.secret_key,
    doctor_settings.base_url,
    doctor_settings.mail_from,
    doctor_settings.signatures,
    doctor_settings.default_zone,
    doctor_settings.data_folder,
    doctor_services.database,
    doctor_services.kind_of_database,
    doctor_services.clock,
    doctor_services.queue,
    doctor_services.workers,
    doctor_services.timetable,
    doctor_services.mail_server,
    doctor_inbox.bounces,
    doctor_services.audit_trail,
)

WORST_FIRST = {"bad": 0, "warn": 1, "good": 2}


def examine() -> list[Finding]:
    """Run every check, in the order of the table above."""
    return [check() for check in CHECKS]


def verdict(findings: list[Finding]) -> str:
    """Return the worst kind among them."""
    return min((finding.kind for finding in findings), key=WORST_FIRST.__getitem__)
