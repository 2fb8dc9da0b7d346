"""The officers' desk over the API: the queue, one case, claims, decisions; questions and answers for the parties."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from app.access import Role, allow, person
from app.access.reads import saw
from app.session import unit_of_work
from common import clock
from common.findings import Text
from common.money import plain
from customs import desk
from customs.desk import Case, Clock, Officer, Party, QueueFilters, QueueRow
from customs.rules.desk import DECISION_NAMES, DETENTIONS, REASONS
from customs.rules.moves import name
from customs.rules.release import Tier
from customs.rules.risk.factor import REASON_NAMES
from customs.tables import Checklist, DeskDecision, DeskQuestion

blueprint = Blueprint("api_desk", __name__, url_prefix="/api/v1", description="The officers' desk")

OFFICERS = (Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR)
PARTIES = (Role.SELLER, Role.AGENT, Role.PLATFORM)


def officer() -> Officer:
    """The asking person as an officer of the desk."""
    asking = person()
    zones = asking.zones or frozenset({asking.zone_code} if asking.zone_code else ())
    return Officer(asking.account_id, asking.name, frozenset(zones), asking.role == Role.CUSTOMS_SUPERVISOR)


class BothSchema(ma.Schema):
    """A text in both languages."""

    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)


class QueueQuery(ma.Schema):
    """What of the queue is wanted; without `status`, document review (300) and inspection (500)."""

    status = ma.fields.String(validate=ma.validate.Length(max=10))
    tier = ma.fields.String(validate=ma.validate.OneOf([one.value for one in Tier]))
    zone_code = ma.fields.String(validate=ma.validate.Length(max=6))
    mine = ma.fields.Boolean(load_default=False)
    unclaimed = ma.fields.Boolean(load_default=False)
    asked = ma.fields.Boolean(load_default=False)
    answered = ma.fields.Boolean(load_default=False)
    held = ma.fields.Boolean(load_default=False)


class PageQuery(QueueQuery):
    """A page of the queue: `after` is the `next` of the page before."""

    after = ma.fields.Integer(validate=ma.validate.Range(0, 2**53))
    limit = ma.fields.Integer(load_default=desk.PAGE, validate=ma.validate.Range(1, desk.MOST))


class ClaimSchema(ma.Schema):
    """Who works on a checklist, null where nobody does."""

    id = ma.fields.Integer(required=True)
    status = ma.fields.String(required=True)
    claimed_by = ma.fields.Integer(required=True, allow_none=True)
    claimed_at = ma.fields.DateTime(required=True, allow_none=True)


class DecisionBody(ma.Schema):
    """A decision; `state` names the detention (501, 502, 503, 599) and belongs to `detain` only."""

    decision = ma.fields.String(required=True, validate=ma.validate.Length(1, 40))
    reason = ma.fields.String(load_default=None, allow_none=True)
    text = ma.fields.String(load_default=None, allow_none=True)
    state = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=10))


class DecidedSchema(ma.Schema):
    """What a decision led to; `pending` while a release wants a countersign."""

    id = ma.fields.Integer(required=True)
    status = ma.fields.String(required=True)
    decision = ma.fields.String(required=True)
    pending = ma.fields.Boolean(required=True)
    question_id = ma.fields.Integer(required=True, allow_none=True)


class AnswerBody(ma.Schema):
    """The answer to the open question."""

    text = ma.fields.String(required=True)


class QuestionSchema(ma.Schema):
    """A question and its answer, null while it is open."""

    id = ma.fields.Integer(required=True)
    reason = ma.fields.String(required=True)
    question = ma.fields.String(required=True)
    asked_at = ma.fields.DateTime(required=True)
    due_at = ma.fields.DateTime(required=True)
    answer = ma.fields.String(required=True, allow_none=True)
    closed_at = ma.fields.DateTime(required=True, allow_none=True)


@blueprint.get("/desk/queue")
@allow(*OFFICERS)
@blueprint.arguments(PageQuery, location="query")
def read_queue(asked: dict[str, Any]) -> dict[str, Any]:
    """A page of the queue, oldest first; only the zones of the officer."""
    after, limit = asked.pop("after", None), asked.pop("limit")
    with unit_of_work() as session:
        page = desk.queue(session, officer(), QueueFilters(**asked), at=clock.now(), after=after, limit=limit)
    return {"items": [_row_view(row) for row in page.rows], "next": page.next}


@blueprint.get("/desk/counts")
@allow(*OFFICERS)
def read_counts() -> dict[str, Any]:
    """How many checklists stand behind each tab of the queue; each number stops at `most`."""
    with unit_of_work() as session:
        found = desk.counts(session, officer())
    return {
        "review": found.review,
        "inspection": found.inspection,
        "mine": found.mine,
        "asked": found.asked,
        "most": desk.COUNT_CAP,
    }


@blueprint.get("/desk/words")
@allow(*OFFICERS, *PARTIES, Role.AUDITOR)
def read_words() -> dict[str, Any]:
    """The decisions, reasons, detentions and reason classes there are, with their names in both languages."""
    return {
        "decisions": _words(DECISION_NAMES),
        "reasons": _words(REASONS),
        "detentions": _words({state: name(state) for state in DETENTIONS}),
        "reason_classes": _words(REASON_NAMES),
    }


@blueprint.get("/checklists/<int(max=9007199254740991):checklist_id>/desk")
@allow(*OFFICERS)
def read_case(checklist_id: int) -> dict[str, Any]:
    """What the desk knows of a checklist: tier with its trace, what may be decided, decisions, questions, the clock."""
    with unit_of_work() as session:
        found = desk.case(session, officer(), checklist_id, at=clock.now())
        row = found.checklist
        saw("checklist", row.id, zone_code=row.zone_code, owners=(row.consignor_id, row.declarant_id, row.sender_id))
        return _case_view(found)


@blueprint.post("/checklists/<int(max=9007199254740991):checklist_id>/claim")
@allow(*OFFICERS)
@blueprint.response(200, ClaimSchema)
def claim_checklist(checklist_id: int) -> Checklist:
    """Take a checklist to work on; 409 says who has it and since when."""
    with unit_of_work() as session:
        return desk.claim(session, officer(), checklist_id, at=clock.now())


@blueprint.delete("/checklists/<int(max=9007199254740991):checklist_id>/claim")
@allow(*OFFICERS)
@blueprint.response(200, ClaimSchema)
def unclaim_checklist(checklist_id: int) -> Checklist:
    """Give a checklist back to the queue."""
    with unit_of_work() as session:
        return desk.release_claim(session, officer(), checklist_id, at=clock.now())


@blueprint.post("/checklists/<int(max=9007199254740991):checklist_id>/decisions")
@allow(*OFFICERS)
@blueprint.arguments(DecisionBody)
@blueprint.response(200, DecidedSchema)
def decide_checklist(body: dict[str, Any], checklist_id: int) -> Any:
    """Decide a checklist: release, inspect, reject, ask, hold, unhold; a supervisor also detain, lift, send_back."""
    with unit_of_work() as session:
        return desk.decide(session, officer(), checklist_id, at=clock.now(), **body)


@blueprint.post("/checklists/<int(max=9007199254740991):checklist_id>/answers")
@allow(*PARTIES)
@blueprint.arguments(AnswerBody)
@blueprint.response(200, QuestionSchema)
def answer_question(body: dict[str, Any], checklist_id: int) -> DeskQuestion:
    """Answer the open question about one's own checklist; customs' clock runs on from then."""
    with unit_of_work() as session:
        return desk.answer(session, party(), checklist_id, body["text"], at=clock.now())


@blueprint.get("/checklists/<int(max=9007199254740991):checklist_id>/questions")
@allow(*PARTIES)
@blueprint.response(200, QuestionSchema(many=True))
def read_questions(checklist_id: int) -> Any:
    """The questions asked about one's own checklist, oldest first."""
    with unit_of_work() as session:
        return desk.questions_for(session, party(), checklist_id)


