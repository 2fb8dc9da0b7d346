"""Messages over the API: taking in, reading back, responses."""

from __future__ import annotations

from flask_smorest import Blueprint

blueprint = Blueprint("api_messages", __name__, url_prefix="/api/v1", description="Messages over the API: taking in, reading back, responses")
