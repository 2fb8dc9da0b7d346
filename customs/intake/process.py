"""From the inbox to rows, events and answers: one message, one transaction.

A message that fails for a reason nobody foresaw is tried again; then its documents are worked on one by one, so that
the one that cannot be processed is answered as such and its neighbours go through.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from common.audit import PLATFORM, set_context
from common.clock import china_day
from common.db import transaction
from common.findings import DomainError, Finding, Severity
from common.law import UnknownLawError
from common.law.zones import zone_parameter
from credit.subjects import SubjectFacts, subject_by_id
from customs.codes import codes_snapshot
from customs.intake import parties
from customs.intake.batch import Batch, Filed, stamp
from customs.intake.handlers import HANDLERS
from customs.intake.inbox import JSON, PROCESSED, RECEIVED, REFUSED
from customs.matching import settle
from customs.messages import responses
from customs.messages.checking import check_document
from customs.messages.document import DoorFault, ReadMessage
from customs.messages.reading import read_json, read_xml
from customs.movement import site_records
from customs.relay import hand_over_papers
from customs.rules import message_signature
from customs.rules.intake import MORE, NOT_PROCESSED
from customs.tables import Message

log = logging.getLogger(__name__)

WHOLE_TRIES = 2
"""How often a message is tried as a whole before its documents are taken one by one."""

MOST_FINDINGS = 1000
"""How many findings of a document are kept: a list has no greatest length, what is told of it has."""

PRE_NO_LETTERS = {
    "CEB215": "o",
    "CEB303": "D",
    "CEB403": "S",
    "CEB505": "Y",
    "CEB507": "A",
    "CEB509": "L",
    "CEB605": "C",
    "CEB701": "H",
}
"""First letter of preNo where it is not the dated `customs.checklist.pre_number_prefix` (B, fixed for checklists and
returns): o for tallies by the standard, C as seen for cancellations (message standard §7)."""


def process_message(factory: sessionmaker[Session], message_id: int, at: datetime) -> bool:
    """Work on one message if it still waits; whether this call did. Safe to call twice and at the same time."""
    for _ in range(WHOLE_TRIES + 1):
        try:
            with transaction(factory) as session:
                set_context(session, actor=PLATFORM, at=at)
                message = _take(session, message_id)
                if message is None:
                    return False
                work(session, message, at, apart=message.attempts >= WHOLE_TRIES)
                return True
        except Exception:
            log.exception("message failed", extra={"message_id": message_id})
            _count_attempt(factory, message_id)
    return False


def _take(session: Session, message_id: int) -> Message | None:
    return session.scalars(
        select(Message)
        .where(Message.id == message_id, Message.state == RECEIVED)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _count_attempt(factory: sessionmaker[Session], message_id: int) -> None:
    with transaction(factory) as session:
        session.execute(update(Message).where(Message.id == message_id).values(attempts=Message.attempts + 1))


def work(session: Session, message: Message, at: datetime, *, apart: bool = False) -> None:
    """Read the message and take in its documents; `apart`: one by one, each in a savepoint of its own."""
    try:
        read = _read(message)
    except DoorFault as fault:
        _refuse(message, [fault.finding], at)
        return
    unsupported = [] if read.type in HANDLERS else [read.unsupported()]
    if read.envelope_findings or unsupported:
        _refuse(message, [*read.envelope_findings, *unsupported], at)
        return
    sender = subject_by_id(session, message.sender_id, china_day(at))
    filed = [_filed(read, n, message.received_at) for n in range(len(read.documents))]
    groups: Sequence[Sequence[Filed]] = [[one] for one in filed] if apart else [filed]
    for group in groups:
        _take_in(session, message, sender, read, group, at, apart=apart)
    message.documents = [_document(one, message, at) for one in filed]
    message.accepted = sum(one.ok for one in filed)
    message.rejected = len(filed) - message.accepted
    message.state, message.processed_at = PROCESSED, at
    session.flush()


def _read(message: Message) -> ReadMessage:
    if message.content_type == JSON:
        return read_json(message.raw, message.received_at, message.guid)
    return read_xml(message.raw)


def _refuse(message: Message, findings: Sequence[Finding], at: datetime) -> None:
    message.envelope = _told(findings)
    message.state, message.processed_at = REFUSED, at


def _filed(read: ReadMessage, index: int, received_at: datetime) -> Filed:
    document = read.documents[index]
    app_time = stamp(document.head.get("appTime", "")) or received_at
    signature = list(read.signature.findings) if read.signature else []
    return Filed(document, read.spec, china_day(app_time), app_time, [*signature, *document.findings])


def _take_in(
    session: Session,
    message: Message,
    sender: SubjectFacts,
    read: ReadMessage,
    filed: Sequence[Filed],
    at: datetime,
    *,
    apart: bool,
) -> None:
    """One group of documents, whole or not at all."""
    if not apart:
        _run(session, message, sender, read, filed, at)
        return
    before = [list(one.findings) for one in filed]
    try:
        with session.begin_nested():
            _run(session, message, sender, read, filed, at)
    except Exception:
        log.exception("document failed", extra={"message_id": message.id, "document": filed[0].doc.index})
        for one, findings in zip(filed, before, strict=True):
            one.id, one.findings = None, [*findings, NOT_PROCESSED.at("", message=message.id)]


def _run(
    session: Session,
    message: Message,
    sender: SubjectFacts,
    read: ReadMessage,
    filed: Sequence[Filed],
    at: datetime,
) -> None:
    """Check, resolve, ask the filing rights, hand over to the type's handler, write, match."""
    batch = Batch(
        session=session,
        message_id=message.id,
        message_type=read.type,
        sender=sender,
        sender_zone=message.zone_code,
        at=at,
        codes=codes_snapshot(session),
        filed=list(filed),
    )
    _check(batch, read, message)
    parties.resolve(session, batch.filed)
    _check_signature(batch, read)
    _ask_rights(batch)
    batch.number(PRE_NO_LETTERS.get(read.type))
    HANDLERS[read.type](batch)
    batch.flush()
    settle(session, batch.touched, at)
    hand_over_papers(session, batch.outgoing, at)
    if read.type == "CEB603":
        site_records.papers_came(session, at=at)


