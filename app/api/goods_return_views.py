"""What the API of goods returns answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app import returning
from app.access import Role, person
from app.access.reads import saw
from app.returning import clock_view
from common import clock
from common.events import Event
from common.money import plain
from customs.returns.counting import ReturnedSum
from customs.returns.planning import Pick, Plan
from customs.returns.procedure import is_gone
from customs.returns.reading import ReturnDetail
from customs.rules.returns import RELAY, STATE_NAMES, Amounts, decisions_from, quantities
from customs.tables import GoodsReturn, GoodsReturnFile, GoodsReturnLine, ReturnedLine


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
    "answer", "held_rule", "withdrawn_at", "decides",
)  # fmt: skip
_LINE = ("gnum", "gcode", "gname", "gmodel", "qty", "unit", "qty1", "unit1", "qty2", "unit2", "note", "found_qty",
         "altered", "altered_qty", "found_note")  # fmt: skip
_TALLY = ("id", "pre_no", "co_el_no", "operator_name", "location", "received_at", "status")
_BACK = ("gnum", "returned_on", "qty", "unit", "qty1", "qty2", "amount", "currency", "value_cny", "gross_weight",
         "net_weight", "altered", "altered_qty")  # fmt: skip

_COUNTED = ("return_id", "checklist_id", "invt_no", "zone_code", "customs_code", "origin_zone", "origin_mode", "flag",
            "trade_mode", "country", "gcode", "gname", "unit1", "unit2", "reason_kind", *_BACK)  # fmt: skip


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
        "decisions": [] if parties or row.completed_at or row.decides == RELAY else decisions_from(row.status),
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


def sum_view(one: ReturnedSum) -> dict[str, Any]:
    """What came back of one mode and currency in a month."""
    return _columns(one, ("trade_mode", "currency", "lines", "amount", "value_cny", "gross_weight", "net_weight"))


def back_view(one: ReturnedLine) -> dict[str, Any]:
    """A line that came back, with the return and the export that it belongs to."""
    return _columns(one, _COUNTED)


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
        "gone": is_gone(origin),
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
