"""Repeats, changes and deletions of papers: nothing lost, nothing doubled, and a finding that says what to do."""

import uuid
from datetime import timedelta

from common import clock
from customs.intake.process import process_message
from customs.tables import SaleOrder


def rules(message, index=0):
    return [finding["rule"] for finding in message["documents"][index]["findings"]]


def later(document, minutes=1, **head):
    """The same document, filed some minutes later."""
    at = (clock.now() + timedelta(minutes=minutes)).strftime("%Y%m%d%H%M%S")
    return {**document, "head": document["head"] | {"appTime": at} | head}


def test_the_same_bytes_again_give_the_first_object_and_other_bytes_a_conflict(road):
    parcel, guid = road.sale(), str(uuid.uuid4()).upper()
    body = {"type": "CEB303", "guid": guid, "documents": [parcel.order()]}
    first = road.post("seller", "/api/v1/messages", body)
    again = road.post("seller", "/api/v1/messages", body)
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.get_json()["id"] == first.get_json()["id"]
    other = road.post("seller", "/api/v1/messages", body | {"documents": [parcel.order(freight="1")]})
    assert other.status_code == 409
    assert [f["rule"] for f in other.get_json()["findings"]] == ["CU2201"]
    mine = road.post("seller2", "/api/v1/messages", body)
    assert mine.status_code == 202, "another sender's number is another message"


def test_an_idempotency_key_answers_a_repeat_and_refuses_another_body(road):
    parcel = road.sale()
    headers = road.headers("seller") | {"Idempotency-Key": f"key-{parcel.order_no}"}
    body = {"type": "CEB303", "documents": [parcel.order()]}
    first = road.client.post("/api/v1/messages", json=body, headers=headers)
    again = road.client.post("/api/v1/messages", json=body, headers=headers)
    assert again.get_json()["id"] == first.get_json()["id"]
    other = road.client.post("/api/v1/messages", json=body | {"type": "CEB603"}, headers=headers)
    assert (other.status_code, other.get_json()["findings"][0]["rule"]) == (409, "CU2202")
    short = road.client.post("/api/v1/messages", json=body, headers=headers | {"Idempotency-Key": "short"})
    assert short.status_code == 422


def test_processing_twice_is_processing_once(road):
    parcel = road.sale()
    sent = road.post("seller", "/api/v1/messages", {"type": "CEB303", "documents": [parcel.order()]}).get_json()
    assert process_message(road.factory, sent["id"], clock.now())
    assert not process_message(road.factory, sent["id"], clock.now())


def test_a_known_order_number_is_refused_and_the_first_order_stays(road):
    parcel = road.sale()
    parcel.send_order()
    again = parcel.send_order(freight="3")
    assert rules(again) == ["CU2220"]
    assert again["documents"][0]["status"] == "-304001"
    assert again["counts"] == {"documents": 1, "accepted": 0, "rejected": 1}


def test_the_same_number_twice_in_one_message_is_worked_on_once(road):
    parcel = road.sale()
    sent = road.send("seller", "CEB303", parcel.order(), parcel.order())
    assert (rules(sent, 0), rules(sent, 1)) == ([], ["CU2221"])


def test_an_order_is_changed_before_its_checklist_is_stored_and_matched_anew(road):
    parcel = road.sale()
    wrong = {**parcel.order(), "lines": [{**parcel.order()["lines"][0], "price": "10", "totalPrice": "20"}]}
    wrong["head"]["goodsValue"] = "20"
    road.send("seller", "CEB303", wrong)
    parcel.send_waybill()
    changed = road.send("seller", "CEB303", later(parcel.order(), appType="2"))
    assert rules(changed) == []
    assert parcel.status(parcel.send_checklist()) in ("300", "500", "800")


def test_an_order_whose_checklist_is_stored_cannot_be_changed_or_deleted(road):
    parcel = road.sale()
    parcel.send_order()
    parcel.send_waybill()
    parcel.send_checklist()
    for app_type in ("2", "3"):
        refused = road.send("seller", "CEB303", later(parcel.order(), appType=app_type))
        assert rules(refused) == ["CU2224"]
    refused = road.send("logistics", "CEB505", later(parcel.waybill(), appType="3"))
    assert rules(refused) == ["CU2224"]
    assert parcel.cop_no in refused["documents"][0]["findings"][0]["message"]["en"] or "E0" in str(refused)


def test_older_data_never_overwrites_newer(road):
    parcel = road.sale()
    road.send("seller", "CEB303", later(parcel.order(), 2))
    stale = road.send("seller", "CEB303", later(parcel.order(), 1, appType="2"))
    assert rules(stale) == ["CU2223"]


