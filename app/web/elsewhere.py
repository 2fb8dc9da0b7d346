"""Registering an export declared elsewhere."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("elsewhere", __name__)