def party() -> Party:
    """The asking person as one who answers for a firm; an account without a firm reaches nothing."""
    asking = person()
    return Party(asking.account_id, asking.name, asking.enterprise_id or 0)


def _words(texts: Any) -> list[dict[str, str]]:
    return [{"code": str(code), **text.as_dict()} for code, text in texts.items()]


def _clock_view(one: Clock) -> dict[str, Any]:
    return {
        "started_at": one.started_at.isoformat() if one.started_at else None,
        "due_at": one.due_at.isoformat() if one.due_at else None,
        "seconds_left": int(one.left.total_seconds()) if one.left is not None else None,
        "paused": one.paused,
    }


def _row_view(row: QueueRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "invt_no": row.invt_no,
        "pre_no": row.pre_no,
        "cop_no": row.cop_no,
        "order_no": row.order_no,
        "zone_code": row.zone_code,
        "customs_code": row.customs_code,
        "status": row.status,
        "tier": row.tier,
        "reason_class": row.reason_class,
        "flag": row.flag,
        "trade_mode": row.trade_mode,
        "seller": row.seller,
        "country": row.country,
        "value_cny": plain(row.value_cny) if row.value_cny is not None else None,
        "gross_weight": plain(row.gross_weight),
        "received_at": row.received_at.isoformat(),
        "claimed_by": row.claimed_by,
        "claimed_name": row.claimed_name,
        "claimed_at": row.claimed_at.isoformat() if row.claimed_at else None,
        "held": row.held,
        "goods_arrived": row.goods_arrived,
        "asked": row.asked,
        "answered": row.answered,
        "clock": _clock_view(row.clock),
    }


def _case_view(one: Case) -> dict[str, Any]:
    row = one.checklist
    reason: Text | None = REASON_NAMES.get(row.reason_class or "")
    return {
        "id": row.id,
        "status": row.status,
        "tier": row.tier,
        "reason_class": row.reason_class,
        "reason": reason.as_dict() if reason else None,
        "trace": list(one.trace),
        "possible": [decision.value for decision in one.possible],
        "claimed_by": row.claimed_by,
        "claimed_name": one.claimed_name,
        "pending_release_of": one.pending.officer_name if one.pending else None,
        "clock": _clock_view(one.clock),
        "decisions": [_decision_view(decision) for decision in one.decisions],
        "questions": QuestionSchema(many=True).dump(one.questions),
    }


def _decision_view(one: DeskDecision) -> dict[str, Any]:
    return {
        "decision": one.decision,
        "reason": one.reason,
        "text": one.note,
        "status_before": one.status_before,
        "status_after": one.status_after,
        "pending": one.pending,
        "officer": one.officer_name,
        "at": one.at.isoformat(),
    }
