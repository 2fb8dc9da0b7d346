"""The API's own description: `GET /api/v1/openapi.json`, open to all."""

from __future__ import annotations

from typing import Any

from flask import current_app, jsonify
from flask.wrappers import Response
from flask_smorest import Blueprint

from app.access import allow_everyone

blueprint = Blueprint("api_openapi", __name__, url_prefix="/api/v1", description="The API's own description")


@blueprint.get("/openapi.json")
@allow_everyone
def describe() -> Response:
    """Every route with its parameters, bodies and answers (OpenAPI 3)."""
    described: dict[str, Any] = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return jsonify(described)
