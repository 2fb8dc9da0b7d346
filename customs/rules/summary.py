"""Rules of summary applications (汇总申请, CEB701) and of the declarations made from them (CU6001 and after).

Pure: `customs.intake.summary_applications` and `customs.summary` look the facts up and write what is answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from common.findings import Finding, Severity, Text, rule
from customs.rules.moves import State, name

_STANDARD = "跨境电子商务出口统一版系统企业对接报文规范"
_LAW = "海关总署公告2018年第194号第十条"

PAPER = Text("汇总申请单", "Summary application")
"""What the paper is called in sentences of intake."""

NOT_CLOSED = rule(
    "CU6001",
    title=("清单尚未结关", "The checklist is not closed"),
    say=(
        "清单“{number}”现在是「{state}」，尚未结关，不能汇总。请等货物离境结关后再申请。",
        "Checklist “{number}” is at “{state}” and not closed yet: it cannot be summarised. Apply once the goods have "
        "left and it is closed.",
    ),
    basis=_LAW,
)
COUNTED_ONLY = rule(
    "CU6002",
    title=("简化申报的清单不汇总", "Flag-A checklists are not merged"),
    say=(
        "清单“{number}”按简化申报（A），只汇总统计，不汇总申报。请从申请中去掉。",
        "Checklist “{number}” is under flag A: it is counted in the statistics and never merged. Leave it out.",
    ),
    basis=_LAW,
)
OTHER_CONSIGNOR = rule(
    "CU6003",
    title=("清单属于另一收发货人", "Another consignor's checklist"),
    say=(
        "清单“{number}”的收发货人是“{owner}”，不是申请的收发货人。一份申请只汇总一个收发货人的清单。",
        "The consignor of checklist “{number}” is “{owner}”, not that of the application. One application covers one "
        "consignor's checklists.",
    ),
    basis=_LAW,
)
OTHER_DECLARANT = rule(
    "CU6004",
    title=("清单由另一申报单位申报", "Another declarant's checklist"),
    say=(
        "清单“{number}”由“{declarant}”申报，该单位的委托仍有效。请由该单位或收发货人自己申请汇总。",
        "Checklist “{number}” was declared by “{declarant}”, whose mandate is in force. Let that firm or the consignor "
        "itself apply.",
    ),
    basis=_STANDARD,
)
OTHER_OFFICE = rule(
    "CU6005",
    title=("清单的申报地海关不同", "Another office's checklist"),
    say=(
        "清单“{number}”向海关{expected}申报，申请写的是{office}。请按申报地海关分别申请。",
        "Checklist “{number}” was declared at office {expected}, the application says {office}. Apply to each office "
        "apart.",
    ),
    basis=_STANDARD,
)
SUMMARISED = rule(
    "CU6006",
    title=("清单已汇总", "Already summarised"),
    say=(
        "清单“{number}”已汇总到报关单{declaration}（汇总申请{sum_no}），不能重复汇总。请从申请中去掉。",
        "Checklist “{number}” is in declaration {declaration} (summary {sum_no}) already and is not summarised twice. "
        "Leave it out.",
    ),
    basis=_LAW,
    kind="processing",
)
UNKNOWN_NUMBER = rule(
    "CU6007",
    title=("没有这票清单", "No such checklist"),
    say=(
        "没有贵方的清单“{number}”。请核对清单编号。",
        "No checklist “{number}” of yours exists. Check the number.",
    ),
    basis=_STANDARD,
)
TWICE = rule(
    "CU6008",
    title=("同一清单列了两次", "The same checklist twice"),
    say=(
        "清单“{number}”在申请中出现不止一次。请只列一次。",
        "Checklist “{number}” stands in the application more than once. List it once.",
    ),
    basis=_LAW,
)
RANGE_FUTURE = rule(
    "CU6011",
    title=("结束时间在将来", "The range ends in the future"),
    say=(
        "汇总结束时间{end}晚于现在（{now}）。请填写已过去的时间；当月的清单可汇总到今天此刻。",
        "The range ends at {end}, after now ({now}). Enter a time that has passed; the running month can be summarised "
        "up to this moment.",
    ),
    basis=_LAW,
)
NOTHING = rule(
    "CU6012",
    title=("没有可汇总的清单", "Nothing to summarise"),
    say=(
        "该申请范围内没有已结关、未汇总的汇总申报清单。请核对时间范围、申报地海关和收发货人。",
        "Within this application there is no closed flag-B checklist that is not summarised yet. Check the range, the "
        "office and the consignor.",
    ),
    basis=_LAW,
)
PART_DIFFERS = rule(
    "CU6014",
    title=("与同一申请的其他报文不一致", "Differs from the application's other messages"),
    say=(
        "{field}与同一申请（{number}）已收到的报文不同。拆分的各份报文，除序号和清单外须一致。",
        "{field} differs from the messages of this application ({number}) received before. Its parts must agree in all "
        "but their number and checklists.",
    ),
    basis=_STANDARD,
)
CONCLUDED = rule(
    "CU6015",
    title=("汇总申请已办结", "The application is concluded"),
    say=(
        "汇总申请“{number}”已办结（{sum_no}），不能再变更或删除。要重新汇总，请先由申报地海关撤销相应报关单。",
        "Summary application “{number}” is concluded ({sum_no}) and can no longer be changed or deleted. To summarise "
        "anew, the declaration must first be cancelled by the declaring office.",
    ),
    basis=_STANDARD,
    kind="processing",
)
NOT_DECLARING_UNIT = rule(
    "CU6016",
    title=("报关单位未备案", "The declaring unit is not filed"),
    say=(
        "报关单位“{name}”未在海关办理报关单位备案，不能申报报关单。请改为已备案的报关单位。",
        "“{name}” is not filed with customs as a declaring unit and cannot file the declaration. Name one that is.",
    ),
    basis="海关总署公告2018年第194号第二部分",
)
LIST_IGNORED = rule(
    "CU6017",
    title=("已按时间范围汇总，清单列表不计", "The range counts, the list is ignored"),
    say=(
        "同时填写了时间范围和{count}票清单，按规范只按时间范围汇总。要按清单汇总请不填时间。",
        "Both a range and {count} checklists are given; by the standard the range alone counts. To summarise the list, "
        "leave out the range.",
    ),
    basis=_STANDARD,
    severity=Severity.WARNING,
)
NO_CLOSING = rule(
    "CU6018",
    title=("清单的结关记录已撤回", "The closing was taken back"),
    say=(
        "清单“{number}”的结关记录已被撤回，不能汇总。请等更正完成后再申请。",
        "The closing of checklist “{number}” was taken back: it cannot be summarised. Apply once it is put right.",
    ),
    basis=_LAW,
)
NO_DECLARATION = rule(
    "CU6020",
    title=("没有这份报关单草稿", "No such declaration"),
    say=("没有这份汇总报关单，或不在您的范围内。", "There is no such summary declaration, or it is not yours to see."),
    basis="平台接口约定",
)
CANCELLED_ALREADY = rule(
    "CU6021",
    title=("报关单已撤销", "The declaration is cancelled"),
    say=(
        "报关单{number}已于{at}撤销，其清单已可重新汇总，无需再办。",
        "Declaration {number} was cancelled at {at}; its lines can be summarised anew, nothing more is to do.",
    ),
    basis="平台汇总规则",
    kind="processing",
)
REASON_NEEDED = rule(
    "CU6022",
    title=("请写明理由", "Give the reason"),
    say=(
        "撤销或修改报关单须写明理由（1至{most}字）。",
        "Cancelling or amending a declaration needs a reason of 1 to {most} characters.",
    ),
    basis="海关进出口货物报关单修改和撤销管理办法（海关总署令第220号）",
)
NO_APPLICATION = rule(
    "CU6023",
    title=("没有这份汇总申请", "No such summary application"),
    say=(
        "没有这份汇总申请，或不在您的范围内。请从列表中选择。",
        "There is no such summary application, or it is not yours to see. Choose one from the list.",
    ),
    basis="平台接口约定",
)
BAD_PERIOD = rule(
    "CU6024",
    title=("月份写法不对", "Not a month"),
    say=("“{value}”不是月份。请按YYYY-MM填写。", "“{value}” is not a month. Write it as YYYY-MM."),
    basis="平台接口约定",
    kind="format",
)
NOT_LATER = rule(
    "CU6025",
    title=("展期没有晚于原期限", "Not later than the deadline"),
    say=(
        "海关通告的期限{due}须晚于法定期限{plain}。请核对通告。",
        "The deadline by customs' notice, {due}, must lie after the lawful one, {plain}. Check the notice.",
    ),
    basis=_LAW,
)
NO_NOTICE = rule(
    "CU6026",
    title=("请写明通告文号", "Name the notice"),
    say=(
        "请填写海关展期通告的文号或标题（不超过{most}字）。",
        "Enter the number or title of customs' notice (at most {most} characters).",
    ),
    basis=_LAW,
)
NOT_YOUR_OFFICE = rule(
    "CU6027",
    title=("不是本区的海关", "Not an office of your zone"),
    say=("海关{office}不在您的综试区内。", "Office {office} is not one of your zone."),
    basis="平台汇总规则",
)
NO_DRAFT = rule(
    "CU6028",
    title=("草拟的申请已不在", "The draft is gone"),
    say=(
        "这份草拟的汇总申请已由他人办理或已无可汇总的清单。请刷新列表。",
        "This drafted application was taken over by somebody, or nothing is left in it. Reload the list.",
    ),
    basis="平台汇总规则",
    kind="processing",
)
RESULT_PARTIES = rule(
    "CU6030",
    title=("汇总结果与申请不符", "The result does not fit the application"),
    say=(
        "汇总结果单的{field}与报关单{number}的汇总申请不符，只留存，不更新状态。请核对海关系统。",
        "{field} of the summary result differs from the application behind declaration {number}: kept on record, the "
        "state stays. Compare with customs' own system.",
    ),
    basis=f"{_STANDARD}，CEB792",
    severity=Severity.WARNING,
    kind="processing",
)

DRAFTED = rule(
    "CU6040",
    title=("平台已草拟汇总申请", "A summary application is drafted"),
    say=(
        "{period}结关的清单中有{count}票尚未申请汇总，平台已草拟申请。请在{due}前确认办理，没有您的确认不会申报。",
        "Checklists closed in {period} and not applied for: {count}. An application is drafted; take it over by {due}. "
        "Without you nothing is declared.",
    ),
    basis=_LAW,
    severity=Severity.WARNING,
)
UNFILED = rule(
    "CU6041",
    title=("到期仍未申请汇总", "Unfiled on the due day"),
    say=(
        "{period}结关的清单须在{due}前汇总申报，仍有{count}票未申请。平台不代为申报，请立即办理。",
        "The summary declaration of {period} is due on {due}; checklists not applied for: {count}. The platform does "
        "not declare in your name: apply at once.",
    ),
    basis=_LAW,
    severity=Severity.WARNING,
)
BY_MANDATE = rule(
    "CU6042",
    title=("凭常年委托代为申请", "Filed under a standing mandate"),
    say=(
        "{period}结关的清单须在{due}前汇总申报，已按常年汇总委托由“{agent}”申请汇总，计{count}票。",
        "The summary declaration of {period}, due on {due}, was applied for by “{agent}” under the standing mandate. "
        "Checklists: {count}.",
    ),
    basis=_LAW,
    severity=Severity.WARNING,
)

FLAG_B = "B"
MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class Applied:
    """Whose checklists an application may take: consignor, declarant, office; `busy` are declarants who still act."""

    consignor_id: int
    declarant_id: int
    customs_code: str
    busy: Collection[int]


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of a checklist number: None for `id` where there is no such checklist.

    `counts`: lines that count as closed; `free`: those of them in no live declaration; `declaration` and `sum_no`:
    one that holds others of them. `owner` and `declarant` are names for sentences.
    """

    id: int | None
    status: str = ""
    flag: str = ""
    consignor_id: int = 0
    declarant_id: int = 0
    owner: str = ""
    declarant: str = ""
    customs_code: str = ""
    counts: int = 0
    free: int = 0
    declaration: str = ""
    sum_no: str = ""


