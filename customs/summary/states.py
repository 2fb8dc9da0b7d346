"""What becomes of a declaration after it was drafted: customs' later results (792 again), amendment and cancellation.

Older data never overwrites newer: a result counts only if its opDate is newer than the newest applied. A cancelled
declaration frees its lines; they can be summarised anew. An amended one keeps them, and lets its checklists be
corrected (`customs.summary.restating`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.db import lock_keys
from common.events import append_events
from common.findings import ConflictError, DomainError, Finding, NotFoundError, Text
from common.law.zones import zone_parameter
from customs.rules.moves import Cause, State, allowed
from customs.rules.summary import CANCELLED_ALREADY, MOST_REASON, NO_DECLARATION, REASON_NEEDED, RESULT_PARTIES
from customs.summary.concluding import application_event, conclude, declaration_event, lock_name
from customs.tables import Declaration, SummaryApplication

_NUMBERS: Mapping[str, str] = {"decTmpNo": "dec_tmp_no", "decPreNo": "dec_pre_no", "entryId": "entry_id"}
"""Numbers that customs gives later; one that a result leaves out stays as it is."""

_PARTIES: Mapping[str, str] = {"sumNo": "sum_no", "agentCode": "agent_code", "ebcCode": "ebc_code"}
"""Elements by which a result must agree with the application."""


@dataclass(frozen=True, slots=True)
class _Word:
    """On whose word a declaration is cancelled or amended, when, and why."""

    reason: str
    source: str
    actor: str
    at: datetime


_FREE = text("UPDATE declaration_source SET live = false WHERE declaration_id = :id AND live")


def apply_answer(session: Session, application_id: int, head: Mapping[str, str], *, actor: str, at: datetime) -> bool:
    """Take over customs' answer (702) about an application of a relay office; False where it changes nothing.

    399 concludes it under customs' own number: it is merged here by the same rules.
    """
    consignor = session.scalar(select(SummaryApplication.consignor_id).where(SummaryApplication.id == application_id))
    assert consignor is not None
    lock_keys(session, [lock_name(consignor)])
    row = session.get_one(SummaryApplication, application_id, with_for_update=True, populate_existing=True)
    status, words = head.get("returnStatus", ""), head.get("returnInfo", "")
    if row.concluded_at is not None or status not in _ANSWERS:
        return False
    row.status = status
    told = {"zh": words, "en": words}
    facts: dict[str, object] = {"customs": {"status": status, "info": words}}
    answered = application_event(
        row, "summary.answered", at, state=status, say=told, data=facts, source="customs", actor=actor
    )
    append_events(session, [answered])
    if status == State.CONCLUDED:
        append_events(session, conclude(session, row, at=at, sum_no=head.get("sumNo", "")).events)
    session.flush()
    return True


_ANSWERS = frozenset({State.SENT, State.SEND_FAILED, State.REJECTED, State.STORED, State.REVIEW, State.CONCLUDED})


def apply_sent(session: Session, application_id: int, status: str) -> None:
    """Move an application that went out to customs' own system (3), or did not (4); one that was answered stays."""
    row = session.get_one(SummaryApplication, application_id, with_for_update=True, populate_existing=True)
    if row.withdrawn_at is None and allowed(row.status, status, Cause.CUSTOMS):
        row.status = status
        session.flush()


def apply_result(
    session: Session, declaration_id: int, head: Mapping[str, str], *, said_at: datetime, actor: str, at: datetime
) -> list[Finding]:
    """Take over customs' result about a declaration; findings say why nothing was taken over.

    `said_at` is its opDate, newer than any applied before. A state of the zone's list of cancelled ones cancels, one
    of its list of amended ones amends.
    """
    one, application = _locked(session, declaration_id)
    if one.state_at == said_at:
        return []  # a further message of a split result says the same of the declaration
    if application.decides == "relay" and one.state_at is None and head.get("declSeqNo"):
        one.decl_seq_no = head["declSeqNo"]  # what was drafted here gets the number that customs gave it
    for element, column in _PARTIES.items():
        if head.get(element) and head[element] != getattr(application, column):
            return [RESULT_PARTIES.at(f"/SummaryResultHead/{element}", field=element, number=one.decl_seq_no)]
    before = {"dec_state": one.dec_state, **{column: getattr(one, column) for column in _NUMBERS.values()}}
    for element, column in _NUMBERS.items():
        if head.get(element):
            setattr(one, column, head[element])
    one.dec_state, one.state_at = head["decState"], said_at
    changed = {
        column: {"before": value, "after": getattr(one, column)}
        for column, value in before.items()
        if value != getattr(one, column)
    }
    told = declaration_event(
        application,
        one.id,
        "declaration.answered",
        at,
        source="customs",
        actor=actor,
        data={"decl_seq_no": one.decl_seq_no, "changed": changed, "dec_state": one.dec_state},
        say={
            "zh": f"海关报关单状态{one.dec_state}，报关单编号{one.entry_id or '—'}",
            "en": f"Customs' state of the declaration: {one.dec_state}; entry number {one.entry_id or '—'}",
        },
    )
    append_events(session, [told])
    if one.cancelled_at is None:
        _follow(session, one, application, actor=actor, at=at)
    session.flush()
    return []


