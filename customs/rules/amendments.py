"""What may be changed or cancelled in which state, on which grounds, and what a change causes (CU6201 and after).

One dated table (`customs.amendment.states.*`) says what each state allows; customs amends before it cancels (修改优先).
Pure: `customs.amendments` looks the facts up and writes what is decided.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from common.findings import Finding, Text
from common.law import Law, ParameterValue
from common.money import plain
from customs.rules.amendment_findings import (
    ARRIVED_ABROAD,
    ARRIVED_SO_LEFT,
    FIXED_FIELD,
    GROUND_NEEDED,
    GROUND_UNKNOWN,
    HAS_LEFT,
    IN_SUMMARY,
    KNOWN_DAY,
    LESS_THAN_RETURNED,
    NOT_MORE,
    NOT_ONLY_LESS,
    NOT_POSSIBLE,
    NOTHING_DIFFERS,
    PART_BY_AMENDMENT,
    PROOF_NEEDED,
    RELAYED,
    REQUEST_PENDING,
    RETURNED_LINE,
    SHUT_OUT_LATE,
    UNCHANGED_NEEDED,
)
from customs.rules.moves import NAMES, State, name
from customs.rules.return_findings import RETURNED_EXPORT
from customs.rules.returns import Amounts


class Action(StrEnum):
    """What a state allows: words of `customs.amendment.states.*`."""

    FREE = "free"
    REMATCH = "rematch"
    AMENDMENT = "amendment"
    CLOSING_AMENDMENT = "closing_amendment"
    CANCELLATION = "cancellation"
    NOTHING = "nothing"


ACTION_NAMES: Mapping[str, Text] = {
    Action.FREE: Text("自行修改或删除，无须海关同意", "change or delete freely; nobody has to agree"),
    Action.REMATCH: Text("变更，重新与各单证比对", "change; all papers are compared anew"),
    Action.AMENDMENT: Text(
        "申请修改：写明理由、附证明，由关员决定", "request an amendment: ground, proof, an officer decides"
    ),
    Action.CLOSING_AMENDMENT: Text(
        "证明结关本身有误的，可申请修改；已入汇总的先改、撤报关单",
        "request an amendment only where the closing itself is proven wrong; a declaration made from it goes first",
    ),
    Action.CANCELLATION: Text("撤销申请（605）", "request a cancellation (605)"),
    Action.NOTHING: Text("不能修改，也不能撤销", "nothing may be changed or cancelled"),
}

REQUESTED = frozenset({Action.AMENDMENT, Action.CLOSING_AMENDMENT})
"""Actions that make a change a request."""

WHY: Mapping[str, Text] = {
    State.DRAFT: Text("还没有申报。", "It is not declared yet."),
    State.DECLARED: Text("海关还没有接受申报。", "Customs has not accepted the declaration yet."),
    State.SENT: Text(
        "海关系统正在处理，请等它的回执。", "Customs' own system is working on it; wait for its response."
    ),
    State.SEND_FAILED: Text("海关没有收到这份申报。", "Customs has not received this declaration."),
    State.REJECTED: Text("已退单，可以改好再报。", "It was rejected and may be corrected and declared again."),
    State.STORED: Text(
        "海关已接受申报，变更后各单证重新比对、重新评估。",
        "Customs has accepted it; after a change its papers are compared and its risk is assessed anew.",
    ),
    State.REVIEW: Text(
        "正在人工审核，变更后回到申报中重新比对；撤销由关员决定。",
        "It is under review; a change sends it back to be matched anew, a cancellation is decided by an officer.",
    ),
    State.CONCLUDED: Text(
        "已审结，货物还在境内：修改优先，确实不能修改的才撤销。",
        "It is concluded and the goods are still here: it is amended first, and cancelled only if that cannot be done.",
    ),
    State.RELEASED: Text(
        "已放行，货物还没有离境：修改优先，确实不能修改的才撤销。",
        "It is released and the goods have not left: it is amended first, and cancelled only if that cannot be done.",
    ),
    State.SENT_BACK: Text("货物已退运，清单已办结。", "The goods went back; the checklist is done with."),
    State.CLOSED: Text(
        "已结关，决不撤销；只有证明结关本身有误才能修改。",
        "It is closed and is never cancelled; it is changed only where the closing itself is proven wrong.",
    ),
    **{
        state: Text(
            "已布控、查验或者扣留，办结之前不能修改、撤销。",
            "It is targeted, under inspection or detained; nothing may be changed until that ends.",
        )
        for state in (
            State.INSPECTION,
            State.DETAINED_CLEARANCE,
            State.DETAINED_SMUGGLING,
            State.DETAINED_LEGAL,
            State.DETAINED_OTHER,
        )
    },
}
"""Why a state allows what it allows."""


class Ground(StrEnum):
    """Grounds of a request: words of `customs.amendment.grounds.*`."""

    SHUT_OUT_WHOLE = "shut_out_whole"
    SHUT_OUT_PART = "shut_out_part"
    TRANSPORT_CHANGE = "transport_change"
    QUANTITY_DIFFERENCE = "quantity_difference"
    CLERICAL_ERROR = "clerical_error"
    SYSTEM_FAULT = "system_fault"
    PRICE_SETTLED = "price_settled"
    CLOSING_WRONG = "closing_wrong"
    NEVER_LEFT = "never_left"


GROUND_NAMES: Mapping[str, Text] = {
    Ground.SHUT_OUT_WHOLE: Text("全部退关（货物没有装运，不再出口）", "shut out whole: not loaded and not leaving"),
    Ground.SHUT_OUT_PART: Text("部分退关（一部分货物没有装运）", "shut out in part: some of the goods were not loaded"),
    Ground.TRANSPORT_CHANGE: Text("变更运输工具", "change of transport"),
    Ground.QUANTITY_DIFFERENCE: Text(
        "溢短装，或灭失、短损", "overage or shortage found while loading, in transport or in store"
    ),
    Ground.CLERICAL_ERROR: Text("操作或书写失误", "clerical error"),
    Ground.SYSTEM_FAULT: Text("计算机、网络系统等技术原因", "system fault"),
    Ground.PRICE_SETTLED: Text("暂时价格成交，价格后来才结算", "price settled later"),
    Ground.CLOSING_WRONG: Text("结关所依的申报内容有误", "the closing rests on wrong contents"),
    Ground.NEVER_LEFT: Text("货物其实没有离境，结关有误", "the goods never left: the closing is wrong"),
}
SHUT_OUT = frozenset({Ground.SHUT_OUT_WHOLE, Ground.SHUT_OUT_PART})


class Effect(StrEnum):
    """What a change causes."""

    REMATCH = "rematch"
    TIER = "tier"
    RELEASE = "release"
    SUMMARY = "summary"
    STATISTICS = "statistics"
    TAX = "tax"
    FOREX = "forex"


EFFECT_NAMES: Mapping[str, Text] = {
    Effect.REMATCH: Text("各单证重新比对", "The papers are compared anew"),
    Effect.TIER: Text("重新评估风险", "The risk is assessed anew"),
    Effect.RELEASE: Text("放行的结论重新作出，可能查验", "Release is decided again; an inspection is possible"),
    Effect.SUMMARY: Text("汇总报关单的归并随之改变", "Its line of the summary declaration changes"),
    Effect.STATISTICS: Text("统计冲回原数，另记新数", "Statistics take back the old figures and count the new"),
    Effect.TAX: Text("税务重新认定退（免）税", "Tax decides its relief again"),
    Effect.FOREX: Text("外汇核对的金额随之改变", "The amount that forex compares changes"),
}

_MATCHED = frozenset({"qty", "price", "totalPrice", "currency", "unit", "itemNo", "grossWeight", "packNo", "gnum"})
_ASSESSED = frozenset(
    {"gcode", "qty1", "unit1", "totalPrice", "currency", "grossWeight", "netWeight", "country", "ownerCode", "gnum"}
)
_SUMMED = frozenset(
    {
        "gcode", "gname", "country", "currency", "unit", "unit1", "unit2", "qty", "qty1", "qty2", "totalPrice",
        "trafMode", "portCode", "ownerCode", "ownerName", "grossWeight", "netWeight", "gnum",
    }
)  # fmt: skip
_COUNTED = _SUMMED - {"ownerCode", "ownerName"}
_TAXED = frozenset(
    {"gcode", "gname", "qty", "unit", "price", "totalPrice", "currency", "ieDate", "gnum", "freight", "insuredFee"}
)
_PAID = frozenset({"totalPrice", "currency", "freight", "insuredFee", "fCurrency", "iCurrency", "gnum"})


OUTCOMES: Mapping[str, Text] = {
    "pending": Text("待办", "pending"),
    "approved": Text("批准", "approved"),
    "refused": Text("不予批准", "refused"),
    "withdrawn": Text("申请人撤回", "withdrawn"),
}
"""How an amendment request ends."""

SHUT_OUT_STATES: Mapping[str, Text] = {
    "requested": Text("已申请，等海关批准", "requested, not approved yet"),
    "approved": Text("已批准，等场所放出", "approved, to be let out"),
    "refused": Text("未获批准", "refused"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "let_out": Text("已放出", "let out"),
    "not_here": Text("已批准，货物未到场所", "approved; the goods never reached a site"),
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a checklist when somebody wants to change it.

    `left`: the goods have left; `here`: decided on this platform; `declarations`: numbers of live declarations made
    from it that customs has not amended since; `pending`: the preNo of a request that is being decided; `returns`: the
    preNos of goods returns of it; `returned`: what came back or is asked for, by line; `arrived`: how much of a line is
    recorded as arrived in an overseas warehouse.
    """

    number: str
    status: str
    left: bool = False
    here: bool = True
    declarations: tuple[str, ...] = ()
    pending: str | None = None
    returns: tuple[str, ...] = ()
    returned: Mapping[int, Amounts] = field(default_factory=dict)
    arrived: Mapping[int, Decimal] = field(default_factory=dict)

    @property
    def returns_named(self) -> Text:
        """Its goods returns as sentences name them."""
        return _listed(self.returns)