def number_fault(number: str, one: Listed | None, applied: Applied, pointer: str) -> Finding | None:
    """The first reason why a checklist cannot go into the application; None where it can."""
    if one is None or one.id is None or not _known_to(one, applied):
        return UNKNOWN_NUMBER.at(pointer, number=number)
    if one.consignor_id != applied.consignor_id:
        return OTHER_CONSIGNOR.at(pointer, number=number, owner=one.owner)
    if one.declarant_id in applied.busy:
        return OTHER_DECLARANT.at(pointer, number=number, declarant=one.declarant)
    if one.customs_code != applied.customs_code:
        return OTHER_OFFICE.at(pointer, number=number, expected=one.customs_code, office=applied.customs_code)
    return _state_fault(number, one, pointer)


def _known_to(one: Listed, applied: Applied) -> bool:
    """A stranger's number is told no more than one that does not exist."""
    return one.consignor_id == applied.consignor_id or one.declarant_id == applied.declarant_id


def _state_fault(number: str, one: Listed, pointer: str) -> Finding | None:
    if one.flag != FLAG_B:
        return COUNTED_ONLY.at(pointer, number=number)
    if one.status != State.CLOSED:
        return NOT_CLOSED.at(pointer, number=number, state=name(one.status))
    if not one.counts:
        return NO_CLOSING.at(pointer, number=number)
    if not one.free:
        return SUMMARISED.at(pointer, number=number, declaration=one.declaration, sum_no=one.sum_no or "—")
    return None


def twice(numbers: Sequence[str], before: Collection[str]) -> Iterator[int]:
    """Places of numbers that stood in the list, or in an earlier part, already."""
    seen = set(before)
    for place, number in enumerate(numbers):
        if number in seen:
            yield place
        seen.add(number)


def range_fault(end: datetime, now: datetime, pointer: str) -> Finding | None:
    """A range ends by now; that both ends are there, in order, was checked when the message was read."""
    return RANGE_FUTURE.at(pointer, end=_when(end), now=_when(now)) if end > now else None


def _when(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
