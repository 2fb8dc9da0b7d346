"""Goods returns over the API: what can come back, requests (through the inbox, as CEB213), proof, decisions."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app import returning
from app.access import Person, Role, allow, person
from app.access.reads import saw
from app.api.desk import OFFICERS, officer, party
from app.api.fields import own_enterprise
from app.returning import clock_view
from app.session import unit_of_work
from app.uploads import read_upload
from common import clock
from common.clock import CHINA
from common.events import Event
from common.findings import DomainError, Finding
from common.money import plain
from credit.subjects import SubjectFacts, subject_by_id, subjects_by_codes
from customs.returns import deciding, drafting, grounds, planning, reading
from customs.returns.drafting import Filer
from customs.returns.planning import Pick, Plan
from customs.returns.reading import STAGES, ReturnDetail, ReturnFilters
from customs.rules import return_findings as said
from customs.rules.returns import STATE_NAMES, Amounts, Grounds, decisions_from, quantities
from customs.tables import GoodsReturn, GoodsReturnFile, GoodsReturnLine

blueprint = Blueprint("api_goods_returns", __name__, url_prefix="/api/v1", description="Goods that come back")

FILERS = (Role.SELLER, Role.AGENT, Role.PLATFORM)
AGENCIES = (*OFFICERS, Role.TAX_OFFICER, Role.FOREX_OFFICER, Role.ZONE_MANAGER, Role.AUDITOR)
READERS = (*FILERS, Role.OPERATOR, *AGENCIES)
TYPE = "CEB213"
MOST_ID = 2**53 - 1
_ID = f"<int(max={MOST_ID}):return_id>"
_PRINTABLE = ma.validate.Regexp(r"^[^\x00-\x1f\x7f]*\Z")


def _word(most: int, **options: Any) -> ma.fields.String:
    """A short text without control characters."""
    return ma.fields.String(validate=ma.validate.And(ma.validate.Length(max=most), _PRINTABLE), **options)


class ReturnsQuery(ma.Schema):
    """What of the list is wanted; `after` is the `next` of the page before."""

    status = _word(10)
    stage = ma.fields.String(validate=ma.validate.OneOf(STAGES))
    invt_no = _word(20)
    logistics_no = _word(80)
    checklist_id = ma.fields.Integer(validate=ma.validate.Range(0, MOST_ID))
    after = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(0, MOST_ID))
    limit = ma.fields.Integer(load_default=reading.PAGE, validate=ma.validate.Range(1, reading.MOST))


class ReturnGroundsBody(ma.Schema):
    """Why goods come back: `reason` unsold or returned, `proof`, the tax office's certificate."""

    reason = _word(20, load_default=None, allow_none=True)
    proof = _word(20, load_default=None, allow_none=True)
    certificate = _word(20, load_default=None, allow_none=True)
    certificate_no = _word(60, load_default=None, allow_none=True)


class ReturnLineBody(ma.Schema):
    """A line of an export and how much of it comes back, in its declared unit."""

    gnum = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 9999))
    qty = _word(20, required=True)


class ReturnOriginBody(ma.Schema):
    """An export by its checklist; without `lines` everything that is left of it."""

    invt_no = _word(20, load_default=None, allow_none=True)
    checklist_id = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(0, MOST_ID))
    lines = ma.fields.List(ma.fields.Nested(ReturnLineBody), load_default=list)


class ReturnTransportBody(ma.Schema):
    """What the firm says of a return; what is left out is as on the export."""

    customs_code = _word(4)
    loct_no = _word(10)
    logistics_code = _word(18)
    logistics_name = _word(100)
    logistics_no = _word(80)
    bill_no = _word(37)
    traf_mode = _word(1)
    traf_name = _word(100)
    voyage_no = _word(32)
    port_code = _word(4)
    country = _word(3)
    reason = _word(500)
    note = _word(500)


class ReturnRequestBody(ReturnTransportBody):
    """A request: `origins` with what is said once for all, or `documents` in the JSON form of CEB213."""

    origins = ma.fields.List(ma.fields.Nested(ReturnOriginBody), validate=ma.validate.Length(1, 1000))
    documents = ma.fields.List(ma.fields.Dict(), validate=ma.validate.Length(1, 1000))
    grounds = ma.fields.Nested(ReturnGroundsBody, load_default=dict)
    draft = ma.fields.Boolean(load_default=False)

    @ma.validates_schema
    def one_way(self, data: dict[str, Any], **_: Any) -> None:
        """Either origins or documents."""
        if ("origins" in data) == ("documents" in data):
            raise ma.ValidationError("origins or documents", "origins")


