"""The table of moves: which state a checklist may leave for which, and who may cause it.

The states are customs' own codes (message standard §5). This table is the single source for `customs.moves`, for the
desk's list of possible decisions and for the printed table in docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from common.findings import Text, rule


class State(StrEnum):
    """States of a checklist, customs' codes."""

    DRAFT = "1"
    DECLARED = "2"
    SENT = "3"
    SEND_FAILED = "4"
    REJECTED = "100"
    STORED = "120"
    REVIEW = "300"
    CONCLUDED = "399"
    INSPECTION = "500"
    DETAINED_CLEARANCE = "501"
    DETAINED_SMUGGLING = "502"
    DETAINED_LEGAL = "503"
    DETAINED_OTHER = "599"
    SENT_BACK = "700"
    RELEASED = "800"
    CLOSED = "899"


NAMES: dict[str, Text] = {
    State.DRAFT: Text("暂存", "Draft"),
    State.DECLARED: Text("申报中", "Declared"),
    State.SENT: Text("发送海关成功", "Sent to customs"),
    State.SEND_FAILED: Text("发送海关失败", "Sending failed"),
    State.REJECTED: Text("退单", "Rejected"),
    State.STORED: Text("入库", "Stored"),
    State.REVIEW: Text("人工审核", "Document review"),
    State.CONCLUDED: Text("审结", "Concluded"),
    State.INSPECTION: Text("查验", "Inspection"),
    State.DETAINED_CLEARANCE: Text("扣留移送通关", "Detained, to clearance"),
    State.DETAINED_SMUGGLING: Text("扣留移送缉私", "Detained, to anti-smuggling"),
    State.DETAINED_LEGAL: Text("扣留移送法规", "Detained, to legal affairs"),
    State.DETAINED_OTHER: Text("其它扣留", "Detained"),
    State.SENT_BACK: Text("退运", "Sent back"),
    State.RELEASED: Text("放行", "Released"),
    State.CLOSED: Text("结关", "Closed"),
}


class Cause(StrEnum):
    """Where a move may come from."""

    RULE = "rule"
    OFFICER = "officer"
    CUSTOMS = "customs"
    PARTY = "party"


@dataclass(frozen=True, slots=True)
class Step:
    """One move: to which state, from which source, by whom, under which rule, with what to say.

    `reason` is the class the seller may see; `say` the sentence {"zh","en"} for the response; `data` more facts.
    """

    state: str
    cause: Cause
    actor: str = "platform"
    rule: str | None = None
    say: Mapping[str, str] | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allowed:
    """One allowed move and the sources that may cause it."""

    start: str | None
    end: str
    causes: frozenset[Cause]
    why: Text


_R, _O, _C, _P = Cause.RULE, Cause.OFFICER, Cause.CUSTOMS, Cause.PARTY


def _m(start: str | None, end: str, causes: tuple[Cause, ...], zh: str, en: str) -> Allowed:
    return Allowed(start, end, frozenset(causes), Text(zh, en))


