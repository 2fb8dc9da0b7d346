"""Uploading a message or a file."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("upload", __name__)
