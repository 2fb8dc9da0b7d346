"""The customs decisions that can be asked: their facts and how these reach the production functions."""

from __future__ import annotations

from typing import Any

from app.what_if.decision import WhatIf
from app.what_if.fields import (
    Choice,
    Code,
    Day,
    Field,
    Identifier,
    JsonSchema,
    ListOf,
    Number,
    Whole,
    Words,
    YesNo,
    record,
)
from app.what_if.sources import Sources
from common.findings import Text
from common.law import Decision
from customs.rules.decisions import (
    EXPORT_MODES,
    ChannelFacts,
    DocumentFacts,
    MergeChecklist,
    MergeFacts,
    MergeLine,
    ReturnFacts,
    SummaryDueFacts,
    channel,
    goods_return,
    merge,
    required_documents,
    summary_due,
)
from customs.rules.warehouses import BUSINESSES, PARCEL

_STRING: JsonSchema = {"type": "string"}
_DAY: JsonSchema = {"type": "string", "format": "date"}
_YES_NO: JsonSchema = {"type": "boolean"}
_MODE = Field("trade_mode", Choice(EXPORT_MODES), Text("监管方式", "Supervision mode"))
_ON = Field("on", Day(), Text("法律适用日期", "Day whose law is asked"))


def _channel(facts: dict[str, Any], sources: Sources) -> Decision:
    on = facts.pop("on")
    return channel(ChannelFacts(**facts), sources.law, on)


def _documents(facts: dict[str, Any], sources: Sources) -> Decision:
    asked = DocumentFacts(facts["trade_mode"], facts["business"])
    return required_documents(asked, sources.law, facts["on"])


def _summary_due(facts: dict[str, Any], sources: Sources) -> Decision:
    return summary_due(SummaryDueFacts(sources.calendar()), sources.law, facts["closed_on"])


def _return(facts: dict[str, Any], sources: Sources) -> Decision:
    on = facts.pop("returned_on")
    return goods_return(ReturnFacts(**facts), sources.law, on)


def _merge(facts: dict[str, Any], sources: Sources) -> Decision:
    checklists = [
        MergeChecklist(**{**one, "lines": [MergeLine(**line) for line in one["lines"]]}) for one in facts["checklists"]
    ]
    return merge(MergeFacts(facts["summary_flag"], checklists), sources.law, facts["on"])


_HS = Words(
    10,
    r"[0-9]{4}([0-9]{2}){0,3}",
    Text("4、6、8或10位数字的商品编码", "an HS code of 4, 6, 8 or 10 digits"),
)

_LINE = record(
    Field("no", Whole(1), Text("序号", "Line number")),
    Field("country", Code("country"), Text("最终目的国", "Country of destination")),
    Field("hs", _HS, Text("商品编码", "HS code")),
    Field("currency", Code("currency"), Text("币制", "Currency")),
    Field("unit", Code("unit"), Text("计量单位", "Unit")),
    Field("qty", Number(positive=True), Text("数量", "Quantity")),
    Field("amount", Number(), Text("总价", "Amount")),
)

_CHECKLIST = record(
    Field("id", Identifier(), Text("清单标识", "What the asker calls the checklist")),
    Field("flag", Choice(("A", "B")), Text("申报业务类型", "Flag")),
    Field("consignor", Words(), Text("收发货人", "Consignor")),
    Field("transport_mode", Code("transport_mode"), Text("运输方式", "Transport mode")),
    Field("producer", Words(), Text("生产销售单位", "Producer")),
    Field("country", Code("country"), Text("运抵国", "Country of arrival")),
    Field("exit_office", Code("customs_office"), Text("出境关别", "Exit customs")),
    Field("lines", ListOf(_LINE, 1), Text("商品项", "Lines")),
)

_HEAD_OUT: JsonSchema = {
    "type": "object",
    "properties": dict.fromkeys(("consignor", "transport_mode", "producer", "country", "exit_office"), _STRING),
}
_LINE_OUT: JsonSchema = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("country", "hs", "currency", "unit", "qty", "amount"), _STRING),
        "from": {"type": "array", "items": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2}},
    },
}

