"""The papers of one parcel, in the JSON form of messages; each flavour of bad parcel spoils one thing.

Whatever is wrong is wrong in its meaning: every message is valid under the standard's schema.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from simulator.world import (
    DESTINATIONS,
    GOODS,
    KILOGRAM,
    ROUTES,
    UNCHECKED,
    WATCHED,
    Goods,
    operator_of,
    seller_of,
)

Document = dict[str, Any]
Firm = Mapping[str, Any]
YUAN, DOLLAR = "142", "502"
GRAM = Decimal("0.001")
CASH = "现金支付"
"""The name of the payer where nothing was paid online (message standard, CEB403 payName)."""

HOME = "440200"
ABROAD = ""
"""The platform of a sale on a foreign site that has no code here."""

MODES: Sequence[str] = ("9610",) * 17 + ("1210", "9710", "9810")
ORDER_TYPES: Mapping[str, str] = {"9610": "E", "1210": "E", "9710": "B", "9810": "W"}


class Flavour(StrEnum):
    """What is wrong with a parcel, or why an officer looks at it, if anything."""

    GOOD = "good"
    LIGHT = "weights differ"
    OTHER_PRICE = "prices differ"
    NO_WAYBILL = "the waybill never comes"
    WRONG_OFFICE = "an office of another zone"
    NET_ABOVE_GROSS = "net above gross"
    NO_SUCH_HEADING = "a code of no heading"
    NO_SUCH_COUNTRY = "a country that no table knows"
    NO_SUCH_DAY = "a day that does not exist"
    EMPTY_NAME = "a required field left empty"
    BELOW_ZERO = "a quantity below zero"
    STRANGE_CARRIER = "a carrier that is not registered"
    OVER_THE_LIMIT = "simplified declaration above its limit"
    UNCHECKED = "a code that only an officer can check"
    WATCHED = "a seller of a dishonest grade"


LOOKED_AT = frozenset({Flavour.UNCHECKED, Flavour.WATCHED})
"""Nothing is wrong with these, yet an officer looks at them."""

BAD: Sequence[Flavour] = [one for one in Flavour if one is not Flavour.GOOD and one not in LOOKED_AT]

_HEAD_FAULTS: Mapping[Flavour, Mapping[str, str]] = {
    Flavour.NO_SUCH_COUNTRY: {"country": "999"},
    Flavour.NO_SUCH_DAY: {"ieDate": "20260230"},
    Flavour.STRANGE_CARRIER: {"logisticsCode": "4402990000"},
}
_LINE_FAULTS: Mapping[Flavour, Mapping[str, str]] = {
    Flavour.EMPTY_NAME: {"gname": ""},
    Flavour.BELOW_ZERO: {"qty": "-1"},
    Flavour.NO_SUCH_HEADING: {"gcode": "9999000000"},
}


@dataclass(frozen=True, slots=True)
class Line:
    """Goods, how many, at what price each, weighing how much together (kg)."""

    goods: Goods
    qty: int
    price: Decimal
    net: Decimal


@dataclass(slots=True)
class Parcel:
    """One sale that travels in one parcel.

    `seller`, `platform` and `declarant` are accounts of the demo (`platform` may be `ABROAD`); `office` is the customs
    office of its site, `declared_at` the one that its checklist names; `late` names the paper that comes after all
    others; `code_digits` how much of its codes a simplified declaration gives; `payer` is the account of the payment
    institution, empty where the seller files the receipt itself, or `CASH`; `receipt` whether it is filed though the
    law does not ask for it. `warehouse` names the overseas warehouse of an export under 9810; `stocked` says whether
    its goods were recorded there. `checklist` and `status` are the platform's number of it and where it stands.
    """

    number: str
    zone: str
    office: str
    declared_at: str
    flavour: Flavour
    flag: str
    currency: str
    country: str
    lines: Sequence[Line]
    gross: Decimal
    packing: Decimal
    seller: str
    platform: str
    declarant: str
    mode: str = "9610"
    route: tuple[str, str] = ROUTES[0]
    late: str = ""
    code_digits: int = 10
    payer: str = ""
    receipt: bool = False
    warehouse: str = ""
    stocked: bool = False
    checklist_message: int = 0
    place: int = 0
    checklist: int = 0
    status: str = ""
    cancelling: bool = False
    applied_for: bool = False

    @property
    def operator(self) -> str:
        """The demo account whose site it passes."""
        return operator_of(self.zone)

    @property
    def waybill_no(self) -> str:
        """Its waybill number."""
        return f"YB{self.number}"

    @property
    def total(self) -> Decimal:
        """Σ of the lines in the parcel's currency."""
        return sum((line.price * line.qty for line in self.lines), Decimal(0))


