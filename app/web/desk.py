"""The officers' queue and case."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("desk", __name__)