DECISIONS = (
    WhatIf(
        "customs.channel",
        Text("申报方式", "Declaration channels"),
        Text(
            "一票货物可用哪些方式申报，商品编码填几位，是否按月汇总",
            "By which channels a ticket may be declared, with how many HS digits, and whether it is merged monthly",
        ),
        record(
            _MODE,
            Field("zone_code", Code("zone"), Text("综试区（区外为空）", "Pilot zone (null outside)"), nullable=True),
            Field("ticket_value_cny", Number(), Text("单票价值（人民币元）", "Ticket value (CNY)")),
            Field("export_duty", YesNo(), Text("征出口关税", "Bears export duty")),
            Field("refund_wanted", YesNo(), Text("办理出口退税", "Export refund wanted")),
            Field("licence", YesNo(), Text("涉及许可证件", "Needs a licence")),
            Field("inspection", YesNo(), Text("涉及检验检疫", "Under statutory inspection")),
            _ON,
            Field(
                "district",
                Code("district"),
                Text("直属海关代码前两位", "Customs district, two digits"),
                required=False,
                nullable=True,
            ),
        ),
        _channel,
        {
            "channels": {"type": "array", "items": {"type": "string", "enum": ["A", "B", "checklist", "declaration"]}},
            "hs_digits": {"type": "integer", "nullable": True},
            "merged_monthly": {"type": "boolean", "nullable": True},
        },
    ),
    WhatIf(
        "customs.required-documents",
        Text("须比对的单证", "Required documents"),
        Text(
            "清单须与哪些单证比对，是否须办理海外仓备案", "Which papers are matched, and whether a warehouse is filed"
        ),
        record(
            _MODE,
            _ON,
            Field(
                "business",
                Choice(BUSINESSES),
                Text("1210业务（parcel包裹、bulk批量出口海外仓）", "Business under 1210: parcel, or bulk abroad"),
                required=False,
                default=PARCEL,
            ),
        ),
        _documents,
        {
            "documents": {
                "type": "array",
                "items": {"type": "string", "enum": ["order", "booking", "payment_receipt", "waybill"]},
            },
            "warehouse_filing": _YES_NO,
        },
    ),
    WhatIf(
        "customs.summary-due",
        Text("汇总申报期限", "Deadline of the monthly summary"),
        Text("某日结关的清单最迟哪天汇总申报", "By when a checklist closed on a day must be in a declaration"),
        record(Field("closed_on", Day(), Text("结关日期", "Day of closing"))),
        _summary_due,
        {"period": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}, "due_on": _DAY, "provisional": _YES_NO},
    ),
    WhatIf(
        "customs.merge",
        Text("汇总归并", "Merging into declarations"),
        Text("一批清单怎样归并成报关单", "How checklists merge into declarations"),
        record(
            _ON,
            Field("summary_flag", Choice(("1", "2")), Text("汇总标志", "Summary flag")),
            Field("checklists", ListOf(_CHECKLIST), Text("清单", "Checklists")),
        ),
        _merge,
        {
            "declarations": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"head": _HEAD_OUT, "lines": {"type": "array", "items": _LINE_OUT}},
                },
            }
        },
    ),
    WhatIf(
        "customs.return",
        Text("出口商品退货", "Returned exports"),
        Text("出口商品能否按退货措施退运进境，最迟哪天", "Whether exported goods may come back, and until when"),
        record(
            _MODE,
            Field("released_on", Day(), Text("出口放行日期", "Day of export release")),
            Field("returned_on", Day(), Text("退运进境日期", "Day of coming back")),
            Field("exported_at", Code("district"), Text("出口直属海关", "District of export")),
            Field("returned_at", Code("district"), Text("退货直属海关", "District of return")),
        ),
        _return,
        {"procedure_allowed": _YES_NO, "deadline": _DAY},
    ),
)