TABLE: tuple[Allowed, ...] = (
    _m(None, State.DRAFT, (_P,), "收下暂存的清单", "a draft is kept"),
    _m(None, State.DECLARED, (_P,), "收下申报的清单", "a declaration is taken in"),
    _m(State.DRAFT, State.DECLARED, (_P,), "暂存的清单申报", "the draft is declared"),
    _m(State.DRAFT, State.DRAFT, (_P,), "修改暂存的清单", "the draft is changed"),
    _m(State.DECLARED, State.DECLARED, (_P,), "三单未齐时修改清单", "changed while papers are missing"),
    _m(State.REJECTED, State.DECLARED, (_P,), "退单后改好再报", "corrected after a rejection"),
    _m(State.STORED, State.DECLARED, (_P,), "入库后修改，重新比对", "changed after storing; matched anew"),
    _m(State.REVIEW, State.DECLARED, (_P,), "审核中修改，重新比对", "changed during review; matched anew"),
    _m(State.DECLARED, State.SENT, (_C, _R), "已转海关系统", "passed to customs' system"),
    _m(State.DECLARED, State.SEND_FAILED, (_C, _R), "转海关系统失败", "passing to customs failed"),
    _m(State.SEND_FAILED, State.SENT, (_C, _R), "重新转海关系统", "passed to customs again"),
    _m(State.DECLARED, State.STORED, (_R, _C), "单证齐全、比对一致", "papers complete and matching"),
    _m(State.DECLARED, State.REJECTED, (_R, _O, _C), "比对不符、逾期或不符合要求", "mismatch, expiry or a failed rule"),
    _m(State.SENT, State.STORED, (_C,), "海关入库", "stored by customs"),
    _m(State.SENT, State.REJECTED, (_C,), "海关退单", "rejected by customs"),
    _m(State.SENT, State.SEND_FAILED, (_C,), "海关处理异常", "customs could not process it"),
    _m(State.SEND_FAILED, State.DECLARED, (_P,), "发送失败后改好再报", "corrected after sending failed"),
    _m(State.STORED, State.REVIEW, (_R, _O, _C), "中风险，人工审核", "medium tier, document review"),
    _m(
        State.STORED,
        State.CONCLUDED,
        (_R, _O, _C),
        "低风险审结；高风险审结后查验",
        "low tier; or high, before inspection",
    ),
    _m(State.STORED, State.REJECTED, (_R, _O, _C), "退单", "rejected"),
    _m(State.REVIEW, State.CONCLUDED, (_O, _C), "审核通过", "review passed"),
    _m(State.REVIEW, State.REJECTED, (_O, _C, _R), "审核退单", "rejected in review"),
    _m(State.CONCLUDED, State.RELEASED, (_R, _O, _C), "放行", "released"),
    _m(State.CONCLUDED, State.INSPECTION, (_R, _O, _C), "布控查验", "inspection ordered"),
    _m(
        State.CONCLUDED,
        State.REJECTED,
        (_R, _O, _C),
        "提前申报逾期未运抵；撤销申请经海关批准",
        "declared early and never arrived; or a cancellation was approved",
    ),
    _m(State.INSPECTION, State.RELEASED, (_O, _C), "查验无异常，放行", "inspection clear, released"),
    _m(State.INSPECTION, State.REJECTED, (_O, _C, _R), "查验后退单", "rejected after inspection"),
    _m(State.INSPECTION, State.DETAINED_CLEARANCE, (_O, _C), "扣留移送通关", "detained, to clearance"),
    _m(State.INSPECTION, State.DETAINED_SMUGGLING, (_O, _C), "扣留移送缉私", "detained, to anti-smuggling"),
    _m(State.INSPECTION, State.DETAINED_LEGAL, (_O, _C), "扣留移送法规", "detained, to legal affairs"),
    _m(State.INSPECTION, State.DETAINED_OTHER, (_O, _C), "其它扣留", "detained"),
    _m(State.DETAINED_CLEARANCE, State.INSPECTION, (_O, _C), "解除扣留", "detention lifted"),
    _m(State.DETAINED_SMUGGLING, State.INSPECTION, (_O, _C), "解除扣留", "detention lifted"),
    _m(State.DETAINED_LEGAL, State.INSPECTION, (_O, _C), "解除扣留", "detention lifted"),
    _m(State.DETAINED_OTHER, State.INSPECTION, (_O, _C), "解除扣留", "detention lifted"),
    _m(State.INSPECTION, State.SENT_BACK, (_O, _C), "退运", "sent back"),
    _m(State.RELEASED, State.INSPECTION, (_O, _C), "放行后未离场，召回查验", "called back before leaving the site"),
    _m(
        State.RELEASED,
        State.REJECTED,
        (_R, _O, _C),
        "提前申报逾期未运抵；撤销申请经海关批准",
        "declared early and never arrived; or a cancellation was approved",
    ),
    _m(State.RELEASED, State.CLOSED, (_R, _C), "货物离境，结关", "goods left the country"),
    _m(State.CLOSED, State.RELEASED, (_O,), "结关被证明有误，撤回", "the closing was proven wrong and is taken back"),
)

_BY_PAIR = {(m.start, m.end): m for m in TABLE}

CU2101 = rule(
    "CU2101",
    title=("状态不允许", "State does not allow it"),
    say=(
        "清单现在是「{start_zh} {start}」，不能变为「{end_zh} {end}」。请先看清单的经过，再决定怎么办。",
        "The checklist is at {start_en} ({start}) and cannot become {end_en} ({end}). Look at its history first.",
    ),
    basis="报文规范 202205 第5节（回执状态）",
    kind="processing",
)


def allowed(start: str | None, end: str, cause: Cause) -> bool:
    """Whether `cause` may move a checklist from `start` (None: new) to `end`."""
    move = _BY_PAIR.get((start, end))
    return move is not None and cause in move.causes


def ends_from(start: str, cause: Cause) -> list[str]:
    """The states that `cause` may move a checklist to from `start`, in table order."""
    return [m.end for m in TABLE if m.start == start and cause in m.causes]


def name(state: str) -> Text:
    """The state's name; a negative code is a processing error (处理异常)."""
    return NAMES.get(state, Text("处理异常", "Processing error"))


LIVE = frozenset(NAMES) - {State.DRAFT, State.REJECTED, State.SENT_BACK}
"""States in which a checklist holds its order and its waybill (退单 and 暂存 do not)."""

STORED_OR_FURTHER = LIVE - {State.DECLARED, State.SENT, State.SEND_FAILED}
"""States from which order and waybill can no longer be changed (message standard §9)."""
