"""Goods returns on the road: from the request through review and tally to completion, and every way to be refused."""

import io
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from lxml import etree
from sqlalchemy import text

from common import clock
from common.db import new_ids
from common.law import law
from credit.subjects import sites_on, zone_offices
from customs.amendments.situation import situation_of
from customs.intake.process import process_message
from customs.messages.writing import NewDocument, message_xml
from customs.rules.amendments import blocked
from customs.tables import Checklist
from tests.road.returns import change, exported, findings, request, tally
from tests.road.test_movement import released


def test_a_request_is_stored_and_reviewed(road):
    export = exported(road)
    sent = road.send("seller", "CEB213", request(road, export))
    assert sent["counts"]["accepted"] == 1, sent
    assert findings(sent) == []
    answers = road.get("seller", sent["links"]["responses"]).get_json()["items"]
    assert [one["returnStatus"] for one in answers] == ["2", "120", "300"]
    assert answers[0]["type"] == "CEB214"
    assert answers[0]["preNo"][0] == "B"


def test_a_tally_is_concluded(road):
    export = exported(road)
    asked = request(road, export)
    road.send("seller", "CEB213", asked)
    sent = road.send("operator", "CEB215", tally(road, asked["head"]["logisticsNo"]))
    assert findings(sent) == []
    answers = road.get("operator", sent["links"]["responses"]).get_json()["items"]
    assert [one["returnStatus"] for one in answers] == ["2", "399"]
    assert answers[0]["preNo"][0] == "o"


def filed(road, qty="1", *, export=None, **head):
    """A request that was taken in; gives the return's id, its document and its export."""
    export = export or exported(road)
    asked = request(road, export, qty, **head)
    sent = road.send("seller", "CEB213", asked)
    assert sent["counts"]["accepted"] == 1, sent
    return sent["documents"][0]["id"], asked, export


def decide(road, id, decision, text=None, key="customs_officer"):
    return road.post(key, f"/api/v1/goods-returns/{id}/decisions", {"decision": decision, "text": text})


def read(road, id, key="seller"):
    return road.get(key, f"/api/v1/goods-returns/{id}").get_json()


def left(road, export):
    shown = road.get("seller", f"/api/v1/checklists/{export['id']}").get_json()
    return shown["goods_returns"]["lines"][0]


def test_a_return_that_is_released_and_tallied_is_completed_and_the_export_stays_as_it_was(road):
    export = exported(road)
    before = road.get("seller", f"/api/v1/checklists/{export['id']}").get_json()
    id, asked, _ = filed(road, export=export)
    assert left(road, export) == {
        "gnum": 1, "unit": "011", "exported": "2", "pending": "1", "returned": "0", "left": "1"
    }  # fmt: skip
    answer = decide(road, id, "release")
    assert answer.status_code == 200, answer.get_json()
    assert not read(road, id)["completed"]
    road.send("operator", "CEB215", tally(road, asked["head"]["logisticsNo"]))
    shown = read(road, id)
    assert shown["completed"]
    assert shown["status"] == "800"
    back = shown["returned"][0]
    assert (back["qty"], back["amount"], back["currency"]) == ("1", "15.5", "142")
    assert (back["gross_weight"], back["net_weight"]) == ("0.25", "0.2")
    after = road.get("seller", f"/api/v1/checklists/{export['id']}").get_json()
    assert after["goods_returns"]["lines"][0] | {"left": "1", "returned": "1", "pending": "0"} == left(road, export)
    for same in ("head", "lines", "status", "days"):
        assert after[same] == before[same]
    event = next(one for one in shown["events"] if one["kind"] == "goods_return.completed")
    assert event["data"]["lines"][0]["checklist_id"] == export["id"]
    assert (event["data"]["lines"][0]["qty"], event["data"]["lines"][0]["amount"]) == ("1", "15.5")


def test_a_return_tallied_first_is_completed_by_the_release(road):
    id, asked, _ = filed(road)
    road.send("operator", "CEB215", tally(road, asked["head"]["logisticsNo"]))
    assert read(road, id)["found_on"] is not None
    assert decide(road, id, "inspect").status_code == 200
    assert decide(road, id, "release").get_json()["completed"]


