"""Checks over several fields of one document (message standard §2.3, §3, §6, §7): sums, numbers, pairs, modes.

A value that is missing or malformed has its own finding already; a check that needs it stays silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from common.clock import CHINA
from common.findings import Finding
from common.law import law
from common.money import plain
from customs.messages.document import ReadDocument, cut
from customs.messages.field_checks import CodeTables, exists
from customs.messages.fields import MessageSpec
from customs.rules import message_contents as rules
from customs.rules.warehouses import BONDED_FIELDS, BONDED_MODE, BULK, PARCEL

AHEAD = timedelta(minutes=15)
"""How far appTime may lie ahead of receipt (interfaces.md §2)."""

CHINA_CODE = "142"
MAIL = "6"
_CENT = Decimal("0.01")
_AMOUNT = re.compile(r"[0-9]{1,14}(?:\.[0-9]{1,5})?")
_COUNT = re.compile(r"[0-9]{1,9}")


def amount(values: Mapping[str, str], element: str) -> Decimal | None:
    """A well-formed amount, quantity or weight; None for any other."""
    text = values.get(element, "")
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def count(values: Mapping[str, str], element: str) -> int | None:
    """A well-formed whole number; None for any other."""
    text = values.get(element, "")
    return int(text) if _COUNT.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class Context:
    """One document with all that its checks ask for."""

    spec: MessageSpec
    document: ReadDocument
    codes: CodeTables
    on: date
    received_at: datetime
    max_days_behind: int | None

    @property
    def head(self) -> Mapping[str, str]:
        """The head's texts."""
        return self.document.head

    @property
    def lines(self) -> Sequence[Mapping[str, str]]:
        """The lines' texts."""
        return self.document.lines

    def at(self, element: str) -> str:
        """The pointer to a head element."""
        return self.spec.at_head(self.document.index, element)

    def at_line(self, line: int, element: str) -> str:
        """The pointer to an element of a line, counted from 0."""
        return self.spec.at_line(self.document.index, line, element)

    def named(self, element: str, line: bool = False) -> dict[str, str]:
        """A field's names, as sentences use them."""
        spec = (self.spec.list_by_name if line else self.spec.head_by_name)[element]
        return {"name_zh": spec.name.zh, "name_en": spec.name.en, "element": element}


Check = Callable[[Context], Iterator[Finding]]


def filing_time(this: Context) -> Iterator[Finding]:
    """appTime is at most 15 minutes ahead of receipt and not longer ago than the zone's limit."""
    written = this.head.get("appTime", "")
    if not re.fullmatch("[0-9]{14}", written) or not exists(written, "instant"):
        return
    said = datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
    if said > this.received_at + AHEAD:
        yield rules.APP_TIME_AHEAD.at(this.at("appTime"), value=written)
    limit = this.max_days_behind
    if limit is not None and said < this.received_at - timedelta(days=limit):
        yield rules.APP_TIME_BEHIND.at(this.at("appTime"), value=written, limit=limit)


def given_by_customs(this: Context) -> Iterator[Finding]:
    """preNo, and a checklist's invtNo, are never filled in by the firm on a new document."""
    if this.head.get("appType") != "1":
        return
    if this.head.get("preNo"):
        yield rules.PRE_NO_GIVEN.at(this.at("preNo"), value=cut(this.head["preNo"]))
    if this.spec.type == "CEB603" and this.head.get("invtNo"):
        yield rules.INVT_NO_GIVEN.at(this.at("invtNo"), value=cut(this.head["invtNo"]))


def line_numbers(this: Context) -> Iterator[Finding]:
    """gnum runs from 1, each line one higher than the last."""
    for n, line in enumerate(this.lines):
        written = line.get("gnum", "")
        if _COUNT.fullmatch(written) and int(written) != n + 1:
            yield rules.LINE_NUMBER.at(this.at_line(n, "gnum"), expected=n + 1, value=cut(written))


def goods_numbers(this: Context) -> Iterator[Finding]:
    """In a goods return gnum names lines of the checklist: any order, none twice."""
    seen: set[int] = set()
    for n, line in enumerate(this.lines):
        number = count(line, "gnum")
        if number in seen:
            yield rules.LINE_REPEATED.at(this.at_line(n, "gnum"), value=number)
        elif number is not None:
            seen.add(number)


def message_numbers(this: Context) -> Iterator[Finding]:
    """msgSeqNo lies between 1 and msgCount; a master list that is deleted may say 0 of 0 (version of 2018)."""
    total, sequence = count(this.head, "msgCount"), count(this.head, "msgSeqNo")
    if total is None or sequence is None or 1 <= sequence <= total:
        return
    if this.spec.type == "CEB607" and this.head.get("appType") == "3" and (total, sequence) == (0, 0):
        return
    yield rules.MESSAGE_NUMBER.at(this.at("msgSeqNo"), sequence=sequence, count=total)


