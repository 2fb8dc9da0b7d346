"""Which warehouse of the register a checklist names, looked up once per consignor and day of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.findings import Finding
from common.law import law
from common.law.zones import zone_parameter
from customs.intake.batch import Batch, Filed
from customs.rules.decisions import DocumentFacts, required_documents
from customs.rules.warehouses import (
    BONDED_MODE,
    FILING_NEEDED,
    WAREHOUSE_MODE,
    Named,
    NamingFacts,
    UsableWarehouse,
    name_warehouse,
)
from customs.tables import OverseasWarehouse, WarehouseFiling, WarehouseUser

EXTRAS = ("business", "warehouse_id")
"""What the JSON form, the form and the file may say beside the standard's fields."""

_NOTHING = Named(None, None, ())


class Warehouses:
    """The warehouses and filings of consignors, each asked for once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._usable: dict[tuple[int, date], Sequence[UsableWarehouse]] = {}
        self._filed: dict[tuple[int, date], bool] = {}

    def usable(self, subject_id: int, on: date) -> Sequence[UsableWarehouse]:
        """The warehouses that the firm may use on the day."""
        key = (subject_id, on)
        if key not in self._usable:
            self._usable[key] = usable_warehouses(self.session, subject_id, on)
        return self._usable[key]

    def filed(self, subject_id: int, on: date) -> bool:
        """Whether the firm's filing of its warehouse business is on record for the day."""
        key = (subject_id, on)
        if key not in self._filed:
            self._filed[key] = has_filing(self.session, subject_id, on)
        return self._filed[key]


def usable_warehouses(session: Session, subject_id: int, on: date) -> Sequence[UsableWarehouse]:
    """The warehouses that a firm may use on a day and that nobody refused, by number."""
    house, user = OverseasWarehouse, WarehouseUser
    rows = session.execute(
        select(house.id, house.name_zh, house.name_en, house.country, house.state)
        .join(user, user.warehouse_id == house.id)
        .where(
            user.subject_id == subject_id,
            house.state != "refused",
            *(one.valid_from <= on for one in (house, user)),
            *(or_(end.is_(None), end >= on) for end in (house.valid_to, house.lease_until, user.valid_to)),
        )
        .order_by(house.id)
        .distinct()
    )
    return [
        UsableWarehouse(row.id, row.name_zh, row.name_en, row.country, confirmed=row.state == "confirmed")
        for row in rows
    ]


def has_filing(session: Session, subject_id: int, on: date) -> bool:
    """Whether a filing (海外仓业务模式备案) of the firm is on record for the day."""
    row = WarehouseFiling
    there = select(row.id).where(
        row.subject_id == subject_id, row.valid_from <= on, or_(row.valid_to.is_(None), row.valid_to >= on)
    )
    return session.scalar(there.limit(1)) is not None


def named_by(batch: Batch, one: Filed, zone_code: str, known: Warehouses) -> Named:
    """The 1210 business of a checklist and the warehouse it names; findings at its own fields.

    `zone_code` is the zone whose setting decides between warning and error. Raises `UnknownLawError`.
    """
    mode = one.head("tradeMode")
    said = {key: one.doc.extras.get(key) for key in EXTRAS}
    if mode not in (BONDED_MODE, WAREHOUSE_MODE) and not any(said.values()):
        return _NOTHING
    consignor = one.parties["consignor"]
    wanted = zone_parameter(batch.session, zone_code, "customs.warehouse.must_be_registered", china_day(batch.at))
    named = name_warehouse(
        NamingFacts(
            trade_mode=mode,
            written=one.head("ebpName"),
            country=one.head("country"),
            consignor=consignor.name,
            flag=one.head("statisticsFlag"),
            usable=known.usable(consignor.id, one.on),
            wanted=wanted.boolean,
            **said,
        )
    )
    findings = [replace(found, pointer=_pointer(one, found.pointer)) for found in named.findings]
    return replace(named, findings=[*findings, *_filing(one, known)])


def _pointer(one: Filed, element: str) -> str:
    return f"/{one.spec.element}/{one.doc.index}/{element}" if element in EXTRAS else one.at_head(element)


def _filing(one: Filed, known: Warehouses) -> Sequence[Finding]:
    """Until the day it was dropped, the filing of the warehouse business had to be there."""
    mode, consignor = one.head("tradeMode"), one.parties["consignor"]
    if mode != WAREHOUSE_MODE or not required_documents(DocumentFacts(mode), law(), one.on).outcome["warehouse_filing"]:
        return ()
    if known.filed(consignor.id, one.on):
        return ()
    return (FILING_NEEDED.at(one.at_head("tradeMode"), on=one.on.isoformat(), consignor=consignor.name),)
