"""What each code table holds: its names, the form of its codes, its own columns. One line per table.

Messages use customs' old codes: three digits for countries, currencies and units, one for packing (message standard
§6); alpha codes stand beside them for everything that is not a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from common.findings import Text


@dataclass(frozen=True, slots=True)
class Column:
    """A column of one table only; an empty cell passes unless `required`."""

    form: re.Pattern[str]
    says: Text
    """The form in words."""
    required: bool = False
    flag: bool = False
    refers_to: str | None = None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A code table."""

    name: str
    title: Text
    code: re.Pattern[str]
    form: Text
    """The form of its codes in words."""
    digits: int = 0
    """How many digits a code has; 0 where that varies or letters occur."""
    columns: Mapping[str, Column] = field(default_factory=dict)
    named: bool = True
    """Whether every row must carry a Chinese or English name."""
    upper: str | None = None
    """The table that must know the head of the code (`hs_heading` for ten digits)."""
    upper_digits: int = 0


HS = "hs"
"""The table of full ten-digit codes; stored apart because it has units and marks."""


def _of_digits(count: int) -> tuple[re.Pattern[str], Text]:
    return re.compile(f"[0-9]{{{count}}}"), Text(f"{count}位数字", f"{count} digits")


_ALPHA3 = Column(re.compile("[A-Z]{3}( [A-Z]{3})*"), Text("3位大写字母", "three capital letters"))
_ALPHA2 = Column(re.compile("[A-Z]{2}( [A-Z]{2})*"), Text("2位大写字母", "two capital letters"))
_FLAG = Column(re.compile("[01]"), Text("1（是）或0（否）", "1 (yes) or 0 (no)"), flag=True)
_UNIT = Column(*_of_digits(3), refers_to="unit")
_FACTOR = Column(re.compile(r"[0-9]{1,10}(\.[0-9]{1,10})?"), Text("数字", "a number"))
_TEXT = Column(re.compile(".{1,200}"), Text("不超过200字", "at most 200 characters"))
_KIND = Column(re.compile("port|country"), Text("port或country", "port or country"), required=True)


def _digits(name: str, zh: str, en: str, digits: int, columns: Mapping[str, Column] | None = None) -> TableSpec:
    return TableSpec(name, Text(zh, en), *_of_digits(digits), digits, columns or {})


def _hs(
    name: str, zh: str, en: str, digits: int, columns: Mapping[str, Column] | None = None, *, named: bool = False
) -> TableSpec:
    """A table whose codes must lie under a known chapter (headings) or heading (anything longer)."""
    upper, upper_digits = ("hs_chapter", 2) if digits == 4 else ("hs_heading", 4)
    return TableSpec(
        name, Text(zh, en), *_of_digits(digits), digits, columns or {}, named or digits < 10, upper, upper_digits
    )


_SPECS = (
    _digits("country", "国别（地区）代码", "Countries and regions", 3, {"alpha3": _ALPHA3, "alpha2": _ALPHA2}),
    _digits("currency", "币制代码", "Currencies", 3, {"alpha3": replace(_ALPHA3, required=True)}),
    TableSpec(
        "currency_iso",
        Text("国际货币代码", "Currencies (ISO 4217)"),
        re.compile("[A-Z]{3}"),
        Text("3位大写字母", "three capital letters"),
        columns={"customs_code": Column(*_of_digits(3))},
    ),
    _digits("unit", "计量单位代码", "Units", 3, {"base_unit": Column(*_of_digits(3)), "factor": _FACTOR}),
    TableSpec(
        "transport_mode",
        Text("运输方式代码", "Modes of transport"),
        re.compile("[0-9A-Z]"),
        Text("1位数字或大写字母", "one digit or capital letter"),
    ),
    _digits("wrap_type", "包装种类代码", "Kinds of packing", 1),
    _digits("trade_mode", "监管方式代码", "Supervision modes", 4, {"full_name_zh": _TEXT}),
    _digits(
        "customs_office",
        "关区代码",
        "Customs offices",
        4,
        {"main_office": Column(*_of_digits(4)), "guangdong": _FLAG},
    ),
    TableSpec(
        "port",
        Text("指运港代码", "Ports of destination"),
        re.compile("[0-9]{3,4}"),
        Text("3至4位数字", "three or four digits"),
        columns={"kind": _KIND},
    ),
    _digits("hs_section", "商品类", "HS sections", 2),
    _digits("hs_chapter", "商品章", "HS chapters", 2, {"section": Column(*_of_digits(2), refers_to="hs_section")}),
    _hs("hs_heading", "商品品目", "HS headings", 4),
    _hs("hs_subheading", "商品子目", "HS subheadings", 6),
    _hs(
        HS,
        "10位商品编码",
        "Ten-digit HS codes",
        10,
        {
            "unit1": _UNIT,
            "unit2": _UNIT,
            "licence": _FLAG,
            "export_duty": _FLAG,
            "refund_cancelled": _FLAG,
            "verified": _FLAG,
        },
        named=True,
    ),
    _hs("hs_licence", "须许可证件的编码", "Codes that need a licence", 10),
    _hs("hs_export_duty", "征出口关税的编码", "Codes that bear export duty", 10),
    _hs("hs_refund_cancelled", "取消出口退税的编码", "Codes whose refund is cancelled", 10),
)

SPECS: Mapping[str, TableSpec] = {one.name: one for one in _SPECS}

MARKS: Mapping[str, str] = {
    "hs_licence": "licence",
    "hs_export_duty": "export_duty",
    "hs_refund_cancelled": "refund_cancelled",
}
"""Lists published apart from the tariff; a code on one of them bears the mark, whatever the table of codes says."""
