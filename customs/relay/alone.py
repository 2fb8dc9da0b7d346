"""Papers that go out by themselves: cancellations, returns and tallies, movement papers, summary applications.

They are handed over when they are written, message by message, and customs' own system answers them. What stands in
our tables goes out: of a movement paper the waybills that took effect, of a split application each of its parts.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.clock import china_day
from common.money import plain
from common.outbox import Outgoing
from credit.subjects import SubjectFacts, subjects_by_ids
from customs.messages.fields import MESSAGES
from customs.messages.writing import NewDocument, message_xml
from customs.relay import bundles
from customs.relay.finding import TABLES
from customs.relay.handing_over import transfer
from customs.relay.writing import document
from customs.rules.relay import ALTERED, TALLY_NOTE
from customs.tables import (
    ArrivalLine,
    DepartureLine,
    GoodsReturn,
    GoodsReturnLine,
    MasterListLine,
    ReturnTally,
    SummaryApplication,
    SummaryApplicationPart,
)

Paper = tuple[str, int]
"""(kind of paper, its id)."""
NEW, CHANGE, DELETE = "1", "2", "3"


def _as_it_is(session: Session, row: Any, written: NewDocument) -> list[NewDocument]:
    return [written]


def _parts(session: Session, row: SummaryApplication, written: NewDocument) -> list[NewDocument]:
    """One document for each part of an application."""
    parts = session.scalars(
        select(SummaryApplicationPart)
        .where(SummaryApplicationPart.application_id == row.id)
        .order_by(SummaryApplicationPart.msg_seq_no)
    )
    return [
        NewDocument(
            {**written.head, "msgSeqNo": str(part.msg_seq_no), "guid": _guid()},
            [{"invtNo": number} for number in part.invt_nos],
        )
        for part in parts
    ]


def _noted(session: Session, row: ReturnTally, written: NewDocument) -> list[NewDocument]:
    """The tally with what differs in its note: the standard's message stands for goods as asked for."""
    query = (
        select(GoodsReturn.invt_no, GoodsReturnLine)
        .join(GoodsReturnLine, GoodsReturnLine.return_id == GoodsReturn.id)
        .where(GoodsReturn.logistics_no == row.logistics_no, GoodsReturn.tally_id == row.id)
        .where((GoodsReturnLine.found_qty != GoodsReturnLine.qty) | (GoodsReturnLine.altered_qty > 0))
        .order_by(GoodsReturn.id, GoodsReturnLine.gnum)
    )
    said = [
        TALLY_NOTE.format(
            number=number,
            gnum=line.gnum,
            asked=plain(line.qty),
            found=plain(line.found_qty or Decimal(0)),
            altered=ALTERED.zh if line.altered else "",
        ).zh
        for number, line in session.execute(query)
    ]
    if not said:
        return [written]
    most = MESSAGES[KINDS["return_tally"].type].head_by_name["note"].most
    note = "；".join([*said, *([row.note] if row.note else [])])
    return [replace(written, head={**written.head, "note": note if len(note) <= most else f"{note[: most - 1]}…"})]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of paper goes out: its message, its lines with the column that names the paper, its events' name.

    `outcome` is that of the lines that took effect, where others stay here. `documents` makes what goes out of the
    paper as it is written.
    """

    type: str
    lines: Any = None
    parent: str = ""
    outcome: str | None = None
    event: str | None = None
    documents: Callable[[Session, Any, NewDocument], list[NewDocument]] = _as_it_is


KINDS: Mapping[str, Kind] = {
    "arrival": Kind("CEB507", ArrivalLine, "arrival_id", "arrived"),
    "cancellation": Kind("CEB605"),
    "departure": Kind("CEB509", DepartureLine, "departure_id", "left"),
    "goods_return": Kind("CEB213", GoodsReturnLine, "return_id"),
    "master_list": Kind("CEB607", MasterListLine, "master_list_id", "tied"),
    "return_tally": Kind("CEB215", documents=_noted),
    "summary_application": Kind("CEB701", event="summary", documents=_parts),
}
"""By the paper's name in events."""


def hand_over_papers(session: Session, papers: Iterable[Paper], at: datetime) -> None:
    """Put papers of relay offices into the outbox; their rows must be written and their business keys locked.

    One handed over already in this revision is left alone; a newer revision replaces what has not gone out yet. A
    withdrawn paper goes out as its deletion, unless customs has never heard of it.
    """
    for subject_type, group in groupby(sorted(set(papers)), key=lambda one: one[0]):
        _hand_over(session, subject_type, [id for _, id in group], at)


def _hand_over(session: Session, subject_type: str, ids: Collection[int], at: datetime) -> None:
    kind, table = KINDS[subject_type], TABLES[subject_type]
    rows: Sequence[Any] = session.scalars(
        select(table).where(table.id.in_(ids)).order_by(table.id).execution_options(populate_existing=True)
    ).all()
    known = outbox.known_bundles(session, [bundles.name(subject_type, row.id, row.revision) for row in rows])
    fresh = [row for row in rows if bundles.name(subject_type, row.id, row.revision) not in known]
    sent = outbox.last_sent(session, kind.type, ids)
    lines = _lines(session, kind, ids)
    senders = subjects_by_ids(session, {row.sender_id for row in fresh}, china_day(at))
    for row in fresh:
        own = lines.get(row.id, [])
        says_something = row.withdrawn_at is None and (own or kind.outcome is None)
        out = says_something or outbox.gone_out(session, subject_type, row.id)
        outbox.supersede(session, row.zone_code, bundles.prefix(subject_type, row.id), at)
        if out:
            app_type = DELETE if row.withdrawn_at is not None else CHANGE if row.id in sent else NEW
            outbox.put(session, _messages(session, subject_type, row, own, app_type, senders), at)


def _lines(session: Session, kind: Kind, ids: Collection[int]) -> Mapping[int, Sequence[Any]]:
    """The lines that go out, by paper."""
    if kind.lines is None:
        return {}
    parent = getattr(kind.lines, kind.parent)
    query = select(kind.lines).where(parent.in_(ids)).order_by(parent, kind.lines.gnum)
    if kind.outcome is not None:
        query = query.where(kind.lines.outcome == kind.outcome)
    rows: Iterable[Any] = session.scalars(query.execution_options(populate_existing=True))
    return {id: list(group) for id, group in groupby(rows, key=lambda row: int(getattr(row, kind.parent)))}


def _messages(
    session: Session,
    subject_type: str,
    row: Any,
    lines: Sequence[Any],
    app_type: str,
    senders: Mapping[int, SubjectFacts],
) -> list[Outgoing]:
    kind = KINDS[subject_type]
    written = document(kind.type, row, lines, app_type=app_type)
    if app_type == DELETE:
        written = replace(written, head={**written.head, "guid": _guid()})
    if kind.outcome is not None:  # numbers of lines rise by one, also where some stay here
        written = replace(written, lines=[{**line, "gnum": str(n)} for n, line in enumerate(written.lines, 1)])
    return [
        Outgoing(
            zone_code=row.zone_code,
            office=row.customs_code,
            kind=kind.type,
            subject_type=subject_type,
            subject_id=row.id,
            revision=row.revision,
            bundle=bundles.name(subject_type, row.id, row.revision),
            payload=message_xml(kind.type, [one], transfer(senders.get(row.sender_id)), _guid()),
            part=part,
        )
        for part, one in enumerate(kind.documents(session, row, written), 1)
    ]


def _guid() -> str:
    return str(uuid.uuid4()).upper()
