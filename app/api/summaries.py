"""Summaries over the API: applications and the declarations made from them, filing, drafts, cancellation, notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.access import Role, allow, person
from app.access.reads import saw
from app.api.fields import MONTH, Day, Instant, administrator, own_enterprise
from app.api.messages import incoming_of, take_in
from app.i18n import LANGUAGES, lang
from app.session import unit_of_work
from app.summaries import FILERS, OFFICERS, READERS, Wish, message_of, scope, wish_of_draft
from app.summary_document import declaration_pdf
from common import clock
from common.clock import CHINA
from common.events import Event
from common.findings import DomainError, NotFoundError
from common.money import plain
from credit.subjects import SubjectFacts, subject_by_id, subjects_by_codes
from customs.intake import answers
from customs.intake.inbox import JSON, Received
from customs.rules.intake import UNKNOWN_PARTY
from customs.rules.moves import name
from customs.rules.summary import MOST_REASON, NO_DECLARATION, NOTHING
from customs.summary import drafting, reading, results, states
from customs.summary.totals import by_currency
from customs.tables import Declaration, DeclarationLine, SummaryApplication, SummaryExtension

blueprint = Blueprint("api_summaries", __name__, url_prefix="/api/v1", description="Summary declaration (汇总申报)")

MOST_NUMBERS = 20_000
_MOST_ID = 2**53 - 1
_APPLICATION = f"<int(max={_MOST_ID}):application_id>"
_DECLARATION = f"<int(max={_MOST_ID}):declaration_id>"
_CODE = ma.validate.Regexp(r"^[0-9A-Z]{10,18}\Z")
_OFFICE = ma.validate.Regexp(r"^[0-9]{4}\Z")
NOTICE_KEEPERS = (*OFFICERS, Role.ADMINISTRATOR)
NOTICE_READERS = (*READERS, Role.DATA_STEWARD)


class SummariesQuery(ma.Schema):
    """Of which month of closing (all without it); `after` is the `next` of the page before."""

    month = ma.fields.String(load_default=None, validate=MONTH)
    after = ma.fields.Integer(load_default=None, validate=ma.validate.Range(1, _MOST_ID))
    limit = ma.fields.Integer(load_default=reading.PAGE, validate=ma.validate.Range(1, 500))


class SourcesQuery(ma.Schema):
    """`after` is the `next` of the page before."""

    after = ma.fields.String(load_default="0-0", validate=ma.validate.Regexp(r"^[0-9]{1,16}-[0-9]{1,5}\Z"))
    limit = ma.fields.Integer(load_default=reading.PAGE, validate=ma.validate.Range(1, 1000))


class SummaryBody(ma.Schema):
    """An application: checklists by customs number, or a month, or a span of closing; one of the three.

    Firms are named by customs code or 统一社会信用代码; `consignor` and `decl_agent` are the own firm without them.
    """

    customs_code = ma.fields.String(required=True, validate=_OFFICE)
    consignor = ma.fields.String(load_default=None, allow_none=True, validate=_CODE)
    decl_agent = ma.fields.String(load_default=None, allow_none=True, validate=_CODE)
    checklists = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 20)),
        load_default=[],
        validate=ma.validate.Length(max=MOST_NUMBERS),
    )
    month = ma.fields.String(load_default=None, validate=MONTH)
    start = Instant(load_default=None, data_key="from")
    end = Instant(load_default=None, data_key="to")
    loct_no = ma.fields.String(load_default="", validate=ma.validate.Length(max=10))
    by_producer = ma.fields.Boolean(load_default=False)
    by_name = ma.fields.Boolean(load_default=False)
    cop_no = ma.fields.String(load_default="", validate=ma.validate.Length(max=30))


class ReasonBody(ma.Schema):
    """Why the declaration is cancelled or amended."""

    reason = ma.fields.String(required=True, validate=ma.validate.Length(max=MOST_REASON))


class NoticeBody(ma.Schema):
    """Customs' notice: which month of which office is due when, and where it is written."""

    customs_code = ma.fields.String(required=True, validate=_OFFICE)
    period = ma.fields.String(required=True, validate=MONTH)
    due_on = Day(required=True)
    document = ma.fields.String(required=True, validate=ma.validate.Length(1, drafting.MOST_DOCUMENT))


class PaperQuery(ma.Schema):
    """The language of the paper; that of the request without it."""

    lang = ma.fields.String(load_default=None, validate=ma.validate.OneOf(LANGUAGES))


class PartQuery(ma.Schema):
    """Which message of a split result, counted from 1."""

    part = ma.fields.Integer(load_default=1, validate=ma.validate.Range(1, 10**6))


