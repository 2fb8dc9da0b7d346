"""The catalogue of rules and parameters."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("rules", __name__)