def test_a_tally_that_differs_suspends_a_released_return_until_customs_decides(road):
    export = exported(road)
    id, asked, _ = filed(road, "2", export=export)
    decide(road, id, "release")
    found = {"gnum": "1", "qty": "1", "condition": "altered", "note": "一件缺吊牌"}
    sent = road.send("operator", "CEB215", tally(road, asked["head"]["logisticsNo"], found))
    assert findings(sent) == ["CU6356"]
    shown = read(road, id)
    assert (shown["status"], shown["completed"], shown["lines"][0]["altered"]) == ("600", False, True)
    assert not shown["lines"][0]["relief"]
    assert decide(road, id, "release").get_json()["completed"]
    assert read(road, id)["returned"][0]["qty"] == "1"
    assert left(road, export)["left"] == "1"


# --- what is refused, and why


def refused(road, export, **head):
    """The findings (rule, pointer) of a request that is refused whole; nothing is held by it."""
    before = left(road, export)
    sent = road.send(head.pop("key", "seller"), "CEB213", request(road, export, **head))
    assert sent["counts"] == {"documents": 1, "accepted": 0, "rejected": 1}, sent
    assert left(road, export) == before
    return [(one["rule"], one["pointer"].rpartition("/")[2]) for one in sent["documents"][0]["findings"]]


def test_bad_requests_are_refused_each_with_its_reason(road):
    export, other = exported(road), road.firm("seller2")
    assert refused(road, export, invtNo="519020269E00000009") == [("CU6301", "invtNo")]
    assert refused(road, export, country="142") == [("CU1219", "country")]
    assert refused(road, export, ieFlag="E") == [("CU1110", "ieFlag")]
    assert refused(road, export, tradeMode="1261") == [("CU6313", "tradeMode")]
    assert refused(road, export, tradeMode="0110") == [("CU1110", "tradeMode")]
    assert refused(road, export, ebpCode=other["customs_code"]) == [("CU6303", "ebpCode")]
    assert refused(road, export, qty="3") == [("CU6311", "qty"), ("CU6311", "qty1"), ("CU6311", "qty2")]
    assert refused(road, export, customsCode="0100") == [("CU4001", "customsCode")]


def test_another_sellers_export_is_refused(road):
    export, firm = exported(road), road.firm("seller2")
    asked = request(road, export, key="seller2", ebcCode=firm["customs_code"], ebcName=firm["name"])
    sent = road.send("seller2", "CEB213", asked)
    assert [one["rule"] for one in sent["documents"][0]["findings"]] == ["CU6302"]


def test_an_agent_without_a_mandate_for_the_firm_may_not_file(road):
    export = exported(road)
    asked = request(road, export, key="seller2")
    sent = road.send("seller2", "CEB213", asked)
    assert [one["rule"] for one in sent["documents"][0]["findings"]] == ["CU2002"]


def test_an_agent_under_a_mandate_files_for_the_firm(road):
    export = exported(road)
    sent = road.send("agent", "CEB213", request(road, export, key="agent"))
    assert sent["counts"]["accepted"] == 1, sent


def line_faults(road, export, **line):
    asked = request(road, export)
    asked["lines"][0] |= line
    asked["lines"][0] = {key: value for key, value in asked["lines"][0].items() if value is not None}
    sent = road.send("seller", "CEB213", asked)
    return [(one["rule"], one["pointer"].rpartition("/")[2]) for one in sent["documents"][0]["findings"]]


def test_a_line_that_is_not_as_exported_is_refused_at_its_field(road):
    export = exported(road)
    assert line_faults(road, export, gnum="2") == [("CU6309", "gnum")]
    assert line_faults(road, export, gcode="6109100022") == [("CU6310", "gcode")]
    assert line_faults(road, export, gname="棉T恤") == [("CU6310", "gname")]
    assert line_faults(road, export, gmodel="无") == [("CU6310", "gmodel")]
    assert line_faults(road, export, unit="007") == [("CU6310", "unit")]
    assert line_faults(road, export, qty2=None, unit2=None) == [("CU6312", "qty2")]
    assert line_faults(road, export, qty2=None) == [("CU1213", "qty2")]
    assert line_faults(road, export, qty="0.5", qty1="1") == [("CU1214", "qty1")]
    assert line_faults(road, export, qty1="-1")[0][1] == "qty1"


def test_an_export_that_has_not_left_is_a_shut_out_and_no_return(road):
    parcel, sent = released(road)
    id = sent["documents"][0]["id"]
    number = road.get("seller", f"/api/v1/checklists/{id}").get_json()["invt_no"]
    answer = road.send("seller", "CEB213", request(road, {"invt_no": number}))
    assert findings(answer) == ["CU6305"]
    change(road, id, status="500")
    assert findings(road.send("seller", "CEB213", request(road, {"invt_no": number}))) == ["CU6304"]
    assert parcel.status(sent) == "500"


