"""What a checklist document (CEB603) says, as the columns of its row and of its lines.

One map between the standard's elements and our columns, for taking documents in and for writing an amendment out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from customs.intake.batch import Filed
from customs.intake.eligibility import Ticket

TEXTS: Mapping[str, str] = {
    "customs_code": "customsCode",
    "ebp_code": "ebpCode",
    "ebp_name": "ebpName",
    "order_no": "orderNo",
    "logistics_code": "logisticsCode",
    "logistics_name": "logisticsName",
    "logistics_no": "logisticsNo",
    "cop_no": "copNo",
    "port_code": "portCode",
    "flag": "statisticsFlag",
    "agent_code": "agentCode",
    "agent_name": "agentName",
    "ebc_code": "ebcCode",
    "ebc_name": "ebcName",
    "owner_code": "ownerCode",
    "owner_name": "ownerName",
    "trade_mode": "tradeMode",
    "traf_mode": "trafMode",
    "country": "country",
    "pod": "POD",
    "f_currency": "fCurrency",
    "f_flag": "fFlag",
    "i_currency": "iCurrency",
    "i_flag": "iFlag",
    "wrap_type": "wrapType",
}
OPTIONAL: Mapping[str, str] = {
    "iac_code": "iacCode",
    "iac_name": "iacName",
    "ems_no": "emsNo",
    "traf_name": "trafName",
    "voyage_no": "voyageNo",
    "bill_no": "billNo",
    "total_package_no": "totalPackageNo",
    "loct_no": "loctNo",
    "license_no": "licenseNo",
    "note": "note",
}
AMOUNTS: Mapping[str, str] = {
    "freight": "freight",
    "insured_fee": "insuredFee",
    "gross_weight": "grossWeight",
    "net_weight": "netWeight",
}
HEAD: Mapping[str, str] = {**TEXTS, **OPTIONAL, "ie_date": "ieDate", **AMOUNTS, "pack_no": "packNo"}
"""The element of each column of the head that a document fills."""

LINE: Mapping[str, str] = {
    "gnum": "gnum",
    "item_no": "itemNo",
    "item_record_no": "itemRecordNo",
    "item_name": "itemName",
    "gcode": "gcode",
    "gname": "gname",
    "gmodel": "gmodel",
    "bar_code": "barCode",
    "country": "country",
    "currency": "currency",
    "qty": "qty",
    "unit": "unit",
    "qty1": "qty1",
    "unit1": "unit1",
    "qty2": "qty2",
    "unit2": "unit2",
    "price": "price",
    "total_price": "totalPrice",
    "note": "note",
}
"""The element of each column of a line, in the order in which people read them."""

_READ: Mapping[str, Callable[[str], Any]] = {
    "gnum": int,
    **dict.fromkeys(("qty", "qty1", "qty2", "price", "total_price"), Decimal),
}
_MAY_BE_EMPTY = frozenset({"item_record_no", "item_name", "qty2", "unit2", "note"})


def contents(one: Filed, ticket: Ticket) -> dict[str, Any]:
    """The columns of the checklist's row that its document fills, with its parties and its ticket's value."""
    platform = one.parties.get("platform")
    written = one.head("ieDate")
    return {
        **{column: one.head(element) for column, element in TEXTS.items()},
        **{column: one.optional(element) for column, element in OPTIONAL.items()},
        "ie_date": date(int(written[:4]), int(written[4:6]), int(written[6:8])),
        **{column: Decimal(one.head(element)) for column, element in AMOUNTS.items()},
        "pack_no": int(one.head("packNo")),
        "consignor_id": one.parties["consignor"].id,
        "declarant_id": one.parties["declarant"].id,
        "carrier_id": one.parties["carrier"].id,
        "platform_id": platform.id if platform else None,
        "parent_order_no": one.doc.extras.get("parent_order_no") or None,
        "business": ticket.business,
        "warehouse_id": ticket.warehouse_id,
        "currency": one.doc.lines[0]["currency"],
        "total_price": sum((Decimal(line["totalPrice"]) for line in one.doc.lines), Decimal(0)),
        "value_cny": ticket.value_cny,
        "decides": ticket.decides,
        "findings": [finding.as_dict() for finding in one.findings],
    }


def lines(one: Filed, checklist_id: int) -> list[dict[str, Any]]:
    """The rows of its lines."""
    return [
        {"checklist_id": checklist_id} | {column: _value(line, column, element) for column, element in LINE.items()}
        for line in one.doc.lines
    ]


def _value(line: Mapping[str, str], column: str, element: str) -> Any:
    if column in _MAY_BE_EMPTY and not line.get(element):
        return None
    return _READ.get(column, str)(line[element])
