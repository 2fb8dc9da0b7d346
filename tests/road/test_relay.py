"""A parcel of a relay office on the whole road: filed, relayed, answered by customs, read by its parties."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from common import clock
from common.audit import set_context
from credit.zones import OfficeSetting, set_office
from customs.messages.responses import return_time
from tests.road.papers import number
from tests.road.returns import exported, request, tally

OFFICE = "5191"
CEB = "http://www.chinaport.gov.cn/ceb"


@contextmanager
def relaying(road, office):
    """Customs' own system decides at an office of the seller's zone for a while."""

    def turn(mode):
        with road.factory() as session, session.begin():
            set_context(session, actor="test", at=clock.now())
            setting = OfficeSetting("440200", office, clock.today(), mode=mode, early_declaration=True)
            set_office(session, setting, by="test", at=clock.now())

    turn("relay")
    yield office
    turn("decide")


@pytest.fixture
def relay_office(road):
    """Office 5191 of the seller's zone relays, during the test."""
    with relaying(road, OFFICE) as office:
        yield office


def answer(type, element, **fields):
    body = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><{type}Message xmlns="{CEB}" guid="{"A" * 36}" '
        f'version="1.0"><{element}>{body}</{element}></{type}Message>'
    ).encode()


def receive(road, raw):
    done = road.client.post(
        "/api/v1/customs-responses", data=raw, content_type="application/xml", headers=road.headers("data_steward")
    )
    assert done.status_code == 200, done.get_json()
    return done.get_json()["counts"]


def relay(road):
    """The connector fetches what waits and sends it."""
    items = road.get("data_steward", "/api/v1/outbox?zone_code=440200").get_json()["items"]
    for one in items:
        assert road.post("data_steward", f"/api/v1/outbox/{one['id']}/sent", {}).status_code == 200
    return items


def test_a_relayed_parcel_waits_goes_out_and_follows_customs_alone(road, relay_office):
    parcel = road.sale(office=relay_office)
    filed = parcel.send_checklist()
    assert filed["documents"][0]["findings"] == []
    parcel.send_order()
    assert relay(road) == []
    parcel.send_waybill()
    assert parcel.status(filed) == "2"
    sent = relay(road)
    assert [one["type"] for one in sent] == ["CEB303", "CEB505", "CEB603"]
    assert parcel.status(filed) == "3"
    seller, at = road.firm("seller"), clock.now() + timedelta(seconds=1)
    own = {"guid": "G" * 36, "agentCode": seller["customs_code"], "copNo": parcel.cop_no}
    invt = f"5191{clock.today().year}E{int(number('1')[-6:]):09d}"
    said = {"returnTime": return_time(at), "returnInfo": "[Code:2600;Desc:放行]"}
    raw = answer("CEB604", "InventoryReturn", **own, invtNo=invt, returnStatus="800", **said)
    assert receive(road, raw) == {"applied": 1}
    assert parcel.status(filed) == "800"
    responses = road.get("seller", f"/api/v1/messages/{filed['id']}/responses").get_json()
    last = responses["items"][-1]
    assert "[Code:2600;Desc:放行]" in str(last)
    assert invt in str(last)


def test_a_checklist_of_a_relay_office_is_not_decided_here(road, relay_office):
    parcel = road.sale(office=relay_office)
    parcel.send_order()
    parcel.send_waybill()
    filed = parcel.send_checklist()
    id = filed["documents"][0]["id"]
    refused = road.post("customs_officer", f"/api/v1/checklists/{id}/decisions", {"decision": "release"})
    assert refused.status_code == 409
    assert parcel.status(filed) == "2"
    relay(road)


def test_changed_content_goes_out_instead_of_what_was_filed_first(road, relay_office):
    parcel = road.sale(office=relay_office)
    parcel.send_order()
    parcel.send_waybill()
    filed = parcel.send_checklist()
    later = (clock.now() + timedelta(seconds=2)).strftime("%Y%m%d%H%M%S")
    changed = parcel.send_checklist(appType="2", note="改", appTime=later)
    assert changed["documents"][0]["findings"] == []
    items = [one for one in relay(road) if one["checklist_id"] == filed["documents"][0]["id"]]
    assert [one["type"] for one in items] == ["CEB303", "CEB505", "CEB603"]
    assert ">改</" in items[2]["payload"]