def _follow(session: Session, one: Declaration, application: SummaryApplication, *, actor: str, at: datetime) -> None:
    """Cancel or amend a declaration that customs' state says was."""
    for name, act in (("customs.summary.cancelled_states", _cancel), ("customs.summary.amended_states", _amend)):
        if one.dec_state in zone_parameter(session, one.zone_code, name, china_day(at)).codes:
            act(session, one, application, _Word("", "customs", actor, at))
            return


def cancel(session: Session, declaration_id: int, *, reason: str, actor: str, at: datetime) -> Declaration:
    """Cancel a declaration on the word of an officer of its office: its lines can be summarised anew.

    Raises `DomainError` without a reason and `ConflictError` for one that is cancelled already.
    """
    return _by_officer(session, declaration_id, _cancel, reason=reason, actor=actor, at=at)


def amend(session: Session, declaration_id: int, *, reason: str, actor: str, at: datetime) -> Declaration:
    """Mark a declaration as amended (改单) on the word of an officer of its office: its checklists may be corrected.

    Its lines stay in it. A further amendment may follow; the newest counts. Raises as `cancel`.
    """
    return _by_officer(session, declaration_id, _amend, reason=reason, actor=actor, at=at)


def _by_officer(
    session: Session, declaration_id: int, act: Callable[..., None], *, reason: str, actor: str, at: datetime
) -> Declaration:
    words = reason.strip()
    if not 0 < len(words) <= MOST_REASON:
        raise DomainError(REASON_NEEDED.at("/reason", most=MOST_REASON))
    one, application = _locked(session, declaration_id)
    if one.cancelled_at is not None:
        when = one.cancelled_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        raise ConflictError(CANCELLED_ALREADY.at("", number=one.decl_seq_no, at=when))
    act(session, one, application, _Word(words, "officer", actor, at))
    session.flush()
    return one


def _locked(session: Session, declaration_id: int) -> tuple[Declaration, SummaryApplication]:
    """The declaration and its application, under the consignor's lock."""
    consignor = session.scalar(select(Declaration.consignor_id).where(Declaration.id == declaration_id))
    if consignor is None:
        raise NotFoundError(NO_DECLARATION.at(""))
    lock_keys(session, [lock_name(consignor)])
    one = session.get_one(Declaration, declaration_id, with_for_update=True, populate_existing=True)
    return one, session.get_one(SummaryApplication, one.application_id)


def _cancel(session: Session, one: Declaration, application: SummaryApplication, word: _Word) -> None:
    one.cancelled_at = word.at
    freed: Any = session.execute(_FREE, {"id": one.id})
    say = Text(
        "报关单{number}已撤销，{lines}项可重新汇总",
        "Declaration {number} is cancelled; lines that can be summarised anew: {lines}",
    )
    _tell(session, one, application, "declaration.cancelled", word, say, lines=freed.rowcount)


def _amend(session: Session, one: Declaration, application: SummaryApplication, word: _Word) -> None:
    one.amended_at = word.at
    say = Text(
        "报关单{number}已改单，其清单可以更正",
        "Declaration {number} is amended at customs; its checklists can be corrected",
    )
    _tell(session, one, application, "declaration.amended", word, say)


def _tell(
    session: Session,
    one: Declaration,
    application: SummaryApplication,
    kind: str,
    word: _Word,
    say: Text,
    **facts: int,
) -> None:
    event = declaration_event(
        application,
        one.id,
        kind,
        word.at,
        source=word.source,
        actor=word.actor,
        data={"decl_seq_no": one.decl_seq_no, "reason": word.reason, **facts},
        say=say.format(number=one.decl_seq_no, **facts).as_dict(),
    )
    append_events(session, [event])
