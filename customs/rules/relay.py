"""Relay mode: what a response of customs' own system means for a checklist, and how far our tiering agreed with it.

Pure. In relay mode nothing here decides: a received response alone moves the state. Where customs passed a state over
in its answers (800 received while we stand at 3), the states between are filled in from the table of moves.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from common.findings import Finding, Severity, Text, rule
from customs.rules.moves import NAMES, TABLE, Cause, State
from customs.rules.release import Tier
from customs.rules.returns import ReturnState

_BASIS = "跨境电子商务出口统一版系统企业对接报文规范（202205版）§5"
_OWN = "平台接口约定"
AHEAD = timedelta(minutes=15)
"""How far customs' clock may run ahead of ours."""

CU8001 = rule(
    "CU8001",
    title=("回执找不到对应单证", "No paper for this response"),
    say=(
        "平台没有与回执对应的单证（{key}）。请核对接入的关区，并由数据管理员查明来源。",
        "No paper here answers to this response ({key}). Check which office the connector serves, "
        "and trace the sender.",
    ),
    basis=_OWN,
    severity=Severity.WARNING,
    kind="processing",
)
CU8002 = rule(
    "CU8002",
    title=("旧回执", "Older response"),
    say=(
        "回执时间{time}早于已处理的{newest}，只留存，不改变状态。",
        "Response time {time} is earlier than {newest}, already applied: kept on record, the state stays.",
    ),
    basis=f"{_BASIS}；表7-2“接收报文为旧报文数据，不做处理”",
    severity=Severity.WARNING,
    kind="processing",
)
CU8003 = rule(
    "CU8003",
    title=("回执状态码未知", "Unknown status code"),
    say=(
        "回执状态“{status}”不在代码表中，单证状态不变。请数据管理员向海关核实其含义。",
        "The response's status “{status}” is not in the code list; the state stays. "
        "The data steward should ask customs what it means.",
    ),
    basis=_BASIS,
    severity=Severity.WARNING,
    kind="processing",
)
CU8004 = rule(
    "CU8004",
    title=("回执状态与当前状态不衔接", "The response does not follow from the state"),
    say=(
        "单证现为{start}，不能由海关回执变为{status}，回执已留存。请主管核对海关系统中的状态。",
        "The paper is at {start}, from where no response leads to {status}; the response is kept. "
        "A supervisor should compare with customs' own system.",
    ),
    basis=_BASIS,
    severity=Severity.WARNING,
    kind="processing",
)
CU8005 = rule(
    "CU8005",
    title=("回执时间不可用", "Response time not usable"),
    say=(
        "回执时间“{time}”不存在、晚于当前时间或早于收单时间，回执已留存，状态不变。请接入方核对时间。",
        "The response time “{time}” does not exist, lies ahead of now, or before the paper was taken in; "
        "kept on record, the state stays. The connector should check its clock.",
    ),
    basis=_BASIS,
    severity=Severity.WARNING,
    kind="processing",
)
CU8006 = rule(
    "CU8006",
    title=("该关区由平台决定", "This office decides here"),
    say=(
        "该单证的申报地海关{office}不是转报方式，海关系统的回执只留存。请核对关区设置。",
        "Office {office} of this paper is not set to relay: the response is kept and moves nothing. "
        "Check the office's setting.",
    ),
    basis=_OWN,
    severity=Severity.WARNING,
    kind="processing",
)
CU8007 = rule(
    "CU8007",
    title=("海关处理异常", "Customs could not process it"),
    say=(
        "海关处理异常（{status}）：{info}。请按此更正后重新申报。",
        "Customs could not process it ({status}): {info}. Correct it accordingly and declare again.",
    ),
    basis=_BASIS,
    severity=Severity.WARNING,
    kind="processing",
)
CU8008 = rule(
    "CU8008",
    title=("回执的清单编号不符", "Checklist number differs"),
    say=(
        "回执的清单编号“{found}”与已登记的“{known}”不符或格式不对，未采用。请主管核对海关系统。",
        "The response's checklist number “{found}” differs from the recorded “{known}” or has the wrong form, "
        "and is not taken over. A supervisor should compare with customs' own system.",
    ),
    basis=f"{_BASIS}（§7 invtNo）",
    severity=Severity.WARNING,
    kind="processing",
)
CU8009 = rule(
    "CU8009",
    title=("回执状态不适用于该单证", "Not a status of this kind of paper"),
    say=(
        "{type}回执不使用状态{status}，回执已留存，单证不变。请数据管理员向海关核实。",
        "A {type} response does not use status {status}; it is kept and the paper stays. "
        "The data steward should ask customs what it means.",
    ),
    basis=_BASIS,
    severity=Severity.WARNING,
    kind="processing",
)
CU8010 = rule(
    "CU8010",
    title=("不是所辖综试区的转报报文", "Not a message of your zones"),
    say=(
        "没有这份待转报文，或不属于您所辖的综试区。请从待转清单中选择。",
        "There is no such message to relay, or it is not of your zones. Choose one from the outbox.",
    ),
    basis=_OWN,
)
CU8011 = rule(
    "CU8011",
    title=("报文已被新内容取代", "The message was replaced"),
    say=(
        "这份待转报文在{at}已被更改后的内容取代，无须再发。请取新的报文发送。",
        "This message was replaced by changed content at {at} and need not be sent. Fetch and send the new one.",
    ),
    basis=_OWN,
    kind="processing",
)
CU8012 = rule(
    "CU8012",
    title=("失败须说明原因", "A failure needs its reason"),
    say=(
        "发送失败请在failure中填写原因（不超过{most}字）。",
        "Say in “failure” why sending failed (at most {most} characters).",
    ),
    basis=_OWN,
    kind="format",
)
CU8013 = rule(
    "CU8013",
    title=("起止日期颠倒", "Days the wrong way round"),
    say=(
        "起始日期{start}晚于截止日期{end}。请更正。",
        "The first day {start} is after the last day {end}. Correct it.",
    ),
    basis=_OWN,
    kind="format",
)
CU8014 = rule(
    "CU8014",
    title=("回执内容有误", "The response's content is faulty"),
    say=(
        "第{place}份回执内容有误：{what}。该份留存，未处理；请接入方核对后重发。",
        "Response {place} is faulty: {what}. It is kept and not applied; the connector should check and send it again.",
    ),
    basis=_BASIS,
    severity=Severity.WARNING,
    kind="format",
)