class ReturnRowBody(ma.Schema):
    """One row of a list: a checklist's number (`gnum` for one of several lines) or an item number, and a quantity."""

    invt_no = _word(20, load_default=None, allow_none=True)
    item_no = _word(80, load_default=None, allow_none=True)
    gnum = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 9999))
    qty = _word(20, required=True)


class ReturnMatchingBody(ma.Schema):
    """A list of goods to be matched with exports; `customs_code` is the office through which they come back."""

    rows = ma.fields.List(
        ma.fields.Nested(ReturnRowBody), required=True, validate=ma.validate.Length(1, planning.MOST_ROWS)
    )
    customs_code = _word(4, load_default=None, allow_none=True)


class LeftQuery(ma.Schema):
    """Which export: by checklist, by its number, or by a line of a declaration."""

    checklist_id = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(0, MOST_ID))
    invt_no = _word(20, load_default=None, allow_none=True)
    declaration = _word(18, load_default=None, allow_none=True)
    line = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 9999))


class ReturnDecisionBody(ma.Schema):
    """`release`, `inspect`, `suspend`, `hand_over` or `reject`; the party reads `text`."""

    decision = _word(20, required=True)
    text = ma.fields.String(load_default=None, allow_none=True)


# --- reading


@blueprint.get("/goods-returns")
@allow(*READERS)
@blueprint.arguments(ReturnsQuery, location="query")
def list_goods_returns(asked: dict[str, Any]) -> dict[str, Any]:
    """A page of returns, newest first: one's own, those that come to one's site, or those of the zones."""
    after, limit = asked.pop("after"), asked.pop("limit")
    with unit_of_work() as session:
        scope = returning.visible(session)
        rows = reading.list_returns(session, scope, ReturnFilters(**asked), after=after, limit=limit)
    return {"items": [item_view(row) for row in rows], "next": rows[-1].id if len(rows) == limit else None}


@blueprint.get(f"/goods-returns/{_ID}")
@allow(*READERS)
def read_goods_return(return_id: int) -> dict[str, Any]:
    """One return: lines, clocks, grounds and proof, tally, what came back, history."""
    with unit_of_work() as session:
        found = reading.detail(session, returning.visible(session), return_id)
        seen(found.row)
        return detail_view(found)


@blueprint.get("/goods-returns/returnable")
@allow(*FILERS)
@blueprint.arguments(LeftQuery, location="query")
def read_returnable(asked: dict[str, Any]) -> dict[str, Any]:
    """What of one's own exports can still come back, line by line, with both clocks."""
    on, firm = clock.today(), own_enterprise(person())
    with unit_of_work() as session:
        if asked["declaration"] is not None:
            picks = planning.of_declaration_line(session, firm, asked["declaration"], asked["line"] or 1)
        else:
            ids = (
                [asked["checklist_id"]]
                if asked["checklist_id"]
                else planning.ids_of_number(session, firm, asked["invt_no"] or "")
            )
            picks = planning.of_checklists(session, firm, ids)
        return {"items": [left_view(one, on) for one in picks]}


# --- filing


@blueprint.post("/goods-returns/matching")
@allow(*FILERS)
@blueprint.arguments(ReturnMatchingBody)
def match_goods(body: dict[str, Any]) -> dict[str, Any]:
    """Match a list with one's exports, oldest first; nothing is filed. A row that finds none is refused alone."""
    rows, refused = [], []
    for n, one in enumerate(body["rows"], 1):
        gnum = None if one["gnum"] is None else str(one["gnum"])
        found = planning.wanted(n, one["invt_no"] or one["item_no"] or "", gnum, one["qty"])
        if isinstance(found, Finding):
            refused.append((n, found))
        else:
            rows.append(found)
    with unit_of_work() as session:
        firm = own_enterprise(person())
        made = planning.plan(session, firm, rows, on=clock.today(), office=body["customs_code"])
    return plan_view(Plan(made.picks, [*refused, *made.refused]))