def test_9710_has_no_return_procedure_and_the_sentence_says_what_to_do(road):
    export = exported(road, trade_mode="9710")
    sent = road.send("seller", "CEB213", request(road, export))
    finding = sent["documents"][0]["findings"][0]
    assert finding["rule"] == "CU6306"
    assert "一般退运" in finding["message"]["zh"]
    assert "ordinary return shipment" in finding["message"]["en"]


def test_after_a_year_from_release_the_procedure_is_over(road):
    export = exported(road, released_at=clock.now() - timedelta(days=367))
    assert refused(road, export) == [("CU6307", "appTime")]
    change(road, export["id"], released_at=clock.now() - timedelta(days=364))
    assert road.send("seller", "CEB213", request(road, export))["counts"]["accepted"] == 1


def test_another_district_takes_back_9610_only(road):
    with road.factory() as session:
        elsewhere = next(code for code in sorted(zone_offices(session, clock.today())) if code[:2] != "51")
    export = exported(road, trade_mode="9810")
    assert refused(road, export, customsCode=elsewhere) == [("CU6308", "customsCode")]
    change(road, export["id"], trade_mode="9610")
    assert road.send("seller", "CEB213", request(road, export, customsCode=elsewhere))["counts"]["accepted"] == 1


def test_the_schemas_old_reading_of_the_mode_is_taken_with_a_warning(road):
    sent = road.send("seller", "CEB213", request(road, exported(road), tradeMode="9610"))
    assert findings(sent) == ["CU6314"]
    assert sent["counts"]["accepted"] == 1
    assert read(road, sent["documents"][0]["id"])["trade_mode"] == "9661"


# --- repeated, changed, deleted, kept as a draft


def test_a_request_is_repeated_changed_and_deleted(road):
    export = exported(road)
    id, asked, _ = filed(road, "2", export=export)
    again = road.send("seller", "CEB213", asked)
    assert again["counts"]["rejected"] == 1
    assert again["documents"][0]["findings"][0]["pointer"].endswith("/coElNo")
    less = {**asked, "head": asked["head"] | {"appType": "2", "appTime": later(1)}}
    less["lines"] = request(road, export, "1")["lines"]
    changed = road.send("seller", "CEB213", less)
    assert changed["counts"]["accepted"] == 1, changed
    assert changed["documents"][0]["id"] == id
    assert left(road, export)["left"] == "1"
    statuses = [one["state"] for one in read(road, id)["events"] if one["state"]]
    assert statuses == ["2", "120", "300", "120", "300"]
    gone = {**less, "head": less["head"] | {"appType": "3", "appTime": later(2)}}
    assert road.send("seller", "CEB213", gone)["counts"]["accepted"] == 1
    assert left(road, export)["left"] == "2"
    assert road.get("seller", f"/api/v1/goods-returns?checklist_id={export['id']}").get_json()["items"] == []


def later(minutes):
    return (clock.now() + timedelta(minutes=minutes)).astimezone(clock.CHINA).strftime("%Y%m%d%H%M%S")


def test_a_change_of_what_customs_has_decided_is_refused(road):
    export = exported(road)
    id, asked, _ = filed(road, export=export)
    assert decide(road, id, "inspect").status_code == 200
    again = {**asked, "head": asked["head"] | {"appType": "2", "appTime": later(1)}}
    assert findings(road.send("seller", "CEB213", again)) == ["CU6316"]
    gone = {**asked, "head": asked["head"] | {"appType": "3", "appTime": later(1)}}
    assert findings(road.send("seller", "CEB213", gone)) == ["CU6316"]


def test_a_rejected_request_frees_its_quantities_and_is_filed_again_as_a_change(road):
    export = exported(road)
    id, asked, _ = filed(road, "2", export=export)
    assert decide(road, id, "reject").status_code == 422
    assert decide(road, id, "reject", "证明不全").status_code == 200
    assert left(road, export)["left"] == "2"
    shown = read(road, id)
    assert (shown["status"], shown["answer"]) == ("100", "证明不全")
    again = {**asked, "head": asked["head"] | {"appType": "2", "appTime": later(1)}}
    assert road.send("seller", "CEB213", again)["counts"]["accepted"] == 1
    assert read(road, id)["status"] == "300"
    assert left(road, export)["left"] == "0"


