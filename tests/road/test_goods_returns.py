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
