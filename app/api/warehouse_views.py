"""What the API of overseas warehouses answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, make_response

from common.money import plain
from customs.rules.warehouse_stock import Balance, Kind
from customs.tables import OverseasWarehouse, WarehouseBatch, WarehouseEntry, WarehouseFiling, WarehouseUser
from customs.warehouses.entries import Home
from customs.warehouses.homecoming import Waiting
from customs.warehouses.stock import ItemStock, LineStock


def warehouse_view(row: OverseasWarehouse) -> dict[str, Any]:
    """A warehouse on the wire."""
    return {
        "id": row.id,
        "zone_code": row.zone_code,
        "registered_by": row.registered_by,
        "name": {"zh": row.name_zh, "en": row.name_en},
        "country": row.country,
        "address": row.address,
        "operator": row.operator,
        "holding": row.holding,
        "lease_until": _day(row.lease_until),
        "valid_from": _day(row.valid_from),
        "valid_to": _day(row.valid_to),
        "state": row.state,
        "registered_at": row.registered_at.isoformat(),
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        "reason": row.reason,
    }


def user_view(row: WarehouseUser) -> dict[str, Any]:
    """A firm's use on the wire."""
    return {
        "id": row.id,
        "subject_id": row.subject_id,
        "valid_from": _day(row.valid_from),
        "valid_to": _day(row.valid_to),
    }


def filing_view(row: WarehouseFiling) -> dict[str, Any]:
    """A filing on the wire."""
    return {
        "id": row.id,
        "subject_id": row.subject_id,
        "zone_code": row.zone_code,
        "filing_no": row.filing_no,
        "valid_from": _day(row.valid_from),
        "valid_to": _day(row.valid_to),
    }


def line_view(row: LineStock) -> dict[str, Any]:
    """A line's stock on the wire; quantities in the line's declared unit."""
    return {
        "checklist_id": row.checklist_id,
        "invt_no": row.invt_no,
        "gnum": row.gnum,
        "item_no": row.item_no,
        "name": row.name,
        "unit": row.unit,
        "consignor_id": row.consignor_id,
        "closed_on": row.closed_on.isoformat(),
        "declared": plain(row.declared),
        "expected": plain(row.expected),
        **balance_view(row.balance),
    }


def item_view(one: ItemStock) -> dict[str, Any]:
    """An item's stock on the wire; `ages` has a figure for each band, the last one without bound."""
    return {
        "consignor": one.consignor,
        "item_no": one.item_no,
        "name": one.name,
        "unit": one.unit,
        "lines": one.lines,
        "expected": plain(one.expected),
        "ages": [plain(qty) for qty in one.ages],
        "oldest": _day(one.oldest),
        **balance_view(one.balance),
    }


def balance_view(held: Balance) -> dict[str, str]:
    """A balance on the wire."""
    return {kind.value: plain(getattr(held, kind.value)) for kind in Kind} | {"stock": plain(held.stock)}


def waiting_view(one: Waiting) -> dict[str, Any]:
    """What came home by a return and is not on the ledger yet."""
    return {
        "goods_return_id": one.return_id,
        "reference": one.number,
        "checklist_id": one.checklist_id,
        "invt_no": one.invt_no,
        "gnum": one.gnum,
        "qty": plain(one.qty),
        "day": _day(one.day),
    }


def entry_view(row: WarehouseEntry, home: Home | None) -> dict[str, Any]:
    """An entry on the wire; `qty` is below zero where it takes back from `corrects`.

    `goods_return_ids` are the completed returns that brought `home_qty` of it home.
    """
    return {
        "id": row.id,
        "batch_id": row.batch_id,
        "kind": row.kind,
        "qty": plain(row.qty),
        "day": row.day.isoformat(),
        "corrects": row.corrects,
        "proof_id": row.proof_id,
        "reference": row.reference,
        "note": row.note,
        "apart": row.apart,
        "goods_return_ids": list(home.returns) if home else [],
        "home_qty": plain(home.qty) if home else "0",
        "recorded_at": row.recorded_at.isoformat(),
    }


def batch_view(row: WarehouseBatch) -> dict[str, Any]:
    """What was recorded together."""
    return {"batch_id": row.id, "warehouse_id": row.warehouse_id, "entries": row.entries, "sha256": row.sha256}


def proof_response(content: bytes, media_type: str, name: str) -> Response:
    """A file as a download that no browser shows in place; its name goes in the standard's encoded form."""
    answer = make_response(content)
    answer.headers["Content-Type"] = media_type
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