def _listed(numbers: Sequence[str]) -> Text:
    """The first numbers as sentences list them."""
    return Text("、".join(numbers[:_MOST_NAMED]), ", ".join(numbers[:_MOST_NAMED]))


_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs: element, line (None: the head), values as text (None: not there)."""

    field: str
    line: int | None
    before: str | None
    after: str | None

    def as_dict(self) -> dict[str, object]:
        """The wire shape."""
        return {"field": self.field, "line": self.line, "before": self.before, "after": self.after}


def actions_in(status: str, law: Law, on: date) -> ParameterValue:
    """The row of the table for a state; a processing error (negative code) is treated like 发送海关失败 (4)."""
    known = status if status in NAMES else State.SEND_FAILED
    return law.value(f"customs.amendment.states.{known}", on)


def allows(status: str, action: Action, law: Law, on: date) -> bool:
    """Whether the table lets a state do something."""
    return action in actions_in(status, law, on).codes


def needs_request(status: str, law: Law, on: date) -> bool:
    """Whether a change in this state is a request that an officer decides."""
    return any(one in REQUESTED for one in actions_in(status, law, on).codes)


def request_states(law: Law, on: date) -> list[State]:
    """The states in which a change is a request."""
    return [one for one in State if needs_request(one, law, on)]


def grounds_for(status: str, law: Law, on: date, *, cancelling: bool = False) -> ParameterValue:
    """The grounds that count for a request in this state."""
    if cancelling:
        return law.value("customs.amendment.grounds.cancellation", on)
    kind = "closed" if status == State.CLOSED else "amendment"
    return law.value(f"customs.amendment.grounds.{kind}", on)


def blocked(now: Situation, law: Law, on: date, pointer: str = "") -> list[Finding]:
    """Everything that stands against a change of the contents now; empty where it may begin."""
    found: list[Finding] = []
    actions = actions_in(now.status, law, on).codes
    if Action.NOTHING in actions:
        state, why = name(now.status), WHY[now.status]
        found.append(
            NOT_POSSIBLE.at(
                pointer,
                number=now.number,
                state=now.status,
                state_zh=state.zh,
                state_en=state.en,
                why_zh=why.zh,
                why_en=why.en,
            )
        )
    if Action.AMENDMENT in actions and now.left:
        found.append(HAS_LEFT.at(pointer, number=now.number))
    if any(one in REQUESTED for one in actions):
        if not now.here:
            found.append(RELAYED.at(pointer, number=now.number))
        if now.declarations:
            found.append(IN_SUMMARY.at(pointer, number=now.number, declarations=_listed(now.declarations)))
    if now.pending is not None:
        found.append(REQUEST_PENDING.at(pointer, number=now.number, pre_no=now.pending))
    return found


def fixed_fields(status: str, law: Law, on: date) -> frozenset[str]:
    """Elements that may not be changed in this state."""
    if not needs_request(status, law, on):
        return frozenset()
    return frozenset(law.value("customs.amendment.fixed_fields", on).codes)


def effects_of(fields: Collection[str], status: str, flag: str, law: Law, on: date) -> list[Effect]:
    """What changing these fields causes in this state, in the order in which it happens."""
    actions = actions_in(status, law, on).codes
    named = frozenset(fields)
    closed = Action.CLOSING_AMENDMENT in actions
    amended = Action.AMENDMENT in actions
    matched = Action.REMATCH in actions and bool(named)
    asked: Sequence[tuple[Effect, bool]] = (
        (Effect.REMATCH, matched or (amended and bool(named & _MATCHED))),
        (Effect.TIER, matched or (amended and bool(named & _ASSESSED))),
        (Effect.RELEASE, matched or (amended and bool(named & _ASSESSED))),
        (Effect.SUMMARY, flag == "B" and (amended or closed) and bool(named & _SUMMED)),
        (Effect.STATISTICS, closed and bool(named & _COUNTED)),
        (Effect.TAX, (amended or closed) and bool(named & _TAXED)),
        (Effect.FOREX, (amended or closed) and bool(named & _PAID)),
    )
    return [effect for effect, caused in asked if caused]


def ground_fault(
    ground: str | None, status: str, law: Law, on: date, *, cancelling: bool = False, pointer: str = "/ground"
) -> Finding | None:
    """The finding for a ground that does not count here; None where it counts or none was given."""
    if ground is None:
        return None
    if cancelling and ground == Ground.SHUT_OUT_PART:
        return PART_BY_AMENDMENT.at(pointer)
    known = grounds_for(status, law, on, cancelling=cancelling).codes
    if ground in known:
        return None
    return GROUND_UNKNOWN.at(pointer, value=ground[:40], known=", ".join(known))


def known_day_faults(
    ground: str | None, known_on: date | None, declared_on: date, today: date, law: Law, *, pointer: str
) -> list[Finding]:
    """A shut-out is requested within the dated days after it is known that the goods will not leave."""
    if known_on is None or ground not in SHUT_OUT:
        return []
    if not declared_on <= known_on <= today:
        return [KNOWN_DAY.at(pointer, value=known_on.isoformat())]
    last = known_on + timedelta(days=law.value("customs.shut_out.request_days", today).integer)
    if today > last:
        return [SHUT_OUT_LATE.at(pointer, known=known_on.isoformat(), last=last.isoformat())]
    return []


def content_faults(
    changes: Sequence[Change], ground: str | None, status: str, number: str, law: Law, on: date, *, pointer: str
) -> list[Finding]:
    """What is wrong with the changes themselves: fields that are fixed, nothing changed, more instead of less."""
    if ground == Ground.NEVER_LEFT:
        return [UNCHANGED_NEEDED.at(pointer)] if changes else []
    if not changes:
        return [NOTHING_DIFFERS.at(pointer, number=number)]
    fixed = fixed_fields(status, law, on)
    found = [FIXED_FIELD.at(pointer, field=one.field) for one in changes if one.field in fixed and one.line is None]
    return found + (_not_less(changes, pointer) if ground == Ground.SHUT_OUT_PART else [])


_QUANTITIES = ("qty", "qty1", "qty2")
_GOODS = frozenset(
    {"itemNo", "itemRecordNo", "gcode", "gname", "gmodel", "barCode", "country", "unit", "unit1", "unit2", "currency"}
)
"""Fields of a line that say which goods it is and how they are measured."""


def _not_less(changes: Sequence[Change], pointer: str) -> list[Finding]:
    """Changes of lines that do more than take goods away."""
    found = []
    for one in changes:
        if one.line is None:
            continue
        said = {"line": one.line, "before": one.before or "—", "after": one.after or "—"}
        if _grows(one):
            found.append(NOT_MORE.at(pointer, **said))
        elif one.field in _GOODS:
            found.append(NOT_ONLY_LESS.at(pointer, field=one.field, **said))
    return found


def _grows(change: Change) -> bool:
    """Whether a quantity became more or has come in, or a line has."""
    if change.before is None:
        return change.field in (*_QUANTITIES, "gnum")
    if change.field not in _QUANTITIES or change.after is None:
        return False
    return Decimal(change.after) > Decimal(change.before)


_UNITS = ("gnum", "unit", "unit1", "unit2")
"""Fields of a line that returns of its goods go by."""


def returned_faults(changes: Sequence[Change], ground: str | None, now: Situation, *, pointer: str) -> list[Finding]:
    """What would leave less of a line than came back or is asked for, or take the line away from its returns."""
    if ground == Ground.NEVER_LEFT:
        return [RETURNED_EXPORT.at(pointer, number=now.number, returns=now.returns_named)] if now.returned else []
    found = []
    for one in changes:
        returned = now.returned.get(one.line or 0)
        if returned is None or (one.field == "gnum" and one.before is None):
            continue
        said = {"line": one.line, "field": one.field, "after": one.after or "—", "returns": now.returns_named}
        if one.field in _UNITS:
            found.append(RETURNED_LINE.at(pointer, before=one.before or "—", **said))
        elif one.field in _QUANTITIES:
            least = getattr(returned, one.field) or Decimal(0)
            if Decimal(one.after or 0) < least:
                found.append(LESS_THAN_RETURNED.at(pointer, returned=plain(least), **said))
    return found


def arrived_faults(changes: Sequence[Change], ground: str | None, now: Situation, *, pointer: str) -> list[Finding]:
    """What would leave less of a line than arrived abroad, or take the line away from its warehouse's records."""
    if ground == Ground.NEVER_LEFT:
        lines = _listed([str(one) for one in sorted(now.arrived)])
        return [ARRIVED_SO_LEFT.at(pointer, number=now.number, lines=lines)] if now.arrived else []
    found = []
    for one in changes:
        arrived = now.arrived.get(one.line or 0)
        if arrived is None or one.before is None:
            continue
        if one.field in ("gnum", "unit") or (one.field == "qty" and Decimal(one.after or 0) < arrived):
            said = {"line": one.line, "field": one.field, "before": one.before, "after": one.after or "—"}
            found.append(ARRIVED_ABROAD.at(pointer, arrived=plain(arrived), **said))
    return found


def proof_needed(ground: str, law: Law, on: date) -> bool:
    """Whether a ground asks for proof."""
    return ground in law.value("customs.amendment.proof_needed", on).codes


def approval_faults(ground: str | None, files: int, law: Law, on: date) -> list[Finding]:
    """What still lacks before a request may be approved."""
    if ground is None:
        return [GROUND_NEEDED.at("/ground")]
    if files == 0 and proof_needed(ground, law, on):
        return [PROOF_NEEDED.at("/proofs", ground=GROUND_NAMES[ground])]
    return []


def wants_supervisor(status: str, law: Law, on: date) -> bool:
    """Whether an amendment in this state is a supervisor's to decide."""
    return status in law.value("customs.amendment.supervisor_states", on).codes