def test_a_draft_holds_nothing_until_it_is_filed(road):
    export = exported(road)
    asked = request(road, export, "2", appStatus="1")
    sent = road.send("seller", "CEB213", asked)
    assert sent["documents"][0]["status"] == "1"
    assert left(road, export)["left"] == "2"
    id = sent["documents"][0]["id"]
    assert road.get("customs_officer", f"/api/v1/goods-returns/{id}").status_code == 404
    filed_now = {**asked, "head": asked["head"] | {"appStatus": "2", "appTime": later(1)}}
    assert road.send("seller", "CEB213", filed_now)["documents"][0]["id"] == id
    assert left(road, export)["left"] == "0"


def test_one_message_cannot_ask_twice_for_the_same_goods(road):
    export = exported(road)
    sent = road.send("seller", "CEB213", request(road, export, "1"), request(road, export, "2"))
    assert [one["status"] for one in sent["documents"]] == ["2", "-213201"]
    assert findings(sent, 1)[0] == "CU6311"
    assert "只剩1可退" in sent["documents"][1]["findings"][0]["message"]["zh"]


# --- tallies


def test_a_tally_of_nothing_of_another_office_or_twice_is_refused(road):
    id, asked, _ = filed(road)
    waybill = asked["head"]["logisticsNo"]
    assert findings(road.send("operator", "CEB215", tally(road, "NOBODY-1"))) == ["CU6350"]
    unknown = tally(road, waybill, {"gnum": "9", "qty": "1"})
    assert findings(road.send("operator", "CEB215", unknown)) == ["CU6354"]
    assert findings(road.send("operator", "CEB215", tally(road, waybill, {"gnum": "1", "qty": "x"}))) == ["CU6355"]
    assert findings(road.send("operator_441600", "CEB215", tally(road, waybill, key="operator_441600"))) == ["CU2006"]
    assert findings(road.send("operator", "CEB215", tally(road, waybill))) == []
    assert findings(road.send("operator", "CEB215", tally(road, waybill))) == ["CU6351"]
    assert read(road, id)["tally"]["operator_name"] == road.firm("operator")["name"]


def test_a_return_that_names_its_site_is_tallied_there(road):
    export = exported(road)
    assert refused(road, export, loctNo="NOWHERE") == [("CU6323", "loctNo")]
    with road.factory() as session:
        own = next(one for one in sites_on(session, clock.today()) if one.operator_id == road.firm("operator")["id"])
    _, asked, _ = filed(road, export=export, customsCode=own.office_code, loctNo=own.loct_no)
    waybill = asked["head"]["logisticsNo"]
    with road.factory() as session, session.begin():
        session.execute(text("UPDATE goods_return SET loct_no = 'ELSE' WHERE logistics_no = :no"), {"no": waybill})
    assert findings(road.send("operator", "CEB215", tally(road, waybill, customsCode=own.office_code))) == ["CU6358"]


def test_a_tally_is_changed_and_deleted_until_the_return_is_completed(road):
    id, asked, _ = filed(road, "2")
    paper = tally(road, asked["head"]["logisticsNo"], {"gnum": "1", "qty": "1"})
    road.send("operator", "CEB215", paper)
    assert read(road, id)["lines"][0]["found_qty"] == "1"
    all_there = {"head": paper["head"] | {"appType": "2", "appTime": later(1)}}
    assert findings(road.send("operator", "CEB215", all_there)) == []
    assert read(road, id)["lines"][0]["found_qty"] == "2"
    gone = {"head": paper["head"] | {"appType": "3", "appTime": later(2)}}
    assert road.send("operator", "CEB215", gone)["counts"]["accepted"] == 1
    assert read(road, id)["tally"] is None
    road.send("operator", "CEB215", tally(road, asked["head"]["logisticsNo"]))
    assert decide(road, id, "release").get_json()["completed"]
    last = road.send("operator", "CEB215", tally(road, asked["head"]["logisticsNo"]))
    assert findings(last) == ["CU6351"]


def test_goods_that_came_after_the_time_for_returns_wait_for_customs(road):
    export = exported(road)
    id, asked, _ = filed(road, export=export)
    decide(road, id, "release")
    with road.factory() as session, session.begin():
        session.execute(
            text("UPDATE goods_return SET deadline = :day WHERE id = :id"),
            {"day": clock.today() - timedelta(days=1), "id": id},
        )
    assert findings(road.send("operator", "CEB215", tally(road, asked["head"]["logisticsNo"]))) == ["CU6357"]
    assert read(road, id)["status"] == "600"


