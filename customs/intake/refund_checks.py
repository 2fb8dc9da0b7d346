"""What a goods-return request is compared with: the export it names, line by line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from common.clock import china_day
from common.findings import Finding
from customs.intake.batch import Filed
from customs.returns.procedure import state_fault
from customs.rules import return_findings as said
from customs.rules.returns import OLD_MODES, RETURN_MODES, Amounts, Grounds
from customs.tables import Checklist, ChecklistLine

_SAME = {"gcode": "gcode", "gname": "gname", "gmodel": "gmodel", "unit": "unit", "unit1": "unit1", "unit2": "unit2"}
"""Elements of a line that are as on the checklist, and the checklist's columns."""


def origin_faults(one: Filed, origin: Checklist) -> list[Finding]:
    """Whether the export is the seller's, through that platform, released and gone, and the mode of the return fits."""
    number = origin.invt_no
    if origin.consignor_id != one.parties["consignor"].id:
        return [said.OTHER_CONSIGNOR.at(one.at_head("ebcCode"), number=number, code=one.head("ebcCode"))]
    found = []
    platform = one.parties.get("platform")
    known = platform is not None and platform.id == origin.platform_id
    if not known and one.head("ebpCode") != origin.ebp_code:
        at = one.at_head("ebpCode")
        found.append(said.OTHER_PLATFORM.at(at, number=number, expected=origin.ebp_code, found=one.head("ebpCode")))
    fault = state_fault(origin, one.at_head)
    return [*found, *([fault] if fault else []), *_mode_faults(one, origin)]


def _mode_faults(one: Filed, origin: Checklist) -> list[Finding]:
    """The return's mode is the export's own; the schema's old reading of the field is taken with a warning."""
    written, expected = one.head("tradeMode"), RETURN_MODES.get(origin.trade_mode)
    if not written or expected is None or written == expected:
        return []
    at = one.at_head("tradeMode")
    old = {"9610": "9661", "1210": "1261", "1239": "1261"}.get(written)
    if written in OLD_MODES and old == expected:
        return [said.OLD_MODE.at(at, found=written, expected=expected)]
    return [said.OTHER_MODE.at(at, number=origin.invt_no, origin=origin.trade_mode, expected=expected, found=written)]


def differences(one: Filed, n: int, line: dict[str, str], origin: ChecklistLine) -> list[Finding]:
    """What of a line is not as on the checklist."""
    found = []
    for element, column in _SAME.items():
        expected, written = getattr(origin, column) or "", line.get(element, "")
        if written == expected:
            continue
        if element == "unit2" and not written and not line.get("qty2"):
            at = one.at_line(n, "qty2")
            found.append(said.SECOND_QUANTITY.at(at, gnum=line["gnum"], unit=expected))
            continue
        words = one.spec.list_by_name[element].name
        found.append(
            said.NOT_AS_EXPORTED.at(
                one.at_line(n, element),
                gnum=line["gnum"],
                element=element,
                field_zh=words.zh,
                field_en=words.en,
                expected=expected[:60] or "—",
                found=written[:60] or "—",
            )
        )
    return found


def asked(line: dict[str, str]) -> Amounts:
    """The quantities of a line of the document."""
    second = line.get("qty2")
    return Amounts(Decimal(line["qty"]), Decimal(line["qty1"]), Decimal(second) if second else None)


def grounds_of(one: Filed) -> Grounds:
    """The grounds that came with the JSON form; none with XML, which has no field for them."""
    given: dict[str, str] = one.doc.extras.get("grounds", {})
    return Grounds(*(given.get(word) or None for word in ("reason", "proof", "certificate", "certificate_no")))


def exported_on(origin: Checklist) -> date:
    """The day of export: when the goods left, else when the checklist was closed, else the declared day."""
    left = origin.left_at or origin.closed_at
    return china_day(left) if left else origin.ie_date
