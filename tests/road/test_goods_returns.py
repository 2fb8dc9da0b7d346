"""Goods returns on the road: from the request through review and tally to completion, and every way to be refused."""

from tests.road.returns import exported, findings, request, tally


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
