"""Orders and warehouse bookings (CEB303): from checked documents to rows, events and moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, text

from common.db import lock_keys
from common.findings import Text
from customs.intake.batch import Batch, Filed
from customs.intake.papers import CHANGE, DELETE, Held, Judge, Kind, change, common, state_of, withdraw
from customs.intake.parties import platform_key
from customs.intake.receivers import digest_of
from customs.tables import SaleOrder, SaleOrderLine

WHAT = Text("订单", "Order")
KIND = Kind(SaleOrder, "order", "order")
Key = tuple[str, str]

_HELD = text(
    "SELECT s.platform, s.order_no, o.id, o.status, o.app_time, o.pre_no, o.consignor_id, "
    "c.id AS checklist_id, c.status AS checklist_status, coalesce(c.invt_no, c.cop_no) AS checklist_no "
    "FROM unnest(CAST(:platforms AS text[]), CAST(:numbers AS text[])) AS w(platform, order_no) "
    "JOIN sale AS s USING (platform, order_no) "
    "LEFT JOIN sale_order AS o ON o.id = s.order_id AND o.withdrawn_at IS NULL "
    "LEFT JOIN checklist AS c ON c.id = s.checklist_id AND c.withdrawn_at IS NULL"
)
_CLAIM = text(
    "INSERT INTO sale (platform, order_no, order_id) "
    "SELECT * FROM unnest(CAST(:platforms AS text[]), CAST(:numbers AS text[]), CAST(:ids AS bigint[])) "
    "ON CONFLICT (platform, order_no) DO UPDATE SET order_id = EXCLUDED.order_id"
)
_FREE = text("UPDATE sale SET order_id = NULL WHERE platform = :platform AND order_no = :number")


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    keys = {one.doc.index: (platform_key(one), one.head("orderNo")) for one in batch.open()}
    lock_keys(batch.session, [f"sale:{platform}:{number}" for platform, number in keys.values()])
    held = _held(batch, list(keys.values()))
    judge = Judge(WHAT, batch, "orderNo")
    new: list[tuple[Filed, Key]] = []
    for one in list(batch.open()):
        key = keys[one.doc.index]
        order, checklist_id = held.get(key, (None, None))
        verdict = judge.verdict(one, key, order)
        if verdict is None:
            continue
        if order is not None and verdict == DELETE:
            withdraw(batch, one, KIND, order, _zone(batch, one))
            batch.session.execute(_FREE, {"platform": key[0], "number": key[1]})
        elif order is not None and verdict == CHANGE:
            _change(batch, one, order)
        else:
            new.append((one, key))
        if checklist_id is not None:
            batch.touched.add(checklist_id)
    _add(batch, new)


def _held(batch: Batch, keys: Sequence[Key]) -> Mapping[Key, tuple[Held | None, int | None]]:
    """The live order and the live checklist behind each key."""
    if not keys:
        return {}
    asked = {"platforms": [key[0] for key in keys], "numbers": [key[1] for key in keys]}
    found: dict[Key, tuple[Held | None, int | None]] = {}
    for row in batch.session.execute(_HELD, asked):
        order = (
            Held(
                row.id,
                row.status,
                row.app_time,
                row.pre_no,
                row.consignor_id,
                row.checklist_id,
                row.checklist_status,
                row.checklist_no,
            )
            if row.id is not None
            else None
        )
        found[row.platform, row.order_no] = (order, row.checklist_id)
    return found


def _add(batch: Batch, new: Sequence[tuple[Filed, Key]]) -> None:
    for (one, _), id in zip(new, batch.ids(len(new)), strict=True):
        one.id, one.zone_code = id, _zone(batch, one)
        batch.add("sale_order", common(batch, one, one.zone_code) | _contents(batch, one))
        for line in _lines(one, id):
            batch.add("sale_order_line", line)
        batch.accept(one, kind="order.accepted", subject_type="order", state=state_of(one))
    if new:
        batch.session.execute(
            _CLAIM,
            {
                "platforms": [key[0] for _, key in new],
                "numbers": [key[1] for _, key in new],
                "ids": [one.id for one, _ in new],
            },
        )


def _zone(batch: Batch, one: Filed) -> str:
    return one.parties["consignor"].zone_code or batch.sender_zone


def _change(batch: Batch, one: Filed, order: Held) -> None:
    lines_before = _stored_lines(batch, order.id)
    change(batch, one, KIND, order, _zone(batch, one), _contents(batch, one), lines_before=lines_before)
    batch.session.execute(delete(SaleOrderLine).where(SaleOrderLine.order_id == order.id))
    for line in _lines(one, order.id):
        batch.add("sale_order_line", line)


def _stored_lines(batch: Batch, order_id: int) -> list[dict[str, str]]:
    rows = batch.session.execute(
        text(
            "SELECT gnum, item_no, unit, currency, qty::text, price::text, total_price::text FROM sale_order_line "
            "WHERE order_id = :id ORDER BY gnum"
        ),
        {"id": order_id},
    )
    return [dict(row) for row in rows.mappings()]


def _contents(batch: Batch, one: Filed) -> dict[str, Any]:
    platform = one.parties.get("platform")
    return {
        "order_type": one.head("orderType"),
        "order_no": one.head("orderNo"),
        "parent_order_no": one.doc.extras.get("parent_order_no") or None,
        "platform_id": platform.id if platform else None,
        "ebp_code": one.head("ebpCode"),
        "ebp_name": one.head("ebpName"),
        "consignor_id": one.parties["consignor"].id,
        "ebc_code": one.head("ebcCode"),
        "ebc_name": one.head("ebcName"),
        "goods_value": Decimal(one.head("goodsValue")),
        "freight": Decimal(one.head("freight")),
        "currency": one.head("currency"),
        "receiver_key": digest_of(batch.session, one.doc.extras.get("receiver")),
    }


def _lines(one: Filed, order_id: int) -> list[dict[str, Any]]:
    return [
        {
            "order_id": order_id,
            "gnum": int(line["gnum"]),
            "item_no": line["itemNo"],
            "item_name": line["itemName"],
            "item_describe": line.get("itemDescribe") or None,
            "bar_code": line.get("barCode") or None,
            "unit": line["unit"],
            "currency": line["currency"],
            "qty": Decimal(line["qty"]),
            "price": Decimal(line["price"]),
            "total_price": Decimal(line["totalPrice"]),
            "note": line.get("note") or None,
        }
        for line in one.doc.lines
    ]
