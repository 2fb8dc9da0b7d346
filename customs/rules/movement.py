"""Rules of movement: arrival, master list, departure, and the words and sentences that all of movement shares (CU40xx).

The site's weighing and records are in `customs.rules.site`, cancellations in `customs.rules.cancellation`; the three
share the numbers CU4001–CU4199. Pure: intake and `customs.movement` look the facts up, ask here, and write what is
answered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from common.findings import Finding, Severity, Text, rule
from common.law import step_rule
from customs.rules.amendment_findings import SHUT_OUT_OPEN
from customs.rules.moves import LIVE, State, name

_STANDARD = "跨境电子商务出口统一版系统企业对接报文规范"
_SITE = "海关监管区管理暂行办法（海关总署令第232号）"
_RELEASE = "海关总署公告2018年第194号"
_HOUSE = "平台移动监管规则"

PAPERS: Mapping[str, Text] = {
    "arrival": Text("运抵单", "Arrival notice"),
    "master_list": Text("清单总分单", "Master list"),
    "departure": Text("离境单", "Departure notice"),
    "cancellation": Text("撤销申请单", "Cancellation request"),
}

# --- offices, sites, split messages

OFFICE_NOT_OPEN = rule(
    "CU4001",
    title=("申报地海关不属于综试区", "The office serves no pilot zone"),
    say=(
        "申报地海关{office}当日不办理综试区业务。请填写办理该批货物的海关代码。",
        "Office {office} handles no pilot zone's goods that day. Enter the office that handles these goods.",
    ),
    basis=_RELEASE,
)
SITE_NOT_OPERATED = rule(
    "CU4002",
    title=("场所当日不由该企业经营", "The site is not the operator's that day"),
    say=(
        "海关{office}的监管作业场所“{site}”在{on}不由您的企业经营。您当日经营的场所：{known}。请改正场所代码。",
        "Site “{site}” of office {office} was not operated by your firm on {on}. Yours that day: {known}. "
        "Correct the site code.",
    ),
    basis=_SITE,
)
SITE_NOT_NAMED = rule(
    "CU4003",
    title=("须填写监管场所代码", "The site must be named"),
    say=(
        "您在海关{office}经营多个监管作业场所（{known}）。请填写货物所在场所的代码。",
        "You operate several sites of office {office} ({known}). Name the one where the goods are.",
    ),
    basis=f"{_STANDARD}，CEB507 loctNo",
)
OTHER_COUNT = rule(
    "CU4004",
    title=("拆分报文总数不一致", "Parts of one paper disagree on their number"),
    say=(
        "单证“{number}”此前的报文写明共{before}个，本报文写明共{count}个。请按实际数量改正。",
        "Earlier parts of “{number}” say {before} messages in all, this one says {count}. Correct the number.",
    ),
    basis=f"{_STANDARD}，msgCount",
)
PARTS_MISSING = rule(
    "CU4005",
    title=("拆分报文尚缺", "Parts are missing"),
    say=(
        "单证“{number}”共{count}个报文，尚未收到第{missing}个。本报文已生效，请补报所缺的报文。",
        "Of the {count} messages of “{number}” these have not come: {missing}. This part took effect; send the others.",
    ),
    basis=f"{_STANDARD}，msgSeqNo",
    severity=Severity.WARNING,
)
CHANGED_MEANWHILE = rule(
    "CU4006",
    title=("单证刚刚被改动", "The paper was changed a moment ago"),
    say=(
        "处理期间该单证已被另一报文改动，本次未作处理。请核对后重新发送。",
        "Another message changed this paper while this one was worked on; nothing was done. Check and send again.",
    ),
    basis=_HOUSE,
    kind="processing",
)
NO_WAYBILLS = rule(
    "CU4007",
    title=("运抵按运单报送", "Arrival is told per waybill"),
    say=(
        "运抵单没有列出运单。放行、查验都以运单为准，请逐票列出已运抵的运单编号。",
        "The notice names no waybills. Release and inspection go by the waybill: list every one that has arrived.",
    ),
    basis=_HOUSE,
)

# --- arrival

ARRIVED_BEFORE = rule(
    "CU4010",
    title=("运单此前已运抵", "Arrived before"),
    say=(
        "运单“{number}”已于{since}运抵，以首次运抵为准。",
        "Waybill “{number}” arrived on {since}; the first arrival stands.",
    ),
    basis=_HOUSE,
    severity=Severity.WARNING,
)
ARRIVED_AFTER_LEAVING = rule(
    "CU4011",
    title=("包裹已离境", "The parcel has left"),
    say=(
        "运单“{number}”已于{since}离境，不能再运抵。请核对面单；号码误读的，请登记为无法识别的包裹。",
        "Waybill “{number}” left the country on {since} and cannot arrive. Check the label; "
        "if it was misread, record an unreadable parcel.",
    ),
    basis=_HOUSE,
)
ARRIVED_ELSEWHERE = rule(
    "CU4012",
    title=("清单在另一海关申报", "Declared at another office"),
    say=(
        "运单“{number}”的清单向海关{expected}申报，货物应运抵该海关的场所；本场所属于海关{office}。"
        "请转运，或登记为多出的包裹。",
        "The checklist of waybill “{number}” is declared at office {expected}; the goods belong at a site of it, and "
        "this site is under {office}. Send them on, or record a surplus parcel.",
    ),
    basis=_SITE,
)
NOTHING_ARRIVED = rule(
    "CU4013",
    title=("没有可以运抵的运单", "No waybill of the notice could arrive"),
    say=(
        "运抵单所列运单均不能运抵，原因见各行。请改正后重新报送。",
        "None of the waybills could be taken as arrived; the lines say why. Correct them and file again.",
    ),
    basis=_HOUSE,
    kind="processing",
)
ARRIVAL_FOLLOWED = rule(
    "CU4014",
    title=("运抵之后已有后续", "Something followed from the arrival"),
    say=(
        "运单“{number}”运抵后{what}，不能再撤销运抵。货物实际未到的，请登记为短少的包裹。",
        "After waybill “{number}” arrived {what}; its arrival cannot be taken back. "
        "If the goods are not there, record a missing parcel.",
    ),
    basis=_HOUSE,
    kind="processing",
)

# --- master list

LIST_WITHOUT_CHECKLIST = rule(
    "CU4020",
    title=("运单还没有清单", "No checklist yet"),
    say=(
        "运单“{number}”还没有清单。总分单已收下，请尽快申报该清单。",
        "No checklist names waybill “{number}” yet. The list is kept; declare the checklist soon.",
    ),
    basis=_STANDARD,
    severity=Severity.WARNING,
)
LIST_CLOSED = rule(
    "CU4021",
    title=("结关后不能改换提运单", "Closed: no other bill"),
    say=(
        "运单“{number}”已离境结关（提运单{bill}），不能再列入提运单{wanted}。请从总分单中去掉。",
        "Waybill “{number}” has left and is closed (bill {bill}); it cannot move to bill {wanted}. "
        "Take it off the list.",
    ),
    basis=_STANDARD,
    kind="processing",
)
LIST_OF_ANOTHER = rule(
    "CU4022",
    title=("清单由另一企业申报", "Another firm's checklist"),
    say=(
        "运单“{number}”的清单不是您的企业申报的，应由其申报企业列入总分单。请从本总分单中去掉。",
        "The checklist of waybill “{number}” was not declared by your firm; its declarant lists it. "
        "Take it off this list.",
    ),
    basis=_STANDARD,
)
LIST_NOTHING = rule(
    "CU4023",
    title=("总分单没有可以列入的运单", "No waybill of the list could be tied"),
    say=(
        "总分单所列运单均不能列入，原因见各行。请改正后重新报送。",
        "None of the waybills could be tied to the bill; the lines say why. Correct them and file again.",
    ),
    basis=_HOUSE,
    kind="processing",
)
DECLARED_TRANSPORT = rule(
    "CU4024",
    title=("清单与总分单的运输信息不一致", "Checklist and list name different transport"),
    say=(
        "运单“{number}”的清单已填写{field}“{declared}”，总分单为“{listed}”，清单保持不变。请修改其中一方。",
        "The checklist of waybill “{number}” declares {field} “{declared}”, the list says “{listed}”; the checklist "
        "stays as it is. Change one of them.",
    ),
    basis=_STANDARD,
    severity=Severity.WARNING,
)
LIST_LEFT = rule(
    "CU4025",
    title=("总分单内已有包裹离境", "Parcels of the list have left"),
    say=(
        "运单“{number}”已随本总分单离境，不能从总分单中去掉或删除总分单。",
        "Waybill “{number}” has left under this list: it cannot be taken off, nor the list deleted.",
    ),
    basis=_HOUSE,
    kind="processing",
)

# --- departure

NO_CHECKLIST = rule(
    "CU4030",
    title=("运单没有清单", "No checklist names the waybill"),
    say=(
        "运单“{number}”没有有效的清单，不得离境，本行未受理，已报海关主管。请先申报清单并等候放行。",
        "No valid checklist names waybill “{number}”: it may not leave. The line is refused and a supervisor is told. "
        "Declare it and wait for release first.",
    ),
    basis=_RELEASE,
)
NOT_RELEASED = rule(
    "CU4031",
    title=("清单未放行", "Not released"),
    say=(
        "运单“{number}”的清单现在是「{state_zh} {state}」，未放行不得离境，本行未受理，已报海关主管。请等候放行。",
        "The checklist of waybill “{number}” is at {state_en} ({state}), not released: it may not leave. "
        "The line is refused and a supervisor is told. Wait for release.",
    ),
    basis=_RELEASE,
)
HELD_AT_SITE = rule(
    "CU4032",
    title=("包裹暂扣在场", "Held at the site"),
    say=(
        "运单“{number}”虽已放行，但暂扣在监管作业场所，不得离境，本行未受理，已报海关主管。请等候解除。",
        "Waybill “{number}” is released but held at the supervised site: it may not leave. The line is refused and a "
        "supervisor is told. Wait until the hold is lifted.",
    ),
    basis=_HOUSE,
)
NOT_ARRIVED = rule(
    "CU4033",
    title=("没有运抵记录", "No arrival on record"),
    say=(
        "运单“{number}”没有运抵监管作业场所的记录，本行未受理。请场所经营人补报运抵单后再报离境。",
        "No arrival of waybill “{number}” at a supervised site is on record; the line is refused. "
        "Have the site operator file the arrival notice, then report the departure.",
    ),
    basis=_SITE,
)
LEFT_BEFORE_ARRIVAL = rule(
    "CU4034",
    title=("离境时间早于运抵", "Departure before arrival"),
    say=(
        "运单“{number}”于{since}运抵，离境时间{left}更早，本行未受理。请核对离境时间。",
        "Waybill “{number}” arrived at {since}, later than the departure at {left}; the line is refused. "
        "Check the time of departure.",
    ),
    basis=_HOUSE,
)
LEFT_BEFORE_RELEASE = rule(
    "CU4035",
    title=("离境时间早于放行", "Departure before release"),
    say=(
        "运单“{number}”于{since}放行，离境时间{left}更早，即未放行已离境，本行未受理，已报海关主管。请核对离境时间。",
        "Waybill “{number}” was released at {since}, later than the departure at {left}: it left unreleased. The line "
        "is refused and a supervisor is told. Check the time of departure.",
    ),
    basis=_RELEASE,
)
LEAVES_OTHER_OFFICE = rule(
    "CU4036",
    title=("清单在另一海关申报", "Declared at another office"),
    say=(
        "运单“{number}”的清单向海关{expected}申报，离境单写的是海关{office}，本行未受理。"
        "请按清单的申报地海关另报离境单。",
        "The checklist of waybill “{number}” is declared at office {expected}, the notice says {office}; the line is "
        "refused. File a departure notice for the checklist's office.",
    ),
    basis=f"{_STANDARD}，CEB509 customsCode",
)
REPORTED_MISSING = rule(
    "CU4037",
    title=("场所登记该包裹短少", "The site misses the parcel"),
    say=(
        "监管作业场所登记运单“{number}”短少，尚未找到，本行未受理。请与场所经营人核对。",
        "The supervised site records waybill “{number}” as missing; the line is refused. Clear it with the operator.",
    ),
    basis=_HOUSE,
)
LEFT_ALREADY = rule(
    "CU4038",
    title=("包裹此前已离境", "Left before"),
    say=(
        "运单“{number}”已于{since}离境，不重复记录。",
        "Waybill “{number}” left on {since} already; it is not counted twice.",
    ),
    basis=_HOUSE,
    severity=Severity.WARNING,
)
NOTHING_LEFT = rule(
    "CU4039",
    title=("没有可以离境的运单", "No waybill of the notice could leave"),
    say=(
        "离境单所列运单均未能记录离境，原因见各行。请改正后重新报送。",
        "No departure could be recorded for any waybill; the lines say why. Correct them and file again.",
    ),
    basis=_HOUSE,
    kind="processing",
)
LEAVES_LATER = rule(
    "CU4040",
    title=("离境时间晚于现在", "Departure lies ahead"),
    say=(
        "离境时间{left}尚未到。离境单在货物离境后报送，请届时再报。",
        "The time of departure {left} has not come. The notice is filed once the goods have left.",
    ),
    basis=_HOUSE,
)
DEPARTURE_FINAL = rule(
    "CU4041",
    title=("离境不能撤回", "A departure cannot be taken back"),
    say=(
        "运单“{number}”已离境结关，不能从离境单中去掉或删除离境单。货物退回的，请办理退货。",
        "Waybill “{number}” has left and is closed: it cannot be taken off, nor the notice deleted. "
        "For goods that come back, file a goods return.",
    ),
    basis=_HOUSE,
    kind="processing",
)

INCIDENTS = frozenset({NO_CHECKLIST.id, NOT_RELEASED.id, SHUT_OUT_OPEN.id, HELD_AT_SITE.id, LEFT_BEFORE_RELEASE.id})
"""Refusals that mean that a parcel left, or was to leave, without being free: a supervisor's case."""

