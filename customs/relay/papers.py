"""Customs' answers about papers other than checklists: the paper follows, the event carries customs' words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.db import lock_keys
from common.events import NewEvent, append_events
from common.findings import ConflictError, Finding
from customs.movement.cancelling import by_numbers, decided_by_customs
from customs.relay.finding import CANCELLATION, DECLARATION, TABLES, Answered
from customs.relay.recorded import newest_applied
from customs.returns.completing import complete, lines_of
from customs.returns.left import lock_name
from customs.returns.tallying import Tallied, follow, take_back
from customs.rules.moves import Cause, State
from customs.rules.relay import ACCEPTED, CU8003, CU8004, CU8007, CU8009, Meaning, paper_meaning
from customs.rules.returns import ReturnState, may_move
from customs.summary.concluding import SUBJECT as SUMMARY
from customs.summary.concluding import lock_name as summary_lock
from customs.tables import Cancellation, GoodsReturn, ReturnTally

GOODS_RETURN, RETURN_TALLY = "goods_return", "return_tally"


@dataclass(slots=True)
class _Answer:
    """One answer about one paper: its status, customs' words and where they come from, and what it led to.

    `at` is the instant at which it counts: customs' own, not before the paper came.
    """

    session: Session
    paper: Answered
    status: str
    facts: Mapping[str, Any]
    actor: str
    at: datetime
    outcome: str = "applied"
    findings: list[Finding] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What customs wrote."""
        return str(self.facts["customs"]["info"])

    def refuse(self, *findings: Finding) -> None:
        """Keep the answer without effect."""
        self.outcome = "refused"
        self.findings += findings

    def does_not_follow(self, stands: str) -> None:
        """Refuse what does not follow from the paper's state; the same state again is noted."""
        if stands == self.status:
            self.outcome = "noted"
        else:
            self.refuse(CU8004.at("/returnStatus", status=self.status, start=stands))

    def tell(self, row: Any, word: str = "answered", *, state: str | None = None, **data: Any) -> None:
        """Append the event of the paper that carries customs' words."""
        event = paper_event(self.paper.subject_type, row, word, at=self.at, actor=self.actor, state=state)
        event.data |= {**self.facts, **data, "notes": [finding.as_dict() for finding in self.findings]}
        append_events(self.session, [event])


def paper_event(
    subject: str, row: Any, word: str, *, at: datetime, actor: str, state: str | None, name: str | None = None
) -> NewEvent:
    """An event of a paper that comes from customs; `name`: how its events are called, if otherwise than itself."""
    return NewEvent(
        at=at,
        kind=f"{name or subject}.{word}",
        subject_type=subject,
        subject_id=row.id,
        source=Cause.CUSTOMS.value,
        actor=actor,
        state=state,
        zone_code=row.zone_code,
        consignor_id=getattr(row, "consignor_id", None),
        declarant_id=getattr(row, "declarant_id", None),
        sender_id=row.sender_id,
        data={},
    )


def hold(session: Session, papers: Collection[Answered]) -> None:
    """Lock the business keys behind the papers of one message, all at once, before any of them is read."""
    ids: dict[str, list[int]] = {}
    for paper in papers:
        ids.setdefault(paper.subject_type, []).append(paper.id)
    for subject_type, wanted in ids.items():
        if subject_type == CANCELLATION:
            by_numbers(session, set(session.scalars(select(Cancellation.invt_no).where(Cancellation.id.in_(wanted)))))
        elif subject_type in (GOODS_RETURN, RETURN_TALLY):
            named = GoodsReturn.id.in_(wanted) if subject_type == GOODS_RETURN else _tallied(session, wanted)
            lock_keys(session, map(lock_name, session.scalars(select(GoodsReturn.checklist_id).where(named))))
        elif subject_type in (SUMMARY, DECLARATION):
            table = TABLES[subject_type]
            lock_keys(
                session, map(summary_lock, session.scalars(select(table.consignor_id).where(table.id.in_(wanted))))
            )


