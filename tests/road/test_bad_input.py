"""Bad input gets an answer, never a stack trace and never a loss: the raw bytes are kept and answered by a CEB900."""

import io
import uuid

import pytest
from lxml import etree

from common import clock
from customs.intake.process import process_message
from customs.messages.fields import CEB
from customs.messages.writing import NewDocument, message_xml

TRANSFER = {"copCode": "440296D001", "copName": "卖家", "dxpMode": "DXP", "dxpId": "DXPENT0004400001"}


def order_xml(road, parcel=None, guid=None):
    parcel = parcel or road.sale()
    written = parcel.order()
    stamp = clock.now().strftime("%Y%m%d%H%M%S")
    issued = {"guid": str(uuid.uuid4()).upper(), "appType": "1", "appTime": stamp, "appStatus": "2"}
    document = NewDocument(issued | written["head"], written["lines"])
    return message_xml("CEB303", [document], TRANSFER, guid or str(uuid.uuid4()).upper())


def post(road, raw, content_type="application/xml", **more):
    return road.client.post(
        "/api/v1/messages", data=raw, headers=road.headers("seller"), content_type=content_type, **more
    )


def finish(road, answer):
    id = answer.get_json()["id"]
    process_message(road.factory, id, clock.now())
    return road.get("seller", f"/api/v1/messages/{id}").get_json()


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a BOM"])
def test_an_xml_message_goes_the_same_road(road, start):
    message = finish(road, post(road, start + order_xml(road)))
    assert (message["state"], message["counts"]["accepted"]) == ("processed", 1)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("not XML", lambda raw: b"hello"),
        ("empty", lambda raw: b""),
        ("cut short", lambda raw: raw[:-20]),
        ("GBK bytes", lambda raw: raw.decode().encode("gb18030")),
        ("NUL", lambda raw: raw.replace(b"<ceb:note>", b"<ceb:note>").replace(b"TS-01", b"TS\x00")),
        ("UTF-16", lambda raw: raw.decode().encode("utf-16")),
        ("another namespace", lambda raw: raw.replace(CEB.encode(), b"http://example.org/ceb")),
        ("an unknown root", lambda raw: raw.replace(b"CEB303Message", b"CEB999Message")),
        ("a response", lambda raw: raw.replace(b"CEB303Message", b"CEB304Message")),
        ("a DTD", lambda raw: raw.replace(b"?>\n", b'?>\n<!DOCTYPE x [<!ENTITY a "aa">]>', 1)),
        ("too deep", lambda raw: b"<a>" * 500 + b"</a>" * 500),
    ],
)
def test_what_cannot_be_read_is_refused_at_the_door_and_kept(road, name, spoil):
    answer = post(road, spoil(order_xml(road)))
    assert answer.status_code == 422, name
    body = answer.get_json()
    assert answer.content_type == "application/problem+json"
    assert body["links"]["responses"].endswith(f"/{body['id']}/responses")
    kept = road.get("seller", f"/api/v1/messages/{body['id']}").get_json()
    assert kept["state"] == "refused"
    raw = road.get("seller", body["links"]["responses"], Accept="application/xml")
    root = etree.fromstring(raw.data)
    assert etree.QName(root).localname == "CEB900Message"
    listed = road.get("seller", body["links"]["responses"]).get_json()["items"]
    assert [one["type"] for one in listed] == ["CEB900"]
    assert int(listed[0]["returnStatus"]) < 0


def test_json_that_is_none_is_refused_at_the_door(road):
    for raw in (b"{", b"[]", b'{"type": "CEB303", "documents": [{]}', b'{"type": "CEB111", "documents": []}', b"\xff"):
        assert post(road, raw, "application/json").status_code == 422


def test_another_content_type_is_refused(road):
    assert post(road, b"x", "text/plain").status_code == 415


