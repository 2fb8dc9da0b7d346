"""Overseas warehouses (海外仓): the register, and what a checklist that goes to one must say (CU6401–CU6429).

Pure: `customs.warehouses` looks the facts up, asks here, and writes what is answered. Exports under 9810 go to an
overseas warehouse; exports under 1210 are either parcels (retail) or bulk goods to one (docs/decisions/0003).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from common.findings import Finding, Severity, Text, rule

_B2B = "海关总署公告2020年第75号"
_HOUSE = "平台海外仓登记规则"
_STANDARD = "跨境电子商务出口统一版系统企业对接报文规范，电商平台/海外仓名称（ebpName）"

UNREGISTERED = rule(
    "CU6401",
    title=("海外仓不在企业可用的登记名单中", "The warehouse is not among those the firm may use"),
    say=(
        "{name}不是{consignor}当日可用的已登记海外仓。可用的海外仓：{known}。请填写登记的名称，或先办理海外仓登记。",
        "{name} is not among the registered overseas warehouses that {consignor} may use that day: {known}. "
        "Give a registered name, or register the warehouse first.",
    ),
    basis=_STANDARD + "；综试区设置（从警告到必须登记）",
    since="2020-07-01",
    severity=Severity.WARNING,
)
UNCONFIRMED = rule(
    "CU6402",
    title=("海外仓登记待确认", "The warehouse waits for confirmation"),
    say=(
        "海外仓“{name}”已登记，综试区管理机构尚未确认。请关注确认结果；本单不受影响。",
        "Warehouse “{name}” is registered, but the zone has not confirmed it yet. Watch for the answer; "
        "this checklist is not affected.",
    ),
    basis=_HOUSE,
    since="2020-07-01",
    severity=Severity.WARNING,
)
BULK_WITHOUT_WAREHOUSE = rule(
    "CU6403",
    title=("1210批量出口须写明海外仓", "Bulk exports under 1210 name the overseas warehouse"),
    say=(
        "特殊区域批量出口海外仓（1210）须在电商平台/海外仓名称（ebpName）填写已登记的海外仓，或给出warehouse_id。"
        "可用的海外仓：{known}。",
        "Bulk exports from a special area (1210) name a registered overseas warehouse in ebpName, or give its "
        "warehouse_id. Warehouses you may use: {known}.",
    ),
    basis=_HOUSE,
    since="2020-07-01",
)
UNKNOWN_BUSINESS = rule(
    "CU6404",
    title=("1210业务类型不符", "The 1210 business does not fit"),
    say=(
        "business填了“{found}”。只有1210填写此项：parcel（零售包裹）或bulk（批量出口海外仓）；填parcel的不写海外仓。",
        "business says “{found}”. It is for 1210 only: parcel (retail) or bulk (to an overseas warehouse); a parcel "
        "names no warehouse. Correct it or leave it out.",
    ),
    basis=_HOUSE,
)
BULK_UNDER_FLAG_A = rule(
    "CU6405",
    title=("批量出口海外仓不适用简化申报", "Flag A is not for bulk exports"),
    say=(
        "汇总统计（A）只适用于零售出口，批量出口海外仓（1210）不适用。请改用汇总申报（B）。",
        "Flag A is for retail exports; bulk exports to an overseas warehouse (1210) are none. Declare under flag B.",
    ),
    basis="海关总署公告2018年第194号（零售出口）；平台的理解",
)
FILING_NEEDED = rule(
    "CU6406",
    title=("须先办理海外仓业务模式备案", "The overseas-warehouse business must be filed first"),
    say=(
        "{on}出口海外仓（9810）的企业须先办理海外仓业务模式备案，{consignor}当日没有备案记录。请先备案并请综试区登记备案编号。",
        "On {on} a firm exporting under 9810 had to file its overseas-warehouse business first; none is on record for "
        "{consignor}. File it, and ask the zone to record the filing.",
    ),
    basis="海关总署公告2020年第75号；海关总署公告2024年第167号第一条（2024年12月15日起取消）",
    since="2020-07-01",
)
OTHER_COUNTRY = rule(
    "CU6407",
    title=("运抵国与海外仓所在国不同", "Destination and warehouse are in different countries"),
    say=(
        "清单的运抵国（country）为{found}，海外仓“{name}”在{expected}。请核对运抵国和海外仓。",
        "The checklist goes to country {found}, but warehouse “{name}” is in {expected}. Check both.",
    ),
    basis=_HOUSE,
    since="2020-07-01",
    severity=Severity.WARNING,
)
BAD_WAREHOUSE_ID = rule(
    "CU6408",
    title=("warehouse_id不是编号", "warehouse_id is no number"),
    say=(
        "warehouse_id“{found}”不是海外仓的登记编号。请填写登记页面上的数字编号，或留空。",
        "warehouse_id “{found}” is no number of the register. Give the number shown in the register, or leave it out.",
    ),
    basis=_HOUSE,
    kind="format",
)

NOT_FOUND = rule(
    "CU6411",
    title=("没有这个海外仓", "No such warehouse"),
    say=(
        "没有这个海外仓，或者它不在您的范围内。请从列表中选择。",
        "There is no such overseas warehouse, or it is not yours to see. Choose one from the list.",
    ),
    basis=_HOUSE,
)
TEXT_UNUSABLE = rule(
    "CU6412",
    title=("须填写", "To be filled in"),
    say=(
        "请填写{what}：1至{most}字，不含控制字符。",
        "Fill in {what}: 1 to {most} characters without control characters.",
    ),
    basis=_HOUSE,
    kind="format",
)
UNKNOWN_COUNTRY = rule(
    "CU6413",
    title=("国家代码不符", "Not a country abroad"),
    say=(
        "“{found}”不是境外国家（地区）的海关代码。请从国家代码表选择。",
        "“{found}” is no customs code of a country abroad. Choose one from the table of countries.",
    ),
    basis=_HOUSE,
    kind="format",
)
HOLDING_UNKNOWN = rule(
    "CU6414",
    title=("使用方式和租期不符", "Holding and lease do not fit"),
    say=(
        "使用方式为owned（自有）、leased（租用）或third_party（第三方仓）；租用的须填租期截止日，且不早于启用日，"
        "其他不填。请更正。",
        "The holding is owned, leased or third_party; a leased warehouse has a last day of its lease, not before its "
        "first day of use, the others have none. Correct it.",
    ),
    basis=_HOUSE,
    kind="format",
)
DAYS_REVERSED = rule(
    "CU6415",
    title=("截止日早于开始日", "The last day lies before the first"),
    say=("截止日{end}早于开始日{start}。请更正。", "The last day {end} lies before the first, {start}. Correct it."),
    basis=_HOUSE,
    kind="format",
)
REGISTERED_ALREADY = rule(
    "CU6416",
    title=("海外仓已登记", "The warehouse is registered already"),
    say=(
        "本企业已在该国登记同名海外仓（编号{id}）。请使用原登记，或先终止它。",
        "Your firm has a warehouse of this name in this country on record (number {id}). Use that one or end it first.",
    ),
    basis=_HOUSE,
    kind="processing",
)
DECIDED_ALREADY = rule(
    "CU6417",
    title=("登记已处理", "The registration is decided"),
    say=(
        "该登记已于{since}由{who}处理。",
        "{who} decided on this registration on {since}. Nothing was changed.",
    ),
    basis=_HOUSE,
    kind="processing",
)
NOT_REGISTRANT = rule(
    "CU6418",
    title=("只有登记企业可以办理", "Only the firm that registered it"),
    say=(
        "只有登记该海外仓的企业可以办理此事。请与登记企业联系。",
        "Only the firm that registered the warehouse may do this. Ask that firm.",
    ),
    basis=_HOUSE,
)
USER_UNKNOWN = rule(
    "CU6419",
    title=("企业未在平台登记", "The firm is not registered here"),
    say=(
        "代码“{code}”不是综试区内已登记的企业。请核对海关编码或统一社会信用代码。",
        "“{code}” is no firm of a pilot zone registered here. Check the customs code or 统一社会信用代码.",
    ),
    basis=_HOUSE,
)
USER_ALREADY = rule(
    "CU6420",
    title=("企业已可使用", "The firm may use it already"),
    say=(
        "{name}在这段时间内已可使用该海外仓。请先终止原有的使用权。",
        "{name} may use the warehouse already within these days. End that first.",
    ),
    basis=_HOUSE,
    kind="processing",
)
REASON_NEEDED = rule(
    "CU6421",
    title=("须说明理由", "A reason is needed"),
    say=(
        "不予确认须说明理由（1至{most}字）。",
        "Say why the registration is refused (1 to {most} characters).",
    ),
    basis=_HOUSE,
    kind="format",
)
USE_ENDED = rule(
    "CU6422",
    title=("已经终止", "Ended already"),
    say=("已于{end}终止，不能再改。", "It ended on {end} and cannot be changed."),
    basis=_HOUSE,
    kind="processing",
)
OWN_USE = rule(
    "CU6423",
    title=("登记企业的使用权随登记终止", "The registrant's use ends with the registration"),
    say=(
        "登记企业自己的使用权不能单独终止。请终止该海外仓的登记。",
        "The use of the firm that registered the warehouse ends with the registration. End the registration instead.",
    ),
    basis=_HOUSE,
)

MOST_TEXT = 200
MOST_REASON = 500

BULK, PARCEL = "bulk", "parcel"
BUSINESSES = (PARCEL, BULK)
BONDED_MODE, WAREHOUSE_MODE = "1210", "9810"
BONDED_FIELDS: Mapping[str, str] = {PARCEL: "customs.bonded.parcel_fields", BULK: "customs.bonded.bulk_fields"}
"""The parameter that lists what a 1210 checklist must give, by its business."""

STATES: Mapping[str, Text] = {
    "registered": Text("待确认", "Waits for confirmation"),
    "confirmed": Text("已确认", "Confirmed"),
    "refused": Text("不予确认", "Refused"),
}
HOLDINGS: Mapping[str, Text] = {
    "owned": Text("自有", "Owned"),
    "leased": Text("租用", "Leased"),
    "third_party": Text("第三方仓", "Third-party"),
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")


class Naming(StrEnum):
    """What a checklist has to do with warehouses."""

    NONE = "none"
    EXPECTED = "expected"
    """9810: should name one; whether it must is the zone's setting."""
    NEEDED = "needed"
    """1210 in bulk: must name one."""


