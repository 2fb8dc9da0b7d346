"""Declaring one parcel in a form."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("declare", __name__)