CU8015 = rule(
    "CU8015",
    title=("退货由海关系统决定", "The return is decided in customs' own system"),
    say=(
        "这个海关的退货申请由海关系统决定，平台不能作决定。请等候海关回执。",
        "This office decides goods returns in customs' own system; nothing is decided here. Wait for its response.",
    ),
    basis=_OWN,
    kind="processing",
)
CU8016 = rule(
    "CU8016",
    title=("已转海关系统，不能撤回", "With customs already"),
    say=(
        "单证“{number}”已转海关系统，平台不能撤回或改回暂存。请等候海关回执。",
        "Paper “{number}” has gone to customs' own system and can be neither taken back nor made a draft here. "
        "Wait for its response.",
    ),
    basis=_OWN,
    kind="processing",
)

TALLY_NOTE = Text(
    "{number}第{gnum}项申请{asked}实到{found}{altered}", "{number} line {gnum}: {asked} asked, {found} found{altered}"
)
"""What a tally found otherwise than asked for; the standard has no element for it, so that its note says it."""
ALTERED = Text("（非原状）", " (altered)")

_TIME = re.compile(r"\d{17}")
_NEGATIVE = re.compile(r"-\d+")
NUMBER = re.compile(r"[0-9]{4}[0-9]{4}E[0-9A-Za-z]{9,11}")
"""A checklist number as customs forms it: office, year, E, 9 to 11 characters of serial (message standard §7)."""


class Meaning(StrEnum):
    """What a response asks for."""

    MOVE = "move"
    FAILED = "failed"
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    IMPOSSIBLE = "impossible"


def meaning(status: str, current: str) -> tuple[Meaning, list[str]]:
    """What `status` received at `current` means, and the states to walk through (the last one is the answer's).

    A negative code is a processing error: before customs has taken the checklist in, sending has failed; afterwards
    (the answer to a repeat, say) nothing moves. 1 to 3 are the exchange platform's own steps and never lead back.
    """
    if _NEGATIVE.fullmatch(status):
        return Meaning.FAILED, steps_to(current, State.SEND_FAILED)
    if status not in NAMES:
        return Meaning.UNKNOWN, []
    if status == current or status in (State.DRAFT, State.DECLARED):
        return Meaning.NOTHING, []
    steps = steps_to(current, status)
    if not steps and status == State.SENT:
        return Meaning.NOTHING, []
    return (Meaning.MOVE, steps) if steps else (Meaning.IMPOSSIBLE, [])


def steps_to(start: str, end: str) -> list[str]:
    """The shortest way from `start` to `end` by moves that customs may cause; empty where there is none.

    No way leads through a rejection, a detention or the exchange platform's failure: what customs did not say is not
    filled in where it would blame somebody.
    """
    came: dict[str, str | None] = {start: None}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for following in _next(here):
            if following in came:
                continue
            came[following] = here
            if following == end:
                return _way(came, end)
            if following not in _NEVER_BETWEEN:
                waiting.append(following)
    return []


_NEVER_BETWEEN = frozenset(
    {
        State.REJECTED,
        State.SEND_FAILED,
        State.DETAINED_CLEARANCE,
        State.DETAINED_SMUGGLING,
        State.DETAINED_LEGAL,
        State.DETAINED_OTHER,
        State.SENT_BACK,
    }
)


def _next(state: str) -> list[str]:
    return [move.end for move in TABLE if move.start == state and Cause.CUSTOMS in move.causes]


