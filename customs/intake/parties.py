"""Who is named in the documents of a batch, and whether its sender may file them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy.orm import Session

from common.findings import Text
from common.law import law
from credit.subjects import SubjectFacts, mandates_held_by, sites_operated_by, subjects_by_codes
from customs.intake.batch import Batch, Filed
from customs.rules.filing import FilingFacts, Sender, may_file
from customs.rules.intake import UNKNOWN_PARTY

NO_CODE = "无"
"""`ebpCode` of a foreign platform that has none."""

ROLES: Mapping[str, tuple[str, Text, bool]] = {
    "ebcCode": ("consignor", Text("电商企业", "E-commerce firm"), True),
    "ebpCode": ("platform", Text("电商平台", "Platform"), True),
    "agentCode": ("declarant", Text("申报企业", "Declarant"), True),
    "declAgentCode": ("decl_agent", Text("报关单位", "Declaring unit"), True),
    "logisticsCode": ("carrier", Text("物流企业", "Logistics firm"), True),
    "operatorCode": ("operator", Text("监管场所经营人", "Site operator"), True),
    "payCode": ("payer", Text("支付企业", "Payment institution"), False),
    "ownerCode": ("owner", Text("生产销售企业", "Producer"), False),
}
"""Head elements that name subjects: the role, its name, and whether it must be registered here."""

_FILING = {
    "ebc": "ebcCode",
    "ebp": "ebpCode",
    "agent": "agentCode",
    "logistics": "logisticsCode",
    "payment": "payCode",
    "operator": "operatorCode",
}


def resolve(session: Session, filed: Iterable[Filed]) -> None:
    """Fill in the parties of every document, one query per day; unknown ones that must be known become findings."""
    by_day: dict[date, list[Filed]] = {}
    for one in filed:
        by_day.setdefault(one.on, []).append(one)
    for on, documents in by_day.items():
        codes = {one.head(element) for one in documents for element in ROLES} - {"", NO_CODE, "NO"}
        known = subjects_by_codes(session, codes, on)
        for one in documents:
            _resolve(one, known)


def _resolve(one: Filed, known: Mapping[str, SubjectFacts]) -> None:
    wrong = {finding.pointer for finding in one.findings}
    for element, (role, name, needed) in ROLES.items():
        code = one.optional(element)
        if code is None or (element == "ebpCode" and (code == NO_CODE or len(code) > 18)):
            continue
        found = known.get(code)
        if found is not None:
            one.parties[role] = found
        elif needed and one.at_head(element) not in wrong and element in one.spec.head_by_name:
            one.findings.append(UNKNOWN_PARTY.at(one.at_head(element), role=name, code=code[:40]))


def check_rights(batch: Batch) -> None:
    """Whether the sender may file each document, by the dated table of filing rights."""
    mandates: dict[date, frozenset[tuple[int, str]]] = {}
    sites: dict[date, frozenset[tuple[str, str]]] = {}
    sender = Sender(batch.sender.id, batch.sender.filing, batch.sender.roles)
    for one in batch.filed:
        if one.on not in mandates:
            mandates[one.on] = mandates_held_by(batch.session, batch.sender.id, one.on)
            sites[one.on] = sites_operated_by(batch.session, batch.sender.id, one.on)
        facts = FilingFacts(
            sender=sender,
            parties=_parties(one),
            mandates=mandates[one.on],
            operates_site=_operates(one, sites[one.on]),
            principal=one.head("ebcName") or one.head("ebcCode"),
        )
        head = one.at_head("")[:-1]
        one.findings += may_file(batch.message_type, facts, one.on, law(), head=head)


def _parties(one: Filed) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for word, element in _FILING.items():
        if element in one.spec.head_by_name and (one.optional(element) or element != "payCode"):
            subject = one.parties.get(ROLES[element][0])
            found[word] = subject.id if subject else None
    return found


def _operates(one: Filed, sites: frozenset[tuple[str, str]]) -> bool:
    """Whether the sender operates the site named, or, where none is named, a site of that office."""
    office, site = one.head("customsCode"), one.optional("loctNo")
    return (office, site) in sites if site else any(office == of for of, _ in sites)


def platform_key(one: Filed) -> str:
    """The platform part of an order's business key (see `customs.tables.keys.Sale`)."""
    platform = one.parties.get("platform")
    if platform is not None:
        return str(platform.id)
    code = one.head("ebpCode")
    if code and code != NO_CODE:
        return f"code:{code}"
    return f"none:{one.parties['consignor'].id}"
