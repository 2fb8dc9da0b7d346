"""Checklists over the API: the list, and one with everything known of it (interfaces.md §3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.access import ENTERPRISE, Role, allow
from app.access.reads import saw
from app.api.fields import MONTH, Day
from app.api.viewing import carries_only, concerns_transport, viewer
from app.returning import of_checklist_view
from app.session import unit_of_work
from common.clock import day_written
from common.events import Event
from common.findings import NotFoundError, rule
from common.money import plain
from customs.queries import checklists as queries
from customs.queries.checklists import Detail, Filters
from customs.queries.scope import Viewer
from customs.risk import full_trace
from customs.rules.match import WAYBILL
from customs.rules.moves import name
from customs.rules.risk.factor import REASON_NAMES
from customs.summary import DeclarationRef, live_declaration_of
from customs.tables import Checklist

blueprint = Blueprint("api_checklists", __name__, url_prefix="/api/v1", description="Checklists with all that is known")

READERS = (
    *ENTERPRISE,
    Role.CUSTOMS_OFFICER,
    Role.CUSTOMS_SUPERVISOR,
    Role.TAX_OFFICER,
    Role.FOREX_OFFICER,
    Role.ZONE_MANAGER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
_NUMBER = ma.validate.Length(1, 80)

SY0400 = rule(
    "SY0400",
    title=("没有这份清单", "No such checklist"),
    say=("没有这份清单，或与您的企业、关区无关。", "There is no such checklist, or it is not yours to see."),
    basis="平台接口约定",
)

HIDDEN = frozenset({"trace", "tier", "points", "lot"})
"""Keys of an event's data that enterprises do not see."""


class ListQuery(ma.Schema):
    """What of the list is wanted; `after` is the `next` of the page before."""

    order_no = ma.fields.String(validate=_NUMBER)
    cop_no = ma.fields.String(validate=_NUMBER)
    invt_no = ma.fields.String(validate=_NUMBER)
    logistics_no = ma.fields.String(validate=_NUMBER)
    status = ma.fields.String(validate=ma.validate.Length(1, 10))
    zone_code = ma.fields.String(validate=ma.validate.Length(equal=6))
    flag = ma.fields.String(validate=ma.validate.OneOf(["A", "B"]))
    trade_mode = ma.fields.String(validate=ma.validate.Length(equal=4))
    received_from = Day()
    received_to = Day()
    closed_month = ma.fields.String(validate=MONTH)
    after = ma.fields.Integer(validate=ma.validate.Range(0, 2**53))
    limit = ma.fields.Integer(load_default=queries.PAGE, validate=ma.validate.Range(1, queries.MOST))


@blueprint.get("/checklists")
@allow(*READERS)
@blueprint.arguments(ListQuery, location="query")
def list_checklists(asked: dict[str, Any]) -> dict[str, Any]:
    """A page of the checklists that name one's firm, or of one's zones, newest first."""
    after, limit = asked.pop("after", None), asked.pop("limit")
    if (month := asked.get("closed_month")) is not None:
        asked["closed_month"] = day_written(f"{month}-01")
    who = viewer()
    with unit_of_work() as session:
        page = queries.list_checklists(session, who, Filters(**asked), after=after, limit=limit)
        return {"items": [item_view(row, who) for row in page.rows], "next": page.next}


@blueprint.get("/checklists/<int(max=9007199254740991):checklist_id>")
@allow(*READERS)
def read_checklist(checklist_id: int) -> dict[str, Any]:
    """One checklist: contents, papers, match, findings, events; tier and trace for customs only."""
    who = viewer()
    with unit_of_work() as session:
        found = queries.detail(session, who, checklist_id)
        if found is None:
            raise NotFoundError(SY0400.at(""))
        row = found.checklist
        saw("checklist", row.id, zone_code=row.zone_code, owners=(who.enterprise_id,))
        shown = detail_view(found, who)
        goods = not carries_only(who, row)
        shown["goods_returns"] = of_checklist_view(session, row) if goods else None
        shown["declarations"] = [_declaration_view(one) for one in _declarations(session, row)] if goods else []
        if who.officer:
            shown["trace"] = full_trace(session, row.tier_trace)
        return shown


def item_view(row: Checklist, who: Viewer) -> dict[str, Any]:
    """A checklist as a line of the list."""
    shown: dict[str, Any] = {
        "id": row.id,
        "invt_no": row.invt_no,
        "pre_no": row.pre_no,
        "cop_no": row.cop_no,
        "order_no": row.order_no,
        "logistics_no": row.logistics_no,
        "zone_code": row.zone_code,
        "flag": row.flag,
        "trade_mode": row.trade_mode,
        "status": row.status,
        "received_at": _text(row.received_at),
        "closed_at": _text(row.closed_at),
        "withdrawn_at": _text(row.withdrawn_at),
    }
    return shown | ({"tier": row.tier} if who.officer else {})


def detail_view(found: Detail, who: Viewer) -> dict[str, Any]:
    """A checklist with everything known of it; its carrier is told what concerns transport."""
    shown = _whole_view(found, who)
    return _for_carrier(shown) if carries_only(who, found.checklist) else shown


