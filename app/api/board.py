"""The board of the whole chain over the API: counts by step, age and consignor."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from app.access import Role, allow, person
from app.access.reads import saw
from app.api.viewing import viewer
from app.api.warehouses import age_bands
from app.i18n import catalogue
from app.session import unit_of_work
from common import clock
from common.law.zones import zone_parameter
from credit.subjects import subjects_by_ids
from customs.queries.board import Board, Lane, Step, board

blueprint = Blueprint("api_board", __name__, url_prefix="/api/v1", description="Board of the whole chain")

READERS = (
    Role.SELLER,
    Role.AGENT,
    Role.CUSTOMS_OFFICER,
    Role.CUSTOMS_SUPERVISOR,
    Role.ZONE_MANAGER,
    Role.AUDITOR,
)


_SET = ("age_days", "lately_days")


class BoardQuery(ma.Schema):
    """How many consignors to list."""

    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(0, 500))


class StepSchema(ma.Schema):
    """One step: `waits_for` says what has to happen next and who must act; `bands` count by age in `age_days`."""

    step = ma.fields.String(required=True)
    waits_for = ma.fields.Dict(required=True)
    who = ma.fields.Dict(required=True)
    count = ma.fields.Integer(required=True)
    oldest = ma.fields.DateTime(required=True, allow_none=True)
    bands = ma.fields.List(ma.fields.Integer(), required=True)


class LaneSchema(ma.Schema):
    """A zone, or one consignor in it."""

    zone_code = ma.fields.String(required=True)
    consignor_id = ma.fields.Integer(required=True, allow_none=True)
    consignor = ma.fields.String(required=True, allow_none=True)
    waiting = ma.fields.Integer(required=True)
    steps = ma.fields.List(ma.fields.Nested(StepSchema), required=True)


class BoardSchema(ma.Schema):
    """The board: `age_days` are the upper bounds of the bands but the last, in days; the last step looks back
    `lately_days`.
    """

    at = ma.fields.DateTime(required=True)
    age_days = ma.fields.List(ma.fields.Integer(), required=True)
    lately_days = ma.fields.Integer(required=True)
    zones = ma.fields.List(ma.fields.Nested(LaneSchema), required=True)
    consignors = ma.fields.List(ma.fields.Nested(LaneSchema), required=True)


@blueprint.get("/board")
@allow(*READERS)
@blueprint.arguments(BoardQuery, location="query")
@blueprint.response(200, BoardSchema)
def read_board(asked: dict[str, Any]) -> dict[str, Any]:
    """Released, arrived, left, closed, summarised, declared: what waits where, how long, and who must act."""
    found, names = made_board(asked["limit"])
    return {
        "at": found.at,
        "age_days": list(found.ages),
        "lately_days": found.lately,
        "zones": [_lane(one, names) for one in found.zones],
        "consignors": [_lane(one, names) for one in found.consignors],
    }


def made_board(most: int) -> tuple[Board, dict[int, str]]:
    """The asking person's board with the consignors' names; the reading is recorded zone by zone.

    Ages are banded as the person's own zone has set it.
    """
    at, own = clock.now(), person().zone_code
    with unit_of_work() as session:
        ages, lately = (zone_parameter(session, own, f"customs.board.{name}", clock.china_day(at)) for name in _SET)
        found = board(session, viewer(), at, ages=age_bands(ages.codes), lately=lately.integer, most=most)
        ids = {one.consignor_id for one in found.consignors if one.consignor_id is not None}
        facts = subjects_by_ids(session, ids, clock.today()) if ids else {}
    for zone in found.zones:
        owners = [one.consignor_id for one in found.consignors if one.zone_code == zone.zone_code]
        saw("board", zone.zone_code, zone_code=zone.zone_code, owners=owners)
    return found, {id: facts[id].name if id in facts else f"#{id}" for id in ids}


def _lane(one: Lane, names: dict[int, str]) -> dict[str, Any]:
    return {
        "zone_code": one.zone_code,
        "consignor_id": one.consignor_id,
        "consignor": names.get(one.consignor_id) if one.consignor_id is not None else None,
        "waiting": one.waiting,
        "steps": [_step(step) for step in one.steps.values()],
    }


def _step(one: Step) -> dict[str, Any]:
    return {
        "step": one.name,
        "waits_for": _words(f"board.waits_{one.name}"),
        "who": _words(f"board.who_{one.name}"),
        "count": one.count,
        "oldest": one.oldest,
        "bands": one.bands,
    }


def _words(key: str) -> dict[str, str]:
    entry = catalogue()[key]
    return {"zh": entry.zh, "en": entry.en}