def make_parcel(
    chance: random.Random,
    run: str,
    serial: int,
    zone: str,
    offices: Mapping[str, str],
    bad_share: float = 0.0,
    flavour: Flavour | None = None,
) -> Parcel:
    """A parcel of a zone, drawn from `chance`; about `bad_share` have something wrong, or it is of the `flavour`.

    `offices` names the customs office of each zone's site. Sellers that are watched sell in the home zone.
    """
    currency = DOLLAR if chance.random() < 0.3 else YUAN
    flavour = flavour or _flavour(chance, zone, bad_share)
    plain_mode = flavour in _SIMPLIFIED or flavour is Flavour.WATCHED
    mode = "9610" if plain_mode else chance.choice(MODES)
    flag = "A" if flavour in _SIMPLIFIED else chance.choice("AAAB") if mode == "9610" else "B"
    lines = _lines(chance, zone, flavour, mode, currency)
    packing = Decimal(chance.randint(40, 150)) * GRAM
    seller, platform, declarant = _parties(chance, zone, flavour)
    elsewhere = next(office for other, office in offices.items() if other != zone)
    return Parcel(
        number=f"{run}{serial:07d}",
        zone=zone,
        office=offices[zone],
        declared_at=elsewhere if flavour is Flavour.WRONG_OFFICE else offices[zone],
        flavour=flavour,
        flag=flag,
        currency=currency,
        country=chance.choice(DESTINATIONS),
        lines=lines,
        gross=sum((line.net for line in lines), Decimal(0)) + packing,
        packing=packing,
        seller=seller,
        platform=platform,
        declarant=declarant,
        mode=mode,
        route=chance.choice(ROUTES),
        late=chance.choice(("", "", "", "", "", "", "order", "waybill", "receipt")),
        code_digits=chance.choice((4, 10)) if flag == "A" else 10,
        payer=chance.choice(("payment", "payment", "payment", "payment", "", "", CASH)),
        receipt=chance.random() < 0.3,
    )


_SIMPLIFIED = frozenset({Flavour.OVER_THE_LIMIT, Flavour.UNCHECKED})
"""These show only under a simplified declaration (flag A)."""


def _flavour(chance: random.Random, zone: str, bad_share: float) -> Flavour:
    if chance.random() < bad_share:
        return chance.choice(BAD)
    draw = chance.random()
    if draw < 0.01:
        return Flavour.UNCHECKED
    return Flavour.WATCHED if zone == HOME and draw > 0.95 else Flavour.GOOD


def _lines(chance: random.Random, zone: str, flavour: Flavour, mode: str, currency: str) -> list[Line]:
    sold = GOODS[zone]
    goods = [UNCHECKED] if flavour is Flavour.UNCHECKED else chance.sample(list(sold), k=chance.randint(1, len(sold)))
    most = {"9710": 9, "9810": 9}.get(mode, 4)
    pieces = 1000 if flavour is Flavour.OVER_THE_LIMIT else 0
    return [_line(chance, one, currency, pieces or chance.randint(1, most)) for one in goods]


def _parties(chance: random.Random, zone: str, flavour: Flavour) -> tuple[str, str, str]:
    """Who sells, on which platform, and who declares: in the home zone also by platform and agent with a mandate."""
    draws = [chance.random() for _ in range(3)]
    if flavour is Flavour.WATCHED:
        return WATCHED, WATCHED, WATCHED
    seller = "seller2" if zone == HOME and draws[0] < 0.3 else seller_of(zone)
    platform = "platform" if zone == HOME and draws[1] < 0.3 else seller
    if draws[1] > 0.95:
        platform = ABROAD
    return seller, platform, "agent" if seller == "seller" and draws[2] < 0.3 else seller


def _line(chance: random.Random, goods: Goods, currency: str, qty: int) -> Line:
    price = goods.price * (Decimal(chance.randint(95, 110)) / 100)
    if currency == DOLLAR:
        price /= 7
    weight = goods.weight * qty * (Decimal(chance.randint(97, 104)) / 100)
    return Line(goods, qty, price.quantize(Decimal("0.01")), weight.quantize(GRAM))


def _named(role: str, firm: Firm) -> dict[str, str]:
    return {f"{role}Code": firm["customs_code"], f"{role}Name": firm["name"]}


