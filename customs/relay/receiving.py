"""Taking in what customs' own system answers: raw responses in, states moved, everything kept.

Responses come in any order and more than once. Each is kept; one already kept is not taken again; of those about one
paper only what is newer than the newest applied moves anything. Nothing a response says can stop its neighbours.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from common import outbox
from common.clock import CHINA, china_day
from common.db import lock_keys
from common.events import NewEvent, append_events
from common.findings import DomainError, Finding
from customs.messages.document import cut
from customs.messages.reading import ReadDocument, ReadMessage, read_xml
from customs.moves import Moving, lock, walk
from customs.relay import bundles
from customs.relay.finding import CHECKLIST, DECLARATION, Answered, Finder
from customs.relay.papers import answer_paper, hold
from customs.relay.recorded import newest_applied
from customs.rules import relay as rules
from customs.rules.moves import Cause, Step
from customs.rules.relay import Meaning
from customs.summary.concluding import SUBJECT as SUMMARY
from customs.summary.states import apply_answer, apply_result
from customs.tables import Checklist, CustomsMessage, CustomsResponse

ECHOED = 300
"""The most characters of an element of a faulty response that are kept beside the raw message."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message from customs: counts by outcome, and each response; `repeated`: all was here before."""

    message_id: int
    type: str
    repeated: bool
    counts: dict[str, int]
    responses: Sequence[CustomsResponse]


@dataclass(slots=True)
class _One:
    """A response on its way: what was read, whose paper it answers, and what is found out."""

    document: ReadDocument
    fingerprint: bytes
    at: datetime | None
    paper: Answered | None = None
    outcome: str = "noted"
    findings: list[Finding] = field(default_factory=list)

    def text(self, element: str) -> str:
        """An element's text; empty where it is absent."""
        return self.document.head.get(element, "")


def receive(session: Session, zones: Collection[str], raw: bytes, *, actor: str, at: datetime) -> Received:
    """Keep and apply a message of responses (CEB214 … 702) or summary results (CEB792) for papers of `zones`.

    Raises `DoorFault` for bytes that are no such message and `DomainError` for a faulty envelope; nothing is kept
    then, and the connector still has the bytes. Everything else is answered with an outcome.
    """
    message = read_xml(raw, responses=True)
    if message.envelope_findings:
        raise DomainError(*message.envelope_findings)
    sha = hashlib.sha256(raw).digest()
    lock_keys(session, [f"customs-message:{sha.hex()}"])
    known = session.scalars(select(CustomsMessage).where(CustomsMessage.sha256 == sha)).one_or_none()
    if known is not None:
        return _result(session, known, repeated=True)
    kept = CustomsMessage(type=message.type, guid=message.guid, raw=raw, sha256=sha, received_at=at, received_by=actor)
    session.add(kept)
    session.flush()
    _apply_all(session, zones, message, kept, actor, at)
    return _result(session, kept, repeated=False)


def _result(session: Session, message: CustomsMessage, *, repeated: bool) -> Received:
    rows = session.scalars(
        select(CustomsResponse).where(CustomsResponse.message_id == message.id).order_by(CustomsResponse.id)
    ).all()
    return Received(message.id, message.type, repeated, dict(Counter(row.outcome for row in rows)), rows)


def _apply_all(
    session: Session, zones: Collection[str], message: ReadMessage, kept: CustomsMessage, actor: str, at: datetime
) -> None:
    ones = [_read(message.type, one) for one in message.documents]
    finder = Finder(session, zones, message.type, [one.document.head for one in ones], china_day(at))
    for one in ones:
        one.paper = finder.paper(one.document.head)
    # everything at once, in one order for everybody, before anything is read that a move could change
    papers = [one.paper for one in ones if one.paper is not None]
    moving = lock(session, [paper.id for paper in papers if paper.subject_type == CHECKLIST])
    hold(session, papers)
    for one in sorted(ones, key=lambda one: (one.at is None, one.at or at)):
        row_id = _keep(session, one, message.type, kept, at)
        if row_id is None:
            continue
        _judge(session, one, message.type, actor, moving, at)
        session.execute(
            update(CustomsResponse)
            .where(CustomsResponse.id == row_id)
            .values(outcome=one.outcome, findings=[finding.as_dict() for finding in one.findings])
        )


