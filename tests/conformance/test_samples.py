"""The official samples of 202205 are read as their known faults say (the collected disagreements of the sources).

Eight export samples carry two BaseTransfer where the schema allows one; CEB214's root is misnamed; CEB792 lacks a
field that 202205 added. Their signatures are placeholders, so none of them may hold.
"""

from __future__ import annotations

import pytest

from customs.messages.fields import MESSAGES
from customs.messages.reading import read_xml

TWO_TRANSFERS = ["CEB303", "CEB403", "CEB505", "CEB507", "CEB509", "CEB603", "CEB605", "CEB607"]
SOUND = ["CEB213", "CEB215", "CEB701"]
RESPONSES = ["CEB216", "CEB304", "CEB404", "CEB506", "CEB508", "CEB510", "CEB604", "CEB606", "CEB608", "CEB702"]


def read(sample, type, change=lambda raw: raw):
    return read_xml(change(sample(type)), responses=MESSAGES[type].direction == "out")


def one_transfer(raw):
    """The sample with its second BaseTransfer taken out."""
    text = raw.decode("utf-8-sig")
    start = text.rindex("<ceb:BaseTransfer>")
    end = text.rindex("</ceb:BaseTransfer>") + len("</ceb:BaseTransfer>")
    return (text[:start] + text[end:]).encode()


@pytest.mark.parametrize("type", TWO_TRANSFERS)
def test_a_sample_with_two_transfers_is_refused_for_that_alone(sample, type):
    message = read(sample, type)
    assert [(one.rule, one.pointer) for one in message.envelope_findings] == [("CU1015", "/BaseTransfer/1")]


@pytest.mark.parametrize("type", TWO_TRANSFERS)
def test_with_one_transfer_the_sample_is_read_without_a_fault_of_structure(sample, export_schema, faults, type):
    message = read(sample, type, one_transfer)
    assert message.envelope_findings == []
    assert message.documents and not any(one.findings for one in message.documents)
    assert faults(export_schema, one_transfer(sample(type))) == []


@pytest.mark.parametrize("type", SOUND + RESPONSES)
def test_a_sound_sample_is_read_without_a_fault_of_structure(sample, export_schema, faults, type):
    message = read(sample, type)
    assert faults(export_schema, sample(type)) == []
    assert message.envelope_findings == []
    assert message.documents and not any(one.findings for one in message.documents)


def test_the_misnamed_root_of_customs_own_return_response_is_read_all_the_same(sample, export_schema, faults):
    assert faults(export_schema, sample("CEB214")) != []
    message = read(sample, "CEB214")
    assert message.envelope_findings == [] and message.documents


def test_the_right_root_makes_the_return_response_readable(sample):
    def named(raw):
        return raw.replace(b"ceb:CEB214 ", b"ceb:CEB214Message ").replace(b"/ceb:CEB214>", b"/ceb:CEB214Message>")

    message = read(sample, "CEB214", named)
    assert message.envelope_findings == [] and message.documents


def test_the_summary_result_lacks_what_202205_added_and_is_read_all_the_same(sample, export_schema, faults):
    assert all("gseqno" in one for one in faults(export_schema, sample("CEB792")))
    message = read(sample, "CEB792")
    assert message.envelope_findings == [] and message.documents
    assert not any("gseqno" in line for one in message.documents for line in one.lines)


@pytest.mark.parametrize("type", [*TWO_TRANSFERS, *SOUND])
def test_no_placeholder_signature_holds(sample, type):
    message = read(sample, type, one_transfer if type in TWO_TRANSFERS else lambda raw: raw)
    assert message.signature is None or message.signature.findings


def test_a_samples_texts_are_kept_to_the_letter(sample):
    first = read(sample, "CEB505", one_transfer).documents[0]
    assert first.head["logisticsNo"] == "L2018050700001"
    assert first.head["freight"] == "20.50"
    assert first.head["ebcName"] == "东方物通科技(北京)有限公司"