def _platform(parcel: Parcel, firm: Firm | None) -> dict[str, str]:
    """Platform, or the overseas warehouse, which has a name only."""
    if parcel.warehouse:
        return {"ebpCode": "无", "ebpName": parcel.warehouse}
    return _named("ebp", firm) if firm else {"ebpCode": "无", "ebpName": "境外电商平台"}


def order(parcel: Parcel, firm: Firm, platform: Firm | None = None) -> Document:
    """CEB303; `platform` is the firm of the parcel's platform, None for one abroad without a code."""
    return {
        "head": {
            "orderType": ORDER_TYPES[parcel.mode],
            "orderNo": f"DD{parcel.number}",
            **_platform(parcel, platform),
            **_named("ebc", firm),
            "goodsValue": str(parcel.total),
            "freight": "0",
            "currency": parcel.currency,
        },
        "lines": [
            {
                "gnum": str(n),
                "itemNo": line.goods.item_no,
                "itemName": line.goods.name,
                "unit": line.goods.unit,
                "currency": parcel.currency,
                "qty": str(line.qty),
                "price": str(line.price),
                "totalPrice": str(line.price * line.qty),
            }
            for n, line in enumerate(parcel.lines, 1)
        ],
    }


def receipt(parcel: Parcel, firm: Firm, platform: Firm | None, payer: Firm | None, credited: str) -> Document:
    """CEB403; `payer` is the payment institution, None for cash; `credited` when the money came, YYYYMMDDhhmmss."""
    paid = {"payCode": payer["customs_code"], "payName": payer["name"], "payNo": f"SK{parcel.number}"} if payer else {}
    return {
        "head": {
            **_platform(parcel, platform),
            **_named("ebc", firm),
            "orderNo": f"DD{parcel.number}",
            "payName": CASH,
            **paid,
            "charge": str(parcel.total),
            "currency": parcel.currency,
            "accountingDate": credited,
        }
    }


def waybill(parcel: Parcel, carrier: Firm) -> Document:
    """CEB505."""
    gross = parcel.gross * 2 if parcel.flavour is Flavour.LIGHT else parcel.gross
    return {
        "head": {
            **_named("logistics", carrier),
            "logisticsNo": parcel.waybill_no,
            "freight": "0",
            "insuredFee": "0",
            "currency": YUAN,
            "grossWeight": str(gross),
            "packNo": "1",
            "goodsInfo": "、".join(line.goods.name for line in parcel.lines),
        }
    }


def checklist(parcel: Parcel, firm: Firm, carrier: Firm, day: str, agent: Firm, platform: Firm | None) -> Document:
    """CEB603; `day` is the export date, YYYYMMDD; `agent` the firm that declares, `platform` as for the order."""
    transport, exit_office = parcel.route
    head = {
        "customsCode": parcel.declared_at,
        **_platform(parcel, platform),
        "orderNo": f"DD{parcel.number}",
        **_named("logistics", carrier),
        "logisticsNo": parcel.waybill_no,
        "copNo": f"QD{parcel.number}",
        "ieFlag": "E",
        "portCode": exit_office,
        "ieDate": day,
        "statisticsFlag": parcel.flag,
        **_named("agent", agent),
        **_named("ebc", firm),
        **_named("owner", firm),
        **(_bonded(parcel, firm) if parcel.mode == "1210" else {}),
        "tradeMode": parcel.mode,
        "trafMode": transport,
        "country": parcel.country,
        "POD": parcel.country,
        "freight": "0",
        "fCurrency": YUAN,
        "fFlag": "3",
        "insuredFee": "0",
        "iCurrency": YUAN,
        "iFlag": "3",
        "wrapType": "2",
        "packNo": "1",
        "grossWeight": str(parcel.gross),
        "netWeight": str(_net(parcel)),
    }
    lines = [_checklist_line(parcel, n, line) for n, line in enumerate(parcel.lines, 1)]
    lines[0] |= _LINE_FAULTS.get(parcel.flavour, {})
    return {"head": {**head, **_HEAD_FAULTS.get(parcel.flavour, {})}, "lines": lines}


def _net(parcel: Parcel) -> Decimal:
    return parcel.gross + 1 if parcel.flavour is Flavour.NET_ABOVE_GROSS else parcel.gross - parcel.packing


def _bonded(parcel: Parcel, firm: Firm) -> dict[str, str]:
    return {**_named("iac", firm), "emsNo": f"T{parcel.office}W000001"}