@blueprint.get("/summaries")
@allow(*READERS)
@blueprint.arguments(SummariesQuery, location="query")
def list_summaries(asked: dict[str, Any]) -> dict[str, Any]:
    """Applications, newest first, drafts included; own ones for firms, those of one's zones for agencies."""
    with unit_of_work() as session:
        found = reading.list_applications(
            session, scope(), month=asked["month"], before=asked["after"], limit=asked["limit"]
        )
        items = [listed_view(one) for one in found]
    for one in found:
        _saw(one.row)
    return {"items": items, "next": items[-1]["id"] if len(items) == asked["limit"] else None}


@blueprint.get(f"/summaries/{_APPLICATION}")
@allow(*READERS)
def show_summary(application_id: int) -> dict[str, Any]:
    """One application with its declarations, their lines and what happened."""
    with unit_of_work() as session:
        found = reading.detail(session, scope(), application_id)
        _saw(found.row)
        parts = {one.id: results.result_parts(session, one) for one in found.declarations}
        due = drafting.deadline(session, found.row.customs_code, found.row.period) if found.row.period else None
    return application_view(found.row) | {
        "named": found.named,
        "due_on": due.due_on.isoformat() if due else None,
        "declarations": [declaration_view(one, found.lines[one.id], parts[one.id]) for one in found.declarations],
        "events": [_event_view(event) for event in found.events],
    }


