"""Exports declared elsewhere, registered here."""

from __future__ import annotations

from flask_smorest import Blueprint

blueprint = Blueprint("api_registrations", __name__, url_prefix="/api/v1", description="Exports declared elsewhere, registered here")