def _checklist_line(parcel: Parcel, n: int, line: Line) -> dict[str, str]:
    price = line.price + 1 if parcel.flavour is Flavour.OTHER_PRICE else line.price
    goods = line.goods
    code = goods.hs[: parcel.code_digits].ljust(10, "0")
    written = {
        "gnum": str(n),
        "itemNo": goods.item_no,
        "gcode": code,
        "gname": goods.name,
        "gmodel": goods.elements,
        "barCode": "无",
        "country": parcel.country,
        "currency": parcel.currency,
        "qty": str(line.qty),
        "qty1": str(line.net if goods.unit1 == KILOGRAM else line.qty),
        "unit": goods.unit,
        "unit1": goods.unit1,
        "price": str(price),
        "totalPrice": str(price * line.qty),
    }
    if parcel.mode == "1210":
        written["itemRecordNo"] = f"BA-{goods.item_no}"
    if goods.unit2:
        written |= {"qty2": str(line.net if goods.unit2 == KILOGRAM else line.qty), "unit2": goods.unit2}
    return written


def cancellation(parcel: Parcel, firm: Firm, agent: Firm, invt_no: str, reason: str) -> Document:
    """CEB605 for the checklist to which customs gave `invt_no`; `agent` is the firm that declared it."""
    return {
        "head": {
            "customsCode": parcel.declared_at,
            "copNo": f"CX{parcel.number}",
            "invtNo": invt_no,
            "reason": reason,
            **_named("agent", agent),
            **_named("ebc", firm),
        }
    }


def summary_application(parcel: Parcel, firm: Firm, agent: Firm, numbers: Sequence[str]) -> Document:
    """CEB701 of one seller's closed checklists by their customs numbers; numbered after the first `parcel`."""
    return {
        "head": {
            "customsCode": parcel.declared_at,
            "copNo": f"HZ{parcel.number}",
            **_named("agent", agent),
            **_named("ebc", firm),
            **_named("declAgent", agent),
            "summaryFlag": "1",
            "itemNameFlag": " ",
            "msgCount": "1",
            "msgSeqNo": "1",
        },
        "lines": [{"invtNo": number} for number in numbers],
    }


def arrival(
    parcels: Sequence[Parcel], operator: Firm, carrier: Firm, cop_no: str, weighed: Mapping[str, str] | None = None
) -> Document:
    """CEB507 of one site; `weighed` is what its scale showed, kg by waybill number (JSON form only)."""
    document: Document = {
        "head": {
            "customsCode": parcels[0].office,
            "copNo": cop_no,
            **_named("operator", operator),
            "ieFlag": "E",
            "trafMode": "4",
            "domesticTrafNo": "粤A20618",
            **_named("logistics", carrier),
            "billNo": f"78{cop_no}",
            "msgCount": "1",
            "msgSeqNo": "1",
        },
        "lines": _waybill_lines(parcels),
    }
    return document | ({"weighed_gross": dict(weighed)} if weighed else {})


def master_list(parcels: Sequence[Parcel], firm: Firm, carrier: Firm, cop_no: str) -> Document:
    """CEB607 of one declarant's parcels under one bill."""
    gross = sum((one.gross for one in parcels), Decimal(0))
    return {
        "head": {
            "customsCode": parcels[0].office,
            "copNo": cop_no,
            **_named("agent", firm),
            "trafMode": "5",
            "trafName": "CZ3099",
            "voyageNo": "CZ3099",
            "billNo": f"78{cop_no}",
            "grossWeight": str(gross),
            **_named("logistics", carrier),
            "msgCount": "1",
            "msgSeqNo": "1",
        },
        "lines": _waybill_lines(parcels),
    }


def departure(parcels: Sequence[Parcel], carrier: Firm, cop_no: str, left_at: str) -> Document:
    """CEB509; `left_at` is YYYYMMDDhhmmss in China time."""
    return {
        "head": {
            "customsCode": parcels[0].office,
            "copNo": cop_no,
            **_named("logistics", carrier),
            "trafMode": "5",
            "trafName": "CZ3099",
            "voyageNo": "CZ3099",
            "billNo": f"78{cop_no}",
            "leaveTime": left_at,
            "msgCount": "1",
            "msgSeqNo": "1",
        },
        "lines": _waybill_lines(parcels),
    }


def _waybill_lines(parcels: Sequence[Parcel]) -> list[dict[str, str]]:
    return [{"gnum": str(n), "logisticsNo": one.waybill_no} for n, one in enumerate(parcels, 1)]
