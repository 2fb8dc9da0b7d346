"""`customs.required-documents`: which papers a checklist is matched with, and whether the warehouse must be filed.

Retail exports also needed payment-receipt data until 2024-12-14; exports to overseas warehouses needed the filing of
the warehouse business until that day. Booking data (订仓单) stays required for overseas warehouses, also for bulk goods
that go there from a special area under 1210; a parcel from there is retail like any other (docs/decisions/0003).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from common.law import Decision, Law, StepRule, Trace, step_rule
from customs.rules.decisions.modes import RETAIL, mode_in_force
from customs.rules.warehouses import BONDED_MODE, BULK, PARCEL, WAREHOUSE_MODE

DECISION = "customs.required-documents"

MODE = step_rule(
    "CU7021",
    DECISION,
    title=("监管方式已开办", "The supervision mode is open"),
    basis="海关总署公告2014年第12号、第57号，2020年第75号",
)
PAPERS = step_rule(
    "CU7022",
    DECISION,
    title=("须比对的单证", "Papers to be matched with"),
    basis="海关总署公告2018年第194号；海关总署公告2020年第75号",
)
RECEIPT = step_rule(
    "CU7023",
    DECISION,
    title=("须传输收款信息", "Payment-receipt data needed"),
    basis="海关总署公告2018年第194号；海关总署公告2024年第167号第二条",
)
WAREHOUSE = step_rule(
    "CU7024",
    DECISION,
    title=("须先办理海外仓业务模式备案", "The overseas-warehouse business must be filed first"),
    basis="海关总署公告2020年第75号；海关总署公告2024年第167号第一条",
)

ORDER = ("order", "booking", "payment_receipt", "waybill")
"""All papers there are, in the order in which they are named."""

_RECEIPT_REQUIRED = "customs.export.receipt_message_required"
_FILING_REQUIRED = "customs.overseas_warehouse.filing_required"

STEP_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    MODE.id: ("customs.trade_mode.*",),
    PAPERS.id: ("customs.documents.*",),
    RECEIPT.id: (_RECEIPT_REQUIRED,),
    WAREHOUSE.id: (_FILING_REQUIRED,),
}


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """`trade_mode`: 9610, 1210, 9710 or 9810; `business`, 1210 only: `parcel` (retail) or `bulk` (to a warehouse)."""

    trade_mode: str
    business: str = PARCEL

    @property
    def bulk(self) -> bool:
        """Whether the goods go from a special area to an overseas warehouse."""
        return self.trade_mode == BONDED_MODE and self.business == BULK


def required_documents(facts: DocumentFacts, law: Law, on: date) -> Decision:
    """Outcome: `documents` in the order of `ORDER`, and `warehouse_filing`.

    Raises `UnknownLawError` for a day on which the mode's papers are not known.
    """
    trace = Trace(law, on)
    trace.step(MODE, True, mode_in_force(trace, facts.trade_mode), trade_mode=facts.trade_mode)
    papers = trace.value(f"customs.documents.{facts.trade_mode}{'_bulk' if facts.bulk else ''}")
    told = {"business": facts.business} if facts.trade_mode == BONDED_MODE else {}
    trace.step(PAPERS, True, papers, trade_mode=facts.trade_mode, **told)
    needed = set(papers.codes)
    if _asked(trace, facts.trade_mode in RETAIL and not facts.bulk, RECEIPT, _RECEIPT_REQUIRED, facts.trade_mode):
        needed.add("payment_receipt")
    filing = _asked(trace, facts.trade_mode == WAREHOUSE_MODE, WAREHOUSE, _FILING_REQUIRED, facts.trade_mode)
    return trace.decide(DECISION, documents=[one for one in ORDER if one in needed], warehouse_filing=filing)


def _asked(trace: Trace, applies: bool, rule: StepRule, parameter: str, trade_mode: str) -> bool:
    """A yes-or-no parameter that only some modes are asked for; the step is recorded either way."""
    if not applies:
        trace.step(rule, None, trade_mode=trade_mode)
        return False
    value = trace.value(parameter)
    trace.step(rule, value.boolean, value, trade_mode=trade_mode)
    return value.boolean
