"""Zones and subjects."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("admin_zones", __name__)