# --- what people write and look up

TEXT_NEEDED = rule(
    "CU4059",
    title=("须写明原因", "Words are needed"),
    say=(
        "请写明原因（1至{most}个字，不含控制字符）。",
        "Write down why (1 to {most} characters, no control characters).",
    ),
    basis=_HOUSE,
    kind="format",
)


UNKNOWN_WORD = rule(
    "CU4060",
    title=("没有这个选项", "No such choice"),
    say=("“{value}”不是可用的选项。请选：{known}。", "“{value}” is not a choice. Choose one of: {known}."),
    basis=_HOUSE,
    kind="format",
)
NOT_ON_RECORD = rule(
    "CU4073",
    title=("没有这份单证", "No such paper"),
    say=(
        "没有这份单证，或者它不在您的范围内。请从列表中选择。",
        "There is no such paper, or it is not yours to see. Choose one from the list.",
    ),
    basis=_HOUSE,
)

# --- steps: what the events of movement name

CLOSING = step_rule("CU4101", "customs.movement", title=("货物离境，结关", "Goods left: closed"), basis=_RELEASE).id
GOODS_THERE = step_rule("CU4106", "customs.movement", title=("货物运抵", "Goods arrived"), basis=_SITE).id
TIED = step_rule("CU4107", "customs.movement", title=("列入总分单", "Tied to a bill"), basis=_STANDARD).id

