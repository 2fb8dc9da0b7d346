"""What a checklist document (CEB603) says, as the columns of its row and of its lines.

One map between the standard's elements and our columns, for taking documents in and for writing an amendment out.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def contents(one: Filed, ticket: Ticket) -> dict[str, Any]:
    """The columns of the checklist's row that its document fills, with its parties and its ticket's value."""
    platform = one.parties.get("platform")
    written = one.head("ieDate")
    return {
        **{column: one.head(element) for column, element in TEXTS.items()},
        **{column: one.optional(element) for column, element in OPTIONAL.items()},
        "ie_date": date(int(written[:4]), int(written[4:6]), int(written[6:8])),
        "freight": Decimal(one.head("freight")),
        "insured_fee": Decimal(one.head("insuredFee")),
        "pack_no": int(one.head("packNo")),
        "gross_weight": Decimal(one.head("grossWeight")),
        "net_weight": Decimal(one.head("netWeight")),
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
        {
            "checklist_id": checklist_id,
            "gnum": int(line["gnum"]),
            "item_no": line["itemNo"],
            "item_record_no": line.get("itemRecordNo") or None,
            "item_name": line.get("itemName") or None,
            "gcode": line["gcode"],
            "gname": line["gname"],
            "gmodel": line["gmodel"],
            "bar_code": line["barCode"],
            "country": line["country"],
            "currency": line["currency"],
            "qty": Decimal(line["qty"]),
            "qty1": Decimal(line["qty1"]),
            "qty2": Decimal(line["qty2"]) if line.get("qty2") else None,
            "unit": line["unit"],
            "unit1": line["unit1"],
            "unit2": line.get("unit2") or None,
            "price": Decimal(line["price"]),
            "total_price": Decimal(line["totalPrice"]),
            "note": line.get("note") or None,
        }
        for line in one.doc.lines
    ]
