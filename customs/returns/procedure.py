"""Whether an export may come back under the return procedure on a day, and what is said where it may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from common.clock import china_day
from common.findings import DomainError, Finding
from common.law import Decision, law
from customs.rules import return_findings as said
from customs.rules.decisions import ReturnFacts, goods_return
from customs.rules.decisions.goods_return import LIMIT, MODE
from customs.rules.moves import State, name
from customs.tables import Checklist

At = Callable[[str], str]
"""The pointer of a finding, by the element of CEB213 that it is about."""


def is_gone(origin: Checklist) -> bool:
    """Whether the goods are released and have left."""
    return origin.status == State.CLOSED or (origin.status == State.RELEASED and origin.left_at is not None)


def state_fault(origin: Checklist, at: At) -> Finding | None:
    """What is said of an export that is not released, or has not left."""
    number = origin.invt_no
    if origin.status not in (State.RELEASED, State.CLOSED) or origin.released_at is None:
        words = name(origin.status)
        facts = {"state": origin.status, "state_zh": words.zh, "state_en": words.en}
        return said.NOT_EXPORTED.at(at("invtNo"), number=number, **facts)
    return None if is_gone(origin) else said.NOT_LEFT.at(at("invtNo"), number=number)


def procedure(origin: Checklist, on: date, office: str | None = None) -> Decision | None:
    """`customs.return` for goods that come back on a day through an office (the export's own if none is said).

    None where the goods are not released or come back before release.
    """
    if origin.released_at is None:
        return None
    exported = origin.customs_code[:2]
    facts = ReturnFacts(origin.trade_mode, china_day(origin.released_at), exported, (office or exported)[:2])
    try:
        return goods_return(facts, law(), on)
    except DomainError:
        return None


def procedure_fault(origin: Checklist, on: date, office: str | None, at: At) -> Finding | None:
    """Why a released export may not come back on a day through an office; None where it may."""
    assert origin.released_at is not None
    released, number = china_day(origin.released_at), origin.invt_no
    decision = procedure(origin, on, office)
    if decision is None:
        return said.BEFORE_RELEASE.at(at("appTime"), number=number, released=released, on=on)
    if decision.outcome["procedure_allowed"]:
        return None
    failed = {step.rule for step in decision.trace if step.met is False}
    if MODE.id in failed:
        modes = "、".join(law().value("customs.return.modes", on).codes)
        return said.MODE_WITHOUT_PROCEDURE.at(at("invtNo"), number=number, mode=origin.trade_mode, modes=modes)
    if LIMIT.id in failed:
        deadline: date = decision.outcome["deadline"]
        return said.TOO_LATE.at(at("appTime"), number=number, released=released, deadline=deadline, on=on)
    districts = {"exported": origin.customs_code[:2], "returned": (office or origin.customs_code)[:2]}
    return said.OTHER_DISTRICT.at(at("customsCode"), number=number, mode=origin.trade_mode, on=on, **districts)
