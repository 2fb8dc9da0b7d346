"""Checklists over the API: list and one with everything known of it."""

from __future__ import annotations

from flask_smorest import Blueprint

blueprint = Blueprint("api_checklists", __name__, url_prefix="/api/v1", description="Checklists over the API: list and one with everything known of it")
