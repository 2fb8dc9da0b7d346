"""Goods returns by the demo's accounts: closed exports, requests and tallies that fit them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from common import clock
from tests.road.papers import number
from tests.road.test_movement import arrival, departure, released


def exported(road, **changes: Any) -> dict[str, Any]:
    """A closed export of the seller: two shirts; gives its id, customs number and parcel. `changes`: columns to set."""
    parcel, sent = released(road)
    arrival(road, [parcel.waybill_no])
    departure(road, [parcel.waybill_no])
    id = sent["documents"][0]["id"]
    change(road, id, **changes)
    shown = road.get("seller", f"/api/v1/checklists/{id}").get_json()
    assert shown["status"] == changes.get("status", "899")
    return {"id": id, "invt_no": shown["invt_no"], "parcel": parcel}


def change(road, checklist_id: int, **columns: Any) -> None:
    """Set columns of a stored checklist, for what the road itself would take years to do."""
    with road.factory() as session, session.begin():
        for column, value in columns.items():
            session.execute(
                text(f"UPDATE checklist SET {column} = :value WHERE id = :id"),
                {"value": value, "id": checklist_id},
            )


def request(road, export: dict[str, Any], qty: str = "1", *, key: str = "seller", **head: str) -> dict[str, Any]:
    """CEB213 about the shirts of an export, as filed by `seller`."""
    firm, filer, carrier = road.firm("seller"), road.firm(key), road.firm("logistics")
    grounds = {"reason": "returned", "proof": "refusal"}
    line = {
        "gnum": "1", "gcode": "6109100021", "gname": "棉制针织T恤衫", "gmodel": "针织|男式|棉100%", "qty": qty,
        "qty1": qty, "unit": "011", "unit1": "011", "qty2": format(float(qty) * 0.2, "g"), "unit2": "035",
    }  # fmt: skip
    return {
        "head": {
            "customsCode": "5190", "ebpCode": firm["customs_code"], "ebpName": firm["name"],
            "ebcCode": firm["customs_code"], "ebcName": firm["name"], "logisticsNo": number("RW"),
            "logisticsCode": carrier["customs_code"], "logisticsName": carrier["name"], "coElNo": number("RT"),
            "invtNo": export["invt_no"], "tradeMode": "9661", "agentCode": filer["customs_code"],
            "agentName": filer["name"], "billNo": "784-1", "ieFlag": "I", "trafMode": "5", "trafName": "CZ3100",
            "portCode": "5190", "reason": "买家拒收", "country": "502", "voyageNo": "CZ3100",
        } | head,
        "lines": [line],
        "grounds": grounds,
    }  # fmt: skip


def tally(road, waybill: str, *found: dict[str, str], key: str = "operator", **head: str) -> dict[str, Any]:
    """CEB215 of the demo's site about one waybill."""
    firm, carrier = road.firm(key), road.firm("logistics")
    document: dict[str, Any] = {
        "head": {
            "customsCode": "5190", "operatorCode": firm["customs_code"], "operatorName": firm["name"],
            "logisticsCode": carrier["customs_code"], "logisticsName": carrier["name"], "logisticsNo": waybill,
            "coElNo": number("T"), "billNo": "784-1", "ieFlag": "I", "trafMode": "5", "trafName": "CZ3100",
            "voyageNo": "CZ3100",
        } | head
    }  # fmt: skip
    return document | ({"tally": list(found)} if found else {})


def findings(message: dict[str, Any], n: int = 0) -> list[str]:
    """The rules of a document's findings."""
    return [one["rule"] for one in message["documents"][n]["findings"]]


def filed(road, qty="1", *, export=None, **head):
    """A request that was taken in; gives the return's id, its document and its export."""
    export = export or exported(road)
    asked = request(road, export, qty, **head)
    sent = road.send("seller", "CEB213", asked)
    assert sent["counts"]["accepted"] == 1, sent
    return sent["documents"][0]["id"], asked, export


def decide(road, id, decision, text=None, key="customs_officer"):
    """An officer's decision over the API."""
    return road.post(key, f"/api/v1/goods-returns/{id}/decisions", {"decision": decision, "text": text})


def read(road, id, key="seller"):
    """One return over the API."""
    return road.get(key, f"/api/v1/goods-returns/{id}").get_json()


def left(road, export):
    """What of an export's first line is left."""
    shown = road.get("seller", f"/api/v1/checklists/{export['id']}").get_json()
    return shown["goods_returns"]["lines"][0]


def refused(road, export, **head):
    """The findings (rule, pointer) of a request that is refused whole; nothing is held by it."""
    before = left(road, export)
    sent = road.send(head.pop("key", "seller"), "CEB213", request(road, export, **head))
    assert sent["counts"] == {"documents": 1, "accepted": 0, "rejected": 1}, sent
    assert left(road, export) == before
    return [(one["rule"], one["pointer"].rpartition("/")[2]) for one in sent["documents"][0]["findings"]]


def later(minutes):
    """A filing time so many minutes ahead."""
    return (clock.now() + timedelta(minutes=minutes)).astimezone(clock.CHINA).strftime("%Y%m%d%H%M%S")