def answer_paper(
    session: Session, paper: Answered, status: str, facts: Mapping[str, Any], actor: str, at: datetime
) -> tuple[str, list[Finding]]:
    """Write customs' answer about a paper whose keys are held (`hold`); gives outcome and findings."""
    one = _Answer(session, paper, status, facts, actor, at)
    match paper_meaning(paper.subject_type, status):
        case Meaning.MOVE:
            _COURSES.get(paper.subject_type, _follow)(one)
        case Meaning.FAILED:
            one.outcome = "noted"
            one.findings.append(CU8007.at("/returnStatus", status=status[:10], info=one.words[:200]))
            one.tell(_row(one), state=status[:10])
        case Meaning.NOTHING:
            one.outcome = "noted"
            one.tell(_row(one), state=status)
        case Meaning.UNKNOWN:
            one.refuse(CU8003.at("/returnStatus", status=status[:10]))
            one.tell(_row(one), state=status[:10] or None)
        case _:
            one.refuse(CU8009.at("/returnStatus", type=facts["customs"]["type"], status=status))
            one.tell(_row(one))
    return one.outcome, one.findings


def _row(one: _Answer) -> Any:
    """The paper's row, locked."""
    table = TABLES[one.paper.subject_type]
    return one.session.get_one(table, one.paper.id, with_for_update=True, populate_existing=True)


def _follow(one: _Answer) -> None:
    """The paper's state is customs' answer; of one that was taken back the answer is told only."""
    row = _row(one)
    if row.withdrawn_at is None:
        row.status = one.status
        one.session.flush()
    else:
        one.outcome = "noted"
    one.tell(row, state=one.status)


def _cancellation(one: _Answer) -> None:
    """Customs approved or refused a cancellation; one that was decided, or cannot be carried out, is kept only."""
    approved = one.status in ACCEPTED
    try:
        with one.session.begin_nested():
            row = decided_by_customs(
                one.session, one.paper.id, approved=approved, words=one.words, actor=one.actor, at=one.at
            )
    except ConflictError as error:
        one.refuse(*error.findings)
        return
    if row is None:
        one.outcome = "noted"
        return
    one.tell(row)


def _return(one: _Answer) -> None:
    """A goods return moves as customs says; released, with a tally that customs has taken, it is completed."""
    row: GoodsReturn = _row(one)
    if (
        row.completed_at is not None
        or row.withdrawn_at is not None
        or not may_move(row.status, one.status, Cause.CUSTOMS)
    ):
        one.does_not_follow(row.status)
        return
    row.status, row.answer, row.held_rule = one.status, one.words or None, None
    if one.status == ReturnState.RELEASED:
        row.released_at = one.at
    one.session.flush()
    one.tell(row, "moved", state=one.status, invt_no=row.invt_no)
    tally = one.session.get(ReturnTally, row.tally_id) if row.tally_id is not None else None
    if one.status == ReturnState.RELEASED and tally is not None and tally.status in ACCEPTED:
        taken = newest_applied(one.session, RETURN_TALLY, tally.id)
        at = max(one.at, taken) if taken is not None else one.at  # whichever came later completes the return
        lines = lines_of(one.session, [row.id])[row.id]
        append_events(one.session, complete(one.session, row, lines, on=china_day(at), at=at, actor=one.actor))


def _tally(one: _Answer) -> None:
    """A tally that customs takes counts; one that it refuses is as if it had not been."""
    row: ReturnTally = _row(one)
    if row.withdrawn_at is not None or row.status != State.DECLARED:
        one.does_not_follow(row.status)
        return
    row.status = one.status
    one.session.flush()
    one.tell(row, "moved", state=one.status)
    query = select(GoodsReturn).where(_tallied(one.session, [row.id])).order_by(GoodsReturn.id).with_for_update()
    returns = one.session.scalars(query.execution_options(populate_existing=True)).all()
    lines = lines_of(one.session, [back.id for back in returns])
    tally = Tallied(row.id, china_day(row.app_time), one.at, one.actor)
    events = []
    for back in returns:
        if back.completed_at is not None:
            continue
        if one.status in ACCEPTED:
            at = max(one.at, back.released_at or one.at)
            events += follow(one.session, replace(tally, at=at), back, lines[back.id])
        else:
            events.append(take_back(one.session, tally, back, lines[back.id]))
    append_events(one.session, events)


def _tallied(session: Session, tally_ids: Collection[int]) -> ColumnElement[bool]:
    """The returns that tallies cover, found by their waybills."""
    waybills = session.scalars(select(ReturnTally.logistics_no).where(ReturnTally.id.in_(tally_ids))).all()
    return GoodsReturn.logistics_no.in_(waybills) & GoodsReturn.tally_id.in_(tally_ids)


_COURSES: Mapping[str, Callable[[_Answer], None]] = {
    CANCELLATION: _cancellation,
    GOODS_RETURN: _return,
    RETURN_TALLY: _tally,
}
"""Papers that customs' answer decides; of all others the state follows it, and what they did stays as reported."""
