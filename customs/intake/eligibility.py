"""Whether a checklist may be declared here, like this: office, zone, mode, kind of declaration, goods codes, value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from common.findings import Finding, Text
from common.law import law
from common.law.zones import zone_parameter
from common.rates import Rates, customs_rates
from credit.subjects import OfficeFacts, zone_offices
from customs.codes import Codes, codes_snapshot
from customs.intake.batch import Batch, Filed
from customs.rules.flag_a import (
    CodeFacts,
    TicketFacts,
    TicketLine,
    check_b2b_checklist,
    check_flag_a,
    standing_digits,
    ticket_value,
)
from customs.rules.intake import (
    FLAG_NOT_IN_ZONE,
    MODE_NOT_IN_FORCE,
    MODE_NOT_IN_ZONE,
    OFFICE_ELSEWHERE,
    WRONG_UNIT,
)
from customs.warehouses.naming import Warehouses, named_by

B2B = frozenset({"9710", "9810"})
_WHICH = {"unit1": Text("第一", "first"), "unit2": Text("第二", "second")}


@dataclass(frozen=True, slots=True)
class Ticket:
    """What eligibility found: the zone, who decides, and the value in CNY (None while no rate is known).

    `business` and `warehouse_id`: which business a 1210 checklist is, and the overseas warehouse that was named.
    """

    zone_code: str
    decides: str
    value_cny: Decimal | None
    business: str | None = None
    warehouse_id: int | None = None


class Eligibility:
    """Everything a batch of checklists is measured by, looked up once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.codes: Codes = codes_snapshot(session)
        self.rates: Rates = customs_rates(session)
        self.warehouses = Warehouses(session)
        self._offices: dict[date, Mapping[str, OfficeFacts]] = {}

    def office(self, code: str, on: date) -> OfficeFacts | None:
        """The office if it is open to a pilot zone on the day."""
        if on not in self._offices:
            self._offices[on] = zone_offices(self.session, on)
        return self._offices[on].get(code)

    def offices_of(self, zones: frozenset[str], on: date) -> list[str]:
        """The offices that serve any of the zones."""
        self.office("", on)
        return sorted(code for code, one in self._offices[on].items() if one.zone_code in zones)


def check(batch: Batch, one: Filed, known: Eligibility) -> Ticket | None:
    """All findings of one checklist; its zone, who decides and its value, or None where the office is not its zone's.

    Raises `UnknownLawError` for a day whose law is not known.
    """
    consignor = one.parties["consignor"]
    office = known.office(one.head("customsCode"), one.on)
    zones = consignor.member_of or frozenset({batch.sender_zone})
    if office is None or office.zone_code not in zones:
        allowed = "、".join(known.offices_of(zones, one.on)) or "—"
        at = one.at_head("customsCode")
        one.findings.append(OFFICE_ELSEWHERE.at(at, office=one.head("customsCode"), allowed=allowed))
        return None
    one.findings += _zone_and_mode(batch, one, office)
    one.findings += _units(one, known)
    facts = ticket_facts(
        trade_mode=one.head("tradeMode"),
        lines=[TicketLine(line["gcode"], Decimal(line["totalPrice"]), line["currency"]) for line in one.doc.lines],
        on=one.on,
        codes=known.codes,
        rates=known.rates,
    )
    one.findings += _channel(one, facts)
    named = named_by(batch, one, office.zone_code, known.warehouses)
    one.findings += named.findings
    decides = "here" if office.mode == "decide" else "relay"
    return Ticket(office.zone_code, decides, ticket_value(facts)[0], named.business, named.warehouse_id)


def _channel(one: Filed, facts: TicketFacts) -> list[Finding]:
    """Flag A of retail, and checklists of B2B, have a value limit and bar some goods."""
    head, lines = one.at_head("")[:-1], f"/{one.spec.element}/{one.doc.index}/{one.spec.list}"
    if facts.trade_mode in B2B:
        return check_b2b_checklist(facts, one.on, law(), head=head, lines=lines)[0]
    if one.head("statisticsFlag") == "A":
        return check_flag_a(facts, one.on, law(), head=head, lines=lines)[0]
    return []


def _zone_and_mode(batch: Batch, one: Filed, office: OfficeFacts) -> Iterator[Finding]:
    mode, flag = one.head("tradeMode"), one.head("statisticsFlag")
    modes = zone_parameter(batch.session, office.zone_code, "customs.zone.trade_modes", one.on).codes
    if mode not in modes:
        yield MODE_NOT_IN_ZONE.at(one.at_head("tradeMode"), mode=mode, allowed="、".join(modes))
    flags = zone_parameter(batch.session, office.zone_code, "customs.zone.flags", one.on).codes
    if flag not in flags:
        yield FLAG_NOT_IN_ZONE.at(one.at_head("statisticsFlag"), flag=flag, allowed="、".join(flags))
    if not _mode_open(mode, office.office_code[:2], one.on):
        facts = {"mode": mode, "on": one.on.isoformat(), "district": office.office_code[:2]}
        yield MODE_NOT_IN_FORCE.at(one.at_head("tradeMode"), **facts)


def _mode_open(mode: str, district: str, on: date) -> bool:
    """Whether the mode is in force that day and, for B2B, in that customs district."""
    parameter = law().parameter(f"customs.trade_mode.{mode}")
    if parameter is None or parameter.on(on) is None:
        return False
    if mode not in B2B:
        return True
    districts = law().parameter("customs.b2b.districts")
    value = districts.on(on) if districts else None
    return value is not None and (value.codes == ("all",) or district in value.codes)


def _units(one: Filed, known: Eligibility) -> Iterator[Finding]:
    """Statutory units are those of the full code, where the table knows it."""
    for n, line in enumerate(one.doc.lines):
        found = known.codes.hs10(line["gcode"], one.on)
        if found is None:
            continue
        for element, expected in (("unit1", found.unit1), ("unit2", found.unit2)):
            written = line.get(element, "")
            if expected and written != expected:
                yield WRONG_UNIT.at(
                    one.at_line(n, element),
                    code=line["gcode"],
                    which=_WHICH[element],
                    expected=f"{expected} {known.codes.name('unit', expected, 'zh', one.on)}",
                    found=written or "—",
                )


def ticket_facts(*, trade_mode: str, lines: list[TicketLine], on: date, codes: Codes, rates: Rates) -> TicketFacts:
    """The facts that value and code checks ask for; `on` is the China-time day of appTime."""
    currencies = {line.currency for line in lines}
    known_rates = {one: rate for one in currencies if (rate := rates.rate(one, on)) is not None}
    return TicketFacts(
        trade_mode=trade_mode,
        in_zone=True,
        lines=lines,
        rates=known_rates,
        codes={line.hs: _under(line.hs, trade_mode, on, codes) for line in lines},
    )


def _under(hs: str, trade_mode: str, on: date, codes: Codes) -> list[CodeFacts]:
    """The known full codes that a written code stands for: itself, or all below a shortened one."""
    exact = codes.hs10(hs, on)
    if exact is not None:
        found = [exact]
    else:
        digits = law().value(f"customs.simplified.{'b2b' if trade_mode in B2B else 'b2c'}.hs_digits", on).integer
        short = standing_digits(hs, digits)
        found = codes.hs10_under(short, on) if short else []
    return [CodeFacts(one.code, one.licence, one.export_duty, one.refund_cancelled) for one in found]
