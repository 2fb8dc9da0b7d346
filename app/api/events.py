"""The feed of events over the API."""

from __future__ import annotations

from flask_smorest import Blueprint

blueprint = Blueprint("api_events", __name__, url_prefix="/api/v1", description="The feed of events over the API")
