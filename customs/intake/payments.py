"""Payment receipts (CEB403): from checked documents to rows, events and moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from common.db import lock_keys
from common.findings import Text
from customs.intake.batch import Batch, Filed, stamp
from customs.intake.papers import CHANGE, DELETE, Held, Judge, Kind, change, common, state_of, withdraw
from customs.intake.parties import platform_key
from customs.tables import PaymentReceipt

WHAT = Text("收款单", "Payment receipt")
KIND = Kind(PaymentReceipt, "payment", "payment_receipt")
Key = tuple[int, str, str]

_HELD = text(
    "SELECT k.consignor_id, k.order_no, k.pay_no, p.id, p.status, p.app_time, p.pre_no "
    "FROM unnest(CAST(:consignors AS bigint[]), CAST(:orders AS text[]), CAST(:numbers AS text[])) "
    "AS w(consignor_id, order_no, pay_no) JOIN payment_key AS k USING (consignor_id, order_no, pay_no) "
    "JOIN payment_receipt AS p ON p.id = k.payment_id AND p.withdrawn_at IS NULL"
)
_CHECKLISTS = text(
    "SELECT s.platform, s.order_no, c.id, c.status, coalesce(c.invt_no, c.cop_no) AS number "
    "FROM unnest(CAST(:platforms AS text[]), CAST(:orders AS text[])) AS w(platform, order_no) "
    "JOIN sale AS s USING (platform, order_no) JOIN checklist AS c ON c.id = s.checklist_id AND c.withdrawn_at IS NULL"
)
_CLAIM = text(
    "INSERT INTO payment_key (consignor_id, order_no, pay_no, payment_id) SELECT * FROM unnest("
    "CAST(:consignors AS bigint[]), CAST(:orders AS text[]), CAST(:numbers AS text[]), CAST(:ids AS bigint[])) "
    "ON CONFLICT (consignor_id, order_no, pay_no) DO UPDATE SET payment_id = EXCLUDED.payment_id"
)
_FREE = text("DELETE FROM payment_key WHERE consignor_id = :consignor AND order_no = :order AND pay_no = :number")


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    documents = list(batch.open())
    keys = {one.doc.index: (one.parties["consignor"].id, one.head("orderNo"), one.head("payNo")) for one in documents}
    lock_keys(batch.session, [f"payment:{consignor}:{order}" for consignor, order, _ in keys.values()])
    held, checklists = _held(batch, list(keys.values())), _checklists(batch, documents)
    judge = Judge(WHAT, batch, "payNo")
    new: list[tuple[Filed, Key]] = []
    for one in documents:
        key = keys[one.doc.index]
        checklist = checklists.get((platform_key(one), one.head("orderNo")))
        payment = _with_checklist(held.get(key), checklist)
        verdict = judge.verdict(one, key, payment)
        if verdict is None:
            continue
        if payment is not None and verdict == DELETE:
            withdraw(batch, one, KIND, payment, _zone(batch, one))
            batch.session.execute(_FREE, {"consignor": key[0], "order": key[1], "number": key[2]})
        elif payment is not None and verdict == CHANGE:
            change(batch, one, KIND, payment, _zone(batch, one), _contents(one))
        else:
            new.append((one, key))
        if checklist is not None:
            batch.touched.add(checklist.id)
    _add(batch, new)


def _held(batch: Batch, keys: Sequence[Key]) -> Mapping[Key, Held]:
    if not keys:
        return {}
    consignors, orders, numbers = zip(*keys, strict=True)
    asked = {"consignors": list(consignors), "orders": list(orders), "numbers": list(numbers)}
    return {
        (row.consignor_id, row.order_no, row.pay_no): Held(
            row.id, row.status, row.app_time, row.pre_no, row.consignor_id
        )
        for row in batch.session.execute(_HELD, asked)
    }


def _checklists(batch: Batch, documents: Sequence[Filed]) -> dict[tuple[str, str], Any]:
    if not documents:
        return {}
    asked = {
        "platforms": [platform_key(one) for one in documents],
        "orders": [one.head("orderNo") for one in documents],
    }
    return {(row.platform, row.order_no): row for row in batch.session.execute(_CHECKLISTS, asked)}


def _with_checklist(payment: Held | None, checklist: Any) -> Held | None:
    if payment is None or checklist is None:
        return payment
    return Held(
        payment.id,
        payment.status,
        payment.app_time,
        payment.pre_no,
        payment.consignor_id,
        checklist.id,
        checklist.status,
        checklist.number,
    )


def _add(batch: Batch, new: Sequence[tuple[Filed, Key]]) -> None:
    for (one, _), id in zip(new, batch.ids(len(new)), strict=True):
        one.id, one.zone_code = id, _zone(batch, one)
        batch.add("payment_receipt", common(batch, one, one.zone_code) | _contents(one))
        batch.accept(one, kind="payment.accepted", subject_type="payment_receipt", state=state_of(one))
    if new:
        batch.session.execute(
            _CLAIM,
            {
                "consignors": [key[0] for _, key in new],
                "orders": [key[1] for _, key in new],
                "numbers": [key[2] for _, key in new],
                "ids": [one.id for one, _ in new],
            },
        )


def _zone(batch: Batch, one: Filed) -> str:
    return one.parties["consignor"].zone_code or batch.sender_zone


def _contents(one: Filed) -> dict[str, Any]:
    return {
        "order_no": one.head("orderNo"),
        "ebp_code": one.head("ebpCode"),
        "ebp_name": one.head("ebpName"),
        "consignor_id": one.parties["consignor"].id,
        "ebc_code": one.head("ebcCode"),
        "ebc_name": one.head("ebcName"),
        "pay_code": one.optional("payCode"),
        "pay_name": one.head("payName"),
        "pay_no": one.optional("payNo"),
        "charge": Decimal(one.head("charge")),
        "currency": one.head("currency"),
        "accounting_date": stamp(one.head("accountingDate")),
    }