@blueprint.post("/goods-returns")
@allow(*FILERS)
@blueprint.arguments(ReturnRequestBody)
def file_goods_returns(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """File requests, one document per export, as CEB213 on the road of every paper.

    202 with the messages; an origin that is not one's own, or a line that is not on it, is refused alone. 422 where
    nothing is left to file.
    """
    who = person()
    refused: list[tuple[int, Finding]] = []
    if "documents" in body:
        documents = body["documents"]
    else:
        with unit_of_work() as session:
            picks, refused = _picks(session, own_enterprise(who), body["origins"])
            if not picks:
                raise DomainError(*(finding for _, finding in refused))
            documents = _documents(session, who, picks, body)
    guids = (str(uuid.uuid4()).upper() for _ in documents)
    messages = returning.file_documents(who, TYPE, documents, guids)
    return {
        "messages": [{"id": id, "links": _links(id)} for id in messages],
        "documents": [_filed_view(n, one, messages) for n, one in enumerate(documents)],
        "refused": [{"index": n, "findings": [finding.as_dict()]} for n, finding in refused],
    }, 202


def _filed_view(n: int, document: Mapping[str, Any], messages: Sequence[int]) -> dict[str, Any]:
    head = document.get("head") or {}
    return {
        "message_id": messages[n // 100],
        "index": n % 100,
        "invt_no": head.get("invtNo"),
        "co_el_no": head.get("coElNo"),
    }


def _links(message_id: int) -> dict[str, str]:
    return {"message": f"/api/v1/messages/{message_id}", "responses": f"/api/v1/messages/{message_id}/responses"}


def _picks(
    session: Session, firm: int, origins: Sequence[Mapping[str, Any]]
) -> tuple[list[Pick], list[tuple[int, Finding]]]:
    """The lines that a request names, and what is refused of it, by origin."""
    picks: list[Pick] = []
    refused: list[tuple[int, Finding]] = []
    for n, origin in enumerate(origins):
        ids = (
            [origin["checklist_id"]]
            if origin["checklist_id"]
            else planning.ids_of_number(session, firm, origin["invt_no"] or "")
        )
        known = {one.known.line.gnum: one for one in planning.of_checklists(session, firm, ids)}
        number, at = origin["invt_no"] or str(origin["checklist_id"] or "—"), f"/origins/{n}"
        wanted = origin["lines"] or [{"gnum": g, "qty": plain(one.qty)} for g, one in known.items() if one.qty > 0]
        if not known or not wanted:
            refused.append((n, said.NOTHING_FITS.at(at, row=n + 1, wanted=number)))
            continue
        for m, line in enumerate(wanted):
            found = _pick(known, n, line, number, f"{at}/lines/{m}")
            if isinstance(found, Finding):
                refused.append((n, found))
            else:
                picks.append(found)
    return picks, refused


def _pick(known: Mapping[int, Pick], n: int, line: Mapping[str, Any], number: str, at: str) -> Pick | Finding:
    one = known.get(line["gnum"])
    if one is None:
        return said.NO_SUCH_LINE.at(f"{at}/gnum", number=number, gnum=line["gnum"])
    row = planning.wanted(n + 1, number, None, line["qty"])
    if isinstance(row, Finding):
        return said.ROW_UNREADABLE.at(f"{at}/qty", row=n + 1, wanted=line["qty"])
    return Pick(n, one.origin, one.known, row.qty)


_ELEMENTS = {
    "customs_code": "customsCode",
    "loct_no": "loctNo",
    "logistics_code": "logisticsCode",
    "logistics_name": "logisticsName",
    "logistics_no": "logisticsNo",
    "bill_no": "billNo",
    "traf_mode": "trafMode",
    "traf_name": "trafName",
    "voyage_no": "voyageNo",
    "port_code": "portCode",
    "country": "country",
    "reason": "reason",
    "note": "note",
}


def _documents(session: Session, who: Person, picks: Sequence[Pick], body: Mapping[str, Any]) -> list[dict[str, Any]]:
    head = {element: body[name] for name, element in _ELEMENTS.items() if body.get(name)}
    number = f"R{clock.now().astimezone(CHINA):%Y%m%d%H%M%S}{secrets.token_hex(3).upper()}"
    filer = filer_of(session, who)
    given = Grounds(**{key: value or None for key, value in body["grounds"].items()})
    head = with_carrier(session, head)
    return drafting.documents(picks, head, filer, given, number=number, draft=body["draft"])


def filer_of(session: Session, who: Person) -> Filer:
    """The asking person's firm as the one that declares."""
    firm: SubjectFacts = subject_by_id(session, own_enterprise(who), clock.today())
    return Filer(firm.customs_code or firm.uscc or "", firm.name)


def with_carrier(session: Session, head: dict[str, str]) -> dict[str, str]:
    """The head with the name of the logistics firm that its code means."""
    code = head.get("logisticsCode")
    if code and not head.get("logisticsName"):
        known = subjects_by_codes(session, [code], clock.today()).get(code)
        return head | ({"logisticsName": known.name} if known else {})
    return head


# --- proof and decisions


@blueprint.put(f"/goods-returns/{_ID}/grounds")
@allow(*FILERS)
@blueprint.arguments(ReturnGroundsBody)
def state_grounds(body: dict[str, Any], return_id: int) -> dict[str, Any]:
    """Say, or say anew, why the goods come back; until customs has decided."""
    with unit_of_work() as session:
        given = Grounds(**{key: value or None for key, value in body.items()})
        scope = returning.visible(session)
        return item_view(grounds.state_grounds(session, party(), scope, return_id, given, at=clock.now()))


@blueprint.post(f"/goods-returns/{_ID}/files")
@allow(*FILERS)
def add_file(return_id: int) -> tuple[dict[str, Any], int]:
    """Add a proof: a form with one `file`, PDF, PNG or JPEG."""
    name, content = uploaded()
    with unit_of_work() as session:
        scope = returning.visible(session)
        made = grounds.add_file(session, party(), scope, return_id, name, content, at=clock.now())
        return file_view(made), 201


def uploaded() -> tuple[str, bytes]:
    """Name and content of the form's file."""
    chosen = request.files.get("file")
    return (chosen.filename or "" if chosen else ""), read_upload("file", (grounds.MOST_MB + 1) * 2**20)


@blueprint.get(f"/goods-returns/{_ID}/files/<int(max={MOST_ID}):file_id>")
@allow(*READERS)
def read_file(return_id: int, file_id: int) -> Response:
    """A proof as it was uploaded."""
    with unit_of_work() as session:
        scope = returning.visible(session)
        found = grounds.one_file(session, scope, return_id, file_id)
        seen(reading.one_return(session, scope, return_id))
        return sent_file(found)


def sent_file(found: GoodsReturnFile) -> Response:
    """A proof as an attachment: never shown inside a page of ours."""
    answer = Response(found.content, mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


@blueprint.post(f"/goods-returns/{_ID}/decisions")
@allow(*OFFICERS)
@blueprint.arguments(ReturnDecisionBody)
def decide_goods_return(body: dict[str, Any], return_id: int) -> dict[str, Any]:
    """An officer's decision; a return that is released and tallied is completed with it."""
    with unit_of_work() as session:
        return item_view(deciding.decide(session, officer(), return_id, at=clock.now(), **body))


# --- views


def seen(row: GoodsReturn) -> None:
    """Say that somebody is shown the return."""
    owners = [row.consignor_id, row.declarant_id, row.sender_id]
    saw("goods_return", row.id, zone_code=row.zone_code, owners=owners)


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


_ITEM = (
    "id", "pre_no", "co_el_no", "invt_no", "checklist_id", "zone_code", "customs_code", "loct_no", "trade_mode",
    "origin_mode", "ebc_code", "ebc_name", "agent_code", "agent_name", "logistics_code", "logistics_name",
    "logistics_no", "bill_no", "country", "reason", "reason_kind", "proof_kind", "certificate_kind", "certificate_no",
    "status", "released_on", "exported_on", "deadline", "received_at", "released_at", "found_on", "completed_at",
    "answer", "held_rule", "withdrawn_at",
)  # fmt: skip
_LINE = ("gnum", "gcode", "gname", "gmodel", "qty", "unit", "qty1", "unit1", "qty2", "unit2", "note", "found_qty",
         "altered", "found_note")  # fmt: skip
_TALLY = ("id", "pre_no", "co_el_no", "operator_name", "location", "received_at", "status")
_BACK = ("gnum", "returned_on", "qty", "unit", "qty1", "qty2", "amount", "currency", "value_cny", "gross_weight",
         "net_weight", "altered")  # fmt: skip


def item_view(row: GoodsReturn) -> dict[str, Any]:
    """A return as a line of the list."""
    return {one: _text(getattr(row, one)) for one in _ITEM} | {
        "status_name": STATE_NAMES[row.status].as_dict(),
        "completed": row.completed_at is not None,
    }


def detail_view(found: ReturnDetail) -> dict[str, Any]:
    """A return with everything known of it."""
    row, on = found.row, clock.today()
    parties = person().of_enterprise
    return item_view(row) | {
        "lines": [line_view(row, line, on) for line in found.lines],
        "clocks": [clock_view(one) for one in returning.clocks_of(row, found.lines, on)],
        "files": [file_view(one) for one in found.files],
        "tally": {one: _text(getattr(found.tally, one)) for one in _TALLY} if found.tally else None,
        "returned": [] if _tallies_only() else [_columns(one, _BACK) for one in found.returned],
        "decisions": [] if parties or row.completed_at else decisions_from(row.status),
        "events": [event_view(one) for one in found.events],
    }


def _tallies_only() -> bool:
    """Whether the asking person is a site's: it is not told what the goods are worth."""
    return person().role == Role.OPERATOR


def line_view(row: GoodsReturn, line: GoodsReturnLine, on: date) -> dict[str, Any]:
    """A line of a return, with whether it is free of tax as things stand."""
    return _columns(line, _LINE) | {"relief": returning.line_relief(row, line, on)}


def _columns(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {one: _text(getattr(row, one)) for one in names}


def file_view(one: GoodsReturnFile) -> dict[str, Any]:
    """A proof without its content."""
    return {
        "id": one.id,
        "name": one.name,
        "media_type": one.media_type,
        "sha256": one.sha256.hex(),
        "added_at": one.added_at.isoformat(),
    }


def event_view(event: Event) -> dict[str, Any]:
    """An event of a return; a person's account is told to agencies only."""
    actor = event.actor.partition(":")[0] if person().of_enterprise else event.actor
    hidden = {"say", "lines"} if _tallies_only() else {"say"}
    data = {key: value for key, value in event.data.items() if key not in hidden}
    return {
        "at": event.at.isoformat(),
        "kind": event.kind,
        "state": event.state,
        "source": event.source,
        "actor": actor,
        "rule": event.rule,
        "say": event.data.get("say"),
        "data": data,
    }


def left_view(one: Pick, on: date) -> dict[str, Any]:
    """A line of an export: exported, asked for, back, left; and the clocks."""
    line, origin = one.known.line, one.origin
    clocks = returning.clocks_before(origin, [line.gcode], on)
    return {
        "checklist_id": origin.id,
        "invt_no": origin.invt_no,
        "status": origin.status,
        "trade_mode": origin.trade_mode,
        "gnum": line.gnum,
        "item_no": line.item_no,
        "gcode": line.gcode,
        "gname": line.gname,
        "unit": line.unit,
        "exported": quantities(one.known.exported),
        "pending": _quantities(one.known.pending, one.known.exported),
        "returned": _quantities(one.known.returned, one.known.exported),
        "left": quantities(one.known.left),
        "gone": planning.is_gone(origin),
        "clocks": [clock_view(each) for each in clocks] if clocks else [],
    }


def _quantities(amounts: Amounts, like: Amounts) -> dict[str, str | None]:
    second = None if like.qty2 is None else amounts.qty2
    return quantities(Amounts(amounts.qty, amounts.qty1, second))


def plan_view(made: Plan) -> dict[str, Any]:
    """A plan: what of which export would be asked for, and the rows that find none."""
    return {
        "plan": [
            {
                "row": one.row,
                "checklist_id": one.origin.id,
                "invt_no": one.origin.invt_no,
                "released_at": _text(one.origin.released_at),
                "gnum": one.known.line.gnum,
                "item_no": one.known.line.item_no,
                "gname": one.known.line.gname,
                "unit": one.known.line.unit,
                "qty": plain(one.qty),
                "left": plain(one.known.left.qty),
            }
            for one in made.picks
        ],
        "refused": [{"row": row, "findings": [finding.as_dict()]} for row, finding in made.refused],
    }
