"""Faults of the envelope refuse the message whole; each is said with its place."""

from __future__ import annotations

import json

import pytest

from customs.messages.reading import read_json, read_xml
from tests.customs.messages.papers import AT, FAULTLESS, GUID, TRANSFER, xml

ORDER = FAULTLESS["CEB303"]
TRANSFER_XML = xml("CEB303").partition(b"</ceb:Order>")[2].rpartition(b"</ceb:CEB303Message>")[0]


def refused(raw):
    """The findings of the envelope as (rule, pointer)."""
    message = read_xml(raw)
    assert message.documents == []
    return [(one.rule, one.pointer) for one in message.envelope_findings]


def refused_json(**changes):
    """The same for a JSON message with the changes."""
    data = {"type": "CEB303", "documents": [{"head": dict(ORDER.head)}]} | changes
    return [(one.rule, one.pointer) for one in read_json(json.dumps(data).encode(), AT).envelope_findings]


def test_one_to_a_hundred_documents_are_read():
    assert len(read_xml(xml("CEB303")).documents) == 1
    assert len(read_xml(xml("CEB303", *[ORDER] * 100)).documents) == 100


def test_no_document_and_a_hundred_and_one_are_refused():
    raw = xml("CEB303")
    start, end = raw.index(b"<ceb:Order>"), raw.index(b"<ceb:BaseTransfer>")
    assert refused(raw[:start] + raw[end:]) == [("CU1012", "/Order")]
    assert refused(xml("CEB303", *[ORDER] * 101)) == [("CU1013", "/Order/100")]


def test_no_transfer_and_two_are_refused():
    raw = xml("CEB303")
    assert refused(raw.replace(TRANSFER_XML, b"")) == [("CU1014", "/BaseTransfer")]
    assert refused(raw.replace(TRANSFER_XML, TRANSFER_XML * 2)) == [("CU1015", "/BaseTransfer/1")]


def test_a_transfer_before_the_documents_is_refused():
    raw = xml("CEB303").replace(TRANSFER_XML, b"")
    assert refused(raw.replace(b"<ceb:Order>", TRANSFER_XML + b"<ceb:Order>")) == [("CU1017", "/Order")]


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"copCode": ""}, ["/BaseTransfer/copCode"]),
        ({"copCode": "1" * 19}, ["/BaseTransfer/copCode"]),
        ({"copName": "   "}, ["/BaseTransfer/copName"]),
        ({"dxpMode": "XML"}, ["/BaseTransfer/dxpMode"]),
        ({"dxpId": "D" * 31}, ["/BaseTransfer/dxpId"]),
        ({"note": "长" * 1001}, ["/BaseTransfer/note"]),
        (
            {"copCode": "", "dxpMode": "", "dxpId": ""},
            ["/BaseTransfer/copCode", "/BaseTransfer/dxpMode", "/BaseTransfer/dxpId"],
        ),
    ],
)
def test_a_transfer_part_that_is_incomplete_is_refused_for_all_that_is_wrong(changes, said):
    assert refused(xml("CEB303", transfer=TRANSFER | changes)) == [("CU1018", pointer) for pointer in said]


def test_transfer_elements_out_of_order_and_unknown_ones_are_refused():
    raw = xml("CEB303")
    code = f"<ceb:copCode>{TRANSFER['copCode']}</ceb:copCode>".encode()
    assert ("CU1017", "/BaseTransfer/copCode") in refused(
        raw.replace(code, b"").replace(b"</ceb:copName>", b"</ceb:copName>" + code)
    )
    assert ("CU1016", "/BaseTransfer/secret") in refused(raw.replace(code, code + b"<ceb:secret>1</ceb:secret>"))


@pytest.mark.parametrize(
    "put, said",
    [
        (b"<ceb:Parcel/>", ("CU1016", "/Parcel")),
        (b"<Order/>", ("CU1016", "/Order")),
        (b"<ceb:Inventory/>", ("CU1016", "/Inventory")),
        (b"stray", ("CU1019", "")),
    ],
)
def test_what_does_not_belong_under_the_root_is_refused(put, said):
    assert refused(xml("CEB303").replace(b"<ceb:BaseTransfer>", put + b"<ceb:BaseTransfer>")) == [said]


def test_five_subscriptions_are_read_and_a_sixth_is_refused():
    one = {"status": "ALL", "dxpMode": "DXP", "dxpAddress": "DXPENT0004400016"}
    assert read_xml(xml("CEB303", subscriptions=[one] * 5)).envelope_findings == []
    assert refused(xml("CEB303", subscriptions=[one] * 6)) == [("CU1015", "/BaseSubscribe/5")]


def test_a_subscription_that_is_incomplete_is_refused():
    assert refused(xml("CEB303", subscriptions=[{"status": "ALL", "dxpMode": "DXP"}])) == [
        ("CU1018", "/BaseSubscribe/dxpAddress")
    ]


@pytest.mark.parametrize("guid", ["", "short", "A" * 35, "A" * 37])
def test_a_root_guid_that_has_not_36_characters_is_refused(guid):
    assert refused(xml("CEB303").replace(GUID.encode(), guid.encode(), 1)) == [("CU1010", "/@guid")]


@pytest.mark.parametrize("guid", ["CEB303_ZH_GZ_20230309112945042_67622", GUID.lower(), "一" * 36])
def test_a_root_guid_of_36_characters_need_not_be_a_uuid(guid):
    assert read_xml(xml("CEB303").replace(GUID.encode(), guid.encode(), 1)).guid == guid


@pytest.mark.parametrize("version", ["", "1" * 11])
def test_a_version_of_the_wrong_length_is_refused(version):
    assert refused(xml("CEB303", version=version)) == [("CU1011", "/@version")]


def test_all_faults_of_the_envelope_are_said_at_once():
    raw = xml("CEB303", *[ORDER] * 101, version="", transfer=TRANSFER | {"copCode": ""})
    assert [rule for rule, _ in refused(raw)] == ["CU1011", "CU1013", "CU1018"]


def test_the_json_form_has_the_same_bounds():
    one = {"head": dict(ORDER.head)}
    assert refused_json() == []
    assert refused_json(documents=[one] * 100) == []
    assert refused_json(documents=[one] * 101) == [("CU1013", "/documents/100")]
    assert refused_json(documents=[]) == [("CU1012", "/documents")]
    assert refused_json(documents="x") == [("CU1012", "/documents")]
    assert refused_json(guid="short") == [("CU1010", "/guid")]
    assert refused_json(guid=36) == [("CU1010", "/guid")]
    assert refused_json(sender="me") == [("CU1016", "/sender")]


def test_a_json_message_without_a_guid_is_given_one_and_keeps_its_own():
    data = {"type": "CEB303", "documents": [{"head": dict(ORDER.head)}]}
    issued = read_json(json.dumps(data).encode(), AT).guid
    assert len(issued) == 36 and issued == issued.upper()
    assert read_json(json.dumps(data).encode(), AT, guid=GUID).guid == GUID
    own = "my-own-number-of-thirty-six-letters!"
    assert read_json(json.dumps(data | {"guid": own}).encode(), AT, guid=GUID).guid == own


def test_a_json_document_is_given_what_its_sender_left_out_in_china_time():
    head = read_json(b'{"type": "CEB303", "documents": [{"head": {}}]}', AT).documents[0].head
    assert head["appTime"] == "20261124100000"
    assert (head["appType"], head["appStatus"]) == ("1", "2")
    assert len(head["guid"]) == 36
