"""Every response that the platform writes is valid under the official schema of 202205."""

from __future__ import annotations

import pytest
from lxml import etree

from common.findings import Text
from customs.messages import responses
from customs.messages.fields import MESSAGES
from customs.rules import message_door, message_fields
from tests.customs.messages.papers import AT, FAULTLESS, GUID, xml

ANSWERS = [spec.type for spec in MESSAGES.values() if spec.direction == "out" and spec.flat and spec.type != "CEB900"]
ANSWERED = [spec.type for spec in MESSAGES.values() if spec.direction == "in"]
STATES = ["1", "2", "100", "120", "300", "399", "500", "800", "899", "-602001", "-504001"]
GIVEN = {
    "preNo": "B20261124000000001",
    "invtNo": "60212026E000000001",
    "sumNo": "60212026S000000001",
    "payNo": "NL20261124000001",
}


def row(type, status, info):
    """One response to the faultless document of `type`."""
    spec = MESSAGES[type]
    answer = {
        "guid": GUID,
        "returnStatus": status,
        "returnTime": responses.return_time(AT),
        "returnInfo": info,
        **(responses.echo(spec, FAULTLESS[type].head) or {}),
    }
    return answer | {name: GIVEN[name] for name in MESSAGES[spec.response].head_by_name if name in GIVEN}


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("type", ANSWERED)
def test_a_response_in_any_state_is_valid(export_schema, faults, type, status):
    info = responses.success_info("1", GUID)
    raw = responses.response_xml(MESSAGES[type].response, [row(type, status, info)])
    assert faults(export_schema, raw) == []


@pytest.mark.parametrize("type", ANSWERED)
def test_a_hundred_responses_in_one_message_are_valid(export_schema, faults, type):
    raw = responses.response_xml(MESSAGES[type].response, [row(type, "2", "")] * 100)
    assert faults(export_schema, raw) == []


@pytest.mark.parametrize("type", ANSWERED)
def test_a_response_before_any_number_was_given_is_valid(export_schema, faults, type):
    early = {k: v for k, v in row(type, "2", "x").items() if k not in ("invtNo", "sumNo", "payNo")}
    assert faults(export_schema, responses.response_xml(MESSAGES[type].response, [early])) == []


@pytest.mark.parametrize("type", ANSWERED)
def test_a_refusal_with_more_findings_than_fit_is_cut_and_valid(export_schema, faults, type):
    many = [
        message_fields.EMPTY.at(
            "/Order/0", name_zh="<订单&编号>", name_en="Order number", element="orderNo" + "\x00\ud800"
        )
        for _ in range(80)
    ]
    info = responses.return_info(many)
    status = responses.error_code(MESSAGES[type], many)
    assert len(info) == responses.INFO_LENGTH and info.endswith("…")
    raw = responses.response_xml(MESSAGES[type].response, [row(type, status, info)])
    assert faults(export_schema, raw) == []


def test_every_response_type_is_the_answer_to_some_message():
    assert sorted(ANSWERS) == sorted(MESSAGES[type].response for type in ANSWERED)


def test_a_message_that_cannot_be_read_is_answered_by_a_valid_ceb900(import_schema, faults):
    hostile = b"\xd6\xd0\xb9\xfa <a>]]></a> \x00\x1b \xef\xbf\xbf & <!DOCTYPE x>"
    findings = [message_door.NOT_UTF8.at("", position=1)]
    fields = responses.ceb900_fields(findings, AT)
    assert fields["oriMessageType"] == "Unknown"
    assert faults(import_schema, responses.ceb900(fields, hostile)) == []


@pytest.mark.parametrize("type", ANSWERED)
def test_a_refused_envelope_is_answered_by_a_valid_ceb900(import_schema, faults, type):
    findings = [message_door.TWO_TRANSFERS.at("/BaseTransfer/1", element="BaseTransfer", found=2, limit=1)] * 100
    fields = responses.ceb900_fields(findings, AT, message_type=type)
    assert fields["oriMessageType"] == f"{type}Message"
    assert int(fields["returnStatus"]) < 0
    assert faults(import_schema, responses.ceb900(fields, xml(type))) == []


def test_the_original_in_a_ceb900_is_repeated_as_it_was(import_schema, faults):
    raw = responses.ceb900(responses.ceb900_fields([message_door.HAS_DTD.at("")], AT), "<a>甲]]>&乙</a>".encode())
    assert faults(import_schema, raw) == []
    assert "<a>甲]]>&乙</a>" in responses_text(raw)


def responses_text(raw):
    """All text of a message."""
    return "".join(etree.fromstring(raw).itertext())


def test_texts_of_findings_in_two_languages_do_not_break_the_schema_length():
    text = Text("长" * 3000, "long")
    finding = message_door.NO_TRANSFER.at("/BaseTransfer")
    long = type(finding)(finding.rule, finding.severity, finding.pointer, text, finding.kind)
    assert len(responses.return_info([long])) == 1000
    assert len(responses.return_info([long, long], responses.MAX_INFO_900)) == 5000