def _read(type: str, document: ReadDocument) -> _One:
    """The response with its instant and the mark by which a repeat is known."""
    head = document.head
    said = "\0".join([type, *(f"{name}={head[name]}" for name in sorted(head) if name != "guid")])
    parts = rules.read_time(head.get("returnTime") or head.get("opDate", ""))
    one = _One(document, hashlib.sha256(said.encode()).digest(), datetime(*parts, tzinfo=CHINA) if parts else None)
    # a response without preNo is common; what else reading found is told and kept, and stops nothing
    for finding in document.findings:
        one.findings.append(rules.CU8014.at(finding.pointer, place=document.index + 1, what=finding.message))
    return one


def _keep(session: Session, one: _One, type: str, kept: CustomsMessage, at: datetime) -> int | None:
    """The new row's id; None where the same response is on record already."""
    paper = one.paper
    found: int | None = session.scalar(
        insert(CustomsResponse)
        .values(
            message_id=kept.id,
            type=type,
            zone_code=paper.zone_code if paper else None,
            subject_type=paper.subject_type if paper else None,
            subject_id=paper.id if paper else None,
            head={name: cut(value, ECHOED) for name, value in one.document.head.items()},
            pre_no=one.text("preNo") or None,
            return_status=cut(one.text("returnStatus") or one.text("decState"), 10),
            return_time=one.at,
            return_info=one.text("returnInfo"),
            outcome=one.outcome,
            findings=[],
            fingerprint=one.fingerprint,
            received_at=at,
        )
        .on_conflict_do_nothing(index_elements=[CustomsResponse.fingerprint])
        .returning(CustomsResponse.id)
    )
    return found


def _judge(session: Session, one: _One, type: str, actor: str, moving: dict[int, Moving], at: datetime) -> None:
    """Apply one response, or find out why not."""
    paper = one.paper
    if paper is None:
        one.outcome = "unmatched"
        keys = "，".join(f"{name}={cut(value)}" for name, value in one.document.head.items() if name.endswith("No"))
        one.findings.append(rules.CU8001.at("", key=keys or type))
        return
    outbox.answered(session, paper.subject_type, [paper.id], at)
    refused = _unusable(session, one, paper, at)
    if refused is not None:
        one.findings.append(refused)
        one.outcome = "stale" if refused.rule == rules.CU8002.id else "refused"
        return
    outbox.proved_sent(session, bundles.name(paper.subject_type, paper.id, paper.revision), at)
    if paper.subject_type == CHECKLIST:
        _answer_checklist(session, one, paper, moving, actor)
        return
    if paper.subject_type == SUMMARY:
        taken = apply_answer(session, paper.id, one.document.head, actor=actor, at=at)
        one.outcome = "applied" if taken else "noted"
        return
    if paper.subject_type == DECLARATION:
        assert one.at is not None
        found = apply_result(session, paper.id, one.document.head, said_at=one.at, actor=actor, at=at)
        one.findings += found
        one.outcome = "refused" if found else "applied"
        return
    assert one.at is not None
    counts = max(one.at, paper.received_at)
    one.outcome, findings = answer_paper(session, paper, one.text("returnStatus"), _facts(one, type), actor, counts)
    one.findings += findings


def _unusable(session: Session, one: _One, paper: Answered, at: datetime) -> Finding | None:
    """Why a response that names a paper of ours moves nothing."""
    if not paper.relayed:
        return rules.CU8006.at("", office=paper.office)
    if one.at is None or one.at > at + rules.AHEAD or one.at < paper.received_at - rules.AHEAD:
        return rules.CU8005.at("/returnTime", time=cut(one.text("returnTime")))
    newest = newest_applied(session, paper.subject_type, paper.id)
    if newest is not None and (one.at < newest or (one.at == newest and not _goes_on(one))):
        return rules.CU8002.at("/returnTime", time=_stamp(one.at), newest=_stamp(newest))
    return None


