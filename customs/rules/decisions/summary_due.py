"""`customs.summary-due`: by when the checklists closed in a month must have become declarations (汇总申报).

The month is that of closing (结关). The day of the next month is law; where it is no working day by the official
calendar, the deadline moves to the first working day after it. For a year whose official calendar is not known yet, the
plain day is given and marked provisional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from common.law import Decision, Law, Trace, step_rule
from common.workdays import WorkCalendar

DECISION = "customs.summary-due"
_BASIS = "海关总署公告2018年第194号第十条"

MONTH = step_rule("CU7031", DECISION, title=("按结关月份汇总", "Summarised by the month of closing"), basis=_BASIS)
DAY = step_rule(
    "CU7032", DECISION, title=("次月规定日期前形成报关单", "Declared by the set day of the next month"), basis=_BASIS
)
KNOWN = step_rule(
    "CU7033",
    DECISION,
    title=("该年度官方工作日历已加载", "That year’s official calendar is loaded"),
    basis="国务院办公厅年度节假日安排通知",
)
ROLLED = step_rule(
    "CU7034",
    DECISION,
    title=("遇节假日或休息日顺延", "Moved past a holiday or rest day"),
    basis=_BASIS,
)

_DEADLINE_DAY = "customs.merge.deadline_day"
_ROLL = "customs.merge.roll_to_next_workday"

STEP_PARAMETERS: Mapping[str, tuple[str, ...]] = {DAY.id: (_DEADLINE_DAY,), ROLLED.id: (_ROLL,)}


@dataclass(frozen=True, slots=True)
class SummaryDueFacts:
    """`calendar`: the official working days as far as they are known."""

    calendar: WorkCalendar


def summary_due(facts: SummaryDueFacts, law: Law, on: date) -> Decision:
    """Outcome: `period` (YYYY-MM), `due_on`, `provisional`; `on` is the day of closing, whose law is asked.

    Raises `UnknownLawError` for a closing before the rule.
    """
    trace = Trace(law, on)
    period = f"{on:%Y-%m}"
    trace.step(MONTH, True, closed_on=on, period=period)
    day = trace.value(_DEADLINE_DAY)
    plain = _next_month(on).replace(day=day.integer)
    trace.step(DAY, True, day, due_on=plain)
    due = _rolled(trace, facts.calendar, plain)
    return trace.decide(DECISION, period=period, due_on=due or plain, provisional=due is None)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _rolled(trace: Trace, calendar: WorkCalendar, plain: date) -> date | None:
    """The deadline on a working day; None where the calendar cannot tell."""
    roll = trace.value(_ROLL)
    found = calendar.on_or_after(plain)
    trace.step(KNOWN, found is not None, year=plain.year)
    if not roll.boolean:
        found = plain
    trace.step(ROLLED, None if found is None else found != plain, roll, due_on=found or plain)
    return found
