"""Customs' answers about papers other than checklists: the paper's state follows, the event carries customs' words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from common.events import NewEvent, append_events
from common.findings import ConflictError, Finding
from customs.movement.cancelling import decided_by_customs
from customs.relay.finding import TABLES, Answered
from customs.rules.moves import NAMES, Cause, State
from customs.rules.relay import CU8003, CU8007, CU8009

_FOLLOW = frozenset({"sale_order", "payment_receipt", "waybill"})
"""Papers whose state is customs' answer; what movement keeps has its own course, and the answer is told beside it."""

_DECIDES: Mapping[str, bool] = {State.CONCLUDED: True, State.STORED: True, State.REJECTED: False}
"""Whether customs' answer to a cancellation approves it; 120 and 399 both say yes (message standard §5)."""


def answer_paper(
    session: Session, paper: Answered, status: str, facts: Mapping[str, Any], actor: str, at: datetime
) -> tuple[str, list[Finding]]:
    """Write customs' answer about an order, receipt, waybill or a paper of movement; gives outcome and findings."""
    if paper.subject_type == "cancellation" and status in _DECIDES:
        return _decide_cancellation(session, paper, status, facts, actor, at)
    row: Any = session.get(TABLES[paper.subject_type], paper.id, with_for_update=True, populate_existing=True)
    negative = status.startswith("-")
    findings = [] if negative or status in NAMES else [CU8003.at("/returnStatus", status=status[:10])]
    if negative:
        findings.append(CU8007.at("/returnStatus", status=status[:10], info=str(facts["customs"]["info"])[:200]))
    follows = paper.subject_type in _FOLLOW and not findings
    if follows:
        row.status = status
        session.flush()
    elif not findings:
        findings.append(CU8009.at("", type=facts["customs"]["type"]))
    append_events(session, [_event(paper, row, status[:10] or None, facts, actor, at, findings)])
    return ("applied" if follows else "noted" if status in NAMES or negative else "refused"), findings


def _decide_cancellation(
    session: Session, paper: Answered, status: str, facts: Mapping[str, Any], actor: str, at: datetime
) -> tuple[str, list[Finding]]:
    """Customs approved or refused a cancellation; one that was decided, or cannot be carried out, is kept only."""
    words = str(facts["customs"]["info"])
    try:
        with session.begin_nested():
            row = decided_by_customs(session, paper.id, approved=_DECIDES[status], words=words, actor=actor, at=at)
    except ConflictError as error:
        return "refused", list(error.findings)
    if row is None:
        return "noted", []
    append_events(session, [_event(paper, row, None, facts, actor, at, [])])
    return "applied", []


def _event(
    paper: Answered,
    row: Any,
    state: str | None,
    facts: Mapping[str, Any],
    actor: str,
    at: datetime,
    findings: list[Finding],
) -> NewEvent:
    return NewEvent(
        at=at,
        kind=f"{paper.subject_type}.answered",
        subject_type=paper.subject_type,
        subject_id=paper.id,
        source=Cause.CUSTOMS.value,
        actor=actor,
        state=state,
        zone_code=paper.zone_code,
        consignor_id=getattr(row, "consignor_id", None),
        declarant_id=getattr(row, "declarant_id", None),
        sender_id=row.sender_id,
        data={**facts, "notes": [finding.as_dict() for finding in findings]},
    )