def test_nothing_found_cannot_be_released(road):
    id, asked, _ = filed(road)
    road.send("operator", "CEB215", tally(road, asked["head"]["logisticsNo"], {"gnum": "1", "qty": "0"}))
    answer = decide(road, id, "release")
    assert answer.status_code == 409
    assert answer.get_json()["findings"][0]["rule"] == "CU6335"


def test_the_record_of_an_export_whose_goods_come_back_cannot_be_changed(road):
    export = exported(road)
    id, _, _ = filed(road, export=export)

    def stopped():
        with road.factory() as session:
            situation = situation_of(session, session.get(Checklist, export["id"]))
            return [one.rule for one in blocked(situation, law(), clock.today())]

    assert "CU6339" in stopped()
    decide(road, id, "reject", "证明不全")
    assert "CU6339" not in stopped()


# --- the officer


def test_decisions_that_do_not_fit_are_refused(road):
    id, _, _ = filed(road)
    assert decide(road, id, "burn").status_code == 422
    assert decide(road, id, "suspend").status_code == 422
    assert decide(road, id, "suspend", "请补充拒收记录").status_code == 200
    assert decide(road, id, "suspend", "再等等").status_code == 409
    assert decide(road, id, "hand_over", "移交缉私").get_json()["status"] == "505"
    assert decide(road, id, "release").status_code == 409
    assert decide(road, id, "inspect").get_json()["status"] == "500"
    assert decide(road, id, "release").get_json()["status"] == "800"
    assert decide(road, id, "reject", "x").status_code == 409


def test_two_officers_at_once_one_wins_and_the_other_is_told(road):
    id, _, _ = filed(road)

    def call(words):
        key, decision = words
        body = {"decision": decision, "text": "同时"}
        path = f"/api/v1/goods-returns/{id}/decisions"
        return road.app.test_client().post(path, json=body, headers=road.headers(key)).status_code

    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(call, [("customs_officer", "release"), ("customs_officer2", "reject")]))
    assert sorted(codes) == [200, 409]


def test_without_grounds_nothing_is_released_and_the_firm_adds_them_with_proof(road):
    export = exported(road)
    asked = request(road, export)
    del asked["grounds"]
    sent = road.send("seller", "CEB213", asked)
    assert findings(sent) == ["CU6319"]
    id = sent["documents"][0]["id"]
    assert decide(road, id, "release").status_code == 409
    path = f"/api/v1/goods-returns/{id}"

    def put(body, key="seller"):
        return road.client.put(f"{path}/grounds", json=body, headers=road.headers(key))

    assert put({"reason": "unsold", "proof": "refusal"}).status_code == 422
    assert put({"reason": "unsold", "proof": "self_declaration"}, "seller2").status_code == 404
    given = {"reason": "unsold", "proof": "self_declaration", "certificate": "not_refunded", "certificate_no": "N-1"}
    assert put(given).status_code == 200
    assert [one["open"] for one in read(road, id)["clocks"]] == [True, True]
    assert read(road, id)["lines"][0]["relief"]
    upload = {"file": (io.BytesIO(b"%PDF-1.7 proof"), "../申明.pdf")}
    made = road.client.post(f"{path}/files", data=upload, headers=road.headers("seller"))
    assert made.status_code == 201, made.get_json()
    assert made.get_json()["name"] == "申明.pdf"
    file = f"{path}/files/{made.get_json()['id']}"
    assert road.get("customs_officer", file).data == b"%PDF-1.7 proof"
    assert road.get("customs_officer", file).headers["Content-Disposition"].startswith("attachment")
    assert road.get("seller2", file).status_code == 404
    script = {"file": (io.BytesIO(b"<script>"), "x.pdf")}
    assert road.client.post(f"{path}/files", data=script, headers=road.headers("seller")).status_code == 422
    assert decide(road, id, "release").status_code == 200
    assert put(given).status_code == 409


def test_a_strangers_eyes_find_nothing(road):
    id, _, export = filed(road)
    path = f"/api/v1/goods-returns/{id}"
    for owner in ("seller", "operator", "customs_officer", "auditor", "tax_officer", "zone_manager"):
        assert road.get(owner, path).status_code == 200, owner
    for stranger in ("seller2", "seller_441600", "operator_441600"):
        assert road.get(stranger, path).status_code == 404, stranger
        assert road.get(stranger, f"/returns/{id}").status_code == 404, stranger
    shown = road.get("operator", path).get_json()
    assert (shown["returned"], shown["decisions"]) == ([], [])
    assert (
        road.get("seller2", f"/api/v1/goods-returns/returnable?checklist_id={export['id']}").get_json()["items"] == []
    )


