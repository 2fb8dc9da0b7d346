"""Ordinary papers of the demo's seller, and a road that sends them through the API and works on them at once."""

from __future__ import annotations

import itertools
import secrets
from typing import Any

from common import clock
from customs.intake.process import process_message

_serial = itertools.count(1)
RUN = secrets.token_hex(3).upper()


def number(prefix: str) -> str:
    """A number that no other test uses."""
    return f"{prefix}{RUN}{next(_serial):06d}"


class Road:
    """Sends JSON messages as demo accounts and lets a worker process each at once."""

    def __init__(self, app, factory, accounts) -> None:
        self.app, self.factory, self.accounts = app, factory, accounts
        self.client = app.test_client()

    def headers(self, key: str) -> dict[str, str]:
        """The bearer token of a demo account."""
        return {"Authorization": f"Bearer {self.accounts[key]['token']}"}

    def post(self, key: str, path: str, body: Any) -> Any:
        """POST JSON as a demo account."""
        return self.client.post(path, json=body, headers=self.headers(key))

    def get(self, key: str, path: str, **headers: str) -> Any:
        """GET as a demo account."""
        return self.client.get(path, headers=self.headers(key) | headers)

    def send(self, key: str, type: str, *documents: dict[str, Any], guid: str | None = None) -> dict[str, Any]:
        """Send one message and process it; gives its object."""
        body: dict[str, Any] = {"type": type, "documents": list(documents)} | ({"guid": guid} if guid else {})
        answer = self.post(key, "/api/v1/messages", body)
        assert answer.status_code in (200, 202), answer.get_json()
        return self.finish(answer, key)

    def finish(self, answer: Any, key: str = "seller") -> dict[str, Any]:
        """Let a worker process the message that an answer tells of; gives its object."""
        told = answer.get_json()
        id = told["id"] if "id" in told else told["message"]
        process_message(self.factory, id, clock.now())
        return self.get(key, f"/api/v1/messages/{id}").get_json()

    def firm(self, key: str) -> dict[str, Any]:
        """The enterprise behind a demo account."""
        return self.accounts[key]["enterprise"]

    # --- papers of one parcel

    def sale(self, **changes: Any) -> Parcel:
        """The numbers of one parcel of `seller` with its ordinary papers."""
        return Parcel(self, **changes)


class Parcel:
    """One parcel: order, waybill and checklist that fit together; a T-shirt line sold at 2 × 15.50."""

    def __init__(self, road: Road, seller: str = "seller", office: str = "5190", flag: str = "A", mode: str = "9610"):
        self.road, self.seller = road, seller
        self.order_no, self.waybill_no, self.cop_no = number("O"), number("W"), number("C")
        self.office, self.flag, self.mode = office, flag, mode

    def order(self, *, lines: list[dict[str, str]] | None = None, **head: str) -> dict[str, Any]:
        """CEB303."""
        firm = self.road.firm(self.seller)
        line = {
            "gnum": "1", "itemNo": "TS-01", "itemName": "棉T恤", "unit": "011", "currency": "142",
            "qty": "2", "price": "15.5", "totalPrice": "31",
        }  # fmt: skip
        return {
            "head": {
                "orderType": "E", "orderNo": self.order_no, "ebpCode": firm["customs_code"], "ebpName": firm["name"],
                "ebcCode": firm["customs_code"], "ebcName": firm["name"], "goodsValue": "31", "freight": "0",
                "currency": "142",
            } | head,
            "lines": lines or [line],
        }  # fmt: skip

    def waybill(self, **head: str) -> dict[str, Any]:
        """CEB505."""
        carrier = self.road.firm("logistics")
        return {
            "head": {
                "logisticsCode": carrier["customs_code"], "logisticsName": carrier["name"],
                "logisticsNo": self.waybill_no, "freight": "0", "insuredFee": "0", "currency": "142",
                "grossWeight": "0.5", "packNo": "1", "goodsInfo": "棉T恤",
            } | head
        }  # fmt: skip

    def checklist(self, *, lines: list[dict[str, str]] | None = None, **head: str) -> dict[str, Any]:
        """CEB603."""
        firm, carrier = self.road.firm(self.seller), self.road.firm("logistics")
        line = {
            "gnum": "1", "itemNo": "TS-01", "gcode": "6109100021", "gname": "棉制针织T恤衫",
            "gmodel": "针织|男式|棉100%", "barCode": "无", "country": "502", "currency": "142", "qty": "2", "qty1": "2",
            "unit": "011", "unit1": "011", "qty2": "0.4", "unit2": "035", "price": "15.5", "totalPrice": "31",
        }  # fmt: skip
        return {
            "head": {
                "customsCode": self.office, "ebpCode": firm["customs_code"], "ebpName": firm["name"],
                "orderNo": self.order_no, "logisticsCode": carrier["customs_code"], "logisticsName": carrier["name"],
                "logisticsNo": self.waybill_no, "copNo": self.cop_no, "ieFlag": "E", "portCode": "5190",
                "ieDate": clock.today().strftime("%Y%m%d"), "statisticsFlag": self.flag,
                "agentCode": firm["customs_code"], "agentName": firm["name"], "ebcCode": firm["customs_code"],
                "ebcName": firm["name"], "ownerCode": firm["customs_code"], "ownerName": firm["name"],
                "tradeMode": self.mode, "trafMode": "5", "country": "502", "POD": "502", "freight": "0",
                "fCurrency": "142", "fFlag": "3", "insuredFee": "0", "iCurrency": "142", "iFlag": "3", "wrapType": "2",
                "packNo": "1", "grossWeight": "0.5", "netWeight": "0.4",
            } | head,
            "lines": lines or [line],
        }  # fmt: skip

    def send_order(self, **head: Any) -> dict[str, Any]:
        """File the order."""
        return self.road.send(self.seller, "CEB303", self.order(**head))

    def send_waybill(self, **head: str) -> dict[str, Any]:
        """File the waybill."""
        return self.road.send("logistics", "CEB505", self.waybill(**head))

    def send_checklist(self, **head: Any) -> dict[str, Any]:
        """File the checklist."""
        return self.road.send(self.seller, "CEB603", self.checklist(**head))

    def status(self, checklist: dict[str, Any]) -> str:
        """Where a sent checklist stands now."""
        again = self.road.get(self.seller, f"/api/v1/messages/{checklist['id']}").get_json()
        return again["documents"][0]["current_status"]
