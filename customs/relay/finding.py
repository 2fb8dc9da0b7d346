"""Which paper of ours a received response answers: by the business keys it carries, within the connector's zones."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.db import ID_STRIDE, month_floor
from common.money import parse_decimal
from credit.subjects import SubjectFacts, subjects_by_codes
from customs.tables import (
    Arrival,
    Cancellation,
    Checklist,
    ChecklistKey,
    CustomsResponse,
    Declaration,
    Departure,
    MasterList,
    MovementKey,
    Parcel,
    PaymentKey,
    PaymentReceipt,
    Sale,
    SaleOrder,
    SummaryApplication,
    Waybill,
)

CHECKLIST, DECLARATION = "checklist", "declaration"
PARTY_CODES = ("agentCode", "ebcCode", "ebpCode", "logisticsCode", "operatorCode")
_OWN_PRE_NO = re.compile(r"[A-Z](\d{4})(\d{2})\d{2}\d{9}")


@dataclass(frozen=True, slots=True)
class Answered:
    """The paper that a response is about."""

    subject_type: str
    id: int
    zone_code: str
    received_at: datetime
    relayed: bool
    office: str
    revision: int


class Finder:
    """Finds the papers of one message's responses; the firms they name are looked up once for all of them."""

    def __init__(
        self, session: Session, zones: Collection[str], type: str, heads: Sequence[Mapping[str, str]], on: date
    ) -> None:
        self.session, self.zones, self.kind = session, frozenset(zones), _KINDS.get(type)
        codes = {head[element] for head in heads for element in PARTY_CODES if head.get(element)}
        self.firms: Mapping[str, SubjectFacts] = subjects_by_codes(session, codes, on)

    def paper(self, head: Mapping[str, str]) -> Answered | None:
        """The paper of the zones that the response names; None where there is none."""
        if self.kind is None:
            return None
        subject_type, table, ways = self.kind
        for way in ways:
            found = way(self, head)
            row = self.session.get(table, found, populate_existing=True) if found is not None else None
            if row is not None and row.zone_code in self.zones:
                return _answered(subject_type, row)
        return None

    def firm(self, head: Mapping[str, str], element: str) -> int | None:
        """The id of the firm that an element names."""
        found = self.firms.get(head.get(element, ""))
        return found.id if found is not None else None

    def first(self, column: Any, *conditions: Any) -> int | None:
        """The first value of a column under the conditions."""
        found: int | None = self.session.scalars(select(column).where(*conditions).limit(1)).first()
        return found


Way = Callable[[Finder, Mapping[str, str]], int | None]


def _answered(subject_type: str, row: Any) -> Answered:
    return Answered(
        subject_type=subject_type,
        id=row.id,
        zone_code=row.zone_code,
        received_at=row.made_at if subject_type == DECLARATION else row.received_at,
        relayed=getattr(row, "decides", "relay") == "relay",
        office=getattr(row, "customs_code", ""),
        revision=getattr(row, "revision", 1),
    )


def _checklist(find: Finder, head: Mapping[str, str]) -> int | None:
    owner = find.firm(head, "agentCode")
    if owner is None or not head.get("copNo"):
        return None
    return find.first(
        ChecklistKey.checklist_id, ChecklistKey.declarant_id == owner, ChecklistKey.cop_no == head["copNo"]
    )


def _customs_pre_no(find: Finder, head: Mapping[str, str]) -> int | None:
    """By the exchange's own number, once a response carried it together with a key of ours."""
    if not head.get("preNo"):
        return None
    return find.first(
        CustomsResponse.subject_id,
        CustomsResponse.pre_no == head["preNo"],
        CustomsResponse.subject_type == CHECKLIST,
    )


def _own_pre_no(find: Finder, head: Mapping[str, str]) -> int | None:
    """By the number we issued, looked for in the month that it names."""
    written = _OWN_PRE_NO.fullmatch(head.get("preNo", ""))
    if written is None or not 1 <= int(written[2]) <= 12:
        return None
    first = month_floor(date(int(written[1]), int(written[2]), 1))
    return find.first(
        Checklist.id, Checklist.pre_no == head["preNo"], Checklist.id >= first, Checklist.id < first + ID_STRIDE
    )


def _invt_no(find: Finder, head: Mapping[str, str]) -> int | None:
    return find.first(Checklist.id, Checklist.invt_no == head["invtNo"]) if head.get("invtNo") else None


