"""Goods returns on the road: review, tally and completion, changes, officers, and two people at the same moment."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from common import clock
from credit.subjects import sites_on
from customs.intake.process import process_message
from tests.road.returns import decide, exported, filed, findings, later, left, read, refused, request, tally


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


def test_a_line_that_is_altered_in_part_is_told_in_two_rows_that_add_up(road):
    id, asked, _ = filed(road, "2")
    decide(road, id, "release")
    rows = [
        {"gnum": "1", "qty": "1", "condition": "as_exported"},
        {"gnum": "1", "qty": "1", "condition": "altered", "note": "一件缺吊牌"},
    ]
    sent = road.send("operator", "CEB215", tally(road, asked["head"]["logisticsNo"], *rows))
    assert findings(sent) == ["CU6356"]
    (line,) = read(road, id)["lines"]
    assert (line["found_qty"], line["altered_qty"], line["altered"], line["found_note"]) == (
        "2",
        "1",
        True,
        "一件缺吊牌",
    )
    assert decide(road, id, "release").get_json()["completed"]
    (back,) = read(road, id)["returned"]
    assert (back["qty"], back["altered_qty"]) == ("2", "1")


def test_what_came_back_counts_in_the_month_of_its_completion_apart_from_the_exports(road):
    id, asked, _ = filed(road)
    road.send("operator", "CEB215", tally(road, asked["head"]["logisticsNo"]))
    month = clock.today().isoformat()[:7]

    def lines(key, month=month):
        found = road.get(key, f"/api/v1/goods-returns/months/{month}?limit=500").get_json()
        return found["sums"], [one for one in found["items"] if one["return_id"] == id]

    before, none = lines("customs_officer")
    assert none == []
    decide(road, id, "release")
    sums, (line,) = lines("customs_officer")
    assert (line["qty"], line["amount"], line["trade_mode"], line["altered_qty"]) == ("1", "15.5", "9661", "0")
    mine = {(one["trade_mode"], one["currency"]): one for one in sums}[line["trade_mode"], line["currency"]]
    older = {(one["trade_mode"], one["currency"]): one for one in before}
    last = older.get((line["trade_mode"], line["currency"]), {"lines": 0, "amount": "0"})
    assert (mine["lines"], Decimal(mine["amount"])) == (last["lines"] + 1, Decimal(last["amount"]) + Decimal("15.5"))
    assert lines("seller")[1] == [line]
    assert lines("seller2")[1] == []
    assert lines("seller", "2020-01") == ([], [])
    assert road.get("seller", "/api/v1/goods-returns/months/2026-13").status_code == 404
    assert road.get("operator", f"/api/v1/goods-returns/months/{month}").status_code == 403
    for key in ("seller", "auditor"):
        shown = road.client.get(f"/returns/months/{month}", headers=road.headers(key) | {"Accept": "text/html"})
        assert (shown.status_code, asked["head"]["invtNo"] in shown.get_data(as_text=True)) == (200, True)


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


def test_what_comes_back_of_an_export_has_to_remain_in_its_record(road):
    export = exported(road)
    id, asked, _ = filed(road, export=export)

    def told():
        return road.get("seller", f"/api/v1/checklists/{export['id']}/changes").get_json()

    found = told()
    assert "CU6339" not in [one["rule"] for one in found["blocked"]]
    (limit,) = found["limits"]
    assert (limit["rule"], limit["severity"]) == ("CU6237", "warning")
    line = asked["lines"][0]
    assert f"数量是{line['qty']}（计量单位{line['unit']}" in limit["message"]["zh"]
    decide(road, id, "reject", "证明不全")
    assert told()["limits"] == []


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


def test_a_withdrawal_and_a_decision_at_the_same_moment_end_with_one_of_them(road):
    export = exported(road)
    id, asked, _ = filed(road, export=export)
    gone = {**asked, "head": asked["head"] | {"appType": "3", "appTime": later(1)}}
    message = road.post("seller", "/api/v1/messages", {"type": "CEB213", "documents": [gone]}).get_json()["id"]
    path, headers = f"/api/v1/goods-returns/{id}/decisions", road.headers("customs_officer")
    with ThreadPoolExecutor(2) as pool:
        deciding = pool.submit(
            lambda: road.app.test_client().post(path, json={"decision": "release"}, headers=headers).status_code
        )
        pool.submit(process_message, road.factory, message, clock.now()).result()
    (document,) = road.get("seller", f"/api/v1/messages/{message}").get_json()["documents"]
    refused_ = [one["rule"] for one in document["findings"]]
    assert (deciding.result(), refused_) in [(200, ["CU6316"]), (409, []), (404, [])]
    assert left(road, export)["pending"] == ("1" if deciding.result() == 200 else "0")