def _goes_on(one: _One) -> bool:
    """Whether it is a further message of a split result: all of them bear the same time."""
    return one.text("opDate") != "" and one.text("msgSeqNo") not in ("", "1")


def _stamp(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _facts(one: _One, type: str) -> dict[str, Any]:
    """What an event carries: customs' own words, and where they come from."""
    return {
        "say": {"zh": one.text("returnInfo"), "en": one.text("returnInfo")},
        "customs": {
            "type": type,
            "status": one.text("returnStatus"),
            "time": one.text("returnTime"),
            "info": one.text("returnInfo"),
            "pre_no": one.text("preNo") or None,
        },
    }


def _answer_checklist(session: Session, one: _One, paper: Answered, moving: dict[int, Moving], actor: str) -> None:
    """Move a checklist as customs says, or note what it said."""
    now = moving[paper.id]
    number = _number(session, one, now)
    what, states = rules.meaning(one.text("returnStatus"), now.status or "")
    fault = _fault(what, one, now)
    if fault is not None:
        one.findings.append(fault)
    facts = _facts(one, "CEB604")
    if states:
        assert one.at is not None
        # an empty number keeps the walk from issuing one of ours in customs' name
        steps = _steps(states, facts | {"invt_no": number}, actor)
        walk(session, [(replace(now, invt_no=number or ""), steps)], at=max(one.at, paper.received_at))
        moving[paper.id] = replace(now, status=states[-1], invt_no=number)
        one.outcome = "applied"
        return
    one.outcome = "noted" if what in (Meaning.NOTHING, Meaning.FAILED) else "refused"
    assert one.at is not None
    append_events(session, [_told(now, one, facts, actor, max(one.at, paper.received_at))])


def _fault(what: Meaning, one: _One, now: Moving) -> Finding | None:
    status = cut(one.text("returnStatus"), 10)
    if what is Meaning.UNKNOWN:
        return rules.CU8003.at("/returnStatus", status=status)
    if what is Meaning.IMPOSSIBLE:
        return rules.CU8004.at("/returnStatus", status=status, start=now.status)
    if what is Meaning.FAILED:
        return rules.CU8007.at("/returnStatus", status=status, info=cut(one.text("returnInfo"), 200))
    return None


def _number(session: Session, one: _One, now: Moving) -> str | None:
    """The customs number after this response: the recorded one, or the one that customs now gives."""
    found = one.text("invtNo")
    fault = rules.number_fault(found, now.invt_no)
    if fault is not None:
        one.findings.append(fault)
        return now.invt_no
    if found and now.invt_no is None:
        session.execute(update(Checklist).where(Checklist.id == now.id).values(invt_no=found))
        return found
    return now.invt_no


def _steps(states: Sequence[str], facts: dict[str, Any], actor: str) -> list[Step]:
    """The moves: states customs passed over say so, the last one carries customs' text."""
    customs = facts["customs"]
    between = {
        "zh": f"海关系统未单独回执，按其后的回执（{customs['status']}）补记",
        "en": f"Not answered separately by customs; filled in from its later response ({customs['status']})",
    }
    steps = [Step(one, Cause.CUSTOMS, actor, say=between, data={"implied": True}) for one in states[:-1]]
    return [*steps, _last(states[-1], facts, actor)]


def _last(state: str, facts: dict[str, Any], actor: str) -> Step:
    number = {"invt_no": facts["invt_no"]} if facts["invt_no"] else {}
    return Step(state, Cause.CUSTOMS, actor, say=facts["say"], data={"customs": facts["customs"]} | number)


def _told(now: Moving, one: _One, facts: dict[str, Any], actor: str, at: datetime) -> NewEvent:
    """The event of a response that moves nothing; the parties read customs' status and text all the same."""
    return NewEvent(
        at=at,
        kind="checklist.answered",
        subject_type=CHECKLIST,
        subject_id=now.id,
        source=Cause.CUSTOMS.value,
        actor=actor,
        state=cut(one.text("returnStatus"), 10) or None,
        zone_code=now.zone_code,
        consignor_id=now.consignor_id,
        declarant_id=now.declarant_id,
        sender_id=now.sender_id,
        data={**facts, "notes": [finding.as_dict() for finding in one.findings]},
    )
