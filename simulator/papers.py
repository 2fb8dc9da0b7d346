"""The papers of one parcel, in the JSON form of messages; each flavour of bad parcel spoils one thing."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from simulator.world import DESTINATIONS, GOODS, KILOGRAM, OFFICES, Goods, operator_of, seller_of

Document = dict[str, Any]
YUAN, DOLLAR = "142", "502"
GRAM = Decimal("0.001")


class Flavour(StrEnum):
    """What is wrong with a parcel, if anything."""

    GOOD = "good"
    LIGHT = "weights differ"
    OTHER_PRICE = "prices differ"
    NO_WAYBILL = "the waybill never comes"
    WRONG_OFFICE = "an office of another zone"
    NET_ABOVE_GROSS = "net above gross"
    HALF_CODE = "a code of eight digits"


BAD: Sequence[Flavour] = [one for one in Flavour if one is not Flavour.GOOD]


@dataclass(frozen=True, slots=True)
class Line:
    """Goods, how many, at what price each, weighing how much together (kg)."""

    goods: Goods
    qty: int
    price: Decimal
    net: Decimal


@dataclass(slots=True)
class Parcel:
    """One sale that travels in one parcel."""

    number: str
    zone: str
    flavour: Flavour
    flag: str
    currency: str
    country: str
    lines: Sequence[Line]
    gross: Decimal
    packing: Decimal
    checklist_message: int = 0
    place: int = 0
    status: str = ""

    @property
    def seller(self) -> str:
        """The demo account that sells it."""
        return seller_of(self.zone)

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


def make_parcel(chance: random.Random, run: str, serial: int, zone: str, bad_share: float) -> Parcel:
    """A parcel of a zone, drawn from `chance`; about `bad_share` of them have something wrong."""
    currency = DOLLAR if chance.random() < 0.3 else YUAN
    goods = chance.sample(list(GOODS[zone]), k=chance.randint(1, len(GOODS[zone])))
    lines = [_line(chance, one, currency) for one in goods]
    packing = Decimal(chance.randint(40, 150)) * GRAM
    net = sum((line.net for line in lines), Decimal(0))
    flavour = chance.choice(BAD) if chance.random() < bad_share else Flavour.GOOD
    return Parcel(
        number=f"{run}{serial:07d}",
        zone=zone,
        flavour=flavour,
        flag=chance.choice("AAAB"),
        currency=currency,
        country=chance.choice(DESTINATIONS),
        lines=lines,
        gross=net + packing,
        packing=packing,
    )


def _line(chance: random.Random, goods: Goods, currency: str) -> Line:
    qty = chance.randint(1, 4)
    price = goods.price * (Decimal(chance.randint(95, 110)) / 100)
    if currency == DOLLAR:
        price /= 7
    weight = goods.weight * qty * (Decimal(chance.randint(97, 104)) / 100)
    return Line(goods, qty, price.quantize(Decimal("0.01")), weight.quantize(GRAM))


def order(parcel: Parcel, firm: Mapping[str, Any]) -> Document:
    """CEB303."""
    return {
        "head": {
            "orderType": "E",
            "orderNo": f"DD{parcel.number}",
            "ebpCode": firm["customs_code"],
            "ebpName": firm["name"],
            "ebcCode": firm["customs_code"],
            "ebcName": firm["name"],
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


def waybill(parcel: Parcel, carrier: Mapping[str, Any]) -> Document:
    """CEB505."""
    gross = parcel.gross * 2 if parcel.flavour is Flavour.LIGHT else parcel.gross
    return {
        "head": {
            "logisticsCode": carrier["customs_code"],
            "logisticsName": carrier["name"],
            "logisticsNo": parcel.waybill_no,
            "freight": "0",
            "insuredFee": "0",
            "currency": YUAN,
            "grossWeight": str(gross),
            "packNo": "1",
            "goodsInfo": "、".join(line.goods.name for line in parcel.lines),
        }
    }


def checklist(parcel: Parcel, firm: Mapping[str, Any], carrier: Mapping[str, Any], day: str) -> Document:
    """CEB603; `day` is the export date, YYYYMMDD."""
    office = OFFICES[parcel.zone]
    if parcel.flavour is Flavour.WRONG_OFFICE:
        office = next(other for zone, other in OFFICES.items() if zone != parcel.zone)
    net = parcel.gross - parcel.packing
    if parcel.flavour is Flavour.NET_ABOVE_GROSS:
        net = parcel.gross + 1
    return {
        "head": {
            "customsCode": office,
            "ebpCode": firm["customs_code"],
            "ebpName": firm["name"],
            "orderNo": f"DD{parcel.number}",
            "logisticsCode": carrier["customs_code"],
            "logisticsName": carrier["name"],
            "logisticsNo": parcel.waybill_no,
            "copNo": f"QD{parcel.number}",
            "ieFlag": "E",
            "portCode": OFFICES[parcel.zone],
            "ieDate": day,
            "statisticsFlag": parcel.flag,
            "agentCode": firm["customs_code"],
            "agentName": firm["name"],
            "ebcCode": firm["customs_code"],
            "ebcName": firm["name"],
            "ownerCode": firm["customs_code"],
            "ownerName": firm["name"],
            "tradeMode": "9610",
            "trafMode": "5",
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
            "netWeight": str(net),
        },
        "lines": [_checklist_line(parcel, n, line) for n, line in enumerate(parcel.lines, 1)],
    }


def _checklist_line(parcel: Parcel, n: int, line: Line) -> dict[str, str]:
    price = line.price + 1 if parcel.flavour is Flavour.OTHER_PRICE else line.price
    goods = line.goods
    written = {
        "gnum": str(n),
        "itemNo": goods.item_no,
        "gcode": goods.hs[:8] if parcel.flavour is Flavour.HALF_CODE else goods.hs,
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
    if goods.unit2:
        written |= {"qty2": str(line.net if goods.unit2 == KILOGRAM else line.qty), "unit2": goods.unit2}
    return written


def arrival(
    parcels: Sequence[Parcel], operator: Mapping[str, Any], carrier: Mapping[str, Any], cop_no: str
) -> Document:
    """CEB507 of one site."""
    return {
        "head": {
            "customsCode": OFFICES[parcels[0].zone],
            "copNo": cop_no,
            "operatorCode": operator["customs_code"],
            "operatorName": operator["name"],
            "ieFlag": "E",
            "trafMode": "4",
            "domesticTrafNo": "粤A20618",
            "logisticsCode": carrier["customs_code"],
            "logisticsName": carrier["name"],
            "msgCount": "1",
            "msgSeqNo": "1",
        },
        "lines": _waybill_lines(parcels),
    }


def master_list(
    parcels: Sequence[Parcel], firm: Mapping[str, Any], carrier: Mapping[str, Any], cop_no: str
) -> Document:
    """CEB607 of one seller's parcels under one bill."""
    gross = sum((one.gross for one in parcels), Decimal(0))
    return {
        "head": {
            "customsCode": OFFICES[parcels[0].zone],
            "copNo": cop_no,
            "agentCode": firm["customs_code"],
            "agentName": firm["name"],
            "trafMode": "5",
            "trafName": "CZ3099",
            "voyageNo": "CZ3099",
            "billNo": f"78{cop_no}",
            "grossWeight": str(gross),
            "logisticsCode": carrier["customs_code"],
            "logisticsName": carrier["name"],
            "msgCount": "1",
            "msgSeqNo": "1",
        },
        "lines": _waybill_lines(parcels),
    }


def departure(parcels: Sequence[Parcel], carrier: Mapping[str, Any], cop_no: str, left_at: str) -> Document:
    """CEB509; `left_at` is YYYYMMDDhhmmss in China time."""
    return {
        "head": {
            "customsCode": OFFICES[parcels[0].zone],
            "copNo": cop_no,
            "logisticsCode": carrier["customs_code"],
            "logisticsName": carrier["name"],
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