# --- two people at the same moment


def test_many_at_once_never_bring_back_more_than_was_exported(road):
    export = exported(road)
    ids = []
    for key in ("seller", "agent", "seller", "agent", "seller", "agent"):
        body = {"type": "CEB213", "documents": [request(road, export, "1", key=key)]}
        ids.append((key, road.post(key, "/api/v1/messages", body).get_json()["id"]))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: process_message(road.factory, one[1], clock.now()), ids))
    answers = [road.get(key, f"/api/v1/messages/{id}").get_json() for key, id in ids]
    assert sum(one["counts"]["accepted"] for one in answers) == 2
    assert left(road, export)["left"] == "0"
    told = [one["documents"][0]["findings"][0]["rule"] for one in answers if one["counts"]["rejected"]]
    assert told == ["CU6311"] * 4


@pytest.mark.parametrize("turn", range(3))
def test_release_and_tally_at_the_same_moment_complete_a_return_once(road, turn):
    id, asked, _ = filed(road)
    body = {"type": "CEB215", "documents": [tally(road, asked["head"]["logisticsNo"])]}
    message = road.post("operator", "/api/v1/messages", body).get_json()["id"]
    path, headers = f"/api/v1/goods-returns/{id}/decisions", road.headers("customs_officer")
    decision = {"decision": "release"}
    with ThreadPoolExecutor(2) as pool:
        released_ = pool.submit(lambda: road.app.test_client().post(path, json=decision, headers=headers).status_code)
        pool.submit(process_message, road.factory, message, clock.now()).result()
    assert released_.result() == 200
    shown = read(road, id)
    assert shown["completed"]
    assert [one["kind"] for one in shown["events"]].count("goods_return.completed") == 1
    assert len(shown["returned"]) == 1


# --- planning and filing over the API


def transport(**changes):
    return {"traf_mode": "5", "traf_name": "CZ3100", "voyage_no": "CZ3100", "country": "502", "reason": "滞销",
            "grounds": {"reason": "unsold", "proof": "self_declaration"}} | changes  # fmt: skip


def test_a_list_is_matched_oldest_first_and_what_finds_none_is_refused_alone(road):
    first, second = exported(road), exported(road)
    change(road, first["id"], released_at=clock.now() - timedelta(days=40))
    for export in (first, second):
        with road.factory() as session, session.begin():
            session.execute(
                text("UPDATE checklist_line SET item_no = 'BULK-7' WHERE checklist_id = :id"), {"id": export["id"]}
            )
    rows = [{"item_no": "BULK-7", "qty": "3"}, {"item_no": "NO-SUCH", "qty": "1"}, {"item_no": "BULK-7", "qty": "2"}]
    rows += [{"item_no": "BULK-7", "qty": "-1"}]
    made = road.post("seller", "/api/v1/goods-returns/matching", {"rows": rows}).get_json()
    assert [(one["row"], one["checklist_id"], one["qty"]) for one in made["plan"]] == [
        (1, first["id"], "2"),
        (1, second["id"], "1"),
    ]
    told = [(one["row"], one["findings"][0]["rule"]) for one in made["refused"]]
    assert told == [(4, "CU6342"), (2, "CU6340"), (3, "CU6341")]
    assert left(road, first)["pending"] == "0"
    origins = [
        {"checklist_id": one["checklist_id"], "lines": [{"gnum": one["gnum"], "qty": one["qty"]}]}
        for one in made["plan"]
    ]
    body = transport(origins=[*origins, {"invt_no": "519020269E00000009"}])
    answer = road.post("seller", "/api/v1/goods-returns", body)
    assert answer.status_code == 202, answer.get_json()
    given = answer.get_json()
    assert [one["findings"][0]["rule"] for one in given["refused"]] == ["CU6340"]
    for message in given["messages"]:
        process_message(road.factory, message["id"], clock.now())
    shown = road.get("seller", given["messages"][0]["links"]["message"]).get_json()
    assert shown["counts"] == {"documents": 2, "accepted": 2, "rejected": 0}, shown
    assert (left(road, first)["left"], left(road, second)["left"]) == ("0", "1")


def test_a_request_without_anything_of_ones_own_is_refused(road):
    export = exported(road)
    body = transport(origins=[{"invt_no": export["invt_no"]}])
    assert road.post("seller2", "/api/v1/goods-returns", body).status_code == 422
    assert road.post("seller", "/api/v1/goods-returns", transport()).status_code == 422
    body = transport(origins=[{"invt_no": export["invt_no"], "lines": [{"gnum": 7, "qty": "1"}]}])
    answer = road.post("seller", "/api/v1/goods-returns", body)
    assert (answer.status_code, answer.get_json()["findings"][0]["rule"]) == (422, "CU6309")


