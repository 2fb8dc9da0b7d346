"""Handing complete checklists of relay offices over to the outbox, each with its order, receipt and waybill."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.clock import china_day
from common.outbox import Outgoing
from credit.subjects import SubjectFacts, subjects_by_ids
from customs.messages.writing import NewDocument, message_xml
from customs.moves import lock
from customs.relay import bundles
from customs.relay.finding import CHECKLIST as SUBJECT
from customs.relay.writing import document
from customs.rules.moves import State
from customs.tables import Checklist, ChecklistLine, PaymentReceipt, SaleOrder, SaleOrderLine, Waybill

PAPERS: Mapping[str, tuple[str, type[Any], str]] = {
    "CEB303": ("sale_order", SaleOrder, "order_id"),
    "CEB403": ("payment_receipt", PaymentReceipt, "payment_id"),
    "CEB505": ("waybill", Waybill, "waybill_id"),
}
"""By message type: the subject's name in events, its table, the checklist's column; sent in this order."""

CHECKLIST = "CEB603"


@dataclass(slots=True)
class _Gathered:
    """Everything that is written for a set of checklists."""

    papers: Mapping[str, Mapping[int, Any]]
    order_lines: Mapping[int, Sequence[Any]]
    lines: Mapping[int, Sequence[Any]]
    senders: Mapping[int, SubjectFacts]
    sent: dict[str, dict[int, int]] = field(default_factory=dict)


def hand_over(session: Session, checklist_ids: Collection[int], at: datetime) -> int:
    """Put complete checklists of relay offices into the outbox; how many were put in now.

    The checklists stay at 申报中 (2); their rows must be written. One handed over already in this revision, one that
    is not relayed, and one at another state are left alone. A newer revision replaces what has not gone out yet.
    """
    locked = lock(session, checklist_ids)
    rows = session.scalars(
        select(Checklist)
        .where(Checklist.id.in_(locked), Checklist.decides == "relay", Checklist.status == State.DECLARED)
        .where(Checklist.withdrawn_at.is_(None))
        .order_by(Checklist.id)
        .execution_options(populate_existing=True)
    ).all()
    known = outbox.known_bundles(session, [_bundle(row) for row in rows])
    fresh = [row for row in rows if _bundle(row) not in known]
    gathered = _gather(session, fresh, at) if fresh else None
    for row in fresh:
        assert gathered is not None
        outbox.supersede(session, row.zone_code, bundles.prefix(SUBJECT, row.id), at)
        outbox.put(session, _messages(row, gathered), at)
    return len(fresh)


def _bundle(row: Checklist) -> str:
    return bundles.name(SUBJECT, row.id, row.revision)


def _gather(session: Session, rows: Sequence[Checklist], at: datetime) -> _Gathered:
    papers = {kind: _by_id(session, table, column, rows) for kind, (_, table, column) in PAPERS.items()}
    orders = list(papers["CEB303"])
    found = _Gathered(
        papers=papers,
        order_lines=_lines(session, SaleOrderLine, SaleOrderLine.order_id, orders),
        lines=_lines(session, ChecklistLine, ChecklistLine.checklist_id, [row.id for row in rows]),
        senders=subjects_by_ids(
            session, {p.sender_id for group in papers.values() for p in group.values()} | _senders(rows), china_day(at)
        ),
    )
    for kind in (*PAPERS, CHECKLIST):
        ids = list(papers[kind]) if kind in papers else [row.id for row in rows]
        found.sent[kind] = outbox.last_sent(session, kind, ids)
    return found


def _senders(rows: Sequence[Checklist]) -> set[int]:
    return {row.sender_id for row in rows}


def _by_id(session: Session, table: type[Any], column: str, rows: Sequence[Checklist]) -> dict[int, Any]:
    ids = {getattr(row, column) for row in rows} - {None}
    found: Iterable[Any] = session.scalars(select(table).where(table.id.in_(sorted(ids))))
    return {one.id: one for one in found}


def _lines(session: Session, table: type[Any], owner: Any, ids: Sequence[int]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = {}
    found: Iterable[Any] = session.scalars(select(table).where(owner.in_(ids)).order_by(owner, table.gnum))
    for one in found:
        grouped.setdefault(getattr(one, owner.key), []).append(one)
    return grouped


def _messages(row: Checklist, known: _Gathered) -> list[Outgoing]:
    """The bundle of one checklist: papers that customs does not have yet in this revision, then the checklist."""
    made = []
    for kind, (subject, _, column) in PAPERS.items():
        paper = known.papers[kind].get(getattr(row, column) or 0)
        if paper is not None and known.sent[kind].get(paper.id) != paper.revision:
            lines = known.order_lines.get(paper.id, []) if kind == "CEB303" else []
            made.append(_outgoing(row, kind, subject, paper, lines, known))
    made.append(_outgoing(row, CHECKLIST, SUBJECT, row, known.lines.get(row.id, []), known))
    return made


def _outgoing(row: Checklist, kind: str, subject: str, paper: Any, lines: Sequence[Any], known: _Gathered) -> Outgoing:
    app_type = "2" if paper.id in known.sent[kind] else "1"
    written: NewDocument = document(kind, paper, lines, app_type=app_type)
    return Outgoing(
        zone_code=row.zone_code,
        office=row.customs_code,
        kind=kind,
        subject_type=subject,
        subject_id=paper.id,
        revision=paper.revision,
        bundle=_bundle(row),
        payload=message_xml(kind, [written], transfer(known.senders.get(paper.sender_id)), str(uuid.uuid4()).upper()),
    )


def transfer(sender: SubjectFacts | None) -> dict[str, str]:
    """BaseTransfer names the firm that sent the paper to us; without an exchange number the connector's own is used.

    The field then goes out empty and the connector fills it in, as it does when it transports for others.
    """
    if sender is None:
        return {"dxpMode": "DXP"}
    return {
        "copCode": sender.customs_code or sender.uscc or "",
        "copName": sender.name,
        "dxpMode": "DXP",
        "dxpId": sender.dxp_id or "",
    }
