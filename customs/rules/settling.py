"""What matching says when it moves a checklist: stored, or rejected for a difference, its value or missing papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.findings import Text
from common.law import step_rule

_BASIS = "跨境电子商务出口统一版系统企业对接报文规范，三单比对"

MATCHED, MISMATCH, OVER_LIMIT, NEVER_COMPLETE = (
    step_rule(id, "customs.matching", title=title, basis=_BASIS).id
    for id, title in (
        ("CU2320", ("三单齐全且一致，入库", "Papers complete and equal: stored")),
        ("CU2321", ("三单不一致，退单", "Papers differ: rejected")),
        ("CU2322", ("不符合所用通关方式，退单", "The channel does not fit: rejected")),
        ("CU2323", ("单证逾期未齐，退单", "Papers did not come in time: rejected")),
    )
)

STORED_SAY = Text("单证齐全、比对一致，清单已入库", "Papers complete and matching; the checklist is stored")

PAPER_WORDS: Mapping[str, Text] = {
    "order": Text("订单", "the order"),
    "waybill": Text("运单", "the waybill"),
    "payment_receipt": Text("收款单", "the payment receipt"),
}
"""Words of `Checklist.waits_for`; `rate:<currency>` stands for a customs rate that is not known yet."""

_EXPIRED = Text(
    "等待{hours}小时后仍缺{missing}，清单退单。单证齐备后请重新申报",
    "After {hours} hours still without {missing}: rejected. Declare again once the papers are there",
)


def waits_text(words: Sequence[str]) -> Text:
    """What a checklist waits for, as a phrase."""
    texts = [
        PAPER_WORDS.get(word) or Text(f"{word[5:]}的计征汇率", f"the customs rate of {word[5:]}") for word in words
    ]
    return Text("、".join(t.zh for t in texts), ", ".join(t.en for t in texts))


def expired_say(words: Sequence[str], hours: int) -> Text:
    """The sentence of a rejection for want of papers."""
    return _EXPIRED.format(hours=hours, missing=waits_text(words))


def mismatch_say(findings: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The sentences of all differences, one after the other."""
    return {lang: " ".join(found["message"][lang] for found in findings) for lang in ("zh", "en")}