def test_a_request_in_the_form_of_the_standard_goes_the_same_road(road):
    export = exported(road)
    answer = road.post("seller", "/api/v1/goods-returns", {"documents": [request(road, export)]})
    assert answer.status_code == 202
    process_message(road.factory, answer.get_json()["messages"][0]["id"], clock.now())
    assert left(road, export)["pending"] == "1"


def test_a_declaration_line_leads_to_the_checklist_lines_behind_it(road):
    export = exported(road)
    firm = road.firm("seller")["id"]
    with road.factory() as session, session.begin():
        id = new_ids(session, 1, clock.today())[0]
        session.execute(
            text(
                "INSERT INTO declaration (id, application_id, decl_seq_no, zone_code, customs_code, trade_mode, "
                "consignor_id, declarant_id, traf_mode, country, port_code, gross_weight, net_weight, checklists, "
                "made_at, entry_id) VALUES (:id, 1, :seq, '440200', '5190', '9610', :firm, :firm, '5', '502', '5190', "
                "1, 1, 1, :at, :entry)"
            ),
            {"id": id, "seq": f"S{id}", "firm": firm, "at": clock.now(), "entry": f"E{id}"},
        )
        session.execute(
            text("DELETE FROM declaration_source WHERE checklist_id = :checklist"), {"checklist": export["id"]}
        )
        session.execute(
            text(
                "INSERT INTO declaration_source (checklist_id, gnum, declaration_id, line_no, live) "
                "VALUES (:checklist, 1, :id, 4, true)"
            ),
            {"checklist": export["id"], "id": id},
        )
    path = "/api/v1/goods-returns/returnable?declaration="
    found = road.get("seller", f"{path}E{id}&line=4").get_json()["items"]
    assert [(one["checklist_id"], one["gnum"], one["left"]["qty"]) for one in found] == [(export["id"], 1, "2")]
    assert [one["decision"] for one in found[0]["clocks"]] == ["customs.return", "tax.return-relief"]
    assert road.get("seller", f"{path}E{id}&line=5").status_code == 404
    assert road.get("seller2", f"{path}E{id}&line=4").status_code == 404


# --- the two clocks, and the standard's own form


def clocks(road, export):
    found = road.get("seller", f"/api/v1/goods-returns/returnable?checklist_id={export['id']}").get_json()["items"]
    return found[0]["clocks"]


def test_the_two_clocks_run_side_by_side_each_by_its_rule(road):
    export = exported(road)
    assert [(one["rule"], one["open"]) for one in clocks(road, export)] == [("CU7062", True), ("TX7002", True)]
    gone = clock.now() - timedelta(days=200)
    change(road, export["id"], released_at=gone, left_at=gone, closed_at=gone)
    procedure, relief = clocks(road, export)
    assert (procedure["open"], relief["open"]) == (True, False)
    assert [one["rule"] for one in relief["unmet"]] == ["TX7002"]
    assert procedure["days_left"] > 0 > relief["days_left"]
    assert "2020年第44号" in procedure["document"]
    assert "公告20" in relief["document"]


def test_food_is_told_not_to_be_free_of_tax(road):
    export = exported(road)
    with road.factory() as session, session.begin():
        session.execute(
            text("UPDATE checklist_line SET gcode = '1902303000' WHERE checklist_id = :id"), {"id": export["id"]}
        )
    assert [one["rule"] for one in clocks(road, export)[1]["unmet"]] == ["TX7004"]


def test_the_standards_own_form_goes_the_same_road_and_is_answered_in_it(road):
    export, firm = exported(road), road.firm("seller")
    asked = request(road, export)
    head = {"guid": str(uuid.uuid4()).upper(), "appType": "1", "appTime": later(0), "appStatus": "2", **asked["head"]}
    transfer = {"copCode": firm["customs_code"], "copName": firm["name"], "dxpMode": "DXP", "dxpId": "DXPENT0001"}
    raw = message_xml("CEB213", [NewDocument(head, asked["lines"])], transfer, str(uuid.uuid4()).upper())
    sent = road.client.post(
        "/api/v1/messages", data=raw, content_type="application/xml", headers=road.headers("seller")
    ).get_json()
    process_message(road.factory, sent["id"], clock.now())
    shown = road.get("seller", sent["links"]["self"]).get_json()
    assert findings(shown) == ["CU6319"]
    answer = road.get("seller", sent["links"]["responses"], Accept="application/xml")
    root = etree.fromstring(answer.data)
    assert etree.QName(root).localname == "CEB214Message"
    said = {etree.QName(one).localname: one.text for one in root.iter()}
    assert (said["returnStatus"], said["coElNo"], said["invtNo"]) == ("300", head["coElNo"], export["invt_no"])


