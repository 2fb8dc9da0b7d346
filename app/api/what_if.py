"""Decisions on facts in the request (what-if): the production functions, nothing written.

Every decision has an address of its own, so that the interface description lists its facts and outcome; any other
name is answered with the names there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Response
from flask_smorest import Blueprint

from app.access import allow_signed_in, changes_nothing
from app.session import unit_of_work
from app.uploads import read_body
from app.what_if.decision import WhatIf
from app.what_if.faults import SY0310
from app.what_if.fields import JsonSchema
from app.what_if.registry import DECISIONS, what_if
from app.what_if.sources import sources
from common.findings import DomainError

MAX_FACTS = 8 * 1024 * 1024

blueprint = Blueprint(
    "api_what_if", __name__, url_prefix="/api/v1/what-if", description="Decisions on facts in the request (what-if)"
)

_BOTH: JsonSchema = {
    "type": "object",
    "required": ["zh", "en"],
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
}
_PARAMETER: JsonSchema = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "value": {},
        "unit": {"type": "string"},
        "from": {"type": "string", "format": "date", "nullable": True},
        "to": {"type": "string", "format": "date", "nullable": True},
        "document": {"type": "string"},
        "article": {"type": "string"},
        "status": {"type": "string", "enum": ["verified", "unverified"]},
    },
}
_STEP: JsonSchema = {
    "type": "object",
    "required": ["rule", "title", "met", "inputs", "parameters"],
    "properties": {
        "rule": {"type": "string"},
        "title": _BOTH,
        "met": {"type": "boolean", "nullable": True},
        "inputs": {"type": "object"},
        "parameters": {"type": "array", "items": _PARAMETER},
    },
}


def envelope(one: WhatIf) -> JsonSchema:
    """The schema of an answer."""
    return {
        "type": "object",
        "required": ["decision", "outcome", "trace", "unverified"],
        "properties": {
            "decision": {"type": "string", "enum": [one.name]},
            "outcome": {"type": "object", "required": list(one.outcome), "properties": dict(one.outcome)},
            "trace": {"type": "array", "items": _STEP},
            "unverified": {"type": "boolean"},
        },
    }


def read_facts() -> Any:
    """The body as JSON; raises `DomainError` for anything else."""
    try:
        return msgspec.json.decode(read_body(MAX_FACTS))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise DomainError(SY0310.at("")) from error


def answer(name: str) -> Response:
    """Ask the decision with the facts of the request."""
    asked = what_if(name)
    facts = read_facts()
    with unit_of_work() as session:
        decision = asked.answer(facts, sources(session))
    return Response(msgspec.json.encode(decision.as_dict()), mimetype="application/json")


@blueprint.post("/<decision>")
@allow_signed_in
@changes_nothing
@blueprint.doc(summary="No such decision", responses={"404": {"description": "Names the decisions there are"}})
def ask_unknown(decision: str) -> Response:
    """Answer a name that no decision has."""
    return answer(decision)


def _register(one: WhatIf) -> None:
    view = _view(one)
    described = blueprint.doc(
        summary=one.title.en,
        description=f"{one.question.zh} · {one.question.en}",
        requestBody={"required": True, "content": {"application/json": {"schema": one.facts.schema()}}},
        responses={
            "200": {
                "description": "The outcome with its trace",
                "content": {"application/json": {"schema": envelope(one)}},
            },
            "422": {"description": "Faults of the facts, or no known law for the day (`parameter`, `date`)"},
        },
    )(changes_nothing(allow_signed_in(view)))
    blueprint.add_url_rule(f"/{one.name}", view.__name__, described, methods=["POST"])


def _view(one: WhatIf) -> Callable[[], Response]:
    def ask() -> Response:
        return answer(one.name)

    ask.__name__ = f"ask_{one.name}".replace(".", "_").replace("-", "_")
    ask.__doc__ = one.question.en
    return ask


for _one in DECISIONS.values():
    _register(_one)