MAX_TEXT = 1000


def usable(text: str) -> bool:
    """Whether a text says something and can be kept: not too long, no control characters."""
    return 0 < len(text.strip()) <= MAX_TEXT and all(c.isprintable() or c in "\r\n\t" for c in text)


# --- split papers


def missing_parts(count: int, received: Collection[int]) -> list[int]:
    """The parts of a split paper that have not come."""
    return [number for number in range(1, count + 1) if number not in received]


# --- arrival


@dataclass(frozen=True, slots=True)
class Followed:
    """What may have followed from an arrival: the checklist's state and instants, whether the parcel is held."""

    status: str | None
    released_at: datetime | None
    left: bool
    site_held: bool


_AFTER = {
    "left": Text("货物已离境", "the goods left"),
    "released": Text("清单已放行", "the checklist was released"),
    "inspection": Text("已进入查验", "an inspection began"),
    "held": Text("包裹已暂扣在场", "the parcel was held at the site"),
}
AT_INSPECTION = frozenset(
    {
        State.INSPECTION,
        State.DETAINED_CLEARANCE,
        State.DETAINED_SMUGGLING,
        State.DETAINED_LEGAL,
        State.DETAINED_OTHER,
        State.SENT_BACK,
    }
)


def what_followed(facts: Followed, received_at: datetime) -> Text | None:
    """What followed from an arrival notice received at `received_at`; None: it may still be taken back."""
    if facts.left or facts.status == State.CLOSED:
        return _AFTER["left"]
    if facts.site_held:
        return _AFTER["held"]
    if facts.status in AT_INSPECTION:
        return _AFTER["inspection"]
    if facts.released_at is not None and facts.released_at >= received_at:
        return _AFTER["released"]
    return None