def test_faults_of_the_envelope_refuse_the_message_whole(road):
    raw = order_xml(road)
    transfer = raw[raw.index(b"<ceb:BaseTransfer>") : raw.index(b"</ceb:BaseTransfer>") + len(b"</ceb:BaseTransfer>")]
    order = raw[raw.index(b"<ceb:Order>") : raw.index(b"</ceb:Order>") + len(b"</ceb:Order>")]
    spoiled = {
        "two transfers": raw.replace(transfer, transfer * 2),
        "no transfer": raw.replace(transfer, b""),
        "no documents": raw.replace(order, b""),
        "101 documents": raw.replace(order, order * 101),
        "an unknown element outside": raw.replace(transfer, b"<ceb:Other/>" + transfer),
    }
    for name, one in spoiled.items():
        # another content under the same number would be a conflict: each gets its own
        own = one.replace(raw[raw.index(b'guid="') :][:43], b'guid="' + str(uuid.uuid4()).upper().encode() + b'"')
        answer = post(road, own)
        assert answer.status_code == 202, (name, answer.get_json())
        message = finish(road, answer)
        assert (message["state"], message["counts"]["accepted"]) == ("refused", 0), name
        assert message["findings"], name
        listed = road.get("seller", message["links"]["responses"]).get_json()["items"]
        assert [item["type"] for item in listed] == ["CEB900"]


def test_faults_inside_a_document_are_findings_of_that_document(road):
    raw = order_xml(road).replace(
        b"<ceb:orderType>E</ceb:orderType>", b"<ceb:orderType>EE</ceb:orderType><ceb:x>1</ceb:x>"
    )
    message = finish(road, post(road, raw))
    assert (message["state"], message["counts"]["rejected"]) == ("processed", 1)
    pointers = {finding["pointer"] for finding in message["documents"][0]["findings"]}
    assert {"/Order/0/OrderHead/orderType", "/Order/0/OrderHead/x"} <= pointers
    assert message["documents"][0]["status"] == "-302001"


def test_a_body_above_the_limit_is_refused_with_a_length_and_without(road):
    limit = road.app.config["MAX_BODY_BYTES"]
    assert post(road, b"x" * (limit + 1)).status_code == 413
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = road.client.post(
        "/api/v1/messages",
        input_stream=io.BytesIO(b"x" * (limit + 1)),
        headers=road.headers("seller"),
        content_type="application/xml",
        environ_overrides=chunked,
    )
    assert answer.status_code == 413


def test_a_document_whose_answer_cannot_name_it_is_answered_by_a_900(road):
    parcel = road.sale()
    sent = road.send("seller", "CEB603", parcel.checklist(copNo=""))
    listed = road.get("seller", sent["links"]["responses"]).get_json()["items"]
    assert [item["type"] for item in listed] == ["CEB900"]
    assert listed[0]["returnStatus"] == "-602001"


def test_nobody_sends_without_signing_in_and_agencies_do_not_send(road):
    raw = order_xml(road)
    assert road.client.post("/api/v1/messages", data=raw, content_type="application/xml").status_code == 401
    refused = road.client.post(
        "/api/v1/messages", data=raw, content_type="application/xml", headers=road.headers("customs_officer")
    )
    assert refused.status_code == 403


def test_a_document_that_breaks_the_program_is_answered_and_its_neighbours_go_through(road, monkeypatch):
    from customs.intake import orders

    parcels = [road.sale() for _ in range(3)]
    poison = parcels[1].order_no
    real = orders._contents

    def breaks(batch, one):
        if one.head("orderNo") == poison:
            raise RuntimeError("nobody foresaw this")
        return real(batch, one)

    monkeypatch.setattr(orders, "_contents", breaks)
    sent = road.send("seller", "CEB303", *(parcel.order() for parcel in parcels))
    assert [one["status"] for one in sent["documents"]] == ["2", "-304001", "2"]
    assert [f["rule"] for f in sent["documents"][1]["findings"]] == ["CU2290"]
    assert "nobody foresaw" not in str(sent)
