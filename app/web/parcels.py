"""All parcels, one parcel, search."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("parcels", __name__)