def _check(batch: Batch, read: ReadMessage, message: Message) -> None:
    """Every field and sum of every document, by the codes of its own day."""
    limit = zone_parameter(
        batch.session, message.zone_code, "customs.message.max_days_behind", china_day(batch.at)
    ).integer
    for one in batch.filed:
        one.findings += check_document(read.spec, one.doc, batch.codes, one.on, message.received_at, limit or None)


def _check_signature(batch: Batch, read: ReadMessage) -> None:
    """A signature that is there is the declarant's (else the sender's); one that is asked for is there."""
    for one in batch.filed:
        if read.signature is None:
            if _signature_wanted(batch, one.on):
                one.findings.append(message_signature.MISSING.at("/Signature"))
            continue
        signer = one.parties.get("declarant") or batch.sender
        codes = {signer.customs_code, signer.uscc}
        if read.signature.valid and not codes & set(read.signature.holder):
            holder = "、".join(sorted(read.signature.holder)) or "—"
            one.findings.append(message_signature.OTHER_HOLDER.at("/Signature", holder=holder))


def _signature_wanted(batch: Batch, on: date) -> bool:
    wanted = zone_parameter(batch.session, batch.sender_zone, "customs.message.signed_types", on).codes
    return batch.message_type in wanted


def _ask_rights(batch: Batch) -> None:
    """The filing rights of each document's day; a day without known law is that document's finding."""
    try:
        parties.check_rights(batch)
    except UnknownLawError:
        for one in batch.filed:
            _ask_right_alone(batch, one)


def _ask_right_alone(batch: Batch, one: Filed) -> None:
    everybody, batch.filed = batch.filed, [one]
    before = list(one.findings)
    try:
        parties.check_rights(batch)
    except DomainError as unknown:
        one.findings = [*before, *(replace(said, pointer=one.at_head("appTime")) for said in unknown.findings)]
    finally:
        batch.filed = everybody


def _document(one: Filed, message: Message, at: datetime) -> dict[str, Any]:
    """What the message's object tells of a document; also all that answering it again needs."""
    status = one.status if one.ok and one.status else responses.error_code(one.spec, one.findings)
    app_type, guid = one.app_type, one.head("guid")
    return {
        "index": one.doc.index,
        "guid": guid[:36] or None,
        "key": {element: one.head(element)[:100] for element in one.spec.key},
        "id": one.id if one.ok else None,
        "status": status,
        "pre_no": one.pre_no,
        "app_type": app_type[:1],
        "echo": responses.echo(one.spec, one.doc.head),
        "findings": _told(one.findings),
    }


def _told(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """What is kept and told of a document's findings: all, or of very many the first, errors before warnings."""
    if len(findings) > MOST_FINDINGS:
        ranked = sorted(findings, key=lambda one: one.severity is not Severity.ERROR)[:MOST_FINDINGS]
        findings = [*ranked, MORE.at("", shown=MOST_FINDINGS, more=len(findings) - MOST_FINDINGS)]
    return [finding.as_dict() for finding in findings]
