"""Which paper of ours a received response answers: by the business keys it carries, within the connector's zones."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
    GoodsReturn,
    MasterList,
    MovementKey,
    Parcel,
    PaymentKey,
    PaymentReceipt,
    ReturnTally,
    Sale,
    SaleOrder,
    SummaryApplication,
    Waybill,
)

CHECKLIST, DECLARATION, CANCELLATION = "checklist", "declaration", "cancellation"
RELAY = "relay"
"""Who decides at an office of relay, as papers write it."""
RECENT = timedelta(days=62)
"""How far back a paper that was taken back is looked for, by the answer to its deletion."""
PARTY_CODES = ("agentCode", "ebcCode", "ebpCode", "logisticsCode", "operatorCode")
_PART = re.compile(r"[0-9]{1,9}")
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
        self.session, self.zones, self.on, self.kind = session, frozenset(zones), on, _KINDS.get(type)
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
                return _answered(self.session, subject_type, row)
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


def _answered(session: Session, subject_type: str, row: Any) -> Answered:
    decided = session.get_one(Checklist, row.checklist_id) if subject_type == CANCELLATION else row
    return Answered(
        subject_type=subject_type,
        id=row.id,
        zone_code=row.zone_code,
        received_at=row.made_at if subject_type == DECLARATION else row.received_at,
        relayed=getattr(decided, "decides", RELAY) == RELAY,
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
    """A paper by its filer, number and part."""

    def by_key(find: Finder, head: Mapping[str, str]) -> int | None:
        owner = find.firm(head, element)
        if owner is None:
            return None
        return find.first(
            MovementKey.paper_id,
            MovementKey.kind == kind,
            MovementKey.owner_id == owner,
            MovementKey.cop_no == head.get("copNo", ""),
            *_of_part(MovementKey.msg_seq_no, head),
        )

    return by_key


def _taken_back(table: Any, owner: str, element: str) -> Way:
    """A paper that its filer took back, for the answer to its deletion: its number is free again."""

    def by_number(find: Finder, head: Mapping[str, str]) -> int | None:
        filer = find.firm(head, element)
        if filer is None or not head.get("copNo"):
            return None
        query = select(table.id).where(getattr(table, owner) == filer, table.cop_no == head["copNo"])
        query = query.where(*_of_part(table.msg_seq_no, head), table.withdrawn_at.is_not(None))
        query = query.where(table.id >= month_floor(find.on - RECENT))
        found: int | None = find.session.scalars(query.order_by(table.id.desc()).limit(1)).first()
        return found

    return by_number


def _of_part(column: Any, head: Mapping[str, str]) -> list[Any]:
    """The condition that names the part of a split paper, where the response says which."""
    written = head.get("msgSeqNo", "")
    return [column == int(written)] if _PART.fullmatch(written) else []


def _passed_on(find: Finder, head: Mapping[str, str]) -> int | None:
    """A pending cancellation by the codes it went out with: with the end of a mandate it is another firm's by now."""
    return find.first(
        Cancellation.id,
        Cancellation.outcome == "pending",
        Cancellation.zone_code.in_(sorted(find.zones)),
        Cancellation.agent_code == head.get("agentCode", ""),
        Cancellation.cop_no == head.get("copNo", ""),
        Cancellation.invt_no == head.get("invtNo", ""),
    )


def _own_number(table: Any, owner: Any, element: str) -> Way:
    """A return or a tally by its filer and the filer's own number."""

    def by_number(find: Finder, head: Mapping[str, str]) -> int | None:
        filer = find.firm(head, element)
        if filer is None:
            return None
        return find.first(
            table.id, owner == filer, table.co_el_no == head.get("coElNo", ""), table.withdrawn_at.is_(None)
        )

    return by_number


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
    "CEB214": ("goods_return", GoodsReturn, (_own_number(GoodsReturn, GoodsReturn.declarant_id, "agentCode"),)),
    "CEB216": ("return_tally", ReturnTally, (_own_number(ReturnTally, ReturnTally.operator_id, "operatorCode"),)),
    "CEB304": ("sale_order", SaleOrder, (_order,)),
    "CEB404": ("payment_receipt", PaymentReceipt, (_payment,)),
    "CEB506": ("waybill", Waybill, (_waybill,)),
    "CEB508": (
        "arrival",
        Arrival,
        (_movement("arrival", "operatorCode"), _taken_back(Arrival, "operator_id", "operatorCode")),
    ),
    "CEB510": (
        "departure",
        Departure,
        (_movement("departure", "logisticsCode"), _taken_back(Departure, "carrier_id", "logisticsCode")),
    ),
    "CEB604": (CHECKLIST, Checklist, (_checklist, _customs_pre_no, _invt_no, _own_pre_no)),
    "CEB606": (CANCELLATION, Cancellation, (_movement(CANCELLATION, "agentCode"), _passed_on)),
    "CEB608": (
        "master_list",
        MasterList,
        (_movement("master_list", "agentCode"), _taken_back(MasterList, "declarant_id", "agentCode")),
    ),
    "CEB702": ("summary_application", SummaryApplication, (_application,)),
    "CEB792": (DECLARATION, Declaration, (_declaration, _drafted)),
}
"""By response type: the paper's name in events, its table, and the ways to find it; the first that finds one counts."""

TABLES: Mapping[str, Any] = {subject_type: table for subject_type, table, _ in _KINDS.values()}
"""The table of each paper."""
