"""What a tally does to the returns it covers: found quantities, suspension of what differs, completion of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from common.clock import china_day
from common.events import NewEvent, whose
from common.money import plain
from customs.returns.completing import complete, differs
from customs.rules import return_findings as said
from customs.rules.returns import RELAY, ReturnState
from customs.tables import GoodsReturn, GoodsReturnLine

_SUSPENDED = {"zh": "理货结果与申请不符，退货挂起，由海关决定", "en": "The tally differs: suspended, customs decides"}
_TALLIED = {"zh": "监管作业场所已理货", "en": "The site has tallied the goods"}


@dataclass(frozen=True, slots=True)
class Found:
    """What the site found of one line: pieces in the declared unit, how many of them altered, and words about it."""

    qty: Decimal
    altered: Decimal = Decimal(0)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Tallied:
    """One tally at hand: its id, the day on which the goods were there, when and by whom it was reported.

    `waits`: customs' own system has still to take it; until then nothing follows from it.
    """

    id: int
    on: date
    at: datetime
    actor: str
    waits: bool = False


def apply(
    session: Session,
    tally: Tallied,
    row: GoodsReturn,
    lines: Sequence[GoodsReturnLine],
    found: Mapping[int, Found],
) -> list[NewEvent]:
    """Write what was found of a return (by gnum; a line that is not named is as asked for) and give the events.

    The return's row and its checklist's `lock_name` are locked, and the return is not completed.
    """
    for line in lines:
        one = found.get(line.gnum, Found(line.qty))
        line.found_qty, line.altered_qty, line.found_note = one.qty, one.altered, one.note
    row.tally_id, row.found_on = tally.id, tally.on
    session.flush()
    told = _event(row, tally, "goods_return.tallied", _TALLIED, lines=[_line(line) for line in lines])
    return [told, *([] if tally.waits else follow(session, tally, row, lines))]


def follow(session: Session, tally: Tallied, row: GoodsReturn, lines: Sequence[GoodsReturnLine]) -> list[NewEvent]:
    """What follows from a tally that counts: a released return is completed, or suspended where it differs.

    Where customs' own system decides, it has taken the tally as it is, and nothing is suspended here.
    """
    if row.status != ReturnState.RELEASED:
        return []
    if row.decides == RELAY or not differs(row, lines):
        return complete(session, row, lines, on=china_day(tally.at), at=tally.at, actor=tally.actor)
    row.status, row.held_rule = ReturnState.SUSPENDED, said.DIFFERENCE_HOLDS
    session.flush()
    held = _event(row, tally, "goods_return.moved", _SUSPENDED)
    held.source, held.state, held.rule = "rule", ReturnState.SUSPENDED, said.DIFFERENCE_HOLDS
    return [held]


def take_back(session: Session, tally: Tallied, row: GoodsReturn, lines: Sequence[GoodsReturnLine]) -> NewEvent:
    """Undo a tally that its operator deleted or made anew; a return that it suspended stays with the officer."""
    for line in lines:
        line.found_qty, line.altered_qty, line.found_note = None, None, None
    row.tally_id, row.found_on = None, None
    session.flush()
    say = {"zh": "理货结果已撤回", "en": "The tally was taken back"}
    return _event(row, tally, "goods_return.tally_withdrawn", say)


def _event(row: GoodsReturn, tally: Tallied, kind: str, say: Mapping[str, str], **data: Any) -> NewEvent:
    return NewEvent(
        at=tally.at,
        kind=kind,
        subject_type="goods_return",
        subject_id=row.id,
        source="party",
        actor=tally.actor,
        **whose(row),
        data={"say": dict(say), "tally_id": tally.id, "invt_no": row.invt_no, **data},
    )


def _line(line: GoodsReturnLine) -> dict[str, Any]:
    return {
        "gnum": line.gnum,
        "qty": plain(line.qty),
        "found_qty": plain(line.found_qty or Decimal(0)),
        "altered_qty": plain(line.altered_qty or Decimal(0)),
        "note": line.found_note,
    }
