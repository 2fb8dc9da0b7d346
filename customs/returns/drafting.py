"""Making the CEB213 of a request: what is as on the checklist is taken from it, the firm says the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.money import plain
from customs.returns.planning import Pick
from customs.rules.returns import RETURN_MODES, Grounds, part_of
from customs.tables import Checklist, GoodsReturn, GoodsReturnLine


@dataclass(frozen=True, slots=True)
class Filer:
    """Who declares the return."""

    code: str
    name: str


def documents(
    picks: Iterable[Pick], head: Mapping[str, str], filer: Filer, grounds: Grounds, *, number: str, draft: bool = False
) -> list[dict[str, Any]]:
    """One document of the JSON form per export, in the order of the picks.

    `head` holds the elements that the firm says (office, transport, country, reason); `number` begins the firm's own
    numbers of the documents, at most 26 characters.
    """
    by_origin: dict[int, list[Pick]] = {}
    for pick in picks:
        by_origin.setdefault(pick.origin.id, []).append(pick)
    return [
        {
            "head": _head(own[0].origin, head, filer, f"{number}{n:03d}", draft=draft),
            "lines": _lines(own),
            **({"grounds": given} if (given := _grounds(grounds)) else {}),
        }
        for n, own in enumerate(by_origin.values(), 1)
    ]


_ROW = {
    "customsCode": "customs_code",
    "loctNo": "loct_no",
    "ebpCode": "ebp_code",
    "ebpName": "ebp_name",
    "ebcCode": "ebc_code",
    "ebcName": "ebc_name",
    "logisticsNo": "logistics_no",
    "logisticsCode": "logistics_code",
    "logisticsName": "logistics_name",
    "coElNo": "co_el_no",
    "invtNo": "invt_no",
    "tradeMode": "trade_mode",
    "agentCode": "agent_code",
    "agentName": "agent_name",
    "billNo": "bill_no",
    "trafMode": "traf_mode",
    "trafName": "traf_name",
    "portCode": "port_code",
    "reason": "reason",
    "country": "country",
    "voyageNo": "voyage_no",
    "note": "note",
}


def as_filed(row: GoodsReturn, lines: Sequence[GoodsReturnLine], app_type: str) -> dict[str, Any]:
    """A stored request as a document once more: filed (a draft, appType 1) or deleted (appType 3)."""
    head = {element: getattr(row, column) or "" for element, column in _ROW.items()}
    head |= {"appType": app_type, "appStatus": "2", "ieFlag": "I"}
    return {
        "head": {element: text for element, text in head.items() if text},
        "lines": [_stored(line) for line in lines],
    }


def _stored(line: GoodsReturnLine) -> dict[str, str]:
    values = {
        "gnum": str(line.gnum),
        "gcode": line.gcode,
        "gname": line.gname,
        "gmodel": line.gmodel,
        "qty": plain(line.qty),
        "qty1": plain(line.qty1),
        "unit": line.unit,
        "unit1": line.unit1,
        "qty2": "" if line.qty2 is None else plain(line.qty2),
        "unit2": line.unit2 or "",
        "note": line.note or "",
    }
    return {element: text for element, text in values.items() if text}


def _head(origin: Checklist, said: Mapping[str, str], filer: Filer, number: str, *, draft: bool) -> dict[str, str]:
    values = {
        "appType": "1",
        "appStatus": "1" if draft else "2",
        "customsCode": origin.customs_code,
        "logisticsNo": origin.logistics_no,
        "logisticsCode": origin.logistics_code,
        "logisticsName": origin.logistics_name,
        "portCode": origin.port_code,
        "country": origin.country,
        **{element: text for element, text in said.items() if text},
        "ebpCode": origin.ebp_code,
        "ebpName": origin.ebp_name,
        "ebcCode": origin.ebc_code,
        "ebcName": origin.ebc_name,
        "coElNo": number,
        "invtNo": origin.invt_no or "",
        "tradeMode": RETURN_MODES.get(origin.trade_mode, ""),
        "agentCode": filer.code,
        "agentName": filer.name,
        "ieFlag": "I",
    }
    values["billNo"] = values.get("billNo") or values["logisticsNo"][:37]
    return {element: text for element, text in values.items() if text}


def _lines(picks: Sequence[Pick]) -> list[dict[str, str]]:
    """The lines of one export; a line that was picked twice (for two rows of a list) comes once."""
    wanted: dict[int, Decimal] = {}
    for pick in picks:
        wanted[pick.known.line.gnum] = wanted.get(pick.known.line.gnum, Decimal(0)) + pick.qty
    by_gnum = {pick.known.line.gnum: pick for pick in picks}
    return [_line(by_gnum[gnum], qty) for gnum, qty in sorted(wanted.items())]


def _line(pick: Pick, qty: Decimal) -> dict[str, str]:
    line = pick.known.line
    part = part_of(pick.known.exported, pick.known.left, qty)
    values = {
        "gnum": str(line.gnum),
        "gcode": line.gcode,
        "gname": line.gname,
        "gmodel": line.gmodel,
        "qty": plain(part.qty),
        "qty1": plain(part.qty1),
        "unit": line.unit,
        "unit1": line.unit1,
    }
    if line.unit2 and part.qty2 is not None:
        values |= {"qty2": plain(part.qty2), "unit2": line.unit2}
    return values


def _grounds(grounds: Grounds) -> dict[str, str]:
    values = {
        "reason": grounds.reason,
        "proof": grounds.proof,
        "certificate": grounds.certificate,
        "certificate_no": grounds.certificate_no,
    }
    return {word: value for word, value in values.items() if value}
