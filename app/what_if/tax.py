"""The tax decisions that can be asked: their facts and how these reach the production functions."""

from __future__ import annotations

from typing import Any

from app.what_if.decision import WhatIf
from app.what_if.fields import Choice, Day, Field, YesNo, record
from app.what_if.sources import Sources
from common.findings import Text
from common.law import Decision
from customs.rules.decisions import EXPORT_MODES
from tax.rules import REASONS, ReliefFacts, return_relief


def _return_relief(facts: dict[str, Any], sources: Sources) -> Decision:
    on = facts.pop("returned_on")
    return return_relief(ReliefFacts(**facts), sources.law, on)


DECISIONS = (
    WhatIf(
        "tax.return-relief",
        Text("出口退运商品免税", "Relief for returned exports"),
        Text(
            "退运进境的出口商品是否免征进口税收，最迟哪天退运进境",
            "Whether exported goods come back free of import taxes, and by when",
        ),
        record(
            Field("trade_mode", Choice(EXPORT_MODES), Text("监管方式", "Supervision mode")),
            Field(
                "exported_on",
                Day(),
                Text("出口日期（特殊区域货物为出区日期）", "Day of export (of leaving the special area)"),
            ),
            Field("returned_on", Day(), Text("退运进境日期", "Day of coming back")),
            Field("reason", Choice(REASONS), Text("退运原因", "Why the goods come back")),
            Field("food", YesNo(), Text("是食品", "Is food")),
            Field("refunded", YesNo(), Text("已办理出口退税", "Export tax was refunded")),
            Field("repaid_certificate", YesNo(), Text("持有已补税证明", "Holds a certificate that it was paid back")),
            Field("unaltered", YesNo(), Text("原状退运", "Comes back unaltered")),
        ),
        _return_relief,
        {
            "relief": {"type": "boolean"},
            "document": {"type": "string", "nullable": True},
            "deadline": {"type": "string", "format": "date"},
        },
    ),
)
