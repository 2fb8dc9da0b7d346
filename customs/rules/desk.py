"""What an officer may decide on a checklist in which state, for which reasons, and the moves that follow.

Pure: the desk (`customs.desk`) looks the situation up, asks here, and writes what is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from common.findings import Finding, FindingRule, Text, rule
from common.law import step_rule
from customs.rules.moves import Cause, State, Step, name

_BASIS = "平台审单规则"


class Decision(StrEnum):
    """What an officer can decide; detention, its lifting, sending back and recall are a supervisor's."""

    RELEASE = "release"
    INSPECT = "inspect"
    REJECT = "reject"
    ASK = "ask"
    HOLD = "hold"
    UNHOLD = "unhold"
    DETAIN = "detain"
    LIFT = "lift"
    SEND_BACK = "send_back"


DECISION_NAMES: Mapping[str, Text] = {
    Decision.RELEASE: Text("放行", "Release"),
    Decision.INSPECT: Text("布控查验", "Order inspection"),
    Decision.REJECT: Text("退单", "Reject"),
    Decision.ASK: Text("询问卖家", "Ask the seller"),
    Decision.HOLD: Text("暂缓", "Hold"),
    Decision.UNHOLD: Text("解除暂缓", "Lift the hold"),
    Decision.DETAIN: Text("记录扣留", "Record a detention"),
    Decision.LIFT: Text("解除扣留", "Lift the detention"),
    Decision.SEND_BACK: Text("退运", "Send back"),
}

FINAL = frozenset({Decision.RELEASE, Decision.REJECT, Decision.SEND_BACK, Decision.DETAIN, Decision.INSPECT})
"""Decisions that end the officer's work on the checklist for now: claim, hold and question fall away."""

OTHER = "other"
REASONS: Mapping[str, Text] = {
    "papers_clear": Text("单证审核无异常", "Papers reviewed, nothing wrong"),
    "inspection_clear": Text("查验无异常", "Inspected, nothing wrong"),
    "papers_incomplete": Text("单证不全或填写不清", "Papers incomplete or unclear"),
    "goods_description": Text("商品名称、规格或归类不清", "Goods description or classification unclear"),
    "code_wrong": Text("商品编码不符", "HS code does not fit the goods"),
    "value_doubt": Text("申报价格存疑", "Declared value in doubt"),
    "weight_doubt": Text("重量或数量存疑", "Weight or quantity in doubt"),
    "goods_mismatch": Text("实货与申报不符", "Goods differ from the declaration"),
    "licence_missing": Text("缺少许可证件", "Licence or permit missing"),
    "prohibited": Text("禁止出境物品", "Goods may not leave the country"),
    "party_doubt": Text("交易主体存疑", "Parties to the sale in doubt"),
    "split_sale": Text("疑似拆单", "Suspected split sale"),
    "intellectual_property": Text("涉嫌侵犯知识产权", "Suspected intellectual-property infringement"),
    "random": Text("随机抽查", "Random check"),
    OTHER: Text("其他原因", "Another reason"),
}
"""Reasons by code; an unknown word is taken as `other` and kept in the text."""

MAX_TEXT = 1000

