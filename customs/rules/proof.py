"""What the proof of a month may find to differ: one rule per kind, each said with both figures."""

from __future__ import annotations

from common.findings import FindingRule, Text, rule

_BASIS = "海关总署公告2018年第194号第十条（结关清单按月汇总）；平台逐月核对约定"


def _differs(id: str, title: tuple[str, str], zh: str, en: str) -> FindingRule:
    return rule(id, title=title, say=(zh, en), basis=_BASIS)


CU6101 = _differs(
    "CU6101",
    ("没有统计行", "No statistics row"),
    "{where}已结关，应有{expected}个统计行，有{found}个。请核对结关记录，由平台补记。",
    "{where} is closed and should have {expected} statistics row, but has {found}. Check how it was closed and have "
    "the row added.",
)
CU6102 = _differs(
    "CU6102",
    ("重复统计", "Counted more than once"),
    "{where}应计{expected}次，计了{found}次。请找出多记的一行并冲回。",
    "{where} should count {expected} time, but counts {found} times. Find the row too many and take it back.",
)
CU6103 = _differs(
    "CU6103",
    ("统计行与清单不符", "The statistics row differs from the line"),
    "{where}的{field}：清单是{expected}，统计行是{found}。请按清单更正统计行。",
    "{where}, {field}: {expected} on the checklist, {found} in the statistics row. Correct the row from the checklist.",
)
CU6104 = _differs(
    "CU6104",
    ("重量合计不符", "The weights do not add up"),
    "{where}的{field}：清单是{expected}千克，各行合计{found}千克。请按清单更正统计行。",
    "{where}, {field}: {expected} kg on the checklist, {found} kg over its rows. Correct the rows from the checklist.",
)
CU6105 = _differs(
    "CU6105",
    ("统计行没有对应的结关清单", "A statistics row without a closed line"),
    "{where}本月没有结关，应计{expected}次，计了{found}次。请核对后冲回。",
    "{where} was not closed in this month and should count {expected} times, but counts {found}. Check it and take it "
    "back.",
)
CU6106 = _differs(
    "CU6106",
    ("汇总统计的清单进了报关单", "A flag-A line is in a declaration"),
    "{where}是汇总统计（A）的，应在{expected}张报关单里，在{found}里。请撤销该报关单的汇总。",
    "{where} has flag A and should be in {expected} declarations, but is in {found}. Have that declaration cancelled.",
)
CU6107 = _differs(
    "CU6107",
    ("一行进了几张报关单", "A line is in several declarations"),
    "{where}应在{expected}张有效报关单里，在{found}张里。请撤销多出的一张。",
    "{where} should be in {expected} live declaration, but is in {found}. Have the one too many cancelled.",
)
CU6108 = _differs(
    "CU6108",
    ("算在已撤销或不存在的报关单里", "Counted in a declaration that does not stand"),
    "{where}算在报关单{found}里，而它已撤销或不存在，应算{expected}次。请重新汇总这一项。",
    "{where} counts in declaration {found}, which was cancelled or does not exist; it should count {expected} times. "
    "Have the line summarised again.",
)
CU6109 = _differs(
    "CU6109",
    ("报关单项与来源合计不符", "A declaration line differs from its sources"),
    "{where}的{field}：来源清单合计{expected}，报关单是{found}。请改正报关单，或撤销后重新汇总。",
    "{where}, {field}: its sources add up to {expected}, the declaration says {found}. Correct the declaration, or "
    "cancel it and summarise again.",
)
CU6110 = _differs(
    "CU6110",
    ("报关单的来源没有结关", "A source of a declaration is not closed"),
    "{where}在有效的报关单里，状态应为{expected}，现在是{found}。请撤销该报关单，或核对清单状态。",
    "{where} is in a live declaration and should stand at {expected}, but stands at {found}. Cancel the declaration, "
    "or check the checklist.",
)

KINDS = {one.id: one for one in (CU6101, CU6102, CU6103, CU6104, CU6105, CU6106, CU6107, CU6108, CU6109, CU6110)}
"""The rules by number, in the order in which differences are listed."""

MONTH_UNKNOWN = rule(
    "CU6121",
    title=("没有这个月份", "No such month"),
    say=(
        "“{month}”不是月份。请写成四位年、短横、两位月，例如2026-10。",
        "“{month}” is not a month. Write four digits of the year, a hyphen and two of the month, as in 2026-10.",
    ),
    basis=_BASIS,
)
CONSIGNOR_UNKNOWN = rule(
    "CU6122",
    title=("没有这个收发货人", "No such consignor"),
    say=(
        "没有登记号为“{consignor}”的企业。请填写10位海关编码、18位统一社会信用代码或平台编号。",
        "No enterprise has the number “{consignor}”. Give its ten-digit customs code, its unified social credit code "
        "or its number on the platform.",
    ),
    basis=_BASIS,
)

FIELDS = {
    "amount": Text("总价", "amount"),
    "qty": Text("成交数量", "declared quantity"),
    "qty1": Text("第一法定数量", "first statutory quantity"),
    "qty2": Text("第二法定数量", "second statutory quantity"),
    "gross_weight": Text("毛重", "gross weight"),
    "net_weight": Text("净重", "net weight"),
    "currency": Text("币制", "currency"),
    "gcode": Text("商品编码", "HS code"),
    "unit": Text("成交单位", "declared unit"),
    "unit1": Text("第一法定单位", "first statutory unit"),
    "unit2": Text("第二法定单位", "second statutory unit"),
    "gname": Text("商品名称", "name of the goods"),
    "item_name": Text("企业商品名称", "the firm's name of the goods"),
    "owner_code": Text("生产销售单位代码", "producer's code"),
    "owner_name": Text("生产销售单位名称", "producer's name"),
    "destination": Text("最终目的国（地区）", "country of final destination"),
    "traf_mode": Text("运输方式", "mode of transport"),
    "port_code": Text("出境关别", "exit office"),
    "flag": Text("统计方式", "flag"),
    "zone_code": Text("综试区", "zone"),
    "customs_code": Text("申报地海关", "declaring office"),
    "trade_mode": Text("监管方式", "supervision mode"),
    "country": Text("运抵国（地区）", "country of arrival"),
    "consignor_id": Text("收发货人", "consignor"),
    "declarant_id": Text("申报单位", "declaring unit"),
    "closed_on": Text("结关日期", "closing day"),
    "lines": Text("来源行数", "number of source lines"),
}
"""What may differ, in words."""

_LINE = Text("清单{number}第{line}项", "Line {line} of checklist {number}")
_CHECKLIST = Text("清单{number}", "Checklist {number}")
_DECLARATION = Text("报关单{number}", "Declaration {number}")
_DECLARED_LINE = Text("报关单{number}第{line}项", "Line {line} of declaration {number}")


def place(number: str, *, gnum: int | None, line_no: int | None) -> Text:
    """A line of a checklist or of a declaration, or either of them whole (no `gnum`; `line_no` 0), in words."""
    if gnum is not None:
        return _LINE.format(number=number, line=gnum)
    if line_no is None:
        return _CHECKLIST.format(number=number)
    return _DECLARED_LINE.format(number=number, line=line_no) if line_no else _DECLARATION.format(number=number)


def sentence(number: str, *, where: Text, field: str, expected: str, found: str) -> Text:
    """A difference as a sentence in both languages; `number` is its rule's."""
    return KINDS[number].say.format(where=where, field=FIELDS.get(field, ""), expected=expected, found=found)
