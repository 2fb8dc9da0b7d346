"""What the eight zones sell, where it goes, and what it weighs: believable, and known to the product's code tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

PIECE, SET, UNIT, KNIFE, PAIR, GARMENT, KILOGRAM = "007", "006", "001", "016", "025", "011", "035"


@dataclass(frozen=True, slots=True)
class Goods:
    """One article: code, name, declaration elements, unit of sale; price in yuan and net weight in kg of one.

    `unit1` and `unit2` are the code's statutory units; where they are kilograms the weight is the quantity.
    """

    item_no: str
    hs: str
    name: str
    elements: str
    unit: str
    unit1: str
    unit2: str
    price: Decimal
    weight: Decimal


def _goods(item_no: str, hs: str, name: str, elements: str, units: tuple[str, str, str], price: str, kg: str) -> Goods:
    return Goods(item_no, hs, name, elements, *units, Decimal(price), Decimal(kg))


GOODS: Mapping[str, Sequence[Goods]] = {
    "440200": (
        _goods("TOY-11", "9503008900", "塑料积木玩具", "塑料制|无动力", (PIECE, PIECE, KILOGRAM), "49.9", "0.32"),
        _goods("TOY-24", "9503002100", "毛绒小熊", "毛绒面料|填充聚酯纤维", (PIECE, PIECE, KILOGRAM), "58", "0.32"),
        _goods("TOY-35", "9503008390", "遥控越野车", "塑料制|电动|1:18", (SET, SET, KILOGRAM), "128", "0.85"),
        _goods("WAT-02", "9102110000", "石英手表", "机械指示式|石英机芯", (PIECE, PIECE, ""), "128", "0.11"),
    ),
    "441500": (
        _goods("JEW-21", "7117190000", "合金仿首饰项链", "锌合金|镀层仿金", (PIECE, PIECE, ""), "36.5", "0.05"),
        _goods("XMS-08", "9505100090", "圣诞挂饰", "塑料制|圣诞装饰", (PIECE, KILOGRAM, ""), "18.8", "0.21"),
        _goods("TEE-03", "6109100000", "棉T恤衫", "针织|男式|棉100%", (GARMENT, GARMENT, KILOGRAM), "45", "0.19"),
    ),
    "441600": (
        _goods("EAR-05", "8518300000", "蓝牙耳机", "入耳式|带充电盒", (PIECE, PIECE, ""), "159", "0.14"),
        _goods("DRN-07", "9503008390", "玩具四轴飞行器", "塑料制|带电机|遥控", (SET, SET, KILOGRAM), "238", "0.42"),
    ),
    "441700": (
        _goods("KNF-31", "8211920000", "厨师刀", "不锈钢|刃长20厘米|固定刃", (KNIFE, KNIFE, ""), "89", "0.24"),
        _goods("KNF-36", "8211100000", "厨房刀具套装", "不锈钢|六件套|木座", (SET, SET, ""), "218", "1.45"),
        _goods("SCI-12", "8213000000", "厨房剪刀", "不锈钢|塑料柄", (KNIFE, KNIFE, ""), "29.9", "0.17"),
    ),
    "441800": (
        _goods("DRY-03", "8516310000", "电吹风机", "1600瓦|折叠", (UNIT, UNIT, ""), "139", "0.62"),
        _goods("JUI-09", "8509401000", "便携榨汁机", "充电式|350毫升", (UNIT, UNIT, ""), "158", "0.68"),
        _goods("TEA-01", "0902309000", "英德红茶", "每件净重0.25千克|一级", (PIECE, KILOGRAM, ""), "98", "0.25"),
    ),
    "445100": (
        _goods("CER-44", "6911101900", "瓷制餐盘", "瓷制|10英寸", (PIECE, KILOGRAM, ""), "42", "0.58"),
        _goods("CER-60", "6911900000", "瓷制花瓶", "瓷制|家用", (PIECE, KILOGRAM, ""), "76", "0.91"),
        _goods("CER-72", "6912001000", "陶制茶壶", "陶制|手工|200毫升", (PIECE, KILOGRAM, ""), "118", "0.33"),
    ),
    "445200": (
        _goods("SHO-17", "6402992900", "塑料面凉鞋", "塑料鞋面|塑料鞋底", (PAIR, PAIR, ""), "58", "0.46"),
        _goods("BRA-05", "6212101000", "化纤胸罩", "针织|锦纶82%氨纶18%", (GARMENT, GARMENT, ""), "59", "0.09"),
        _goods("PLA-09", "3924100000", "塑料保鲜盒", "聚丙烯|三件套", (SET, KILOGRAM, ""), "33", "0.39"),
    ),
    "445300": (
        _goods("STE-25", "7323930000", "不锈钢汤锅", "不锈钢|3升", (PIECE, KILOGRAM, ""), "119", "1.15"),
        _goods("STE-33", "8215200000", "不锈钢餐具套装", "刀叉勺四件", (SET, SET, ""), "48", "0.21"),
        _goods("STE-40", "8215990000", "不锈钢餐勺", "非成套", (PIECE, PIECE, ""), "9.9", "0.06"),
    ),
}
"""What each zone sells, by zone code."""

UNCHECKED = _goods("MAT-01", "9506000000", "瑜伽垫", "TPE|6毫米", (PIECE, PIECE, ""), "65", "0.9")
"""Goods under a heading that the shipped table of full codes does not cover: an officer looks at the papers."""

DESTINATIONS: Sequence[str] = ("502", "303", "304", "305", "116", "501", "601", "132")
"""Countries the parcels go to, customs' codes."""

ROUTES: Sequence[tuple[str, str]] = (("5", "5141"), ("5", "5141"), ("4", "5301"), ("2", "5304"), ("6", "5145"))
"""Mode of transport and customs office of the exit."""

CARRIER = "logistics"
"""The demo account that carries every parcel."""

WATCHED = "seller3"
"""The demo's seller of a dishonest customs grade: whatever it declares is inspected."""


def seller_of(zone: str) -> str:
    """The demo account that sells in a zone."""
    return "seller" if zone == "440200" else f"seller_{zone}"


def operator_of(zone: str) -> str:
    """The demo account that runs a zone's supervised site."""
    return "operator" if zone == "440200" else f"operator_{zone}"