@blueprint.post("/summaries")
@allow(*FILERS)
@blueprint.arguments(SummaryBody)
def file_summary(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """File an application; it goes through the inbox as CEB701 and is answered like any message."""
    at = clock.now()
    with unit_of_work() as session:
        wish = _wish(session, body, at)
    return _taken(take_in(incoming_of(person(), message_of(wish, at), JSON)))


@blueprint.post(f"/summaries/{_APPLICATION}/take-over")
@allow(*FILERS)
def take_over_summary(application_id: int) -> tuple[dict[str, Any], int]:
    """File what the platform drafted, in the own firm's name."""
    at = clock.now()
    with unit_of_work() as session:
        row = drafting.draft(session, scope(), application_id)
        wish = wish_of_draft(session, row, own_enterprise(person()), at)
    return _taken(take_in(incoming_of(person(), message_of(wish, at), JSON)))


def _taken(received: Received) -> tuple[dict[str, Any], int]:
    return {"message": received.id, "links": answers.links(received.id)}, 202


@blueprint.get(f"/summaries/declarations/{_DECLARATION}/sources")
@allow(*READERS)
@blueprint.arguments(SourcesQuery, location="query")
def list_summary_sources(asked: dict[str, Any], declaration_id: int) -> dict[str, Any]:
    """Which checklist lines a declaration was made of, by declaration line."""
    checklist, gnum = (int(one) for one in asked["after"].split("-"))
    with unit_of_work() as session:
        _, row, _ = reading.declaration_of(session, scope(), declaration_id)
        _saw(row)
        found = reading.sources(session, declaration_id, after=(checklist, gnum), limit=asked["limit"])
    items = [
        {
            "line_no": one.line_no,
            "checklist_id": one.checklist_id,
            "invt_no": one.invt_no,
            "logistics_no": one.logistics_no,
            "gnum": one.gnum,
            "live": one.live,
        }
        for one in found
    ]
    last = found[-1] if len(found) == asked["limit"] else None
    return {"items": items, "next": f"{last.checklist_id}-{last.gnum}" if last else None}


@blueprint.get(f"/summaries/declarations/{_DECLARATION}/result")
@allow(*READERS)
@blueprint.arguments(PartQuery, location="query")
def read_summary_result(asked: dict[str, Any], declaration_id: int) -> Response:
    """The summary result (CEB792) as XML, one message of it."""
    return result_response(declaration_id, asked["part"])


@blueprint.get(f"/summaries/declarations/{_DECLARATION}.pdf")
@allow(*READERS)
@blueprint.arguments(PaperQuery, location="query")
def print_summary_declaration(asked: dict[str, Any], declaration_id: int) -> Response:
    """The draft declaration on paper."""
    return paper_response(declaration_id, asked["lang"] or lang())


@blueprint.post(f"/summaries/declarations/{_DECLARATION}/cancel")
@allow(*OFFICERS)
@blueprint.arguments(ReasonBody)
def cancel_summary_declaration(body: dict[str, Any], declaration_id: int) -> dict[str, Any]:
    """Record that customs cancelled the declaration: its lines can be summarised anew."""
    return _recorded(states.cancel, declaration_id, body["reason"])


@blueprint.post(f"/summaries/declarations/{_DECLARATION}/amend")
@allow(*OFFICERS)
@blueprint.arguments(ReasonBody)
def amend_summary_declaration(body: dict[str, Any], declaration_id: int) -> dict[str, Any]:
    """Record that customs amended the declaration (改单): its checklists may be corrected."""
    return _recorded(states.amend, declaration_id, body["reason"])


def _recorded(act: Callable[..., Declaration], declaration_id: int, reason: str) -> dict[str, Any]:
    with unit_of_work() as session:
        reading.declaration_of(session, scope(), declaration_id)
        one = act(session, declaration_id, reason=reason, actor=person().actor, at=clock.now())
        return declaration_view(one, (), results.result_parts(session, one))


@blueprint.get("/summary-drafts")
@allow(*READERS)
def list_summary_drafts() -> dict[str, Any]:
    """What the platform drafted and nobody has taken over, with deadlines."""
    with unit_of_work() as session:
        found = drafting.drafts(session, scope(), clock.today())
        items = [
            application_view(one.row)
            | {
                "due_on": one.due.due_on.isoformat(),
                "due_document": one.due.document,
                "provisional": one.due.provisional,
                "checklists": one.checklists,
            }
            for one in found
        ]
    for one in found:
        _saw(one.row)
    return {"items": items}


@blueprint.get("/summary-extensions")
@allow(*NOTICE_READERS)
def list_summary_extensions() -> dict[str, Any]:
    """Customs' notices of later deadlines, newest first; the newest of an office and month holds."""
    with unit_of_work() as session:
        return {"items": [notice_view(row) for row in drafting.extensions(session)]}


@blueprint.post("/summary-extensions")
@allow(*NOTICE_KEEPERS)
@blueprint.arguments(NoticeBody)
def add_summary_extension(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Record a notice of an office of one's zones."""
    with unit_of_work() as session:
        row = drafting.extend(
            session,
            None if administrator() else person().zones,
            body["customs_code"],
            body["period"],
            body["due_on"],
            body["document"],
            by=person().actor,
            at=clock.now(),
        )
        return notice_view(row), 201


# --- shared with the pages


def result_response(declaration_id: int, part: int) -> Response:
    """One message of a declaration's result; raises `NotFoundError` where there is none."""
    with unit_of_work() as session:
        one, row, _ = reading.declaration_of(session, scope(), declaration_id)
        _saw(row)
        raw = results.result_xml(session, row, one, part)
    if raw is None:
        raise NotFoundError(NO_DECLARATION.at("/part"))
    return _file(raw, "application/xml", f"CEB792-{one.decl_seq_no}-{part}.xml")


def paper_response(declaration_id: int, language: str) -> Response:
    """The printable draft of a declaration."""
    with unit_of_work() as session:
        one, row, lines = reading.declaration_of(session, scope(), declaration_id)
        _saw(row)
        raw = declaration_pdf(session, one, row, lines, language)
    return _file(raw, "application/pdf", f"{one.decl_seq_no}.pdf")


def _file(raw: bytes, mimetype: str, name: str) -> Response:
    return Response(raw, mimetype=mimetype, headers={"Content-Disposition": f'inline; filename="{name}"'})


def _saw(row: SummaryApplication) -> None:
    owners = (row.consignor_id, row.declarant_id, row.decl_agent_id)
    saw("summary_application", row.id, zone_code=row.zone_code, owners=owners)


def _wish(session: Session, body: Mapping[str, Any], at: datetime) -> Wish:
    today = clock.today()
    own = subject_by_id(session, own_enterprise(person()), today)
    wish = Wish(
        declarant=own,
        consignor=_firm(session, body["consignor"], "/consignor") or own,
        decl_agent=_firm(session, body["decl_agent"], "/decl_agent"),
        customs_code=body["customs_code"],
        numbers=body["checklists"],
        loct_no=body["loct_no"],
        by_producer=body["by_producer"],
        by_name=body["by_name"],
        cop_no=body["cop_no"],
    )
    if body["month"]:
        start, end = month_ends(body["month"])
        return replace(wish, start=start, end=end)
    if (body["start"] is None) != (body["end"] is None) or not (body["start"] or body["checklists"]):
        raise DomainError(NOTHING.at("/from"))
    return replace(wish, start=body["start"], end=body["end"])


def month_ends(month: str) -> tuple[datetime, datetime]:
    """The first and last second of a month in China time."""
    first, following = reading.month_span(month)
    start, end = (datetime.combine(one, time(), CHINA) for one in (first, following))
    return start, end - timedelta(seconds=1)


def _firm(session: Session, code: str | None, pointer: str) -> SubjectFacts | None:
    if code is None:
        return None
    found = subjects_by_codes(session, [code], clock.today()).get(code)
    if found is None:
        raise DomainError(UNKNOWN_PARTY.at(pointer, role="", code=code))
    return found


def application_view(row: SummaryApplication) -> dict[str, Any]:
    """An application on the wire."""
    return {
        "id": row.id,
        "sum_no": row.sum_no,
        "cop_no": row.cop_no,
        "pre_no": row.pre_no,
        "status": row.status,
        "status_name": name(row.status).as_dict(),
        "origin": row.origin,
        "period": row.period,
        "zone_code": row.zone_code,
        "customs_code": row.customs_code,
        "consignor": {"id": row.consignor_id, "code": row.ebc_code, "name": row.ebc_name},
        "declarant": {"id": row.declarant_id, "code": row.agent_code, "name": row.agent_name},
        "decl_agent": {"id": row.decl_agent_id, "code": row.decl_agent_code, "name": row.decl_agent_name},
        "from": _moment(row.start_time),
        "to": _moment(row.end_time),
        "loct_no": row.loct_no,
        "summary_flag": row.summary_flag,
        "item_name_flag": row.item_name_flag,
        "received_at": _moment(row.received_at),
        "concluded_at": _moment(row.concluded_at),
        "withdrawn_at": _moment(row.withdrawn_at),
    }


def listed_view(one: reading.Listed) -> dict[str, Any]:
    """An application of a list, with what was made of it."""
    return application_view(one.row) | {
        "declarations": one.declarations,
        "cancelled": one.cancelled,
        "checklists": one.checklists,
        "dec_states": list(one.states),
    }


def declaration_view(one: Declaration, lines: Any, parts: int) -> dict[str, Any]:
    """A declaration on the wire with its lines and where its result and paper are."""
    here = f"/api/v1/summaries/declarations/{one.id}"
    return {
        "id": one.id,
        "decl_seq_no": one.decl_seq_no,
        "customs_code": one.customs_code,
        "trade_mode": one.trade_mode,
        "owner_code": one.owner_code,
        "owner_name": one.owner_name,
        "traf_mode": one.traf_mode,
        "country": one.country,
        "port_code": one.port_code,
        "gross_weight": plain(one.gross_weight),
        "net_weight": plain(one.net_weight),
        "checklists": one.checklists,
        "closed_from": one.closed_from.isoformat() if one.closed_from else None,
        "closed_to": one.closed_to.isoformat() if one.closed_to else None,
        "made_at": _moment(one.made_at),
        "dec_tmp_no": one.dec_tmp_no,
        "dec_pre_no": one.dec_pre_no,
        "entry_id": one.entry_id,
        "dec_state": one.dec_state,
        "state_at": _moment(one.state_at),
        "amended_at": _moment(one.amended_at),
        "cancelled_at": _moment(one.cancelled_at),
        "totals": [{"currency": currency, "amount": amount} for currency, amount in by_currency(lines)],
        "lines": [line_view(line) for line in lines],
        "links": {"result": f"{here}/result", "parts": parts, "paper": f"{here}.pdf", "sources": f"{here}/sources"},
    }


_LINE = (
    "line_no", "destination", "gcode", "gname", "currency", "unit", "unit1", "unit2", "qty", "qty1", "qty2", "amount",
    "gross_weight", "net_weight",
)  # fmt: skip


def line_view(line: DeclarationLine) -> dict[str, Any]:
    """A merged line on the wire."""
    found = {column: getattr(line, column) for column in _LINE}
    return {column: plain(value) if isinstance(value, Decimal) else value for column, value in found.items()}


def notice_view(row: SummaryExtension) -> dict[str, Any]:
    """A notice on the wire."""
    return {
        "id": row.id,
        "customs_code": row.customs_code,
        "period": row.period,
        "due_on": row.due_on.isoformat(),
        "document": row.document,
        "set_at": row.set_at.isoformat(),
    }


def _event_view(event: Event) -> dict[str, Any]:
    """What happened; whose account it was is told to agencies only."""
    actor = event.actor if person().enterprise_id is None else event.actor.partition(":")[0]
    return {
        "at": event.at.isoformat(),
        "kind": event.kind,
        "subject": {"type": event.subject_type, "id": event.subject_id},
        "state": event.state,
        "source": event.source,
        "actor": actor,
        "rule": event.rule,
        "say": event.data.get("say"),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
