"""Decisions on facts in the request (what-if)."""

from __future__ import annotations

from flask_smorest import Blueprint

blueprint = Blueprint("api_what_if", __name__, url_prefix="/api/v1", description="Decisions on facts in the request (what-if)")
