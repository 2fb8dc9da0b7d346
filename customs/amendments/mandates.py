"""Mandates that end: both parties are told, the papers stay valid, and what is open passes to the consignor.

Told from the dated number of days before the last day on (`customs.mandate.notice_days`); what the agent has left open
passes on that many days after the notice, and not before the mandate has ended. A mandate that another one follows
without a gap ends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from common.clock import china_day
from common.events import NewEvent, append_events
from common.findings import Text
from common.law import law
from credit.subjects import SubjectFacts, mandates_between, subjects_by_ids
from credit.tables import Mandate
from customs.rules.amendment_findings import MANDATE_STEP
from customs.tables import MandateEnd

BATCH = 200
_ENDING = Text(
    "委托将于{ends}终止：已报的单证仍然有效，没有办完的自{passes}起由发货人办理",
    "The mandate ends on {ends}: papers filed stay valid, what is open passes to the consignor on {passes}",
)
_PASSED = Text(
    "委托已终止，没有办完的由发货人办理：{what}", "The mandate has ended; what was open passes to the consignor: {what}"
)
_KINDS = {
    "drafts": Text("暂存清单{n}份", "{n} drafts"),
    "questions": Text("海关询问{n}项", "{n} questions"),
    "corrections": Text("改正要求{n}项", "{n} corrections"),
    "requests": Text("修改、撤销申请{n}份", "{n} requests"),
}

_QUESTIONS = text(
    "SELECT count(*) FROM desk_question AS q JOIN checklist AS c ON c.id = q.checklist_id "
    "WHERE q.closed_at IS NULL AND c.consignor_id = :principal AND c.declarant_id = :agent"
)
# a draft is no declaration yet: it becomes the consignor's own, under its number unless the consignor uses that already
_DRAFTS = text(
    "WITH moved AS (UPDATE checklist AS c SET declarant_id = :principal "
    "WHERE c.consignor_id = :principal AND c.declarant_id = :agent AND c.status = '1' AND c.withdrawn_at IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM checklist_key AS k WHERE k.declarant_id = :principal AND k.cop_no = c.cop_no) "
    "RETURNING c.id) "
    "UPDATE checklist_key AS k SET declarant_id = :principal FROM moved WHERE k.checklist_id = moved.id "
    "RETURNING k.checklist_id"
)
_CORRECTIONS = text(
    "UPDATE correction SET declarant_id = :principal, sender_id = :principal "
    "WHERE consignor_id = :principal AND declarant_id = :agent AND done_at IS NULL AND withdrawn_at IS NULL "
    "RETURNING id"
)
_AMENDMENTS = text(
    "UPDATE amendment SET declarant_id = :principal, sender_id = :principal "
    "WHERE consignor_id = :principal AND declarant_id = :agent AND outcome = 'pending' RETURNING id"
)
_CANCELLATIONS = text(
    "WITH moved AS (UPDATE cancellation SET declarant_id = :principal, sender_id = :principal "
    "WHERE consignor_id = :principal AND declarant_id = :agent AND outcome = 'pending' RETURNING id, cop_no) "
    "UPDATE movement_key AS k SET owner_id = :principal FROM moved WHERE k.kind = 'cancellation' "
    "AND k.paper_id = moved.id AND NOT EXISTS (SELECT 1 FROM movement_key AS o WHERE o.kind = 'cancellation' "
    "AND o.owner_id = :principal AND o.cop_no = moved.cop_no) RETURNING k.paper_id"
)


@dataclass(frozen=True, slots=True)
class Ending:
    """A mandate that ends, as its parties see it: names, days, and what passed (None before)."""

    row: MandateEnd
    principal: str
    agent: str

    @property
    def passed(self) -> bool:
        """Whether what was open has passed to the consignor."""
        return self.row.passed_at is not None


def run(session: Session, at: datetime) -> int:
    """Tell of mandates that end and pass on what ended ones left open; how many of both."""
    return _tell(session, at) + _pass_on(session, at)


def _tell(session: Session, at: datetime) -> int:
    today = china_day(at)
    days = law().value("customs.mandate.notice_days", today).integer
    since, until = today - timedelta(days=days), today + timedelta(days=days)
    found = session.scalars(
        select(Mandate)
        .where(Mandate.id.not_in(select(MandateEnd.mandate_id)))
        .where(or_(Mandate.valid_to.between(since, until), Mandate.revoked_on.between(since, until)))
        .order_by(Mandate.id)
    ).all()
    told = 0
    for mandate in found:
        ends = last_day(mandate)
        if ends is None or _followed(session, mandate, ends):
            continue
        row = MandateEnd(
            mandate_id=mandate.id,
            principal_id=mandate.principal_id,
            agent_id=mandate.agent_id,
            ends_on=ends,
            passes_on=max(ends + timedelta(days=1), today + timedelta(days=days)),
            noticed_at=at,
        )
        session.add(row)
        session.flush()
        say = _ENDING.format(ends=ends.isoformat(), passes=row.passes_on.isoformat())
        append_events(session, [_event(session, row, "mandate.ending", say, at)])
        told += 1
    return told


def last_day(mandate: Mandate) -> date | None:
    """The last day on which a mandate covers anything; None while it has no end."""
    revoked = mandate.revoked_on - timedelta(days=1) if mandate.revoked_on is not None else None
    days = [day for day in (mandate.valid_to, revoked) if day is not None]
    return min(days) if days else None


def _followed(session: Session, mandate: Mandate, ends: date) -> bool:
    """Whether on the day after, other mandates between the two cover the same messages."""
    covered = _covered(session, mandate.principal_id, mandate.agent_id, ends + timedelta(days=1))
    return "*" in covered or set(mandate.message_types) <= set(covered)


def _covered(session: Session, principal_id: int, agent_id: int, on: date) -> frozenset[str]:
    """What the agent may file for the principal on a day."""
    pair = (principal_id, agent_id)
    return mandates_between(session, [pair], on).get(pair, frozenset())


def _pass_on(session: Session, at: datetime) -> int:
    due = session.scalars(
        select(MandateEnd)
        .where(MandateEnd.passed_at.is_(None), MandateEnd.passes_on <= china_day(at))
        .order_by(MandateEnd.mandate_id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for row in due:
        row.passed_at = at
        row.passed = _moved(session, row, at)
        session.flush()
        what = _counted(row.passed)
        append_events(session, [_event(session, row, "mandate.passed_on", _PASSED.format(what=what), at)])
    session.flush()
    return len(due)


def _moved(session: Session, row: MandateEnd, at: datetime) -> dict[str, Any]:
    """Pass on what is open, by kind with its count; what another mandate of the two covers by now stays.

    Papers that were declared keep their declarant and stay valid.
    """
    covered = _covered(session, row.principal_id, row.agent_id, china_day(at))
    asked = {"principal": row.principal_id, "agent": row.agent_id}
    moved = dict.fromkeys(_KINDS, 0)
    if not covered & {"*", "CEB603"}:
        moved["drafts"] = len(session.execute(_DRAFTS, asked).all())
        moved["questions"] = session.scalar(_QUESTIONS, asked) or 0
        moved["corrections"] = len(session.execute(_CORRECTIONS, asked).all())
        moved["requests"] += len(session.execute(_AMENDMENTS, asked).all())
    if not covered & {"*", "CEB605"}:
        moved["requests"] += len(session.execute(_CANCELLATIONS, asked).all())
    session.expire_all()
    return moved


def passed_on(session: Session, principal_id: int, agent_id: int, *, at: datetime) -> bool:
    """Whether what an agent declared for a principal is the principal's to see to: their mandate ended and passed on.

    A mandate for cancellations given since then leaves it with the agent.
    """
    query = select(MandateEnd.mandate_id).where(
        MandateEnd.principal_id == principal_id, MandateEnd.agent_id == agent_id, MandateEnd.passed_at.is_not(None)
    )
    ended = session.scalars(query.limit(1)).first() is not None
    return ended and not _covered(session, principal_id, agent_id, china_day(at)) & {"*", "CEB605"}


def _counted(moved: dict[str, Any] | None) -> Text:
    words = [_KINDS[kind].format(n=n) for kind, n in (moved or {}).items() if n]
    if not words:
        return Text("没有未办事项", "nothing was open")
    return Text("、".join(one.zh for one in words), ", ".join(one.en for one in words))


def ending(session: Session, firm_id: int, *, at: datetime) -> Sequence[Ending]:
    """Mandates of a firm, given or held, that end or have just passed on: until the notice period is over once more."""
    today = china_day(at)
    since = today - timedelta(days=law().value("customs.mandate.notice_days", today).integer)
    rows = session.scalars(
        select(MandateEnd)
        .where(or_(MandateEnd.principal_id == firm_id, MandateEnd.agent_id == firm_id))
        .where(MandateEnd.passes_on >= since)
        .order_by(MandateEnd.ends_on)
    ).all()
    names = _firms(session, rows, today)
    return [Ending(row, names[row.principal_id].name, names[row.agent_id].name) for row in rows]


def _firms(session: Session, rows: Sequence[MandateEnd], on: date) -> dict[int, SubjectFacts]:
    ids = {id for row in rows for id in (row.principal_id, row.agent_id)}
    return dict(subjects_by_ids(session, ids, on)) if ids else {}


def _event(session: Session, row: MandateEnd, kind: str, say: Text, at: datetime) -> NewEvent:
    """An event in the feeds of both firms."""
    firm = _firms(session, [row], china_day(at))[row.principal_id]
    return NewEvent(
        at=at,
        kind=kind,
        subject_type="mandate",
        subject_id=row.mandate_id,
        source="rule",
        rule=MANDATE_STEP,
        zone_code=firm.zone_code,
        consignor_id=row.principal_id,
        declarant_id=row.agent_id,
        data={
            "say": say.as_dict(),
            "ends_on": row.ends_on.isoformat(),
            "passes_on": row.passes_on.isoformat(),
            "passed": row.passed,
        },
    )
