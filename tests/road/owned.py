"""One of everything that belongs to somebody: the numbers that stand in the paths of routes."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

from common import clock
from tests.app.files.books import book, order
from tests.road import returns, summaries
from tests.road.papers import number
from tests.road.test_amendments import PDF, ask, prove
from tests.road.test_amendments import released as let_go
from tests.road.test_movement import arrival, departure, released
from tests.road.test_warehouse_stock import close, entry
from tests.road.test_warehouse_stock import post as record
from tests.road.test_warehouse_stock import proof as warehouse_proof
from tests.road.warehousing import Export, stored_row, warehouse

Numbers = dict[str, Any]


def everything(road) -> dict[str, Numbers]:
    """The beginnings of paths, the longest that fits counts, and what stands in their places: all of `seller`.

    Made once per application; who asks for it leaves it as it is.
    """
    found: dict[str, Numbers] = road.app.extensions.setdefault("tests.everything", {})
    if not found:
        for part in (_papers, _amended, _cancelled, _corrected, _returned, _summarised, _stored, _elsewhere, _own):
            found |= part(road)
    return found


def filled(rule: Any, found: dict[str, Numbers]) -> str:
    """A route with the numbers of the longest beginning that fits."""
    plain = re.sub(r"<int\([^)]*\):(\w+)>", r"<\1>", rule.rule)
    beginning = max((one for one in found if plain.startswith(one)), key=len, default=None)
    assert beginning is not None, f"tests/road/owned.py has nothing for {plain}"
    return re.sub(r"<(\w+)>", lambda place: str(found[beginning][place[1]]), plain)


def _papers(road) -> dict[str, Numbers]:
    """A released parcel with an arrival, a master list, a departure, an incident and a find."""
    parcel, sent = released(road)
    came, waiting = arrival(road, [parcel.waybill_no]), road.sale()
    sold = waiting.send_order()
    listed = road.send("seller", "CEB607", _master_list(road, parcel))
    assert listed["counts"]["accepted"] == 1, listed
    waiting.send_checklist()
    left = departure(road, [parcel.waybill_no, waiting.waybill_no])
    incident = road.get("customs_officer", "/api/v1/incidents?limit=500").get_json()["items"][-1]["id"]
    find = {"kind": "unreadable", "customs_code": "5190", "loct_no": "519001", "description": number("箱")}
    recorded = road.post("operator", "/api/v1/site-records", find)
    assert recorded.status_code == 201, recorded.get_json()
    checklist, message = sent["documents"][0]["id"], sent["id"]
    papers = {"arrivals": came, "departures": left, "master-lists": listed}
    ids = {name: one["documents"][0]["id"] for name, one in papers.items()}
    return {
        **{f"/api/v1/{name}/": {"paper_id": id} for name, id in ids.items()},
        "/site/arrivals/": {"paper_id": ids["arrivals"], "message_id": came["id"]},
        "/site/departures/": {"paper_id": ids["departures"], "message_id": left["id"]},
        "/api/v1/checklists/": {"checklist_id": checklist},
        "/parcels/": {"checklist_id": checklist},
        "/desk/cases/": {"checklist_id": checklist},
        "/api/v1/messages/": {"message_id": message},
        "/messages/": {"message_id": message},
        "/declare/": {"order_id": sold["id"], "checklist_id": message},
        "/api/v1/incidents/": {"incident_id": incident},
        "/desk/incidents/": {"incident_id": incident},
        "/api/v1/site-records/": {"record_id": recorded.get_json()["id"]},
        "/site/records/": {"record_id": recorded.get_json()["id"]},
    }


def _master_list(road, parcel) -> dict[str, Any]:
    firm, carrier = road.firm("seller"), road.firm("logistics")
    head = {
        "customsCode": "5190", "copNo": number("M"), "agentCode": firm["customs_code"], "agentName": firm["name"],
        "trafMode": "5", "trafName": "CZ3099", "voyageNo": "CZ3099", "billNo": number("B"), "grossWeight": "0.5",
        "logisticsCode": carrier["customs_code"], "logisticsName": carrier["name"], "msgCount": "1", "msgSeqNo": "1",
    }  # fmt: skip
    return {"head": head, "lines": [{"gnum": "1", "logisticsNo": parcel.waybill_no}]}


def _amended(road) -> dict[str, Numbers]:
    _, id, _ = let_go(road)
    asked = ask(road, f"/api/v1/checklists/{id}/amendments", {"ground": "clerical_error", "head": {"note": "更正"}})
    file = prove(road, f"/api/v1/amendments/{asked['id']}").get_json()["id"]
    numbers = {"request_id": asked["id"], "file_id": file}
    pages = {"/requests/<subject>/": numbers | {"subject": "amendment"}, "/requests/amendment/": numbers}
    return {"/api/v1/amendments/": numbers, **pages}


def _cancelled(road) -> dict[str, Numbers]:
    parcel, id, _ = let_go(road, arrived=True)
    body = {"cop_no": number("T"), "reason": "航班取消", "ground": "shut_out_whole"}
    asked = ask(road, f"/api/v1/checklists/{id}/cancellations", body)["id"]
    file = prove(road, f"/api/v1/cancellations/{asked}").get_json()["id"]
    outs = road.get("operator", "/api/v1/shut-outs?limit=500").get_json()["items"]
    out = next(one["id"] for one in outs if one["logistics_no"] == parcel.waybill_no)
    return {
        "/api/v1/cancellations/": {"request_id": asked, "cancellation_id": asked, "file_id": file},
        "/desk/cancellations/": {"cancellation_id": asked},
        "/api/v1/shut-outs/": {"request_id": out},
        "/site/shut-outs/": {"shut_out_id": out},
    }


def _corrected(road) -> dict[str, Numbers]:
    _, id, _ = let_go(road)
    body = {"fields": ["note"], "text": "请写明用途"}
    asked = road.post("customs_officer", f"/api/v1/checklists/{id}/corrections", body).get_json()["id"]
    pages = {"correction_id": asked, "checklist_id": id}
    return {"/api/v1/corrections/": {"request_id": asked}, "/requests/corrections/": pages}


def _returned(road) -> dict[str, Numbers]:
    sent = road.send("seller", "CEB213", returns.request(road, returns.exported(road)))
    id = sent["documents"][0]["id"]
    upload = {"file": (io.BytesIO(PDF), "申明.pdf")}
    path = f"/api/v1/goods-returns/{id}/files"
    file = road.client.post(path, data=upload, headers=road.headers("seller")).get_json()["id"]
    numbers = {"return_id": id, "file_id": file, "ids": sent["id"]}
    return {"/api/v1/goods-returns/": numbers, "/returns/": numbers}


def _summarised(road) -> dict[str, Numbers]:
    (checklist,) = summaries.closed(road)
    sent = summaries.apply(road, [checklist["invt_no"]])
    application = sent["documents"][0]["id"]
    shown = road.get("seller", f"/api/v1/summaries/{application}").get_json()
    numbers = {"application_id": application, "declaration_id": shown["declarations"][0]["id"]}
    return {"/api/v1/summaries/": numbers, "/summaries/": numbers | {"message_id": sent["id"]}}


def _stored(road) -> dict[str, Numbers]:
    house = warehouse(road)
    parcel = Export(road, "9810", type="W")
    parcel.file(named=house["name"]["zh"])
    row = close(road, parcel)
    proof = warehouse_proof(road).get_json()["id"]
    done = record(road, house, entry(row or stored_row(road, parcel), "arrived", "1", proof_id=proof))
    assert done.status_code in (200, 201), done.get_json()
    code = road.firm("seller3")["customs_code"]
    path = f"/api/v1/warehouses/{house['id']}/users"
    road.post("seller", path, {"code": code, "valid_from": "2020-01-01"})
    users = road.get("seller", f"/api/v1/warehouses/{house['id']}").get_json()["users"]
    numbers = {
        "warehouse_id": house["id"], "user_id": users[-1]["id"], "checklist_id": row.id, "gnum": 1, "proof_id": proof
    }  # fmt: skip
    return {"/api/v1/warehouses/": numbers, "/warehouses/": numbers, "/api/v1/warehouse-proofs/": numbers}


def _elsewhere(road) -> dict[str, Numbers]:
    parcel = road.sale()
    written = parcel.checklist(customsCode="5301", portCode="5301", ebpCode="无", ebpName="境外平台")
    issued = {"guid": str(uuid.uuid4()).upper(), "appType": "1", "appStatus": "2"}
    written["head"] |= issued | {"appTime": clock.now().strftime("%Y%m%d%H%M%S")}
    answer = {"status": "800", "time": clock.now().strftime("%Y%m%d%H%M%S") + "123", "info": "放行"}
    invt_no = f"5301{clock.today().year}E{number('')[-6:].rjust(9, '7')}"
    body = {"invt_no": invt_no, "document": written, "response": answer}
    made = road.post("seller", "/api/v1/export-registrations", body)
    assert made.status_code == 201, made.get_json()
    numbers = {"registration_id": made.get_json()["id"]}
    return {"/api/v1/export-registrations/": numbers, "/elsewhere/": numbers}


def _own(road) -> dict[str, Numbers]:
    """What an account and its firm have of their own."""
    mandates = road.get("seller", "/api/v1/mandates").get_json()["items"]
    account = road.get("seller", "/api/v1/accounts").get_json()["items"][0]["id"]
    tokens = road.get("seller", "/api/v1/tokens").get_json()
    token = (tokens["items"] if isinstance(tokens, dict) else tokens)[0]["id"]
    firm = road.firm("seller")
    parties = {
        f"{one}{what}": firm[key]
        for one in ("ebp", "ebc")
        for what, key in (("Code", "customs_code"), ("Name", "name"))
    }
    raw = book("CEB303", [order(number("F"), **parties)])
    handed = road.client.post(
        "/upload",
        data={"file": (io.BytesIO(raw), "orders.xlsx")},
        headers=road.headers("seller") | {"Accept": "text/html"},
        content_type="multipart/form-data",
    )
    return {
        "/api/v1/mandates/": {"mandate_id": mandates[0]["id"]},
        "/mandates/": {"mandate_id": mandates[0]["id"]},
        "/api/v1/accounts/": {"account_id": account},
        "/api/v1/tokens/": {"token_id": token},
        "/uploads/": {"upload_id": handed.location.rstrip("/").rpartition("/")[2]},
    }
