"""Every message that the platform's own writer makes is valid under the official schema of 202205."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customs.messages.fields import MESSAGES
from customs.messages.writing import NewDocument
from tests.customs.messages.papers import FAULTLESS, TRANSFER, spoilt, xml

TYPES = sorted(FAULTLESS)
ANY_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=100)
once = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)


def test_every_message_type_that_firms_send_is_tried():
    assert [spec.type for spec in MESSAGES.values() if spec.direction == "in"] == TYPES


@pytest.mark.parametrize("type", TYPES)
def test_a_written_message_is_valid(export_schema, faults, type):
    assert faults(export_schema, xml(type)) == []


@pytest.mark.parametrize("type", TYPES)
def test_a_hundred_documents_are_valid_and_one_more_is_not(export_schema, faults, type):
    assert faults(export_schema, xml(type, *[FAULTLESS[type]] * 100)) == []
    assert faults(export_schema, xml(type, *[FAULTLESS[type]] * 101)) != []


@pytest.mark.parametrize("type", TYPES)
def test_every_element_filled_is_valid_and_in_the_standards_order(export_schema, faults, type):
    spec, made = MESSAGES[type], FAULTLESS[type]
    head = {one.element: filling(one) for one in spec.head_fields} | made.head
    line = {one.element: filling(one) for one in spec.list_fields}
    full = NewDocument(head, [line | one for one in made.lines])
    subscription = {"status": "ALL", "dxpMode": "DXP", "dxpAddress": TRANSFER["dxpId"]}
    raw = xml(type, full, subscriptions=[subscription], transfer=TRANSFER | {"note": "试"})
    assert faults(export_schema, raw) == []


def filling(spec):
    """A value that fits the field's type of 202205."""
    if spec.kind == "text":
        return "1" * min(spec.shape.most, 20) if spec.shape.most >= spec.shape.least else ""
    return "1"


@pytest.mark.parametrize("type", TYPES)
def test_optional_elements_given_empty_stay_valid(export_schema, faults, type):
    spec = MESSAGES[type]
    empty = {one.element: "" for one in spec.head_fields if not one.required}
    empty_line = {one.element: "" for one in spec.list_fields if not one.required}
    made = NewDocument(empty | FAULTLESS[type].head, [empty_line | line for line in FAULTLESS[type].lines])
    assert faults(export_schema, xml(type, made)) == []


@once
@given(text=ANY_TEXT)
def test_no_text_breaks_the_form_of_a_message(export_schema, faults, text):
    hostile = spoilt("CEB303", {"note": text, "ebpName": text}, {0: {"itemDescribe": text}})
    assert faults(export_schema, xml("CEB303", hostile)) == []
