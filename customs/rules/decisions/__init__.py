"""The customs decisions that anybody may ask with facts of their own: pure functions of facts, law and a day.

Each gives a `common.law.Decision` with its trace. They raise `UnknownLawError` for a day without known law and
`DomainError` for facts that contradict each other. `STEP_PARAMETERS` says which parameters each step may show.
"""

from __future__ import annotations

from collections.abc import Mapping

from customs.rules.decisions import channel as _channel
from customs.rules.decisions import documents as _documents
from customs.rules.decisions import goods_return as _goods_return
from customs.rules.decisions import merge as _merge
from customs.rules.decisions import summary_due as _summary_due
from customs.rules.decisions.channel import ChannelFacts, channel
from customs.rules.decisions.documents import DocumentFacts, required_documents
from customs.rules.decisions.goods_return import ReturnFacts, goods_return
from customs.rules.decisions.merge import MergeChecklist, MergeFacts, MergeLine, merge
from customs.rules.decisions.modes import B2B, EXPORT_MODES, RETAIL
from customs.rules.decisions.summary_due import SummaryDueFacts, summary_due

__all__ = [
    "B2B",
    "EXPORT_MODES",
    "RETAIL",
    "STEP_PARAMETERS",
    "ChannelFacts",
    "DocumentFacts",
    "MergeChecklist",
    "MergeFacts",
    "MergeLine",
    "ReturnFacts",
    "SummaryDueFacts",
    "channel",
    "goods_return",
    "merge",
    "required_documents",
    "summary_due",
]

STEP_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    **_channel.STEP_PARAMETERS,
    **_documents.STEP_PARAMETERS,
    **_summary_due.STEP_PARAMETERS,
    **_merge.STEP_PARAMETERS,
    **_goods_return.STEP_PARAMETERS,
}
"""Names of the parameters that each step rests on; a name ending in `.*` stands for all below it."""