# --- departure


@dataclass(frozen=True, slots=True)
class LeavingFacts:
    """One waybill named in a departure notice, as the platform knows it.

    `status` is the checklist's state, None where no live checklist names the waybill; `missing`: the site has an open
    record that the parcel is missing; `shut_out`: how a shut-out of it stands that has not ended.
    """

    number: str
    status: str | None
    customs_code: str | None = None
    arrived_at: datetime | None = None
    released_at: datetime | None = None
    held: bool = False
    missing: bool = False
    shut_out: Text | None = None


def leaving_refusal(
    facts: LeavingFacts, pointer: str, *, office: str, leave_time: datetime, arrival_required: bool
) -> Finding | None:
    """Why a parcel's departure is not recorded, or None where it may leave.

    `office` and `leave_time` are the notice's; `leave_time` is written to the second, so that parts of a second of our
    own instants do not count.
    """
    number = facts.number
    if facts.status is None or facts.status not in LIVE:
        return NO_CHECKLIST.at(pointer, number=number)
    if facts.status != State.RELEASED:
        return NOT_RELEASED.at(pointer, number=number, **state_texts(facts.status))
    if facts.shut_out is not None:
        return SHUT_OUT_OPEN.at(pointer, number=number, state_zh=facts.shut_out.zh, state_en=facts.shut_out.en)
    if facts.held:
        return HELD_AT_SITE.at(pointer, number=number)
    if facts.missing:
        return REPORTED_MISSING.at(pointer, number=number)
    if facts.customs_code != office:
        return LEAVES_OTHER_OFFICE.at(pointer, number=number, expected=facts.customs_code, office=office)
    if facts.arrived_at is None and arrival_required:
        return NOT_ARRIVED.at(pointer, number=number)
    return _too_early(facts, pointer, leave_time)


def _too_early(facts: LeavingFacts, pointer: str, leave_time: datetime) -> Finding | None:
    for since, finding_rule in ((facts.released_at, LEFT_BEFORE_RELEASE), (facts.arrived_at, LEFT_BEFORE_ARRIVAL)):
        if since is not None and leave_time < since.replace(microsecond=0):
            return finding_rule.at(pointer, number=facts.number, since=written(since), left=written(leave_time))
    return None


# --- wording


def state_texts(status: str) -> dict[str, str]:
    """A state as sentences name it: code and both names."""
    state = name(status)
    return {"state": status, "state_zh": state.zh, "state_en": state.en}


def written(at: datetime) -> str:
    """An instant as sentences write it, in the zone it carries."""
    return at.strftime("%Y-%m-%d %H:%M:%S")


def as_warning(finding: Finding) -> Finding:
    """A refused line of a paper that was taken in all the same: it stops the line, not the paper."""
    return Finding(finding.rule, Severity.WARNING, finding.pointer, finding.message, finding.kind)


def opens_incident(finding_rule: str) -> bool:
    """Whether a refused departure is a supervisor's case."""
    return finding_rule in INCIDENTS
