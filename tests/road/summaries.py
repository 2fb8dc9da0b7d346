"""Summary applications by the demo's accounts: closed flag-B checklists, and CEB701 documents about them."""

from __future__ import annotations

from typing import Any

from common import clock
from tests.road.papers import Parcel, number
from tests.road.test_movement import arrival, departure


def released(road, *, flag: str = "B", seller: str = "seller", **head: Any) -> tuple[Parcel, dict[str, Any]]:
    """A parcel that the draw left alone, released."""
    for _ in range(20):
        parcel = road.sale(flag=flag, seller=seller)
        parcel.send_order()
        parcel.send_waybill()
        sent = parcel.send_checklist(**head)
        if parcel.status(sent) == "800":
            return parcel, sent
    raise AssertionError("twenty ordinary parcels and none released")


def closed(road, count: int = 1, **changes: Any) -> list[dict[str, Any]]:
    """Closed checklists as the API shows them."""
    parcels = [released(road, **changes) for _ in range(count)]
    arrival(road, [parcel.waybill_no for parcel, _ in parcels])
    departure(road, [parcel.waybill_no for parcel, _ in parcels])
    key = changes.get("seller", "seller")
    shown = [road.get(key, f"/api/v1/checklists/{sent['documents'][0]['id']}").get_json() for _, sent in parcels]
    assert {one["status"] for one in shown} == {"899"}
    return shown


def application(
    road, numbers: list[str] | None = None, *, consignor: str = "seller", key: str = "seller", **head: str
) -> dict[str, Any]:
    """A CEB701 document filed by `key` about the checklists of `consignor`; further elements in `head`."""
    firm, filer = road.firm(consignor), road.firm(key)
    values = {
        "appType": "1", "appTime": clock.now().strftime("%Y%m%d%H%M%S"), "appStatus": "2", "customsCode": "5190",
        "copNo": number("S"), "agentCode": filer["customs_code"], "agentName": filer["name"],
        "ebcCode": firm["customs_code"], "ebcName": firm["name"], "declAgentCode": filer["customs_code"],
        "declAgentName": filer["name"], "summaryFlag": "1", "itemNameFlag": " ", "msgCount": "1", "msgSeqNo": "1",
    }  # fmt: skip
    lines = {"lines": [{"invtNo": one} for one in numbers]} if numbers else {}
    return {"head": values | head} | lines


def apply(road, numbers: list[str] | None = None, *, key: str = "seller", **changes: Any) -> dict[str, Any]:
    """File an application; gives the message's object."""
    return road.send(key, "CEB701", application(road, numbers, key=key, **changes))


def rules(message: dict[str, Any], index: int = 0) -> list[str]:
    """The rules of a document's findings."""
    return [finding["rule"] for finding in message["documents"][index]["findings"]]
