"""Who may file which message: the dated table of filing rights applied to one document.

The table is law data (`customs/parameters/filing_rights/`): per message type the filers who may send it. Each word of
the table has one test here. Nobody is refused without hearing why and who could.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from common.findings import Finding, FindingRule, Text, rule
from common.law import Law

_BASIS = "海关总署公告2018年第194号；跨境电子商务出口统一版系统企业对接报文规范"

FILERS: dict[str, Text] = {
    "e_commerce_firm": Text("电商企业本身", "the e-commerce firm itself"),
    "agent_with_mandate": Text("受该企业委托的代理企业", "its agent under a mandate"),
    "platform_with_mandate": Text("受该企业委托的电商平台", "the platform under the firm's mandate"),
    "payment_institution": Text("单证所列的支付机构", "the payment institution named in the document"),
    "logistics_firm": Text("单证所列的物流企业", "the logistics firm named in the document"),
    "site_operator": Text("该监管作业场所的经营人", "the operator of that supervised site"),
    "declaring_unit_for_itself": Text(
        "已在海关备案、申报自有货物的报关单位", "a filed declaring unit, for its own goods"
    ),
    "declaring_unit_with_mandate": Text(
        "已在海关备案、持有当日有效委托的报关单位", "a filed declaring unit with a mandate valid that day"
    ),
}

CU2001 = rule(
    "CU2001",
    title=("报送主体不符", "Not among those who may file"),
    say=(
        "您的企业不能报送{message}。可报送的是：{who}。",
        "Your firm may not file {message}. Those who may: {who}.",
    ),
    basis=_BASIS,
)
CU2002 = rule(
    "CU2002",
    title=("当日没有有效委托", "No mandate valid that day"),
    say=(
        "电商企业{principal}在{on}没有委托您的企业报送{message}。请先由该企业办理委托，或由以下主体报送：{who}。",
        "On {on} the e-commerce firm {principal} has given your firm no mandate for {message}. "
        "Obtain the mandate first, or let one of these file: {who}.",
    ),
    basis=_BASIS,
)
CU2003 = rule(
    "CU2003",
    title=("未办理报关单位备案", "Not filed with customs as a declaring unit"),
    say=(
        "您的企业只办理了信息登记或未在海关备案，不能申报{message}。请先办理报关单位备案，或由以下主体申报：{who}。",
        "Your firm is not filed with customs as a declaring unit and may not declare {message}. "
        "File as a declaring unit first, or let one of these declare: {who}.",
    ),
    basis="海关总署公告2018年第194号第二部分",
    since="2019-01-01",
)
CU2004 = rule(
    "CU2004",
    title=("申报企业不是报送企业", "The declarant is not the sender"),
    say=(
        "单证所列的申报企业不是您的企业。请填写您的企业代码，或由所列的申报企业报送{message}。",
        "The declarant named in the document is not your firm. Enter your own code, "
        "or let that declarant file {message}.",
    ),
    basis=_BASIS,
)
CU2005 = rule(
    "CU2005",
    title=("物流企业不是报送企业", "The logistics firm is not the sender"),
    say=(
        "单证所列的物流企业不是您的企业。物流企业只能就自己的运单报送{message}，可报送的是：{who}。",
        "The logistics firm named in the document is not yours, and {message} are filed for one's own waybills only. "
        "Those who may: {who}.",
    ),
    basis=_BASIS,
)
CU2006 = rule(
    "CU2006",
    title=("不是该场所的经营人", "Not the operator of that site"),
    say=(
        "该监管作业场所不由您的企业经营，您不能报送其{message}。可报送的是：{who}。",
        "Your firm does not operate that supervised site and may not file {message} for it. Those who may: {who}.",
    ),
    basis=_BASIS,
)
CU2007 = rule(
    "CU2007",
    title=("支付机构不是报送企业", "The payment institution is not the sender"),
    say=(
        "单证所列的支付企业不是您的企业。支付机构只能就自己的收款报送{message}，可报送的是：{who}。",
        "The payment institution named in the document is not yours, and an institution files {message} "
        "for its own payments only. "
        "Those who may: {who}.",
    ),
    basis=_BASIS,
)

MESSAGE_NAMES = {
    "CEB213": Text("退货申请单", "goods-return requests"),
    "CEB215": Text("退运理货明细单", "return tallies"),
    "CEB303": Text("订单", "orders"),
    "CEB403": Text("收款单", "payment receipts"),
    "CEB505": Text("运单", "waybills"),
    "CEB507": Text("运抵单", "arrival notices"),
    "CEB509": Text("离境单", "departure notices"),
    "CEB603": Text("申报清单", "checklists"),
    "CEB605": Text("撤销申请单", "cancellation requests"),
    "CEB607": Text("清单总分单", "master lists"),
    "CEB701": Text("汇总申请单", "summary applications"),
}


@dataclass(frozen=True, slots=True)
class Sender:
    """The firm whose account or client sent the message.

    `filing` is its kind of filing with customs: `declaring_unit`, `information` (registration only) or None.
    """

    id: int
    filing: str | None
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """One document's parties and what the sender may do for them.

    `parties`: ids of the subjects the document names, by `ebc`, `ebp`, `agent`, `logistics`, `payment`, `operator`;
    None for a code that no subject has, no key where the document has no such field.
    `mandates`: (principal's id, message type) of every mandate the sender holds on the day; type `*` covers all.
    `operates_site`: whether the sender operates the site named in an arrival notice.
    `principal`: how the e-commerce firm is written in the document, for the sentence.
    """

    sender: Sender
    parties: Mapping[str, int | None]
    mandates: frozenset[tuple[int, str]] = frozenset()
    operates_site: bool = False
    principal: str = ""


def may_file(message_type: str, facts: FilingFacts, on: date, law: Law, *, head: str = "") -> list[Finding]:
    """Whether the sender may file this document on `on`: no findings, or the one reason why not and who could.

    `head` is the pointer of the document's head (`/Inventory/0/InventoryHead`). Raises `UnknownLawError` for a day
    before the table starts and `KeyError` for a message type that is not filed by firms.
    """
    rights = law.value(f"customs.filing_rights.{message_type.lower()}", on).codes
    if any(_TESTS[filer](message_type, facts) for filer in rights):
        return []
    finding_rule, field = _reason(message_type, rights, facts)
    return [_finding(finding_rule, f"{head}/{field}", message_type, rights, facts, on)]


def who_may_file(message_type: str, on: date, law: Law) -> list[Text]:
    """The filers of a message type on a day, for pages."""
    return [FILERS[one] for one in law.value(f"customs.filing_rights.{message_type.lower()}", on).codes]


def _is(party: str) -> Callable[[str, FilingFacts], bool]:
    def test(_message_type: str, facts: FilingFacts) -> bool:
        return facts.parties.get(party) == facts.sender.id

    return test


def _mandated(message_type: str, facts: FilingFacts) -> bool:
    principal = facts.parties.get("ebc")
    if principal is None:
        return False
    return bool({(principal, message_type), (principal, "*")} & facts.mandates)


def _agent(message_type: str, facts: FilingFacts) -> bool:
    return "agent" in facts.sender.roles and _mandated(message_type, facts)


def _platform(message_type: str, facts: FilingFacts) -> bool:
    return facts.parties.get("ebp") == facts.sender.id and _mandated(message_type, facts)


def _payment(message_type: str, facts: FilingFacts) -> bool:
    return "payment" in facts.sender.roles and _is("payment")(message_type, facts)


def _operator(message_type: str, facts: FilingFacts) -> bool:
    return facts.operates_site and facts.parties.get("operator", facts.sender.id) == facts.sender.id


def _declares(facts: FilingFacts) -> bool:
    return facts.sender.filing == "declaring_unit" and facts.parties.get("agent") == facts.sender.id


def _for_itself(message_type: str, facts: FilingFacts) -> bool:
    # a master list names no e-commerce firm: its declarant answers for the bill; the checklists came before it
    return _declares(facts) and facts.parties.get("ebc", facts.sender.id) == facts.sender.id


def _under_mandate(message_type: str, facts: FilingFacts) -> bool:
    return _declares(facts) and _mandated(message_type, facts)


_TESTS: dict[str, Callable[[str, FilingFacts], bool]] = {
    "e_commerce_firm": _is("ebc"),
    "agent_with_mandate": _agent,
    "platform_with_mandate": _platform,
    "payment_institution": _payment,
    "logistics_firm": _is("logistics"),
    "site_operator": _operator,
    "declaring_unit_for_itself": _for_itself,
    "declaring_unit_with_mandate": _under_mandate,
}


def _reason(message_type: str, rights: tuple[str, ...], facts: FilingFacts) -> tuple[FindingRule, str]:
    """The nearest reason: what the sender would have to change to be one of the filers, and the field it concerns."""
    if "declaring_unit_for_itself" in rights:
        return _declarant_reason(facts)
    if "site_operator" in rights:
        return CU2006, "operatorCode"
    if "logistics_firm" in rights:
        return CU2005, "logisticsCode"
    if "agent" in facts.sender.roles or facts.parties.get("ebp") == facts.sender.id:
        return CU2002, "ebcCode"
    if "payment_institution" in rights and "payment" in facts.sender.roles:
        return CU2007, "payCode"
    return CU2001, "ebcCode"


def _declarant_reason(facts: FilingFacts) -> tuple[FindingRule, str]:
    if facts.parties.get("agent") != facts.sender.id:
        return CU2004, "agentCode"
    if facts.sender.filing != "declaring_unit":
        return CU2003, "agentCode"
    return CU2002, "ebcCode"


def _finding(
    finding_rule: FindingRule, pointer: str, message_type: str, rights: tuple[str, ...], facts: FilingFacts, on: date
) -> Finding:
    texts = [FILERS[one] for one in rights]
    who = Text("、".join(t.zh for t in texts), "; ".join(t.en for t in texts))
    return finding_rule.at(
        pointer, message=MESSAGE_NAMES[message_type], who=who, principal=facts.principal, on=on.isoformat()
    )