def test_a_deleted_order_frees_its_number(road):
    parcel = road.sale()
    parcel.send_order()
    gone = road.send("seller", "CEB303", later(parcel.order(), appType="3"))
    assert rules(gone) == []
    assert rules(parcel.send_order()) == []


def test_changing_what_does_not_exist_or_is_anothers_says_so(road):
    parcel = road.sale()
    refused = road.send("seller", "CEB303", later(parcel.order(), appType="2"))
    assert rules(refused) == ["CU2222"]


def test_a_waybill_number_is_not_used_twice_within_six_months(road):
    parcel = road.sale()
    parcel.send_waybill()
    assert rules(parcel.send_waybill()) == ["CU2228"]


def test_a_checklist_waits_for_its_papers_and_can_be_deleted_while_it_waits(road):
    parcel = road.sale()
    waiting = parcel.send_checklist()
    assert parcel.status(waiting) == "2"
    gone = road.send("seller", "CEB603", later(parcel.checklist(), appType="3"))
    assert rules(gone) == []
    assert rules(parcel.send_checklist()) == []


def test_a_released_checklist_cannot_be_deleted(road):
    parcel = road.sale()
    parcel.send_order()
    parcel.send_waybill()
    parcel.send_checklist()
    refused = road.send("seller", "CEB603", later(parcel.checklist(), appType="3"))
    assert rules(refused) == ["CU2225"]


def test_an_order_or_a_waybill_goes_with_one_live_checklist(road):
    parcel, other = road.sale(), road.sale()
    parcel.send_checklist()
    same_order = other.checklist() | {}
    same_order["head"]["orderNo"] = parcel.order_no
    assert rules(road.send("seller", "CEB603", same_order)) == ["CU2226"]
    third = road.sale()
    same_waybill = third.checklist()
    same_waybill["head"]["logisticsNo"] = parcel.waybill_no
    assert rules(road.send("seller", "CEB603", same_waybill)) == ["CU2227"]


def test_a_rejected_checklist_is_corrected_and_filed_again(road):
    parcel = road.sale()
    parcel.send_order()
    parcel.send_waybill(grossWeight="2")
    refused = parcel.send_checklist()
    assert parcel.status(refused) == "100"
    answers = road.get("seller", f"/api/v1/messages/{refused['id']}/responses").get_json()["items"]
    assert answers[-1]["returnStatus"] == "100"
    assert answers[-1]["returnInfo"].startswith("[Code:CU2311;Desc:毛重不一致")
    road.send("logistics", "CEB505", later(parcel.waybill(), appType="2"))
    again = road.send("seller", "CEB603", later(parcel.checklist(), appType="2"))
    assert rules(again) == []
    assert parcel.status(again) in ("300", "500", "800")


def test_a_draft_waits_for_nothing_until_it_is_declared(road):
    parcel = road.sale()
    parcel.send_order()
    parcel.send_waybill()
    draft = parcel.send_checklist(appStatus="1")
    assert (draft["documents"][0]["status"], parcel.status(draft)) == ("1", "1")
    declared = road.send("seller", "CEB603", later(parcel.checklist()))
    assert rules(declared) == []
    assert parcel.status(declared) in ("300", "500", "800")


def test_another_firm_sees_neither_message_nor_responses(road):
    parcel = road.sale()
    sent = parcel.send_order()
    for path in (f"/api/v1/messages/{sent['id']}", f"/api/v1/messages/{sent['id']}/responses"):
        assert road.get("seller2", path).status_code == 404
        assert road.get("customs_officer", path).status_code == 200
        assert road.get("seller", path).status_code == 200


def test_a_receiver_is_recognised_in_two_orders_and_stands_nowhere_but_in_the_message(road):
    receiver = {"name": "Erika Musterfrau", "telephone": "+49 30 901820", "address": "Heidestr. 17, Köln"}
    first, second, other = (road.sale().order() for _ in range(3))
    first["receiver"], second["receiver"] = receiver, receiver | {"name": "ERIKA  MUSTERFRAU"}
    other["receiver"] = receiver | {"telephone": "+49 30 901821"}
    sent = road.send("seller", "CEB303", first, second, other)
    ids = [one["id"] for one in sent["documents"]]
    with road.factory() as session:
        rows = {row.id: dict(row._mapping) for row in session.execute(SaleOrder.__table__.select())}
    keys = [rows[id]["receiver_key"] for id in ids]
    assert keys[0] == keys[1] != keys[2]
    assert all(keys)
    assert not [value for id in ids for value in map(str, rows[id].values()) if "Muster" in value or "9018" in value]
