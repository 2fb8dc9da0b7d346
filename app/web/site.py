"""Arrivals and departures at a supervised site."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("site", __name__)
