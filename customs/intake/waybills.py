"""Waybills (CEB505): from checked documents to rows, events and moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from common.clock import china_day
from common.db import lock_keys
from common.findings import Text
from common.law import law
from customs.intake.batch import Batch, Filed
from customs.intake.papers import CHANGE, DELETE, NEW, Held, Judge, Kind, change, common, state_of, withdraw
from customs.rules.intake import WAYBILL_REPEATED
from customs.tables import Waybill

WHAT = Text("运单", "Waybill")
KIND = Kind(Waybill, "waybill", "waybill")
Key = tuple[int, str]

_HELD = text(
    "SELECT p.carrier_id, p.logistics_no, p.taken_at, p.waybill_id, w.id, w.status, w.app_time, w.pre_no, "
    "c.id AS checklist_id, c.status AS checklist_status, coalesce(c.invt_no, c.cop_no) AS checklist_no "
    "FROM unnest(CAST(:carriers AS bigint[]), CAST(:numbers AS text[])) AS k(carrier_id, logistics_no) "
    "JOIN parcel AS p USING (carrier_id, logistics_no) "
    "LEFT JOIN waybill AS w ON w.id = p.waybill_id AND w.withdrawn_at IS NULL "
    "LEFT JOIN checklist AS c ON c.id = p.checklist_id AND c.withdrawn_at IS NULL"
)
_CLAIM = text(
    "INSERT INTO parcel (carrier_id, logistics_no, taken_at, waybill_id) SELECT carrier_id, logistics_no, :at, id FROM "
    "unnest(CAST(:carriers AS bigint[]), CAST(:numbers AS text[]), CAST(:ids AS bigint[])) "
    "AS n(carrier_id, logistics_no, id) "
    "ON CONFLICT (carrier_id, logistics_no) DO UPDATE SET waybill_id = EXCLUDED.waybill_id"
)
_FREE = text("UPDATE parcel SET waybill_id = NULL WHERE carrier_id = :carrier AND logistics_no = :number")
FORGET = text(
    "DELETE FROM parcel USING unnest(CAST(:carriers AS bigint[]), CAST(:numbers AS text[])) AS k(carrier, number) "
    "WHERE carrier_id = k.carrier AND logistics_no = k.number"
)
"""Frees numbers whose six months are over; the papers of the parcel before keep their rows."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is known of a waybill number."""

    taken_at: datetime
    waybill: Held | None
    used: bool
    checklist_id: int | None


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    documents = list(batch.open())
    keys = {one.doc.index: (one.parties["carrier"].id, one.head("logisticsNo")) for one in documents}
    lock_keys(batch.session, [f"parcel:{carrier}:{number}" for carrier, number in keys.values()])
    parcels = parcels_of(batch, list(keys.values()))
    judge = Judge(WHAT, batch, "logisticsNo")
    new: list[tuple[Filed, Key]] = []
    for one in documents:
        key = keys[one.doc.index]
        parcel = parcels.get(key)
        waybill = parcel.waybill if parcel else None
        if one.app_type == NEW and parcel is not None and _over(batch, one, key, parcel):
            parcel = waybill = None
        if not one.ok:
            continue
        verdict = judge.verdict(one, key, waybill)
        if verdict is None:
            continue
        if waybill is not None and verdict == DELETE:
            withdraw(batch, one, KIND, waybill, batch.sender_zone)
            batch.session.execute(_FREE, {"carrier": key[0], "number": key[1]})
        elif waybill is not None and verdict == CHANGE:
            change(batch, one, KIND, waybill, batch.sender_zone, _contents(one))
        else:
            new.append((one, key))
        if parcel is not None and parcel.checklist_id is not None:
            batch.touched.add(parcel.checklist_id)
    _add(batch, new)


def parcels_of(batch: Batch, keys: Sequence[Key]) -> Mapping[Key, Parcel]:
    """What is known of each waybill number."""
    if not keys:
        return {}
    asked = {"carriers": [key[0] for key in keys], "numbers": [key[1] for key in keys]}
    found = {}
    for row in batch.session.execute(_HELD, asked):
        waybill = (
            Held(
                row.id,
                row.status,
                row.app_time,
                row.pre_no,
                None,
                row.checklist_id,
                row.checklist_status,
                row.checklist_no,
            )
            if row.id is not None
            else None
        )
        known = Parcel(row.taken_at, waybill, row.waybill_id is not None, row.checklist_id)
        found[row.carrier_id, row.logistics_no] = known
    return found


def _over(batch: Batch, one: Filed, key: Key, parcel: Parcel) -> bool:
    """Whether the number's months are over, so that it may name another parcel; within them a new one is refused."""
    if not parcel.used and parcel.waybill is None:
        return False
    months = law().value("customs.waybill.unique_months", one.on).integer
    if china_day(batch.at) >= months_later(china_day(parcel.taken_at), months):
        batch.session.execute(FORGET, {"carriers": [key[0]], "numbers": [key[1]]})
        return True
    if parcel.waybill is None or parcel.waybill.status == "1":
        return False
    taken = china_day(parcel.taken_at).isoformat()
    one.findings.append(WAYBILL_REPEATED.at(one.at_head("logisticsNo"), number=key[1][:60], taken=taken, months=months))
    return False


def months_later(day: date, months: int) -> date:
    """The day so many months later; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _add(batch: Batch, new: Sequence[tuple[Filed, Key]]) -> None:
    for (one, _), id in zip(new, batch.ids(len(new)), strict=True):
        one.id, one.zone_code = id, batch.sender_zone
        batch.add("waybill", common(batch, one, one.zone_code) | _contents(one))
        batch.accept(one, kind="waybill.accepted", subject_type="waybill", state=state_of(one))
    if new:
        batch.session.execute(
            _CLAIM,
            {
                "carriers": [key[0] for _, key in new],
                "numbers": [key[1] for _, key in new],
                "ids": [one.id for one, _ in new],
                "at": batch.at,
            },
        )


def _contents(one: Filed) -> dict[str, Any]:
    consignor = one.parties.get("consignor")
    return {
        "carrier_id": one.parties["carrier"].id,
        "logistics_code": one.head("logisticsCode"),
        "logistics_name": one.head("logisticsName"),
        "logistics_no": one.head("logisticsNo"),
        "freight": Decimal(one.head("freight")),
        "insured_fee": Decimal(one.head("insuredFee")),
        "currency": one.head("currency"),
        "gross_weight": Decimal(one.head("grossWeight")),
        "pack_no": int(one.head("packNo")),
        "goods_info": one.head("goodsInfo"),
        "consignor_id": consignor.id if consignor else None,
        "ebc_code": one.optional("ebcCode"),
        "ebc_name": one.optional("ebcName"),
        "ebc_telephone": one.optional("ebcTelephone"),
    }
