"""`tax.return-relief`: whether exported goods that come back are free of import duty, import VAT and consumption tax.

They are where they were exported under one of the e-commerce modes in a window of export days, come back within six
months of export because they did not sell or were returned, unaltered, and are no food. Tax that was refunded at export
is paid back first. The last day of the months is the one with the number of the day of export, or the month's last
(民法典第二百零二条), and still counts. The law asked is that of the day of export.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from common.findings import DomainError, rule
from common.law import Decision, Law, Trace, step_rule

DECISION = "tax.return-relief"
REASONS = ("unsold", "returned", "other")
"""Why goods come back: they did not sell (滞销), were returned (退货), or anything else."""

_BASIS = "财政部 海关总署 税务总局公告2023年第4号、2023年第34号、2026年第16号"

TX0101 = rule(
    "TX0101",
    title=("退运日期早于出口日期", "Back before export"),
    say=(
        "退运进境日期{returned}早于出口日期{exported}。请核对两个日期。",
        "The goods came back on {returned}, before their export on {exported}. Check both days.",
    ),
    basis=_BASIS,
    since="2023-01-30",
)

MODE = step_rule(
    "TX7001", DECISION, title=("监管方式在政策范围内", "The supervision mode is covered"), basis=f"{_BASIS}，第一条"
)
TIME = step_rule(
    "TX7002",
    DECISION,
    title=("自出口之日起的期限内退运进境", "Back within the time from export"),
    basis=f"{_BASIS}，第一条；民法典第二百零二条",
)
REASON = step_rule(
    "TX7003",
    DECISION,
    title=("因滞销或退货退运", "Back because unsold or returned"),
    basis=f"{_BASIS}，第一条",
)
GOODS = step_rule("TX7004", DECISION, title=("不是食品", "The goods are no food"), basis=f"{_BASIS}，第一条")
UNALTERED = step_rule(
    "TX7005", DECISION, title=("原状退运", "The goods come back unaltered"), basis=f"{_BASIS}，第一条、第二条"
)
PAID_BACK = step_rule(
    "TX7006",
    DECISION,
    title=(
        "已退的税款已补缴，并持有已补税或未退税证明",
        "Refunded tax is paid back, or none was refunded, as certified",
    ),
    basis=f"{_BASIS}，第三条",
)

_MONTHS = "tax.return_relief.months"
_MODES = "tax.return_relief.modes"
_REASONS = "tax.return_relief.reasons"
_EXCLUDED = "tax.return_relief.excluded_goods"
_CERTIFICATE = "tax.return_relief.certificate"
FOOD = "food"

STEP_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    MODE.id: (_MODES,),
    TIME.id: (_MONTHS,),
    REASON.id: (_REASONS,),
    GOODS.id: (_EXCLUDED,),
    PAID_BACK.id: (_CERTIFICATE,),
}


@dataclass(frozen=True, slots=True)
class ReliefFacts:
    """Goods that come back, as asked about.

    `exported_on` is the day of export; for goods of a special area the day on which they left it. `refunded`: whether
    export tax was refunded on them; `repaid_certificate`: whether the tax office certified that it was paid back.
    """

    trade_mode: str
    exported_on: date
    reason: str
    food: bool
    refunded: bool
    repaid_certificate: bool
    unaltered: bool


def return_relief(facts: ReliefFacts, law: Law, on: date) -> Decision:
    """Outcome: `relief`, the `document` it rests on (None without relief), the `deadline`; `on` is the day of return.

    Raises `DomainError` where that is before export and `UnknownLawError` for an export outside the windows.
    """
    if on < facts.exported_on:
        raise DomainError(TX0101.at("/returned_on", returned=on.isoformat(), exported=facts.exported_on.isoformat()))
    trace = Trace(law, facts.exported_on)
    months = trace.value(_MONTHS)
    deadline = months_later(facts.exported_on, months.integer)
    modes, reasons = trace.value(_MODES), trace.value(_REASONS)
    excluded, certificate = trace.value(_EXCLUDED), trace.value(_CERTIFICATE)
    paid_back = facts.repaid_certificate or not facts.refunded
    met = (
        trace.step(MODE, facts.trade_mode in modes.codes, modes, trade_mode=facts.trade_mode),
        trace.step(TIME, on <= deadline, months, exported_on=facts.exported_on, returned_on=on, deadline=deadline),
        trace.step(REASON, facts.reason in reasons.codes, reasons, reason=facts.reason),
        trace.step(GOODS, not (facts.food and FOOD in excluded.codes), excluded, food=facts.food),
        trace.step(UNALTERED, facts.unaltered, unaltered=facts.unaltered),
        trace.step(
            PAID_BACK, paid_back, certificate, refunded=facts.refunded, repaid_certificate=facts.repaid_certificate
        ),
    )
    relief = all(met)
    return trace.decide(DECISION, relief=relief, document=months.document if relief else None, deadline=deadline)


def is_food(gcode: str, law: Law, exported_on: date) -> bool:
    """Whether a code's chapter is taken for food; raises `UnknownLawError` for an export outside the windows."""
    return gcode[:2] in law.value("tax.return_relief.food_chapters", exported_on).codes


def months_later(day: date, months: int) -> date:
    """The last day of a term of whole months: the day of the same number, or the month's last where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