def _for_carrier(shown: dict[str, Any]) -> dict[str, Any]:
    """The view without the papers of others, what was compared with them, and the prices."""
    return shown | {
        "head": shown["head"] | {"total_price": None},
        "value_cny": None,
        "lines": [line | {"price": None, "total_price": None} for line in shown["lines"]],
        "papers": shown["papers"] | {"order": None, "payment_receipt": None},
        "match": [one for one in shown["match"] if one["paper"] == WAYBILL],
        "findings": [one for one in shown["findings"] if concerns_transport(one)],
    }


def _whole_view(found: Detail, who: Viewer) -> dict[str, Any]:
    row = found.checklist
    reason = REASON_NAMES.get(row.reason_class or "")
    return item_view(row, who) | {
        "status_name": name(row.status).as_dict(),
        "decides": row.decides,
        "head": _columns(row, HEAD),
        "value_cny": _text(row.value_cny),
        "lines": [_columns(line, LINE) for line in found.lines],
        "papers": _papers(found),
        "waits_for": list(row.waits_for),
        "waiting_since": _text(row.waiting_since),
        "expires_at": _text(row.expires_at) if row.waits_for else None,
        "match": row.match or [],
        "findings": row.findings,
        "reason_class": row.reason_class,
        "reason": reason.as_dict() if reason else None,
        "question": row.question if queries.answers_for(who, row) else None,
        "site_hold": row.site_hold,
        "days": {day: _text(getattr(row, column)) for day, column in DAYS.items()},
        "events": [event_view(event, who) for event in found.events],
    }


def _declarations(session: Session, row: Checklist) -> Sequence[DeclarationRef]:
    return live_declaration_of(session, [row.id]).get(row.id, ())


def _declaration_view(one: DeclarationRef) -> dict[str, Any]:
    """A live declaration that holds lines of the checklist; `lines` pairs their numbers."""
    return {
        "id": one.id,
        "summary_id": one.application_id,
        "decl_seq_no": one.decl_seq_no,
        "sum_no": one.sum_no,
        "entry_id": one.entry_id,
        "dec_state": one.dec_state,
        "lines": [{"gnum": gnum, "line_no": line_no} for gnum, line_no in one.lines],
    }


DAYS = {
    "declared": "app_time",
    "received": "received_at",
    "stored": "stored_at",
    "concluded": "concluded_at",
    "arrived": "arrived_at",
    "released": "released_at",
    "export_date": "ie_date",
    "left": "left_at",
    "closed": "closed_at",
    "statistics": "statistics_on",
}
"""The days kept apart and the columns they stand in."""

HEAD = (
    "customs_code", "ebp_code", "ebp_name", "order_no", "parent_order_no", "logistics_code", "logistics_name",
    "logistics_no", "port_code", "ie_date", "agent_code", "agent_name", "ebc_code", "ebc_name", "owner_code",
    "owner_name", "iac_code", "iac_name", "ems_no", "traf_mode", "traf_name", "voyage_no", "bill_no",
    "total_package_no", "loct_no", "license_no", "country", "pod", "freight", "f_currency", "f_flag", "insured_fee",
    "i_currency", "i_flag", "wrap_type", "pack_no", "gross_weight", "net_weight", "currency", "total_price", "note",
    "app_time", "revision", "business", "warehouse_id",
)  # fmt: skip
LINE = (
    "gnum", "item_no", "item_record_no", "item_name", "gcode", "gname", "gmodel", "bar_code", "country", "currency",
    "qty", "unit", "qty1", "unit1", "qty2", "unit2", "price", "total_price", "note",
)  # fmt: skip
_PAPER = ("id", "status", "pre_no", "revision", "received_at", "app_time")
_ORDER = (
    "order_type", "order_no", "parent_order_no", "ebp_code", "ebp_name", "ebc_code", "ebc_name", "goods_value",
    "freight", "currency",
)  # fmt: skip
_ORDER_LINE = ("gnum", "item_no", "item_name", "unit", "currency", "qty", "price", "total_price")
_WAYBILL = (
    "logistics_code", "logistics_name", "logistics_no", "freight", "insured_fee", "currency", "gross_weight",
    "pack_no", "goods_info",
)  # fmt: skip
_PAYMENT = ("order_no", "pay_code", "pay_name", "pay_no", "charge", "currency", "accounting_date")


def _papers(found: Detail) -> dict[str, Any]:
    lines = {"lines": [_columns(line, _ORDER_LINE) for line in found.order_lines]}
    return {
        "order": _columns(found.order, (*_PAPER, *_ORDER)) | lines if found.order else None,
        "waybill": _columns(found.waybill, (*_PAPER, *_WAYBILL)) if found.waybill else None,
        "payment_receipt": _columns(found.payment, (*_PAPER, *_PAYMENT)) if found.payment else None,
    }


def event_view(event: Event, who: Viewer) -> dict[str, Any]:
    """An event on the wire; a person's account is told to agencies only."""
    actor = event.actor if who.enterprise_id is None else event.actor.partition(":")[0]
    return {
        "at": event.at.isoformat(),
        "kind": event.kind,
        "state": event.state,
        "source": event.source,
        "actor": actor,
        "rule": event.rule,
        "say": event.data.get("say"),
        "data": {key: value for key, value in event.data.items() if who.officer or key not in HIDDEN},
    }


def _columns(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {one: _text(getattr(row, one)) for one in names}


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, datetime | date) else value
