"""The pages of this step."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("calendars", __name__)