CU5001 = rule(
    "CU5001",
    title=("单证未齐，不能作出决定", "Papers are missing: nothing to decide yet"),
    say=(
        "清单还在等待：{waits}。齐全并比对后才能作出决定。",
        "The checklist still waits for: {waits}. It can be decided once papers are complete and matched.",
    ),
    basis=_BASIS,
    kind="processing",
)
CU5002 = rule(
    "CU5002",
    title=("现在不能作出这个决定", "Not possible in this state"),
    say=(
        "清单现在是「{state_zh} {state}」，不能{decision}。现在可以：{possible}。",
        "At {state_en} ({state}) this decision is not possible: {decision}. Possible now: {possible}.",
    ),
    basis=_BASIS,
    kind="processing",
)
CU5003 = rule(
    "CU5003",
    title=("已由他人认领", "Claimed by somebody else"),
    say=(
        "{who}已于{since}认领这票清单。请另选一票，或请主管转交。",
        "{who} claimed this checklist at {since}. Choose another, or ask a supervisor to hand it over.",
    ),
    basis=_BASIS,
    kind="processing",
)
CU5004 = rule(
    "CU5004",
    title=("由海关系统决定", "Decided in customs' own system"),
    say=(
        "这个申报地海关由海关系统作出决定，平台只保存意见。请等待海关回执。",
        "This office decides in customs' own system and the platform only keeps an opinion. Wait for the response.",
    ),
    basis=_BASIS,
    kind="processing",
)
CU5005 = rule(
    "CU5005",
    title=("没有这个决定", "No such decision"),
    say=("没有名为“{decision}”的决定。可用的是：{known}。", "There is no decision “{decision}”. Known ones: {known}."),
    basis=_BASIS,
    kind="format",
)
CU5006 = rule(
    "CU5006",
    title=("须说明原因", "A reason is needed"),
    say=(
        "{decision}须说明原因：请选择原因或写明文字。",
        "This decision needs a reason ({decision}): choose one or write it down.",
    ),
    basis=_BASIS,
    kind="format",
)
CU5007 = rule(
    "CU5007",
    title=("货物尚未运抵", "The goods have not arrived"),
    say=(
        "货物尚未运抵监管作业场所。收到运抵单后再作这个决定；已审结的清单届时自动放行。",
        "The goods have not arrived at the supervised site. Decide once the arrival notice is in; "
        "a concluded checklist is then released by itself.",
    ),
    basis=_BASIS,
    kind="processing",
)
CU5008 = rule(
    "CU5008",
    title=("须由主管决定", "A supervisor decides this"),
    say=("{decision}由海关主管记录。请转交主管。", "Only a customs supervisor records this: {decision}. Hand it over."),
    basis=_BASIS,
)
CU5009 = rule(
    "CU5009",
    title=("找不到这票清单", "No such checklist"),
    say=(
        "没有这票清单，或者它不在您的范围内。请核对编号。",
        "There is no such checklist, or it is not yours to see. Check the number.",
    ),
    basis=_BASIS,
)
CU5010 = rule(
    "CU5010",
    title=("没有待答复的问题", "No open question"),
    say=(
        "这票清单现在没有待您答复的问题。请在清单页面查看经过。",
        "Nothing is being asked about this checklist now. Look at its history.",
    ),
    basis=_BASIS,
    kind="processing",
)
CU5011 = rule(
    "CU5011",
    title=("已有人作出决定", "Decided already"),
    say=(
        "{who}已于{since}决定：{decision}，清单现在是「{state_zh} {state}」。请先看清单的经过。",
        "{who} decided at {since}: {decision}. It is now at {state_en} ({state}). Look at its history first.",
    ),
    basis=_BASIS,
    kind="processing",
)
CU5012 = rule(
    "CU5012",
    title=("须由另一名主管会签", "Another person, a supervisor, countersigns"),
    say=(
        "{who}已决定放行，须由另一名主管会签。请转交主管。",
        "{who} decided to release; a supervisor other than that person must countersign. Hand it over.",
    ),
    basis=_BASIS,
    kind="processing",
)
CU5013 = rule(
    "CU5013",
    title=("文字不能保存", "Text that cannot be kept"),
    say=("请写1至{most}个字，不含控制字符。", "Write between 1 and {most} characters, no control characters."),
    basis=_BASIS,
    kind="format",
)
CU5014 = rule(
    "CU5014",
    title=("没有这种扣留", "No such kind of detention"),
    say=("扣留类别“{state}”不存在。请选：{known}。", "There is no detention “{state}”. Choose one of: {known}."),
    basis=_BASIS,
    kind="format",
)

STEP_RULES: Mapping[str, str] = {
    decision: step_rule(
        f"CU51{number:02d}",
        "customs.desk",
        title=(DECISION_NAMES[decision].zh, DECISION_NAMES[decision].en),
        basis=_BASIS,
    ).id
    for number, decision in enumerate(Decision, 1)
}
"""The rule number that the event of a decision names."""

DETENTIONS = (State.DETAINED_CLEARANCE, State.DETAINED_SMUGGLING, State.DETAINED_LEGAL, State.DETAINED_OTHER)

_POSSIBLE: Mapping[str, tuple[Decision, ...]] = {
    State.REVIEW: (Decision.RELEASE, Decision.INSPECT, Decision.REJECT, Decision.ASK, Decision.HOLD),
    State.CONCLUDED: (Decision.RELEASE, Decision.INSPECT, Decision.REJECT, Decision.HOLD),
    State.INSPECTION: (
        Decision.RELEASE,
        Decision.REJECT,
        Decision.ASK,
        Decision.HOLD,
        Decision.DETAIN,
        Decision.SEND_BACK,
    ),
    State.RELEASED: (Decision.INSPECT,),
    **{state: (Decision.LIFT,) for state in DETENTIONS},
}
_SUPERVISOR = frozenset({Decision.DETAIN, Decision.LIFT, Decision.SEND_BACK})
_NEED_REASON = frozenset({Decision.REJECT, Decision.ASK, Decision.DETAIN, Decision.SEND_BACK})


@dataclass(frozen=True, slots=True)
class Situation:
    """A checklist as the desk finds it.

    `decides` is `here` or `relay`; `early_declaration` whether its office releases before arrival; `arrived` whether an
    arrival notice named it; `left` whether it left the site or the country; `supervisor` whether the asker is one.
    """

    status: str
    decides: str = "here"
    early_declaration: bool = True
    arrived: bool = False
    held: bool = False
    left: bool = False
    supervisor: bool = False
    waits_for: tuple[str, ...] = ()


def possible(now: Situation) -> list[Decision]:
    """The decisions open to the asker in this situation, in the order of the form."""
    return [one for one in _open(now) if _why_not(one, now) is None]


def _open(now: Situation) -> tuple[Decision, ...]:
    if now.decides == "relay":
        return ()
    found = _POSSIBLE.get(now.status, ())
    if now.held:
        return (*(one for one in found if one is not Decision.HOLD), Decision.UNHOLD)
    return found


