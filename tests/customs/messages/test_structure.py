"""Faults inside a document are findings of that document alone; its neighbours are read as if it were not there."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from customs.messages.fields import CEB, MESSAGES
from customs.messages.reading import read_json, read_xml
from tests.customs.messages.papers import AT, FAULTLESS, xml

TYPES = sorted(FAULTLESS)
ORDER = FAULTLESS["CEB303"]


def broken(old, new, type="CEB303", times=1):
    """The findings, as (rule, pointer), of a message whose text was changed in one place."""
    raw = xml(type).decode()
    assert old in raw
    return [(one.rule, one.pointer) for one in read_xml(raw.replace(old, new, times).encode()).documents[0].findings]


def test_an_unknown_element_is_said_with_its_place():
    assert broken("<ceb:orderNo>", "<ceb:colour>red</ceb:colour><ceb:orderNo>") == [
        ("CU1031", "/Order/0/OrderHead/colour")
    ]
    assert broken("<ceb:itemNo>", "<ceb:colour>red</ceb:colour><ceb:itemNo>") == [
        ("CU1031", "/Order/0/OrderList/0/colour")
    ]
    assert broken("<ceb:OrderList>", "<ceb:OrderTail/><ceb:OrderList>") == [("CU1031", "/Order/0/OrderTail")]


def test_an_element_of_another_namespace_is_unknown():
    assert broken("<ceb:orderNo>", "<orderNo>1</orderNo><ceb:orderNo>") == [("CU1031", "/Order/0/OrderHead/orderNo")]


def test_an_element_written_twice_is_said_once_and_the_first_one_counts():
    raw = xml("CEB303").replace(b"</ceb:orderNo>", b"</ceb:orderNo><ceb:orderNo>other</ceb:orderNo>", 1)
    document = read_xml(raw).documents[0]
    assert [(one.rule, one.pointer) for one in document.findings] == [("CU1033", "/Order/0/OrderHead/orderNo")]
    assert document.head["orderNo"] == ORDER.head["orderNo"]


def test_elements_out_of_order_are_said_and_read_all_the_same():
    raw = xml("CEB303").decode()
    number = f"<ceb:orderNo>{ORDER.head['orderNo']}</ceb:orderNo>"
    moved = raw.replace(number, "").replace("</ceb:ebpName>", "</ceb:ebpName>" + number)
    document = read_xml(moved.encode()).documents[0]
    assert [(one.rule, one.pointer) for one in document.findings] == [("CU1032", "/Order/0/OrderHead/orderNo")]
    assert document.head == ORDER.head


def test_a_document_without_head_and_one_with_two_are_said():
    raw = xml("CEB303").decode()
    start, end = raw.index("<ceb:OrderHead>"), raw.index("</ceb:OrderHead>") + len("</ceb:OrderHead>")
    head = raw[start:end]
    assert broken(head, "") == [("CU1036", "/Order/0/OrderHead")]
    assert broken(head, head + head) == [("CU1033", "/Order/0/OrderHead")]
    without = raw.replace(head, "")
    late = read_xml(without.replace("</ceb:Order>", head + "</ceb:Order>").encode()).documents[0]
    assert [one.rule for one in late.findings] == ["CU1032"]
    assert late.head == ORDER.head


def test_elements_inside_a_field_stray_text_and_attributes_are_said_where_they_stand():
    assert broken("<ceb:orderNo>", "<ceb:orderNo><ceb:b>1</ceb:b>") == [("CU1034", "/Order/0/OrderHead/orderNo")]
    assert broken("<ceb:orderNo>", "stray<ceb:orderNo>") == [("CU1035", "/Order/0/OrderHead")]
    assert broken("<ceb:itemNo>", "stray<ceb:itemNo>") == [("CU1035", "/Order/0/OrderList/0")]
    assert broken("<ceb:OrderHead>", "stray<ceb:OrderHead>") == [("CU1035", "/Order/0")]
    assert broken("<ceb:orderNo>", '<ceb:orderNo id="1">') == [("CU1037", "/Order/0/OrderHead/orderNo")]
    assert broken("<ceb:Order>", '<ceb:Order id="1">') == [("CU1037", "/Order/0")]
    assert broken("<ceb:logisticsNo>", "stray<ceb:logisticsNo>", "CEB505") == [("CU1035", "/Logistics/0")]


def test_comments_cdata_and_processing_instructions_are_no_fault():
    raw = xml("CEB303").decode()
    written = raw.replace(
        ORDER.head["orderNo"], f"<![CDATA[{ORDER.head['orderNo'][:5]}]]><!-- c --><?pi?>{ORDER.head['orderNo'][5:]}", 1
    )
    document = read_xml(written.encode()).documents[0]
    assert document.findings == []
    assert document.head == ORDER.head


def test_indented_messages_are_read_like_compact_ones():
    root = etree.fromstring(xml("CEB603"))
    etree.indent(root)
    document = read_xml(etree.tostring(root, encoding="UTF-8")).documents[0]
    assert (document.findings, document.head) == ([], FAULTLESS["CEB603"].head)


FAULTS = {
    "an unknown element": lambda e: etree.SubElement(e, f"{{{CEB}}}colour"),
    "an element of no namespace": lambda e: etree.SubElement(e, "guid"),
    "an attribute": lambda e: e.set("x", "1"),
    "stray text": lambda e: setattr(e, "text", "stray"),
    "emptied": lambda e: [e.remove(child) for child in list(e)],
    "turned round": lambda e: e.extend(list(reversed(list(e)))),
    "nested": lambda e: etree.SubElement(e[0], f"{{{CEB}}}deep") if len(e) else None,
    "an oversized text": lambda e: setattr(e[-1], "text", "长" * 5000) if len(e) else None,
}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(type=st.sampled_from(TYPES), place=st.integers(0, 99), name=st.sampled_from(sorted(FAULTS)), data=st.data())
def test_a_bad_document_leaves_its_ninety_nine_neighbours_untouched(type, place, name, data):
    root = etree.fromstring(xml(type, *[FAULTLESS[type]] * 100))
    holder = root[place]
    parts = [holder, *(part for part in holder if len(part))]
    FAULTS[name](data.draw(st.sampled_from(parts)))
    message = read_xml(etree.tostring(root, encoding="UTF-8"))
    assert message.envelope_findings == []
    assert len(message.documents) == 100
    for n, document in enumerate(message.documents):
        if n != place:
            assert document.findings == []
            assert document.head == FAULTLESS[type].head
            assert document.lines == list(FAULTLESS[type].lines)
    where = f"/{MESSAGES[type].element}/{place}"
    assert all(one.pointer.startswith(where) for one in message.documents[place].findings)


def json_document(**changes):
    """The findings, as (rule, pointer), of the second of three JSON documents, the others being faultless."""
    sound = {"head": dict(ORDER.head), "lines": [dict(line) for line in ORDER.lines]}
    raw = json.dumps({"type": "CEB303", "documents": [sound, sound | changes, sound]}).encode()
    first, second, third = read_json(raw, AT).documents
    assert first.findings == third.findings == []
    return [(one.rule, one.pointer) for one in second.findings]


def test_json_documents_have_the_same_pointers():
    assert json_document() == []
    assert json_document(head=ORDER.head | {"colour": "red"}) == [("CU1031", "/Order/1/OrderHead/colour")]
    assert json_document(lines=[ORDER.lines[0] | {"colour": "red"}]) == [("CU1031", "/Order/1/OrderList/0/colour")]
    assert json_document(colour="red") == [("CU1031", "/Order/1/colour")]


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["1"]])
def test_a_json_value_that_is_not_a_string_is_said(value):
    assert json_document(head=ORDER.head | {"goodsValue": value}) == [("CU1038", "/Order/1/OrderHead/goodsValue")]


@pytest.mark.parametrize("value", ["x", 1, [], True])
def test_a_json_head_or_line_that_is_no_object_is_said(value):
    assert ("CU1038", "/Order/1/OrderHead") in json_document(head=value)
    assert ("CU1038", "/Order/1/OrderList/0") in json_document(lines=[value])


def test_json_null_is_an_absent_element():
    document = {"head": ORDER.head | {"note": None}, "lines": []}
    read = read_json(json.dumps({"type": "CEB303", "documents": [document]}).encode(), AT).documents[0]
    assert "note" not in read.head and read.findings == []


def test_json_control_characters_and_lone_surrogates_are_said_and_left_out():
    for hostile in ("a\u0000b", "a\u0001b", "a\ud800b", "a\uffffb"):
        document = {"head": ORDER.head | {"ebpName": hostile}}
        raw = json.dumps({"type": "CEB303", "documents": [document]}).encode()
        read = read_json(raw, AT).documents[0]
        assert [(one.rule, one.pointer) for one in read.findings] == [("CU1039", "/Order/0/OrderHead/ebpName")]
        assert read.head["ebpName"] == "ab"


def test_a_json_key_written_twice_is_said_and_the_first_one_counts():
    raw = b'{"type": "CEB303", "documents": [{"head": {"orderNo": "1", "orderNo": "2"}}]}'
    document = read_json(raw, AT).documents[0]
    assert [(one.rule, one.pointer) for one in document.findings] == [("CU1033", "/Order/0/OrderHead/orderNo")]
    assert document.head["orderNo"] == "1"


def test_json_extras_are_read():
    extras = {"parent_order_no": "P1", "receiver": {"name": "A. Buyer", "country": "502"}}
    raw = json.dumps({"type": "CEB303", "documents": [{"head": dict(ORDER.head), **extras}]}).encode()
    assert read_json(raw, AT).documents[0].extras == extras
    assert json_document(receiver={"passport": "x"}) == [("CU1031", "/Order/1/receiver/passport")]
    assert json_document(receiver="x") == [("CU1038", "/Order/1/receiver")]


def test_weighed_gross_is_kept_by_waybill_number_however_it_is_given():
    arrival = FAULTLESS["CEB507"]
    numbers = [line["logisticsNo"] for line in arrival.lines]
    head = dict(arrival.head)
    lines = [dict(line) for line in arrival.lines]

    def read(document):
        raw = json.dumps({"type": "CEB507", "documents": [document]}).encode()
        return read_json(raw, AT).documents[0].extras["weighed_gross"]

    assert read({"head": head, "lines": [lines[0] | {"weighed_gross": "2.41"}, lines[1]]}) == {numbers[0]: "2.41"}
    assert read({"head": head, "lines": lines, "weighed_gross": {numbers[1]: "2.5"}}) == {numbers[1]: "2.5"}
    assert read({"head": head, "lines": lines[:1], "weighed_gross": "2.6"}) == {numbers[0]: "2.6"}


def test_a_flat_document_has_no_lines_in_json():
    raw = json.dumps({"type": "CEB505", "documents": [{"head": dict(FAULTLESS["CEB505"].head), "lines": [{}]}]})
    findings = read_json(raw.encode(), AT).documents[0].findings
    assert [(one.rule, one.pointer) for one in findings] == [("CU1031", "/Logistics/0/lines")]


def test_findings_quote_hostile_text_in_a_form_that_can_be_shown():
    raw = xml("CEB303").replace(b"<ceb:OrderList>", "\u202e长".encode() * 50 + b"<ceb:OrderList>", 1)
    said = read_xml(raw).documents[0].findings[0].message.zh
    assert "\u202e" not in said and len(said) < 120