def released_by_customs(road, office):
    """A parcel that customs' own system has released: its papers, its message, and the number customs gave it."""
    parcel = road.sale(office=office)
    parcel.send_order()
    parcel.send_waybill()
    sent = parcel.send_checklist()
    relay(road)
    invt = f"{office}{clock.today().year}E{int(number('1')[-6:]):09d}"
    own = {"guid": "G" * 36, "agentCode": road.firm("seller")["customs_code"], "copNo": parcel.cop_no, "invtNo": invt}
    at = return_time(clock.now() + timedelta(seconds=1))
    raw = answer("CEB604", "InventoryReturn", **own, returnStatus="800", returnTime=at, returnInfo="放行")
    assert receive(road, raw) == {"applied": 1}
    return parcel, sent, invt


def statuses(road, key, message):
    items = road.get(key, message["links"]["responses"]).get_json()["items"]
    return [one["returnStatus"] for one in items]


def test_a_cancellation_at_a_relay_office_is_answered_by_customs_alone(road, relay_office):
    parcel, filed, invt = released_by_customs(road, relay_office)
    firm = road.firm("seller")
    head = {
        "customsCode": relay_office, "copNo": number("X"), "invtNo": invt, "reason": "买家取消",
        "agentCode": firm["customs_code"], "agentName": firm["name"], "ebcCode": firm["customs_code"],
        "ebcName": firm["name"],
    }  # fmt: skip
    asked = road.send("seller", "CEB605", {"head": head})
    assert asked["counts"]["accepted"] == 1, asked
    [out] = relay(road)
    assert (out["type"], out["checklist_id"]) == ("CEB605", None)
    assert (parcel.status(filed), statuses(road, "seller", asked)) == ("800", ["2", "3"])
    id = asked["documents"][0]["id"]
    for page in ("/desk/cancellations", f"/requests/cancellation/{id}"):
        shown = road.get("customs_officer", page, Accept="text/html").get_data(as_text=True)
        assert "已转海关系统" in shown
        assert f"{id}/decision" not in shown
    refused = road.post("customs_officer", f"/api/v1/cancellations/{id}/decisions", {"decision": "approve"})
    assert (refused.status_code, refused.get_json()["findings"][0]["rule"]) == (409, "CU4058")
    own = {"guid": "G" * 36, "agentCode": firm["customs_code"], "copNo": head["copNo"], "preNo": "C" * 18}
    at = return_time(clock.now() + timedelta(seconds=2))
    raw = answer("CEB606", "InvtCancelReturn", **own, invtNo=invt, returnStatus="399", returnTime=at, returnInfo="同意")
    assert receive(road, raw) == {"applied": 1}
    assert (parcel.status(filed), statuses(road, "seller", asked)) == ("100", ["2", "3", "399"])


def test_a_return_at_a_relay_office_is_answered_and_completed_by_customs_alone(road):
    asked = request(road, exported(road))
    with relaying(road, "5190"):
        sent = road.send("seller", "CEB213", asked)
        done = tally(road, asked["head"]["logisticsNo"])
        tallied = road.send("operator", "CEB215", done)
    assert sent["counts"]["accepted"] == 1, sent
    assert tallied["counts"]["accepted"] == 1, tallied
    assert [one["type"] for one in relay(road)] == ["CEB213", "CEB215"]
    id, at = sent["documents"][0]["id"], return_time(clock.now() + timedelta(seconds=1))
    refused = road.post("customs_officer", f"/api/v1/goods-returns/{id}/decisions", {"decision": "release"})
    assert (refused.status_code, refused.get_json()["findings"][0]["rule"]) == (409, "CU8015")
    keys = {"guid": "G" * 36, "coElNo": asked["head"]["coElNo"], "invtNo": asked["head"]["invtNo"]}
    keys |= {"agentCode": asked["head"]["agentCode"]}
    said = {"returnStatus": "800", "returnTime": at, "returnInfo": "放行"}
    assert receive(road, answer("CEB214", "RefundReturn", **keys, **said)) == {"applied": 1}
    shown = road.get("seller", f"/returns/{id}", Accept="text/html").get_data(as_text=True)
    assert "理货单已转海关系统" in shown
    keys = {one: done["head"][one] for one in ("operatorCode", "logisticsCode", "logisticsNo", "coElNo")}
    said = {"returnStatus": "399", "returnTime": at, "returnInfo": "审结"}
    raw = answer("CEB216", "InvtRefundDetailReturn", guid="G" * 36, **keys, **said)
    assert receive(road, raw) == {"applied": 1}
    shown = road.get("seller", f"/api/v1/goods-returns/{id}").get_json()
    assert (shown["status"], shown["completed"], shown["returned"][0]["qty"]) == ("800", True, "1")
    assert statuses(road, "seller", sent) == ["2", "3", "800"]
    assert statuses(road, "operator", tallied) == ["2", "3", "399"]