def refusal(decision: Decision, now: Situation) -> Finding | None:
    """Why this decision is not possible now, or None."""
    why = _why_not(decision, now)
    if why is CU5002:
        return _not_now(decision, now)
    waits = "、".join(now.waits_for) or "—"
    return why.at("/decision", decision=DECISION_NAMES[decision], waits=waits) if why else None


def _why_not(decision: Decision, now: Situation) -> FindingRule | None:
    if now.decides == "relay":
        return CU5004
    if now.status in (State.DRAFT, State.DECLARED):
        return CU5001
    recall = decision is Decision.INSPECT and now.status == State.RELEASED
    if decision not in _open(now) or (recall and now.left):
        return CU5002
    if (decision in _SUPERVISOR or recall) and not now.supervisor:
        return CU5008
    return CU5007 if not now.arrived and _needs_goods(decision, now) else None


def _needs_goods(decision: Decision, now: Situation) -> bool:
    """Nobody inspects, detains or sends back goods that are not there; release may wait for them by itself."""
    if decision is Decision.RELEASE:
        return now.status == State.INSPECTION or (now.status == State.CONCLUDED and not now.early_declaration)
    return decision in (Decision.DETAIN, Decision.SEND_BACK)


def _not_now(decision: Decision, now: Situation) -> Finding:
    names = [DECISION_NAMES[one] for one in possible(now)]
    state = name(now.status)
    return CU5002.at(
        "/decision",
        decision=DECISION_NAMES[decision],
        state=now.status,
        state_zh=state.zh,
        state_en=state.en,
        possible=Text("、".join(n.zh for n in names) or "无", ", ".join(n.en for n in names) or "none"),
    )


def reason_of(decision: Decision, reason: str | None, text: str | None) -> tuple[str, str]:
    """The reason code and text to keep; an unknown word becomes `other` with the word at the head of the text."""
    word, written = (reason or "").strip(), (text or "").strip()
    if not word or word in REASONS:
        return word or OTHER, written
    return OTHER, f"{word}: {written}" if written else word


def text_refusal(decision: Decision, reason: str | None, text: str | None) -> Finding | None:
    """A reason that is needed and missing, or a text that is too long; a question needs words, not only a reason."""
    written = (text or "").strip()
    if decision in _NEED_REASON and not written and (decision is Decision.ASK or not (reason or "").strip()):
        return CU5006.at("/reason", decision=DECISION_NAMES[decision])
    if not (storable(written) and storable(reason or "")):
        return CU5013.at("/text", most=MAX_TEXT)
    return None


def storable(text: str) -> bool:
    """Whether a text can be kept: not too long, and without NUL, which the database cannot hold."""
    return len(text) <= MAX_TEXT and "\0" not in text


def steps(decision: Decision, now: Situation, actor: str, reason: str, text: str, detained: str = "") -> list[Step]:
    """The moves of a decision that `refusal` allows; none for asking and holding.

    `detained`: which detention (501, 502, 503, 599). The party hears the reason of a rejection with the officer's
    words, of everything else what happened only.
    """
    match decision:
        case Decision.RELEASE:
            return _release(now, actor)
        case Decision.INSPECT:
            say = Text("货物须查验，请配合安排", "The goods are to be inspected; follow the arrangements")
            ordered = _step(decision, State.INSPECTION, actor, say)
            return [_concluded(actor), ordered] if now.status == State.REVIEW else [ordered]
        case Decision.REJECT:
            return [_step(decision, State.REJECTED, actor, _rejection(reason, text))]
        case Decision.DETAIN:
            return [_step(decision, detained, actor, Text("货物已扣留", "The goods are detained"))]
        case Decision.LIFT:
            return [_step(decision, State.INSPECTION, actor, Text("扣留已解除", "The detention is lifted"))]
        case Decision.SEND_BACK:
            return [_step(decision, State.SENT_BACK, actor, Text("货物退运", "The goods are sent back"))]
        case _:
            return []


def _release(now: Situation, actor: str) -> list[Step]:
    released = _step(
        Decision.RELEASE, State.RELEASED, actor, Text("清单放行，货物可以装运出境", "Released; the goods may leave")
    )
    if now.status != State.REVIEW:
        return [released]
    if now.arrived or now.early_declaration:
        return [_concluded(actor), released]
    say = Text(
        "审核通过，货物尚未运抵；收到运抵单后自动放行", "Review passed; released by itself when the goods arrive"
    )
    return [_step(Decision.RELEASE, State.CONCLUDED, actor, say)]


def _concluded(actor: str) -> Step:
    return _step(Decision.RELEASE, State.CONCLUDED, actor, Text("清单已审结", "The checklist is concluded"))


def _rejection(reason: str, text: str) -> Text:
    why = REASONS[reason]
    if reason == OTHER and text:
        return Text(f"审核退单：{text}", f"Rejected in review: {text}")
    tail = f"。{text}" if text else "", f". {text}" if text else ""
    return Text(f"审核退单：{why.zh}{tail[0]}", f"Rejected in review: {why.en}{tail[1]}")


def _step(decision: Decision, state: str, actor: str, say: Text) -> Step:
    return Step(state, Cause.OFFICER, actor=actor, rule=STEP_RULES[decision], say=say.as_dict())