@dataclass(frozen=True, slots=True)
class UsableWarehouse:
    """A warehouse that the consignor may use on the day: its number, names, customs' code of its country, state."""

    id: int
    name_zh: str
    name_en: str
    country: str
    confirmed: bool

    @property
    def shown(self) -> str:
        """Both names, once where they are the same."""
        return self.name_zh if self.name_zh == self.name_en else f"{self.name_zh} {self.name_en}"


@dataclass(frozen=True, slots=True)
class NamingFacts:
    """A checklist as naming sees it: `written` is ebpName, `business` and `warehouse_id` the optional extras.

    `wanted`: whether the zone refuses (True) or only warns about (False) a 9810 checklist without a known warehouse.
    """

    trade_mode: str
    written: str
    country: str
    consignor: str
    flag: str
    usable: Sequence[UsableWarehouse]
    business: str | None = None
    warehouse_id: str | None = None
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """Which business a 1210 checklist is, which warehouse is meant, and what is wrong (pointers: element names)."""

    business: str | None
    warehouse_id: int | None
    findings: Sequence[Finding]


def same_name(name: str) -> str:
    """A name as it is compared: width, case, spaces and the punctuation around firms' names do not count."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if c.isalnum())


def usable_text(written: str, most: int = MOST_TEXT) -> bool:
    """Whether a text can be kept."""
    return 0 < len(written.strip()) <= most and not _CONTROL.search(written)


def in_use(valid_from: date, valid_to: date | None, lease_until: date | None, on: date) -> bool:
    """Whether a warehouse is in use on a day, both ends included."""
    return valid_from <= on and all(end is None or on <= end for end in (valid_to, lease_until))


def name_warehouse(facts: NamingFacts) -> Named:
    """Which warehouse a checklist names and whether that will do."""
    meant, wrong = _meant(facts)
    business = _business(facts, meant)
    findings = [*wrong, *_business_faults(facts, business)]
    needs = _needs(facts.trade_mode, business)
    if needs is Naming.NONE:
        return Named(business, None, findings)
    findings += _about(facts, meant) if meant else _missing(facts, needs, told=bool(wrong))
    return Named(business, meant.id if meant else None, findings)


def _needs(trade_mode: str, business: str | None) -> Naming:
    if business == BULK:
        return Naming.NEEDED
    return Naming.EXPECTED if trade_mode == WAREHOUSE_MODE else Naming.NONE


def _business(facts: NamingFacts, meant: UsableWarehouse | None) -> str | None:
    """What was said; else a 1210 checklist that names a warehouse is bulk, any other a parcel."""
    if facts.trade_mode != BONDED_MODE:
        return None
    if facts.business in BUSINESSES:
        return facts.business
    return BULK if meant is not None or facts.warehouse_id else PARCEL


def _business_faults(facts: NamingFacts, business: str | None) -> Iterable[Finding]:
    said = facts.business
    wrong = bool(said) and (said not in BUSINESSES or facts.trade_mode != BONDED_MODE)
    if wrong or (business == PARCEL and facts.warehouse_id):
        yield UNKNOWN_BUSINESS.at("business", found=(said or PARCEL)[:20])
    if business == BULK and facts.flag == "A":
        yield BULK_UNDER_FLAG_A.at("statisticsFlag")


def _meant(facts: NamingFacts) -> tuple[UsableWarehouse | None, list[Finding]]:
    """By its number where one was given, else by its name."""
    number = (facts.warehouse_id or "").strip()
    if number and not _NUMBER.fullmatch(number):
        return None, [BAD_WAREHOUSE_ID.at("warehouse_id", found=number[:20])]
    if number:
        return next((one for one in facts.usable if one.id == int(number)), None), []
    name = same_name(facts.written)
    fitting = [one for one in facts.usable if name and name in (same_name(one.name_zh), same_name(one.name_en))]
    # of two with one name the one where the goods go is meant, and a confirmed one before another
    fitting.sort(key=lambda one: (one.country != facts.country, not one.confirmed, one.id))
    return (fitting[0] if fitting else None), []


def _about(facts: NamingFacts, meant: UsableWarehouse) -> Iterable[Finding]:
    if not meant.confirmed:
        yield UNCONFIRMED.at(_place(facts), name=meant.shown)
    if facts.country and facts.country != meant.country:
        yield OTHER_COUNTRY.at("country", found=facts.country[:10], name=meant.shown, expected=meant.country)


def _missing(facts: NamingFacts, needs: Naming, *, told: bool) -> Iterable[Finding]:
    known = "、".join(f"{one.shown}（{one.id}）" for one in facts.usable) or "—"
    if needs is Naming.NEEDED:
        yield BULK_WITHOUT_WAREHOUSE.at(_place(facts), known=known)
    elif not told:
        number = (facts.warehouse_id or "").strip()
        name = (
            Text(f"编号{number}", f"Number {number}")
            if number
            else Text(f"“{facts.written[:60]}”", f"“{facts.written[:60]}”")
        )
        found = UNREGISTERED.at(_place(facts), name=name, consignor=facts.consignor, known=known)
        yield replace(found, severity=Severity.ERROR) if facts.wanted else found


def _place(facts: NamingFacts) -> str:
    return "warehouse_id" if facts.warehouse_id else "ebpName"


def for_warehouse(trade_mode: str, business: str | None) -> bool:
    """Whether goods under this mode (and 1210 business) go to an overseas warehouse."""
    return trade_mode == WAREHOUSE_MODE or (trade_mode == BONDED_MODE and business == BULK)
