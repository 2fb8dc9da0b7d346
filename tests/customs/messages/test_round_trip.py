"""What is written is read again to the letter, in both forms; hostile text stays text."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customs.messages import responses, xml_text
from customs.messages.fields import MESSAGES
from customs.messages.reading import read_json, read_xml
from customs.messages.writing import NewDocument, message_json, message_xml
from tests.customs.messages.papers import AT, FAULTLESS, GUID, TRANSFER, spoilt, xml

TYPES = sorted(FAULTLESS)
LEGAL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]).filter(xml_text.legal), max_size=60)
HOSTILE = [
    "<script>alert(1)</script>",
    "]]>",
    "<![CDATA[x]]>",
    "&amp; & &lt; &#60;",
    "\"'`",
    "</ceb:note></ceb:OrderHead>",
    "a\tb\nc",
    "a\rb\r\nc",
    "{{7*7}} ${7*7} {% x %}",
    "'; DROP TABLE checklist; --",
    "=1+1",
    "\u202e\u200b\ufeff",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🎁",
    "%s %d %(x)s {0} {x}",
]


@st.composite
def documents(draw):
    """A type, and one to five documents of it with any texts in its elements."""
    type = draw(st.sampled_from(TYPES))
    spec = MESSAGES[type]

    def texts(fields):
        chosen = draw(st.lists(st.sampled_from(fields), unique_by=lambda f: f.element, max_size=8))
        return {
            one.element: " ".join(value.split()) if one.collapse or one.kind != "text" else value
            for one in chosen
            if (value := draw(LEGAL)) or one.required
        }

    made = [
        NewDocument(texts(spec.head_fields), [texts(spec.list_fields) for _ in range(draw(st.integers(0, 3)))])
        if spec.list
        else NewDocument(texts(spec.head_fields))
        for _ in range(draw(st.integers(1, 5)))
    ]
    return type, made


def kept(written, read, required):
    """Whether what was written was read; required elements that were not given are read as empty."""
    empty = {element: "" for element in required}
    return {k: v for k, v in (empty | dict(written)).items()} == {**empty, **read} and set(read) >= set(written)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=80)
@given(documents())
def test_what_is_written_in_xml_is_read_to_the_letter(made):
    type, written = made
    spec = MESSAGES[type]
    message = read_xml(message_xml(type, written, TRANSFER, GUID))
    assert (message.envelope_findings, message.guid, message.base_transfer) == ([], GUID, TRANSFER)
    assert len(message.documents) == len(written)
    for wrote, read in zip(written, message.documents, strict=True):
        assert read.findings == []
        given = {k: v for k, v in wrote.head.items() if v or spec.head_by_name[k].required}
        assert kept(given, read.head, [f.element for f in spec.head_fields if f.required])
        for line, again in zip(wrote.lines, read.lines, strict=True):
            assert kept(line, again, [f.element for f in spec.list_fields if f.required])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=80)
@given(documents())
def test_what_is_written_in_json_is_read_to_the_letter(made):
    type, written = made
    raw = json.dumps(message_json(type, written, GUID), ensure_ascii=False).encode()
    message = read_json(raw, AT)
    for wrote, read in zip(written, message.documents, strict=True):
        assert read.findings == []
        assert dict(wrote.head).items() <= read.head.items()
        assert read.lines == [dict(line) for line in wrote.lines]


@pytest.mark.parametrize("type", TYPES)
def test_both_forms_of_a_document_are_read_alike(type):
    raw = json.dumps(message_json(type, [FAULTLESS[type]], GUID)).encode()
    as_json, as_xml = read_json(raw, AT).documents[0], read_xml(xml(type)).documents[0]
    assert (as_json.head, as_json.lines) == (as_xml.head, as_xml.lines)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    message = read_xml(xml("CEB303", spoilt("CEB303", {"note": text, "ebpName": text})))
    assert [one.findings for one in message.documents] == [[]]
    assert message.documents[0].head["note"] == text
    assert message.documents[0].head["ebpName"] == text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_responses(text):
    row = {"guid": GUID, "ebpCode": "无", "ebcCode": "442196D016", "orderNo": "1", "returnStatus": "2"}
    row |= {"returnTime": responses.return_time(AT), "returnInfo": text}
    read = read_xml(responses.response_xml("CEB304", [row]), responses=True)
    assert read.documents[0].head["returnInfo"] == text


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\ud800b", "a\ufffeb", "a\uffffb", "a\x0bb"])
def test_characters_that_xml_cannot_carry_are_left_out(text):
    read = read_xml(xml("CEB303", spoilt("CEB303", {"note": text}))).documents[0]
    assert read.head["note"] == "ab"


def test_a_guid_with_quotes_does_not_break_out_of_its_attribute():
    hostile = '" version="9" x="'.ljust(36, "x")
    message = read_xml(message_xml("CEB303", [FAULTLESS["CEB303"]], TRANSFER, hostile))
    assert (message.guid, message.version) == (hostile, "1.0")


def test_numbers_are_read_without_the_white_space_that_the_schema_collapses():
    raw = xml("CEB303").replace(b"<ceb:qty>4<", b"<ceb:qty>\n  4 <").replace(b"<ceb:goodsValue>", b"<ceb:goodsValue> ")
    read = read_xml(raw).documents[0]
    assert (read.lines[0]["qty"], read.head["goodsValue"]) == ("4", "152.50")


def test_an_element_that_the_message_does_not_have_is_not_written():
    with pytest.raises(ValueError, match="colour"):
        xml("CEB303", spoilt("CEB303", {"colour": "red"}))
    with pytest.raises(KeyError):
        message_xml("CEB999", [NewDocument({})], TRANSFER, GUID)


def test_a_response_value_that_does_not_fit_is_not_written():
    row = {"guid": GUID, "ebpCode": "无", "ebcCode": "442196D016", "orderNo": "1" * 61, "returnStatus": "2"}
    with pytest.raises(ValueError, match="orderNo"):
        responses.response_xml("CEB304", [row | {"returnTime": responses.return_time(AT), "returnInfo": ""}])
    with pytest.raises(ValueError, match="1 to 100"):
        responses.response_xml("CEB304", [])