def sum_of_lines(this: Context) -> Iterator[Finding]:
    """An order's goodsValue is the sum of its lines' totals."""
    totals = [amount(line, "totalPrice") for line in this.lines]
    value = amount(this.head, "goodsValue")
    if value is None or not totals or None in totals:
        return
    summed = sum((one for one in totals if one is not None), Decimal(0))
    if summed != value:
        yield rules.SUM_OF_LINES.at(this.at("goodsValue"), value=plain(value), sum=plain(summed))


def line_totals(this: Context) -> Iterator[Finding]:
    """totalPrice = qty × price within one unit of the last decimal written in totalPrice, and at least 0.01.

    A price or total of zero is what a gift has, and is pointed out.
    """
    for n, line in enumerate(this.lines):
        qty, price, total = (amount(line, element) for element in ("qty", "price", "totalPrice"))
        for element, value in (("price", price), ("totalPrice", total)):
            if value == 0:
                yield rules.PRICE_ZERO.at(this.at_line(n, element), **this.named(element, True))
        if qty is None or price is None or total is None:
            continue
        tolerance = max(_CENT, Decimal(1).scaleb(-len(line["totalPrice"].partition(".")[2])))
        if abs(qty * price - total) > tolerance:
            yield rules.LINE_TOTAL.at(
                this.at_line(n, "totalPrice"),
                value=plain(total),
                qty=plain(qty),
                price=plain(price),
                product=plain(qty * price),
                tolerance=plain(tolerance),
            )


def one_currency(this: Context) -> Iterator[Finding]:
    """All lines are in one currency: the head's, where the head names one."""
    expected = this.head.get("currency") or next((line["currency"] for line in this.lines if line.get("currency")), "")
    for n, line in enumerate(this.lines):
        written = line.get("currency")
        if written and expected and written != expected:
            yield rules.OTHER_CURRENCY.at(this.at_line(n, "currency"), value=cut(written), expected=cut(expected))


def weights(this: Context) -> Iterator[Finding]:
    """Net weight is not above gross weight."""
    net, gross = amount(this.head, "netWeight"), amount(this.head, "grossWeight")
    if net is not None and gross is not None and net > gross:
        yield rules.NET_ABOVE_GROSS.at(this.at("netWeight"), net=plain(net), gross=plain(gross))


def units(this: Context) -> Iterator[Finding]:
    """Second unit and quantity stand together; equal units have equal quantities."""
    for n, line in enumerate(this.lines):
        unit2, qty2 = line.get("unit2", ""), line.get("qty2", "")
        if bool(unit2) != bool(qty2):
            element = "qty2" if unit2 else "unit2"
            yield rules.SECOND_QUANTITY.at(this.at_line(n, element), unit=cut(unit2), qty=cut(qty2))
        qty, unit = amount(line, "qty"), line.get("unit")
        for unit_element, qty_element in (("unit1", "qty1"), ("unit2", "qty2")):
            other = amount(line, qty_element)
            if unit and line.get(unit_element) == unit and qty is not None and other is not None and other != qty:
                yield rules.SAME_UNIT.at(
                    this.at_line(n, qty_element),
                    unit_element=unit_element,
                    qty_element=qty_element,
                    unit=cut(unit),
                    value=plain(other),
                    qty=plain(qty),
                )


def bonded(this: Context) -> Iterator[Finding]:
    """1210 gives what the law of the day asks of its business: special-area firm, book, the lines' item records."""
    if this.head.get("tradeMode") != BONDED_MODE:
        return
    bulk = this.document.extras.get("business") == BULK or bool(this.document.extras.get("warehouse_id"))
    parameter = law().parameter(BONDED_FIELDS[BULK if bulk else PARCEL])
    asked = parameter.on(this.on) if parameter else None
    for element in asked.codes if asked else ():
        if element in this.spec.head_by_name and not this.head.get(element, "").strip():
            yield rules.BONDED_FIELD.at(this.at(element), **this.named(element))
        elif element in this.spec.list_by_name:
            yield from _bonded_lines(this, element)


def _bonded_lines(this: Context, element: str) -> Iterator[Finding]:
    for n, line in enumerate(this.lines):
        if not line.get(element, "").strip():
            yield rules.BONDED_FIELD.at(this.at_line(n, element), **this.named(element, True))


