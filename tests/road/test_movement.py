"""From the site's gate to the border: what was weighed, what waited for its goods, what left."""

from tests.road.papers import number


def arrival(road, waybills, office="5190", weighed=None, operator="operator"):
    """CEB507 of the demo's site for these waybills; kilograms by waybill where they were weighed."""
    firm, carrier = road.firm(operator), road.firm("logistics")
    head = {
        "customsCode": office, "copNo": number("A"), "operatorCode": firm["customs_code"],
        "operatorName": firm["name"], "ieFlag": "E", "trafMode": "4", "domesticTrafNo": "粤F12345",
        "logisticsCode": carrier["customs_code"], "logisticsName": carrier["name"], "msgCount": "1", "msgSeqNo": "1",
    }  # fmt: skip
    lines = [{"gnum": str(n), "logisticsNo": one} for n, one in enumerate(waybills, 1)]
    document = {"head": head, "lines": lines} | ({"weighed_gross": weighed} if weighed else {})
    return road.send(operator, "CEB507", document)


def departure(road, waybills, office="5190"):
    """CEB509 of the demo's carrier."""
    from common import clock

    carrier = road.firm("logistics")
    head = {
        "customsCode": office, "copNo": number("L"), "logisticsCode": carrier["customs_code"],
        "logisticsName": carrier["name"], "trafMode": "5", "trafName": "CZ3099", "voyageNo": "CZ3099",
        "billNo": number("B"), "leaveTime": clock.now().strftime("%Y%m%d%H%M%S"), "msgCount": "1", "msgSeqNo": "1",
    }  # fmt: skip
    lines = [{"gnum": str(n), "logisticsNo": one} for n, one in enumerate(waybills, 1)]
    return road.send("logistics", "CEB509", {"head": head, "lines": lines})


def released(road):
    """A parcel of the seller that the draw left alone, released."""
    for _ in range(20):
        parcel = road.sale()
        parcel.send_order()
        parcel.send_waybill()
        sent = parcel.send_checklist()
        if parcel.status(sent) == "800":
            return parcel, sent
    raise AssertionError("twenty ordinary parcels and none released")


def test_a_released_parcel_arrives_leaves_and_is_closed(road):
    parcel, sent = released(road)
    came = arrival(road, [parcel.waybill_no])
    assert came["counts"] == {"documents": 1, "accepted": 1, "rejected": 0}, came
    left = departure(road, [parcel.waybill_no])
    assert left["counts"]["accepted"] == 1, left
    assert parcel.status(sent) == "899"
    answers = road.get("seller", sent["links"]["responses"]).get_json()["items"]
    assert [one["returnStatus"] for one in answers] == ["2", "120", "399", "800", "899"]
    assert answers[0].get("invtNo", "") == ""
    assert answers[-1]["invtNo"].startswith("5190")


def test_a_departure_of_an_unreleased_parcel_is_refused_for_that_parcel(road):
    parcel, sent = released(road)
    waiting = road.sale()
    still = waiting.send_checklist()
    arrival(road, [parcel.waybill_no, waiting.waybill_no])
    left = departure(road, [parcel.waybill_no, waiting.waybill_no])
    assert left["counts"]["accepted"] == 1
    assert [finding["pointer"] for finding in left["documents"][0]["findings"]] == [
        "/Departure/0/DepartureList/1/logisticsNo"
    ]
    assert (parcel.status(sent), waiting.status(still)) == ("899", "2")


def test_a_parcel_weighed_before_its_checklist_came_is_held_when_the_scale_disagrees(road):
    parcel = road.sale()
    parcel.send_order()
    parcel.send_waybill()
    arrival(road, [parcel.waybill_no], weighed={parcel.waybill_no: "5"})
    sent = parcel.send_checklist()
    assert parcel.status(sent) in ("300", "500", "800")
    left = departure(road, [parcel.waybill_no])
    assert parcel.status(sent) != "899", left
