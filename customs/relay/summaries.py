"""Summary applications of relay offices: handed over to the outbox message by message, answered by customs alone."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.clock import china_day
from common.outbox import Outgoing
from credit.subjects import subject_by_id
from customs.messages.writing import NewDocument, message_xml
from customs.relay.handing_over import transfer
from customs.relay.writing import document
from customs.summary.concluding import SUBJECT
from customs.tables import SummaryApplication, SummaryApplicationPart

TYPE = "CEB701"
PREFIX = f"{SUBJECT}:"


def bundle_of(row: SummaryApplication) -> str:
    """The bundle of one revision of an application."""
    return f"{PREFIX}{row.id}:{row.revision}"


def hand_over_summary(session: Session, row: SummaryApplication, at: datetime) -> None:
    """Put a complete application into the outbox, one message for each of its parts; it stays at 申报中 (2).

    A newer revision replaces what has not gone out yet.
    """
    parts = session.scalars(
        select(SummaryApplicationPart)
        .where(SummaryApplicationPart.application_id == row.id)
        .order_by(SummaryApplicationPart.msg_seq_no)
    ).all()
    known = outbox.last_sent(session, TYPE, [row.id])
    sender = transfer(subject_by_id(session, row.sender_id, china_day(at)))
    outbox.supersede(session, row.zone_code, f"{PREFIX}{row.id}:", at)
    messages = []
    for part in parts:
        written = document(TYPE, row, app_type="2" if row.id in known else "1")
        head = {**written.head, "msgSeqNo": str(part.msg_seq_no), "guid": str(uuid.uuid4()).upper()}
        one = NewDocument(head, [{"invtNo": number} for number in part.invt_nos])
        messages.append(
            Outgoing(
                zone_code=row.zone_code,
                office=row.customs_code,
                kind=TYPE,
                subject_type=SUBJECT,
                subject_id=row.id,
                revision=row.revision,
                bundle=bundle_of(row),
                payload=message_xml(TYPE, [one], sender, str(uuid.uuid4()).upper()),
            )
        )
    outbox.put(session, messages, at)


def current_bundles(session: Session, ids: Collection[int]) -> set[str]:
    """The bundles that still say what their application says."""
    rows = session.scalars(
        select(SummaryApplication).where(
            SummaryApplication.id.in_(sorted(ids)), SummaryApplication.withdrawn_at.is_(None)
        )
    )
    return {bundle_of(row) for row in rows}