def simplified(this: Context) -> Iterator[Finding]:
    """Kind A goes without licence; kind B of retail takes full codes, not headings filled with zeros."""
    flag, licence = this.head.get("statisticsFlag"), this.head.get("licenseNo", "").strip()
    if flag == "A" and licence:
        yield rules.LICENCE_WITH_FLAG_A.at(this.at("licenseNo"), value=cut(licence))
    if flag != "B" or this.head.get("tradeMode") not in ("9610", "1210"):
        return
    for n, line in enumerate(this.lines):
        code = line.get("gcode", "")
        if not re.fullmatch("[0-9]{4}0{6}", code) or this.codes.heading(code[:4], this.on) is None:
            continue
        # 0501000000 is a full code: there the heading is not divided, and its subheading ends in 00.
        if this.codes.subheading(code[:6], this.on) is None:
            yield rules.SHORT_CODE_WITH_FLAG_B.at(this.at_line(n, "gcode"), value=code)


def abroad(this: Context) -> Iterator[Finding]:
    """Goods leave for, or come back from, somewhere abroad."""
    if this.head.get("country") == CHINA_CODE:
        yield rules.TO_CHINA.at(this.at("country"), **this.named("country"))
    for n, line in enumerate(this.lines):
        if line.get("country") == CHINA_CODE:
            yield rules.TO_CHINA.at(this.at_line(n, "country"), **this.named("country", True))


def payer(this: Context) -> Iterator[Finding]:
    """A payment institution in China is named by code and payment number; cash has none."""
    name, code = this.head.get("payName", "").strip(), this.head.get("payCode", "").strip()
    if name == "现金支付":
        if code:
            yield rules.CASH_WITH_CODE.at(this.at("payCode"), value=cut(code))
    elif name and not code:
        yield rules.PAYER_CODE.at(this.at("payCode"), value=cut(name))
    elif code and not this.head.get("payNo", "").strip():
        yield rules.PAYMENT_NUMBER.at(this.at("payNo"))


def waybills_once(this: Context) -> Iterator[Finding]:
    """No waybill number stands in two lines."""
    seen: dict[str, int] = {}
    for n, line in enumerate(this.lines):
        number = line.get("logisticsNo", "")
        if number and seen.setdefault(number, n) != n:
            yield rules.WAYBILL_REPEATED.at(this.at_line(n, "logisticsNo"), value=cut(number), first=seen[number] + 1)


def unless_mail(this: Context) -> Iterator[Finding]:
    """Bill, means of transport and voyage may be empty for mail only."""
    if this.head.get("trafMode") in (MAIL, None, ""):
        return
    for element in ("trafName", "voyageNo", "billNo"):
        if element in this.spec.head_by_name and not this.head.get(element, "").strip():
            yield rules.NEEDED_UNLESS_MAIL.at(this.at(element), **this.named(element))


def summary_range(this: Context) -> Iterator[Finding]:
    """A summary application names a period, both ends in order, or checklists; its deletion needs neither."""
    start, end = this.head.get("startTime", ""), this.head.get("endTime", "")
    if bool(start) != bool(end) or end < start:
        yield rules.TIME_RANGE.at(this.at("endTime" if start else "startTime"))
    if not start and not end and not this.lines and this.head.get("appType") != "3":
        yield rules.NOTHING_TO_SUM.at(this.at("startTime"))


def weighed(this: Context) -> Iterator[Finding]:
    """The site's weighed gross of the JSON form is a positive weight."""
    for number, text in this.document.extras.get("weighed_gross", {}).items():
        if not _AMOUNT.fullmatch(text) or not Decimal(text):
            where = f"/{this.spec.element}/{this.document.index}/weighed_gross"
            yield rules.WEIGHED_GROSS.at(where, number=cut(number), value=cut(text))


CHECKS: Mapping[str, tuple[Check, ...]] = {
    "CEB303": (line_numbers, sum_of_lines, line_totals, one_currency),
    "CEB403": (payer,),
    "CEB505": (),
    "CEB507": (line_numbers, message_numbers, waybills_once, unless_mail, weighed),
    "CEB509": (line_numbers, message_numbers, waybills_once, unless_mail),
    "CEB603": (line_numbers, line_totals, one_currency, weights, units, bonded, simplified, abroad),
    "CEB605": (),
    "CEB607": (line_numbers, message_numbers, waybills_once),
    "CEB701": (message_numbers, summary_range),
    "CEB213": (goods_numbers, units, abroad),
    "CEB215": (),
}
"""The checks of each message type; `COMMON` come before them."""

COMMON: tuple[Check, ...] = (filing_time, given_by_customs)