# --- pages: what cannot be done is told at its field, and nothing is half done


def page(road, key, path, data=None, lang="zh"):
    headers = road.headers(key) | {"Accept": "text/html"}
    path = f"{path}{'&' if '?' in path else '?'}lang={lang}"
    answer = (
        road.client.get(path, headers=headers) if data is None else road.client.post(path, data=data, headers=headers)
    )
    return answer.status_code, answer.get_data(as_text=True)


def test_pages_say_what_is_wrong_and_keep_what_was_written(road):
    id, _, _ = filed(road)
    code, text_ = page(road, "customs_officer", f"/returns/{id}/decision", {"decision": "reject", "text": ""})
    assert (code, "请写明理由" in text_) == (422, True)
    code, text_ = page(road, "customs_officer", f"/returns/{id}/decision", {"decision": "", "text": "留着的话"})
    assert (code, "留着的话" in text_) == (422, True)
    grounds = {"reason_kind": "unsold", "proof_kind": "refusal"}
    code, text_ = page(road, "seller", f"/returns/{id}/grounds", grounds, lang="en")
    assert (code, "For the reason “Unsold” the proof is" in text_) == (422, True)
    wrong = {"file": (io.BytesIO(b"MZ"), "proof.pdf")}
    code, text_ = page(road, "seller", f"/returns/{id}/files", wrong)
    assert (code, "PDF、PNG或JPEG" in text_) == (422, True)
    assert read(road, id)["files"] == []
    assert read(road, id)["status"] == "300"


def test_a_list_that_finds_nothing_and_a_form_without_quantities_come_back(road):
    code, text_ = page(road, "seller", "/returns/plan", {"rows": "NO-SUCH-ITEM 1"})
    assert (code, "没有您可退的出口清单或商品" in text_, "NO-SUCH-ITEM 1" in text_) == (422, True, True)
    assert page(road, "seller", "/returns/plan", {"rows": " "})[0] == 422
    export = exported(road)
    field = f"pick-{export['id']}-1"
    form = {"form": "0" * 32, "origin": str(export["id"]), "reason": "滞销的货"}
    code, text_ = page(road, "seller", "/returns", form)
    assert (code, "滞销的货" in text_, field in text_) == (422, True, True)
    code, text_ = page(road, "seller", "/returns", form | {field: "1,5"})
    assert (code, "1,5" in text_) == (422, True)
    assert left(road, export)["pending"] == "0"


def test_a_form_sent_twice_is_one_request(road):
    export = exported(road)
    form = {
        "form": "a" * 26 + f"{export['id'] % 10**6:06d}", f"pick-{export['id']}-1": "1", "trafMode": "5",
        "trafName": "CZ1", "voyageNo": "CZ1", "reason": "滞销", "country": "502", "reason_kind": "unsold",
        "proof_kind": "self_declaration",
    }  # fmt: skip
    headers = road.headers("seller") | {"Accept": "text/html"}
    places = {road.client.post("/returns", data=form, headers=headers).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    message = int(places.pop().rpartition("/")[2])
    process_message(road.factory, message, clock.now())
    assert left(road, export)["pending"] == "1"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everybody_concerned_opens_the_pages_in_both_languages(road, lang):
    id, _, export = filed(road)
    for key in ("seller", "operator", "customs_officer", "tax_officer", "zone_manager", "auditor"):
        assert page(road, key, "/returns", lang=lang)[0] == 200, key
        assert page(road, key, f"/returns/{id}", lang=lang)[0] == 200, key
    for path in ("/returns/possible", f"/returns/possible?q={export['invt_no']}", f"/returns/new?change={id}"):
        assert page(road, "seller", path, lang=lang)[0] == 200, path
    assert page(road, "seller", f"/parcels/{export['id']}", lang=lang)[0] == 200
    assert page(road, "seller2", f"/returns/new?checklist={export['id']}", lang=lang)[0] == 404
    assert page(road, "seller", "/returns/new?declaration=NONE&line=1", lang=lang)[0] == 404
    assert page(road, "seller2", f"/returns/new?change={id}", lang=lang)[0] == 404
