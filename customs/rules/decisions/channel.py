"""`customs.channel`: by which channels goods may be declared, with how many digits of the HS code, merged or not.

Retail exports (9610, 1210): flag A (汇总统计) inside a pilot zone for tickets within the limit that bear no export
duty, want no refund and need no licence; flag B (汇总申报) always. B2B exports (9710, 9810): the checklist for tickets
within the limit that involve no licence, inspection, duty or refund; the declaration always. All conditions are asked,
also after one has failed, so that the trace names everything that stands in the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.law import Decision, Law, Trace, step_rule
from customs.rules.decisions.modes import RETAIL, mode_in_force

DECISION = "customs.channel"
_RETAIL_AND_B2B = (
    "跨境电子商务出口统一版系统企业对接报文规范，申报业务类型（statisticsFlag）；海关总署公告2020年第75号（9710、9810）"
)
_B2B_TEXT = "海关总署公告2020年第75号"

MODE = step_rule(
    "CU7001",
    DECISION,
    title=("监管方式已开办", "The supervision mode is open"),
    basis="海关总署公告2014年第12号、第57号，2020年第75号",
)
DISTRICT = step_rule(
    "CU7002",
    DECISION,
    title=("该直属海关可办理9710、9810", "The customs district is open for 9710 and 9810"),
    basis="海关总署公告2020年第75号、第92号，2021年第47号",
)
ZONE = step_rule(
    "CU7003",
    DECISION,
    title=("在综试区内申报", "Declared inside a pilot zone"),
    basis="海关总署公告2018年第194号；海关总署公告2020年第75号（9710、9810）",
)
VALUE = step_rule(
    "CU7004",
    DECISION,
    title=("单票价值在限值以内（含限值）", "Ticket value within the limit, the limit included"),
    basis=_RETAIL_AND_B2B,
)
DUTY = step_rule("CU7005", DECISION, title=("不征出口关税", "No export duty"), basis=_RETAIL_AND_B2B)
REFUND = step_rule("CU7006", DECISION, title=("不办理出口退税", "No export refund wanted"), basis=_RETAIL_AND_B2B)
LICENCE = step_rule("CU7007", DECISION, title=("不涉及许可证件", "No licence needed"), basis=_RETAIL_AND_B2B)
INSPECTION = step_rule("CU7008", DECISION, title=("不涉及检验检疫", "No statutory inspection"), basis=_B2B_TEXT)
DIGITS = step_rule(
    "CU7009",
    DECISION,
    title=("首选方式可简化商品编码", "The preferred channel takes a shortened HS code"),
    basis=_RETAIL_AND_B2B,
)
MERGED = step_rule(
    "CU7010",
    DECISION,
    title=("首选方式须按月汇总申报", "The preferred channel is merged monthly"),
    basis="海关总署公告2018年第194号第十条",
)

FLAG_A, FLAG_B, CHECKLIST, DECLARATION = "A", "B", "checklist", "declaration"

_RETAIL_TERMS = "customs.simplified.b2c"
_B2B_TERMS = "customs.simplified.b2b"
_OPEN_DISTRICTS = "customs.b2b.districts"
_STATISTICS_IN_ZONE = "customs.channel.statistics_in_zone"
_FULL_DIGITS = "customs.declaration.hs_digits"
ANYWHERE = "all"

STEP_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    MODE.id: ("customs.trade_mode.*",),
    DISTRICT.id: (_OPEN_DISTRICTS,),
    ZONE.id: (_STATISTICS_IN_ZONE,),
    VALUE.id: ("customs.simplified.b2c.max_ticket_cny", "customs.simplified.b2b.max_ticket_cny"),
    DIGITS.id: ("customs.simplified.b2c.hs_digits", "customs.simplified.b2b.hs_digits", _FULL_DIGITS),
}


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """One ticket as the decision sees it.

    `trade_mode`: 9610, 1210, 9710 or 9810; `zone_code`: the pilot zone of the declaring office, None outside;
    `ticket_value_cny`: FOB in yuan; `district`: first two digits of the declaring office, asked for B2B only.
    """

    trade_mode: str
    zone_code: str | None
    ticket_value_cny: Decimal
    export_duty: bool
    refund_wanted: bool
    licence: bool
    inspection: bool
    district: str | None = None


def channel(facts: ChannelFacts, law: Law, on: date) -> Decision:
    """Outcome: `channels` (preferred first), and of the first one `hs_digits` and `merged_monthly`.

    Where the district is not open for B2B on that day there is no channel, and the other two are None.
    Raises `UnknownLawError` for a day on which the mode or the channels are not known.
    """
    trace = Trace(law, on)
    trace.step(MODE, True, mode_in_force(trace, facts.trade_mode), trade_mode=facts.trade_mode)
    channels = _retail(trace, facts) if facts.trade_mode in RETAIL else _b2b(trace, facts)
    first = channels[0] if channels else None
    return trace.decide(
        DECISION,
        channels=list(channels),
        hs_digits=_digits(trace, facts, first),
        merged_monthly=_merged(trace, first),
    )


def _retail(trace: Trace, facts: ChannelFacts) -> Sequence[str]:
    counted = trace.value(_STATISTICS_IN_ZONE)
    in_zone = counted.boolean and facts.zone_code is not None
    trace.step(ZONE, in_zone, counted, zone_code=facts.zone_code)
    plain = _plain_ticket(trace, facts, _RETAIL_TERMS)
    return (FLAG_A, FLAG_B) if in_zone and plain else (FLAG_B,)


def _b2b(trace: Trace, facts: ChannelFacts) -> Sequence[str]:
    opened = _district_open(trace, facts.district)
    trace.step(ZONE, facts.zone_code is not None, zone_code=facts.zone_code)
    plain = _plain_ticket(trace, facts, _B2B_TERMS)
    uninspected = trace.step(INSPECTION, not facts.inspection, inspection=facts.inspection)
    if not opened:
        return ()
    return (CHECKLIST, DECLARATION) if plain and uninspected else (DECLARATION,)


def _district_open(trace: Trace, district: str | None) -> bool:
    where = trace.value(_OPEN_DISTRICTS)
    met = None if district is None else bool({district, ANYWHERE} & set(where.codes))
    trace.step(DISTRICT, met, where, district=district)
    return met is not False


def _plain_ticket(trace: Trace, facts: ChannelFacts, terms: str) -> bool:
    """Whether the ticket is within the limit and free of duty, refund and licence; every condition is asked."""
    limit = trace.value(f"{terms}.max_ticket_cny")
    within = facts.ticket_value_cny <= limit.decimal
    asked = (
        trace.step(VALUE, within, limit, ticket_value_cny=facts.ticket_value_cny),
        trace.step(DUTY, not facts.export_duty, export_duty=facts.export_duty),
        trace.step(REFUND, not facts.refund_wanted, refund_wanted=facts.refund_wanted),
        trace.step(LICENCE, not facts.licence, licence=facts.licence),
    )
    return all(asked)


def _digits(trace: Trace, facts: ChannelFacts, first: str | None) -> int | None:
    if first is None:
        trace.step(DIGITS, None, channel=None)
        return None
    terms = _RETAIL_TERMS if facts.trade_mode in RETAIL else _B2B_TERMS
    short = first in (FLAG_A, CHECKLIST) and facts.zone_code is not None
    digits = trace.value(f"{terms}.hs_digits" if short else _FULL_DIGITS)
    trace.step(DIGITS, short, digits, channel=first)
    return digits.integer


def _merged(trace: Trace, first: str | None) -> bool | None:
    return trace.step(MERGED, None if first is None else first == FLAG_B, channel=first)
