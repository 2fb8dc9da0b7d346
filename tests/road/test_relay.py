"""A parcel of a relay office on the whole road: filed, relayed, answered by customs, read by its parties."""

from datetime import timedelta

import pytest

from common import clock
from common.audit import set_context
from credit.zones import OfficeSetting, set_office
from customs.messages.responses import return_time
from tests.road.papers import number

OFFICE = "5191"
CEB = "http://www.chinaport.gov.cn/ceb"


@pytest.fixture
def relay_office(road):
    """Office 5191 of the seller's zone relays, during the test."""

    def turn(mode):
        with road.factory() as session, session.begin():
            set_context(session, actor="test", at=clock.now())
            setting = OfficeSetting("440200", OFFICE, clock.today(), mode=mode, early_declaration=True)
            set_office(session, setting, by="test", at=clock.now())

    turn("relay")
    yield OFFICE
    turn("decide")


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