def _order(find: Finder, head: Mapping[str, str]) -> int | None:
    platform, consignor = find.firm(head, "ebpCode"), find.firm(head, "ebcCode")
    code = head.get("ebpCode", "")
    key = str(platform) if platform is not None else f"code:{code}" if code not in ("", "无") else f"none:{consignor}"
    return find.first(Sale.order_id, Sale.platform == key, Sale.order_no == head.get("orderNo", ""))


def _payment(find: Finder, head: Mapping[str, str]) -> int | None:
    consignor = find.firm(head, "ebcCode")
    if consignor is None:
        return None
    named = [PaymentKey.pay_no == head["payNo"]] if head.get("payNo") else []
    return find.first(
        PaymentKey.payment_id,
        PaymentKey.consignor_id == consignor,
        PaymentKey.order_no == head.get("orderNo", ""),
        *named,
    )


def _waybill(find: Finder, head: Mapping[str, str]) -> int | None:
    carrier = find.firm(head, "logisticsCode")
    if carrier is None:
        return None
    return find.first(
        Parcel.waybill_id, Parcel.carrier_id == carrier, Parcel.logistics_no == head.get("logisticsNo", "")
    )


def _movement(kind: str, element: str) -> Way:
    def by_key(find: Finder, head: Mapping[str, str]) -> int | None:
        owner = find.firm(head, element)
        if owner is None:
            return None
        part = [MovementKey.msg_seq_no == int(head["msgSeqNo"])] if head.get("msgSeqNo", "").isdecimal() else []
        return find.first(
            MovementKey.paper_id,
            MovementKey.kind == kind,
            MovementKey.owner_id == owner,
            MovementKey.cop_no == head.get("copNo", ""),
            *part,
        )

    return by_key


def _application(find: Finder, head: Mapping[str, str]) -> int | None:
    owner = find.firm(head, "agentCode")
    if owner is None:
        return None
    return find.first(
        SummaryApplication.id,
        SummaryApplication.declarant_id == owner,
        SummaryApplication.cop_no == head.get("copNo", ""),
        SummaryApplication.withdrawn_at.is_(None),
    )


def _declaration(find: Finder, head: Mapping[str, str]) -> int | None:
    return find.first(Declaration.id, Declaration.decl_seq_no == head.get("declSeqNo", ""))


def _drafted(find: Finder, head: Mapping[str, str]) -> int | None:
    """By customs' first result about a relayed application: the one draft that has the same weights."""
    weights = [parse_decimal(head.get(element, "")) for element in ("grossWeight", "netWeight")]
    if None in weights or not head.get("sumNo"):
        return None
    query = (
        select(Declaration.id)
        .join(SummaryApplication, SummaryApplication.id == Declaration.application_id)
        .where(SummaryApplication.sum_no == head["sumNo"], SummaryApplication.decides == "relay")
        .where(Declaration.state_at.is_(None), Declaration.cancelled_at.is_(None))
        .where(Declaration.gross_weight == weights[0], Declaration.net_weight == weights[1])
    )
    found = find.session.scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


_KINDS: Mapping[str, tuple[str, Any, tuple[Way, ...]]] = {
    "CEB304": ("sale_order", SaleOrder, (_order,)),
    "CEB404": ("payment_receipt", PaymentReceipt, (_payment,)),
    "CEB506": ("waybill", Waybill, (_waybill,)),
    "CEB508": ("arrival", Arrival, (_movement("arrival", "operatorCode"),)),
    "CEB510": ("departure", Departure, (_movement("departure", "logisticsCode"),)),
    "CEB604": (CHECKLIST, Checklist, (_checklist, _customs_pre_no, _invt_no, _own_pre_no)),
    "CEB606": ("cancellation", Cancellation, (_movement("cancellation", "agentCode"),)),
    "CEB608": ("master_list", MasterList, (_movement("master_list", "agentCode"),)),
    "CEB702": ("summary_application", SummaryApplication, (_application,)),
    "CEB792": (DECLARATION, Declaration, (_declaration, _drafted)),
}
"""By response type: the paper's name in events, its table, and the ways to find it; the first that finds one counts."""

TABLES: Mapping[str, Any] = {subject_type: table for subject_type, table, _ in _KINDS.values()}
"""The table of each paper."""
