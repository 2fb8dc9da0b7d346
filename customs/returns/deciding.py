"""The officer's decision about a return: release, inspect, suspend, hand over, reject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from common.clock import china_day
from common.db import lock_keys
from common.events import NewEvent, append_events, whose
from common.findings import ConflictError, DomainError
from customs.desk.officers import Officer
from customs.returns.completing import complete, lines_of
from customs.returns.left import lock_name
from customs.returns.reading import for_officers, one_return
from customs.rules import return_findings as said
from customs.rules.moves import Cause
from customs.rules.relay import CU8015
from customs.rules.returns import DECISIONS, MAX_TEXT, NEEDS_TEXT, RELAY, ReturnState, may_move, state_texts
from customs.tables import GoodsReturn, GoodsReturnLine


def decide(
    session: Session, officer: Officer, return_id: int, decision: str, *, at: datetime, text: str | None = None
) -> GoodsReturn:
    """Carry out an officer's decision; a return that is released and tallied is completed with it.

    `text` is what the party reads. Raises `DomainError` for an unknown decision, missing words or missing grounds,
    `NotFoundError` outside the officer's zones, and `ConflictError` where the return is elsewhere by now.
    """
    words = (text or "").strip()
    if decision not in DECISIONS:
        raise DomainError(said.UNKNOWN_DECISION.at("/decision", value=decision[:40], known="、".join(DECISIONS)))
    if len(words) > MAX_TEXT or (decision in NEEDS_TEXT and not words) or "\0" in words:
        raise DomainError(said.TEXT_NEEDED.at("/text", most=MAX_TEXT))
    visible = for_officers(officer.zones)
    lock_keys(session, [lock_name(one_return(session, visible, return_id).checklist_id)])
    row = one_return(session, visible, return_id, lock=True)
    lines = lines_of(session, [row.id])[row.id]
    end = DECISIONS[decision][0]
    _check(row, lines, end)
    row.status, row.answer, row.held_rule = end, words or None, None
    row.decided_by, row.decided_name = officer.account_id, officer.name
    if end == ReturnState.RELEASED:
        row.released_at = at
    session.flush()
    events = [_event(row, officer, end, words, decision, at)]
    if end == ReturnState.RELEASED and row.tally_id is not None:
        events += complete(session, row, lines, on=china_day(at), at=at, actor=officer.actor)
    append_events(session, events)
    return row


def _check(row: GoodsReturn, lines: Sequence[GoodsReturnLine], end: ReturnState) -> None:
    if row.decides == RELAY:
        raise ConflictError(CU8015.at(""))
    if row.completed_at is not None or row.withdrawn_at is not None:
        raise ConflictError(said.RETURN_OVER.at(""))
    if not may_move(row.status, end, Cause.OFFICER):
        raise ConflictError(said.MOVE_NOT_ALLOWED.at("", **state_texts(row.status), **state_texts(end, "end")))
    if end != ReturnState.RELEASED:
        return
    if row.reason_kind is None or row.proof_kind is None:
        raise ConflictError(said.NO_GROUNDS_NO_RELEASE.at(""))
    if row.tally_id is not None and not any(line.found_qty for line in lines):
        raise ConflictError(said.NOTHING_CAME.at(""))


def _event(row: GoodsReturn, officer: Officer, end: ReturnState, words: str, decision: str, at: datetime) -> NewEvent:
    name = DECISIONS[decision][1]
    say = {"zh": f"海关决定：{name.zh}" + (f"。{words}" if words else ""), "en": _in_english(name.en, words)}
    return NewEvent(
        at=at,
        kind="goods_return.moved",
        subject_type="goods_return",
        subject_id=row.id,
        source=Cause.OFFICER.value,
        actor=officer.actor,
        state=end,
        **whose(row),
        data={"say": say, "decision": decision, "invt_no": row.invt_no},
    )


def _in_english(name: str, words: str) -> str:
    return f"Customs decided: {name.lower()}" + (f". {words}" if words else "")