def _way(came: Mapping[str, str | None], end: str) -> list[str]:
    way: list[str] = []
    at: str | None = end
    while at is not None:
        way.append(at)
        at = came[at]
    return way[-2::-1]


_EXCHANGE = frozenset({State.DRAFT, State.DECLARED, State.SENT, State.SEND_FAILED})
ACCEPTED = frozenset({State.STORED, State.CONCLUDED})
"""Both say that customs took a paper; which of the two an answer carries differs by message (message standard §5)."""

_PLAIN = ACCEPTED | {State.REJECTED}
_RETURN = frozenset(ReturnState) - {ReturnState.DRAFT, ReturnState.DECLARED}


def paper_meaning(subject_type: str, status: str) -> Meaning:
    """What a status answered about a paper other than a checklist asks for; the paper's own state is asked elsewhere.

    The exchange platform's own steps (1 to 4) are told and move nothing.
    """
    if _NEGATIVE.fullmatch(status):
        return Meaning.FAILED
    if status in (_RETURN if subject_type == "goods_return" else _PLAIN):
        return Meaning.MOVE
    if status in _EXCHANGE:
        return Meaning.NOTHING
    return Meaning.IMPOSSIBLE if status in NAMES or status in _RETURN else Meaning.UNKNOWN


def read_time(written: str) -> tuple[int, int, int, int, int, int, int] | None:
    """A response time (yyyyMMddHHmmssfff, China time) in its parts, to microseconds; None where it is none."""
    if not _TIME.fullmatch(written):
        return None
    try:
        at = datetime.strptime(written[:14], "%Y%m%d%H%M%S")  # noqa: DTZ007 - the caller adds China time
    except ValueError:
        return None
    return at.year, at.month, at.day, at.hour, at.minute, at.second, int(written[14:]) * 1000


def number_fault(found: str, known: str | None) -> Finding | None:
    """Why a customs number in a response cannot be taken over."""
    if not found or found == known or (NUMBER.fullmatch(found) and known is None):
        return None
    return CU8008.at("/invtNo", found=found[:40], known=known or "—")


class Act(StrEnum):
    """What was done with a checklist, from lightest to gravest."""

    RELEASED = "released"
    REVIEWED = "reviewed"
    INSPECTED = "inspected"
    REJECTED = "rejected"
    OPEN = "open"


ACT_NAMES: Mapping[str, Text] = {
    Act.RELEASED: Text("放行", "Released"),
    Act.REVIEWED: Text("人工审核", "Document review"),
    Act.INSPECTED: Text("查验", "Inspection"),
    Act.REJECTED: Text("退单", "Rejected"),
    Act.OPEN: Text("尚无结果", "No outcome yet"),
}

EXPECTED: Mapping[str, Act] = {Tier.LOW: Act.RELEASED, Tier.MEDIUM: Act.REVIEWED, Tier.HIGH: Act.INSPECTED}
"""What our tiering would have done."""

INSPECTED_STATES = (
    State.INSPECTION,
    State.DETAINED_CLEARANCE,
    State.DETAINED_SMUGGLING,
    State.DETAINED_LEGAL,
    State.DETAINED_OTHER,
    State.SENT_BACK,
)
"""States that only an inspection leads to."""

_WEIGHT = {Act.RELEASED: 0, Act.REVIEWED: 1, Act.INSPECTED: 2, Act.REJECTED: 3}


class Verdict(StrEnum):
    """How customs' treatment compares with our tiering."""

    SAME = "same"
    STRICTER = "stricter"
    MILDER = "milder"
    OPEN = "open"


VERDICT_NAMES: Mapping[str, Text] = {
    Verdict.SAME: Text("一致", "Same"),
    Verdict.STRICTER: Text("海关更严", "Customs stricter"),
    Verdict.MILDER: Text("海关更宽", "Customs milder"),
    Verdict.OPEN: Text("尚无结果", "No outcome yet"),
}


def act_of(states: Collection[str]) -> Act:
    """What customs did, from the states its responses named: the gravest of them."""
    if State.REJECTED in states:
        return Act.REJECTED
    if any(state in states for state in INSPECTED_STATES):
        return Act.INSPECTED
    if State.REVIEW in states:
        return Act.REVIEWED
    return Act.RELEASED if {State.RELEASED, State.CLOSED} & set(states) else Act.OPEN


def expected_act(tier: str | None) -> Act:
    """What we would have done; what was relayed without a tier failed our matching and would have been rejected."""
    return EXPECTED.get(tier or "", Act.REJECTED)


def verdict(tier: str | None, done: Act) -> Verdict:
    """How `done` compares with what we would have done."""
    if done is Act.OPEN:
        return Verdict.OPEN
    ours = expected_act(tier)
    if done is ours:
        return Verdict.SAME
    return Verdict.STRICTER if _WEIGHT[done] > _WEIGHT[ours] else Verdict.MILDER
