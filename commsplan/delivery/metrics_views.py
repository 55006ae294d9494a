"""The address that Prometheus asks."""

from __future__ import annotations

from hmac import compare_digest
from ipaddress import ip_address

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from commsplan.delivery.metrics import written
from commsplan.foundation.errors import Absent
from commsplan.people.access import public

pages = Blueprint("metrics", __name__)
PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-Ip")
"""What a proxy in front adds: then the nearest machine is not who asks."""


@pages.get("/metrics")
@public
def show() -> ResponseReturnValue:
    """How is the delivery? For the bearer of METRICS_TOKEN; without one, for this machine only."""
    if not _may_ask():
        raise Absent
    return Response(written(), content_type=CONTENT_TYPE_LATEST)


def _may_ask() -> bool:
    token = current_app.config["METRICS_TOKEN"].get_secret_value()
    if token:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return compare_digest(shown.encode(), token.encode())
    return _is_near(request.remote_addr or "") and not any(
        name in request.headers for name in PASSED_ON
    )


def _is_near(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:  # a socket of this machine has no address
        return False
