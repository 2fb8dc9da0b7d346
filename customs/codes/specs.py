"""What each code table holds: its names, the form of its codes, its own columns. One line per table.

Messages use customs' old codes: three digits for countries, currencies and units, one for packing (message standard
§6); alpha codes stand beside them for everything that is not a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from common.findings import Text


@dataclass(frozen=True, slots=True)
class Column:
    """A column of one table only: the form its cells take; an empty cell passes unless `required`."""

    form: re.Pattern[str]
    required: bool = False
    flag: bool = False
    refers_to: str | None = None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A code table; `named` says whether every row must carry a Chinese or English name."""

    name: str
    title: Text
    code: re.Pattern[str]
    form: Text
    columns: Mapping[str, Column] = field(default_factory=dict)
    named: bool = True
    upper: str | None = None
    """The table that must know the head of the code (`hs_heading` for ten digits); `upper_digits` of it."""
    upper_digits: int = 0


HS = "hs"
"""The table of full ten-digit codes; stored apart because it has units and marks."""

_DIGITS = {n: (re.compile(rf"\d{{{n}}}"), Text(f"{n}位数字", f"{n} digits")) for n in (1, 2, 3, 4, 6, 10)}
_ALPHA3 = re.compile(r"[A-Z]{3}( [A-Z]{3})*")
_FLAG = Column(re.compile("[01]"), flag=True)
_UNIT = Column(re.compile(r"\d{3}"), refers_to="unit")


def _digits(
    name: str, zh: str, en: str, digits: int, columns: Mapping[str, Column] | None = None, named: bool = True
) -> TableSpec:
    code, form = _DIGITS[digits]
    return TableSpec(name, Text(zh, en), code, form, columns or {}, named)


def _hs(name: str, zh: str, en: str, digits: int, upper: str, columns: Mapping[str, Column] | None = None) -> TableSpec:
    code, form = _DIGITS[digits]
    upper_digits = {"hs_chapter": 2, "hs_heading": 4}[upper]
    return TableSpec(name, Text(zh, en), code, form, columns or {}, digits < 10 or name == HS, upper, upper_digits)


_SPECS = (
    _digits(
        "country",
        "国别（地区）代码",
        "Countries and regions",
        3,
        {"alpha3": Column(_ALPHA3), "alpha2": Column(re.compile(r"[A-Z]{2}( [A-Z]{2})*"))},
    ),
    _digits("currency", "币制代码", "Currencies", 3, {"alpha3": Column(re.compile("[A-Z]{3}"), required=True)}),
    TableSpec(
        "currency_iso",
        Text("国际货币代码", "Currencies (ISO 4217)"),
        re.compile("[A-Z]{3}"),
        Text("3位大写字母", "three capital letters"),
        {"customs_code": Column(re.compile(r"\d{3}"))},
    ),
    _digits(
        "unit",
        "计量单位代码",
        "Units",
        3,
        {"base_unit": Column(re.compile(r"\d{3}")), "factor": Column(re.compile(r"\d{1,10}(\.\d{1,10})?"))},
    ),
    TableSpec(
        "transport_mode",
        Text("运输方式代码", "Modes of transport"),
        re.compile("[0-9A-Z]"),
        Text("1位数字或大写字母", "one digit or capital letter"),
    ),
    _digits("wrap_type", "包装种类代码", "Kinds of packing", 1),
    _digits("trade_mode", "监管方式代码", "Supervision modes", 4, {"full_name_zh": Column(re.compile(".{1,200}"))}),
    _digits(
        "customs_office",
        "关区代码",
        "Customs offices",
        4,
        {"main_office": Column(re.compile(r"\d{4}")), "guangdong": _FLAG},
    ),
    TableSpec(
        "port",
        Text("指运港代码", "Ports of destination"),
        re.compile(r"\d{3,4}"),
        Text("3至4位数字", "three or four digits"),
        {"kind": Column(re.compile("port|country"), required=True)},
    ),
    _digits("hs_section", "商品类", "HS sections", 2),
    _digits(
        "hs_chapter", "商品章", "HS chapters", 2, {"section": Column(re.compile(r"\d{2}"), refers_to="hs_section")}
    ),
    _hs("hs_heading", "商品品目", "HS headings", 4, "hs_chapter"),
    _hs("hs_subheading", "商品子目", "HS subheadings", 6, "hs_heading"),
    _hs(
        HS,
        "10位商品编码",
        "Ten-digit HS codes",
        10,
        "hs_heading",
        {
            "unit1": _UNIT,
            "unit2": _UNIT,
            "licence": _FLAG,
            "export_duty": _FLAG,
            "refund_cancelled": _FLAG,
            "verified": _FLAG,
        },
    ),
    _hs("hs_licence", "须许可证件的编码", "Codes that need a licence", 10, "hs_heading"),
    _hs("hs_export_duty", "征出口关税的编码", "Codes that bear export duty", 10, "hs_heading"),
    _hs("hs_refund_cancelled", "取消出口退税的编码", "Codes whose refund is cancelled", 10, "hs_heading"),
)

SPECS: Mapping[str, TableSpec] = {one.name: one for one in _SPECS}

MARKS: Mapping[str, str] = {
    "hs_licence": "licence",
    "hs_export_duty": "export_duty",
    "hs_refund_cancelled": "refund_cancelled",
}
"""Lists published apart from the tariff; a code on one of them bears the mark, whatever the table of codes says."""
