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
        _goods(
            "TOY-11",
            "9503008900",
            "塑料积木玩具",
            "用途:玩具|材质:ABS|无动力",
            (PIECE, PIECE, KILOGRAM),
            "49.9",
            "0.32",
        ),
        _goods("WAT-02", "9102110000", "石英手表", "机械指示式|带石英机芯", (PIECE, PIECE, ""), "128", "0.11"),
    ),
    "441500": (
        _goods("JEW-21", "7117190000", "合金仿首饰项链", "材质:锌合金|镀层:仿金", (PIECE, PIECE, ""), "36.5", "0.05"),
        _goods("XMS-08", "9505100090", "圣诞挂饰", "材质:塑料|用途:圣诞装饰", (PIECE, KILOGRAM, ""), "18.8", "0.21"),
    ),
    "441600": (_goods("EAR-05", "8518300000", "蓝牙耳机", "入耳式|带充电盒", (PIECE, PIECE, ""), "159", "0.14"),),
    "441700": (
        _goods("KNF-31", "8211920000", "厨师刀", "刃长:20厘米|材质:不锈钢|固定刃", (KNIFE, KNIFE, ""), "89", "0.24"),
        _goods("SCI-12", "8213000000", "厨房剪刀", "材质:不锈钢", (KNIFE, KNIFE, ""), "29.9", "0.17"),
    ),
    "441800": (
        _goods("DRY-03", "8516310000", "电吹风机", "功率:1600瓦", (UNIT, UNIT, ""), "139", "0.62"),
        _goods("TEA-01", "0902309000", "英德红茶", "每件净重:0.25千克|等级:一级", (PIECE, KILOGRAM, ""), "98", "0.25"),
    ),
    "445100": (
        _goods("CER-44", "6911101900", "瓷制餐盘", "材质:瓷|规格:10英寸", (PIECE, KILOGRAM, ""), "42", "0.58"),
        _goods("CER-60", "6911900000", "瓷制花瓶", "材质:瓷|用途:家用", (PIECE, KILOGRAM, ""), "76", "0.91"),
    ),
    "445200": (
        _goods("SHO-17", "6402992900", "塑料面凉鞋", "鞋面:塑料|鞋底:塑料", (PAIR, PAIR, ""), "58", "0.46"),
        _goods("PLA-09", "3924100000", "塑料保鲜盒", "材质:聚丙烯", (SET, KILOGRAM, ""), "33", "0.39"),
    ),
    "445300": (
        _goods("STE-25", "7323930000", "不锈钢汤锅", "材质:不锈钢|容量:3升", (PIECE, KILOGRAM, ""), "119", "1.15"),
        _goods("STE-40", "8215990000", "不锈钢餐勺", "材质:不锈钢|非成套", (PIECE, PIECE, ""), "9.9", "0.06"),
    ),
}
"""What each zone sells, by zone code."""

DESTINATIONS: Sequence[str] = ("502", "303", "304", "305", "116", "501", "601", "132")
"""Countries the parcels go to, customs' codes."""

OFFICES: Mapping[str, str] = {
    "440200": "5190",
    "441500": "6031",
    "441600": "5198",
    "441700": "6870",
    "441800": "5103",
    "445100": "6021",
    "445200": "6011",
    "445300": "5178",
}
"""The main customs office of each zone."""


def seller_of(zone: str) -> str:
    """The demo account that sells in a zone."""
    return "seller" if zone == "440200" else f"seller_{zone}"


def operator_of(zone: str) -> str:
    """The demo account that runs a zone's supervised site."""
    return "operator" if zone == "440200" else f"operator_{zone}"
