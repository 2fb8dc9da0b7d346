"""One parcel through the main road: any order of papers, the first answer, the tier's path, the responses."""

import itertools

import pytest


def rules(message, index=0):
    return [finding["rule"] for finding in message["documents"][index]["findings"]]


@pytest.mark.parametrize("order", list(itertools.permutations(["order", "waybill", "checklist"])))
def test_a_parcel_is_stored_once_its_papers_are_there_in_whatever_order_they_come(road, order):
    parcel = road.sale()
    sent = {name: getattr(parcel, f"send_{name}")() for name in order}
    assert [sent[name]["documents"][0]["status"] for name in order] == ["2", "2", "2"], sent
    assert parcel.status(sent["checklist"]) in ("300", "500", "800")
    answers = road.get("seller", f"/api/v1/messages/{sent['checklist']['id']}/responses").get_json()["items"]
    assert [one["returnStatus"] for one in answers][:2] == ["2", "120"]


def test_an_ordinary_parcel_is_released_unless_drawn(road):
    states = []
    for _ in range(10):
        parcel = road.sale()
        parcel.send_order()
        parcel.send_waybill()
        states.append(parcel.status(parcel.send_checklist()))
    assert states.count("800") >= 5, states
