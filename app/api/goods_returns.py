"""Goods returns over the API: what can come back, requests (through the inbox, as CEB213), proof, decisions."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app import returning
from app.access import Person, Role, allow, person
from app.api.desk import OFFICERS, officer, party
from app.api.fields import own_enterprise
from app.api.goods_return_bodies import (
    MOST_ID,
    LeftQuery,
    ReturnDecisionBody,
    ReturnedQuery,
    ReturnGroundsBody,
    ReturnMatchingBody,
    ReturnRequestBody,
    ReturnsQuery,
)
from app.api.goods_return_views import (
    back_view,
    detail_view,
    file_view,
    item_view,
    left_view,
    plan_view,
    seen,
    sum_view,
)
from app.proof_files import read_proof
from app.proofs import asked_month
from app.session import unit_of_work
from common import clock
from common.clock import CHINA
from common.findings import DomainError, Finding
from common.money import plain
from credit.subjects import SubjectFacts, subject_by_id, subjects_by_codes
from customs.proof_files import proof_limits
from customs.returns import counting, deciding, drafting, grounds, planning, reading
from customs.returns.drafting import Filer
from customs.returns.planning import Pick, Plan
from customs.returns.reading import ReturnFilters
from customs.rules import return_findings as said
from customs.rules.returns import Grounds
from customs.tables import GoodsReturnFile

blueprint = Blueprint("api_goods_returns", __name__, url_prefix="/api/v1", description="Goods that come back")

FILERS = (Role.SELLER, Role.AGENT, Role.PLATFORM)
AGENCIES = (*OFFICERS, Role.TAX_OFFICER, Role.FOREX_OFFICER, Role.ZONE_MANAGER, Role.AUDITOR)
READERS = (*FILERS, Role.OPERATOR, *AGENCIES)
TYPE = "CEB213"
_ID = f"<int(max={MOST_ID}):return_id>"


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


@blueprint.get("/goods-returns/months/<month>")
@allow(*returning.COUNTERS)
@blueprint.arguments(ReturnedQuery, location="query")
def read_returned(asked: dict[str, Any], month: str) -> dict[str, Any]:
    """What came back in a month (`YYYY-MM`), apart from the exports: sums by mode and currency, and a page of lines."""
    found, limit = asked_month(month), asked["limit"]
    since, until = found.first, found.next.first
    with unit_of_work() as session:
        whose = returning.counted()
        totals = counting.sums(session, whose, since, until)
        after = returning.place_of(asked["after"])
        rows = counting.lines(session, whose, since, until, after=after, limit=limit)
    return {
        "month": str(found),
        "sums": [sum_view(one) for one in totals],
        "items": [back_view(one) for one in rows],
        "next": f"{rows[-1].return_id}-{rows[-1].gnum}" if len(rows) == limit else None,
    }


# --- filing


@blueprint.post("/goods-returns/matching")
@allow(*FILERS)
@blueprint.arguments(ReturnMatchingBody)
def match_goods(body: dict[str, Any]) -> dict[str, Any]:
    """Match a list with one's exports, oldest first; nothing is filed. A row that finds none is refused alone."""
    rows, refused = [], []
    for n, one in enumerate(body["rows"], 1):
        gnum = None if one["gnum"] is None else str(one["gnum"])
        what = next((one[key] for key in ("invt_no", "order_no", "logistics_no", "item_no") if one[key]), "")
        found = planning.wanted(n, what, gnum, one["qty"])
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
    head = document.get("head")
    head = head if isinstance(head, dict) else {}
    return {
        "message_id": messages[n // 100],
        "index": n % 100,
        "invt_no": _echo(head.get("invtNo")),
        "co_el_no": _echo(head.get("coElNo")),
    }


def _echo(value: Any) -> str | None:
    """What was sent, as far as an answer can repeat it."""
    return value[:40].encode("utf-8", "replace").decode() if isinstance(value, str) else None


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
    """Add a proof: a form with one `file`, of a format and size that the zone takes."""
    return file_view(keep_upload(return_id)), 201


def keep_upload(return_id: int) -> GoodsReturnFile:
    """The form's file, kept with the return; no more of it is read than the return's zone takes."""
    with unit_of_work() as session:
        scope = returning.visible(session)
        row = reading.one_return(session, scope, return_id)
        new = read_proof(proof_limits(session, row.zone_code, clock.today()))
        return grounds.add_file(session, party(), scope, return_id, new, at=clock.now())


@blueprint.get(f"/goods-returns/{_ID}/files/<int(max={MOST_ID}):file_id>")
@allow(*READERS)
def read_file(return_id: int, file_id: int) -> Response:
    """A proof as it was uploaded."""
    return sent_file(return_id, file_id)


def sent_file(return_id: int, file_id: int) -> Response:
    """A proof of a return that the asking person sees, as an attachment: never shown inside a page of ours."""
    with unit_of_work() as session:
        scope = returning.visible(session)
        found = grounds.one_file(session, scope, return_id, file_id)
        seen(reading.one_return(session, scope, return_id))
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
