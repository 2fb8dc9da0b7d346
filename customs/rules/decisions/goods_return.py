"""`customs.return`: whether exported goods may come back under the return measures (出口商品退货), and until when.

They come back within a year of release, the anniversary included; a 29 February has its anniversary on the last day of
the next year's February (民法典第二百零二条). Through another customs district they come back only where that is open:
to the pilot districts from 2024-12-15, everywhere from 2026-04-01, both for 9610 alone. The law asked is that of the
day on which they come back.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from common.findings import DomainError, rule
from common.law import Decision, Law, Trace, step_rule

DECISION = "customs.return"

CU0101 = rule(
    "CU0101",
    title=("退货日期早于放行日期", "Back before release"),
    say=(
        "退运进境日期{returned}早于出口放行日期{released}。请核对两个日期。",
        "The goods came back on {returned}, before their release on {released}. Check both days.",
    ),
    basis="海关总署公告2020年第44号",
    since="2020-03-27",
)

MODE = step_rule(
    "CU7061",
    DECISION,
    title=("监管方式适用出口退货措施", "The supervision mode is covered"),
    basis="海关总署公告2020年第44号",
)
LIMIT = step_rule(
    "CU7062",
    DECISION,
    title=("在出口放行之日起的期限内退运进境", "Back within the time from export release"),
    basis="海关总署公告2020年第44号；民法典第二百零二条",
)
SAME = step_rule(
    "CU7063",
    DECISION,
    title=("退回原出口直属海关", "Back through the district of export"),
    basis="海关总署公告2024年第167号第四条",
)
CROSS_MODE = step_rule(
    "CU7064",
    DECISION,
    title=("监管方式可跨关区退货", "The mode may come back through another district"),
    basis="海关总署公告2024年第167号第四条；海关总署2026年3月13日公告",
)
CROSS_DISTRICTS = step_rule(
    "CU7065",
    DECISION,
    title=("出口地与退货地均可跨关区退货", "Both districts are open for returns through another district"),
    basis="海关总署公告2024年第167号第四条；海关总署2026年3月13日公告",
)

ANYWHERE = "all"
_MODES = "customs.return.modes"
_LIMIT = "customs.return.export_limit"
_CROSS = "customs.return.cross_district"
_CROSS_MODES = "customs.return.cross_district_modes"

STEP_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    MODE.id: (_MODES,),
    LIMIT.id: (_LIMIT,),
    CROSS_MODE.id: (_CROSS_MODES,),
    CROSS_DISTRICTS.id: (_CROSS,),
}


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """A return as asked about; districts are the first two digits of the customs offices."""

    trade_mode: str
    released_on: date
    exported_at: str
    returned_at: str


def goods_return(facts: ReturnFacts, law: Law, on: date) -> Decision:
    """Outcome: `procedure_allowed` and `deadline`; `on` is the day on which the goods come back.

    Raises `DomainError` where that is before their release and `UnknownLawError` before the measures.
    """
    if on < facts.released_on:
        raise DomainError(CU0101.at("/returned_on", returned=on.isoformat(), released=facts.released_on.isoformat()))
    trace = Trace(law, on)
    modes = trace.value(_MODES)
    covered = trace.step(MODE, facts.trade_mode in modes.codes, modes, trade_mode=facts.trade_mode)
    limit = trace.value(_LIMIT)
    deadline = years_later(facts.released_on, limit.integer)
    in_time = trace.step(LIMIT, on <= deadline, limit, released_on=facts.released_on, returned_on=on)
    where = _district(trace, facts)
    return trace.decide(DECISION, procedure_allowed=bool(covered and in_time and where), deadline=deadline)


def years_later(day: date, years: int) -> date:
    """The last day of a term of whole years: the same day, or the month's last where there is none."""
    year = day.year + years
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def _district(trace: Trace, facts: ReturnFacts) -> bool:
    ends = {facts.exported_at, facts.returned_at}
    same = trace.step(SAME, len(ends) == 1, exported_at=facts.exported_at, returned_at=facts.returned_at)
    if same:
        trace.step(CROSS_MODE, None, trade_mode=facts.trade_mode)
        trace.step(CROSS_DISTRICTS, None, exported_at=facts.exported_at, returned_at=facts.returned_at)
        return True
    modes, districts = trace.value(_CROSS_MODES), trace.value(_CROSS)
    mode = trace.step(CROSS_MODE, facts.trade_mode in modes.codes, modes, trade_mode=facts.trade_mode)
    listed = ANYWHERE in districts.codes or ends <= set(districts.codes)
    both = trace.step(CROSS_DISTRICTS, listed, districts, exported_at=facts.exported_at, returned_at=facts.returned_at)
    return bool(mode and both)
