"""Single fields of every message: there, filled, of the right length and form, a code of the day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from customs.messages.checking import check_document
from customs.messages.fields import CEB, MESSAGES
from customs.messages.reading import read_xml
from tests.customs.messages.papers import AT, CODES, FAULTLESS, ON, checked, rules_at, spoilt, xml

TYPES = sorted(FAULTLESS)


def found(type, head=None, line=None, on=date(2026, 11, 24)):
    """What is found in the faultless document with its head, and its first line, changed."""
    return rules_at(checked(type, spoilt(type, head, {0: line or {}}), on))


def fields(*, line=False, wanted=lambda spec: True):
    """(type, element) of the fields wanted, over all messages that firms send."""
    return [
        (type, spec.element)
        for type in TYPES
        for spec in (MESSAGES[type].list_fields if line else MESSAGES[type].head_fields)
        if wanted(spec)
    ]


def text_of(type, element, line=False):
    spec = MESSAGES[type]
    return (spec.list_by_name if line else spec.head_by_name)[element]


def without(type, element):
    """The findings of the faultless document with the first such element taken out."""
    root = etree.fromstring(xml(type))
    gone = next(root[0].iter(f"{{{CEB}}}{element}"))
    gone.getparent().remove(gone)
    read = read_xml(etree.tostring(root, encoding="UTF-8")).documents[0]
    return [*read.findings, *check_document(MESSAGES[type], read, CODES, ON, AT)]


@pytest.mark.parametrize("type", TYPES)
def test_the_faultless_document_has_no_findings(type):
    assert checked(type, FAULTLESS[type]) == []


@pytest.mark.parametrize("type, element", fields(wanted=lambda spec: spec.required))
def test_a_required_head_element_that_is_missing_or_empty_is_said(type, element):
    assert ("CU1102", element) in found(type, {element: ""})
    assert ("CU1102", element) in found(type, {element: "   "})
    assert ("CU1101", element) in rules_at(without(type, element))


@pytest.mark.parametrize("type, element", fields(line=True, wanted=lambda spec: spec.required))
def test_a_required_line_element_that_is_empty_is_said(type, element):
    assert ("CU1102", element) in found(type, line={element: ""})


@pytest.mark.parametrize("type, element", fields(wanted=lambda spec: not spec.required and spec.shape.least == 0))
def test_an_optional_element_may_be_empty(type, element):
    assert ("CU1102", element) not in found(type, {element: ""})
    assert ("CU1103", element) not in found(type, {element: ""})


@pytest.mark.parametrize(
    "type, element",
    fields(wanted=lambda s: s.kind == "text" and not (s.holds or s.codes or s.values) and s.most < 2**20),
)
def test_lengths_of_the_wider_version_are_accepted_and_one_more_is_not(type, element):
    spec = text_of(type, element)
    longest = found(type, {element: "甲" * spec.most})
    assert not [rule for rule, at in longest if at == element and rule.startswith("CU11")]
    assert ("CU1103", element) in found(type, {element: "甲" * (spec.most + 1)})


@pytest.mark.parametrize(
    "type, element, most",
    [
        ("CEB303", "orderNo", 60),
        ("CEB303", "ebpName", 100),
        ("CEB505", "logisticsNo", 80),
        ("CEB505", "goodsInfo", 200),
        ("CEB603", "copNo", 30),
        ("CEB603", "logisticsNo", 80),
        ("CEB603", "totalPackageNo", 60),
        ("CEB603", "billNo", 37),
        ("CEB605", "reason", 1000),
        ("CEB607", "voyageNo", 32),
        ("CEB213", "reason", 500),
    ],
)
def test_the_lengths_are_those_that_the_standard_prints(type, element, most):
    assert text_of(type, element).most == most


def test_a_platform_code_of_the_older_version_may_be_longer():
    assert found("CEB303", {"ebpCode": "amazon.com-US_2018.store"}) == []
    assert ("CU1103", "ebpCode") in found("CEB303", {"ebpCode": "a" * 51})


DECIMALS = fields(wanted=lambda spec: spec.kind == "decimal")


@pytest.mark.parametrize("type, element", DECIMALS)
@pytest.mark.parametrize("value", ["1", "0.00001", "99999999999999", "99999999999999.99999", "007.50"])
def test_decimals_of_nineteen_digits_with_five_behind_the_point_are_accepted(type, element, value):
    said = found(type, {element: value})
    assert not [one for one in said if one[1] == element and one[0].startswith("CU11")]


@pytest.mark.parametrize("type, element", DECIMALS)
@pytest.mark.parametrize(
    "value, rule",
    [
        ("100000000000000", "CU1105"),
        ("1.000001", "CU1105"),
        ("1,000", "CU1104"),
        ("1e3", "CU1104"),
        (".5", "CU1104"),
        ("5.", "CU1104"),
        ("+5", "CU1104"),
        ("１２", "CU1104"),
        ("1 000", "CU1104"),
        ("NaN", "CU1104"),
        ("Infinity", "CU1104"),
        ("0x10", "CU1104"),
    ],
)
def test_numbers_of_any_other_form_are_said(type, element, value, rule):
    assert (rule, element) in found(type, {element: value})


@pytest.mark.parametrize("type, element", DECIMALS)
def test_no_number_is_negative_and_quantities_and_weights_are_above_zero(type, element):
    positive = text_of(type, element).sign == "positive"
    assert ("CU1112" if positive else "CU1113", element) in found(type, {element: "-1"})
    assert (("CU1112", element) in found(type, {element: "0.00"})) == positive


@pytest.mark.parametrize("value", ["0", "-1", "00"])
def test_packages_are_above_zero(value):
    assert found("CEB603", {"packNo": value}) == [("CU1112", "packNo")]


@pytest.mark.parametrize("value", ["1.5", "1000000000", "一", "1e2", "²"])
def test_whole_numbers_of_any_other_form_are_said(value):
    assert found("CEB603", {"packNo": value}) == [("CU1106", "packNo")]


@pytest.mark.parametrize(
    "value",
    ["20261301000000", "20260230000000", "20261124240000", "20261124006000", "20261124000060", "2026112400000a"],
)
def test_times_that_do_not_exist_are_said(value):
    assert ("CU1108", "leaveTime") in found("CEB509", {"leaveTime": value})


def test_times_and_days_of_the_wrong_length_are_said():
    assert ("CU1103", "leaveTime") in found("CEB509", {"leaveTime": "20261124"})
    assert ("CU1103", "ieDate") in found("CEB603", {"ieDate": "2026-11-24"})


@pytest.mark.parametrize(
    "value, exists", [("20280229", True), ("20270229", False), ("20261131", False), ("0" * 8, False)]
)
def test_days_exist_by_the_calendar(value, exists):
    assert (("CU1109", "ieDate") in found("CEB603", {"ieDate": value})) != exists


@pytest.mark.parametrize(
    "type, element, value",
    [
        ("CEB303", "appType", "4"),
        ("CEB303", "appStatus", "3"),
        ("CEB303", "orderType", "I"),
        ("CEB603", "ieFlag", "I"),
        ("CEB603", "statisticsFlag", "C"),
        ("CEB603", "fFlag", "0"),
        ("CEB603", "tradeMode", "0110"),
        ("CEB507", "ieFlag", "X"),
        ("CEB701", "summaryFlag", "3"),
        ("CEB213", "tradeMode", "0110"),
        ("CEB213", "ieFlag", "E"),
    ],
)
def test_values_beside_the_standards_list_are_said(type, element, value):
    assert found(type, {element: value}) == [("CU1110", element)]


@pytest.mark.parametrize("element", ["fFlag", "iFlag"])
@pytest.mark.parametrize("value", ["1", "2"])
def test_fees_as_a_rate_or_per_unit_are_told_to_be_sums_as_the_official_schema_fixes_them(element, value):
    assert found("CEB603", {element: value}) == [("CU1120", element)]


def test_1239_is_told_to_be_for_imports():
    assert found("CEB603", {"tradeMode": "1239"}) == [("CU1216", "tradeMode")]


@pytest.mark.parametrize("type, element", [*fields(wanted=lambda spec: spec.codes is not None), ("CEB603", "POD")])
def test_codes_that_their_table_does_not_hold_are_said(type, element):
    spec = text_of(type, element)
    unknown = "Z" * max(spec.least, 1)
    assert ("CU1111", element) in found(type, {element: unknown})


def test_codes_are_asked_for_the_day_of_the_filing():
    before, after = date(2026, 11, 23), date(2026, 11, 25)
    assert ("CU1111", "country") in found("CEB603", {"country": "332"})
    assert ("CU1111", "country") not in found("CEB603", {"country": "332"}, on=before)
    assert ("CU1111", "fCurrency") in found("CEB603", {"fCurrency": "999"})
    assert ("CU1111", "fCurrency") not in found("CEB603", {"fCurrency": "999"}, on=after)


@pytest.mark.parametrize("value", ["CHN", "USD", "001"])
def test_letters_where_the_old_numeric_codes_belong_are_said(value):
    assert ("CU1111", "currency") in found("CEB303", {"currency": value})


@pytest.mark.parametrize("pod", ["502", "3154"])
def test_a_port_of_destination_is_a_port_or_a_country(pod):
    assert found("CEB603", {"POD": pod}) == []


@pytest.mark.parametrize("code", ["442196D016", "91445100MA5T00168U"])
def test_firms_are_named_by_customs_code_or_credit_code(code):
    assert found("CEB603", {"ebcCode": code}) == []


@pytest.mark.parametrize("code", ["442196d016", "44219 D016", "442196D01", "NO", "无", "91445100ma5t00168u"])
def test_other_forms_of_a_firms_code_are_said(code):
    assert found("CEB603", {"ebcCode": code}) == [("CU1114", "ebcCode")]


def test_a_wrong_check_digit_is_said_as_such():
    assert found("CEB603", {"ebcCode": "91445100MA5T00168X"}) == [("CU1115", "ebcCode")]


def test_words_stand_only_where_the_standard_allows_them():
    assert found("CEB603", {"ebpCode": "无"}) == []
    assert found("CEB603", {"ownerCode": "NO"}) == []
    assert found("CEB603", {"ebpCode": "NO"}) == [("CU1114", "ebpCode")]
    assert found("CEB603", {"ownerCode": "无"}) == [("CU1114", "ownerCode")]


@pytest.mark.parametrize(
    "code, rule",
    [("69111019", "CU1103"), ("69111019001", "CU1103"), ("691110190A", "CU1116"), ("9999101900", "CU1117")],
)
def test_hs_codes_have_ten_digits_and_a_heading_that_exists(code, rule):
    assert (rule, "gcode") in found("CEB603", line={"gcode": code})


@pytest.mark.parametrize("number", ["60212026E00000001", "60212026E000000001234", "60212026E-00000001"])
def test_checklist_numbers_have_18_to_20_characters(number):
    assert found("CEB605", {"invtNo": number}) == [("CU1118", "invtNo")]


def test_space_around_a_number_is_said_and_in_prose_it_is_not():
    assert found("CEB303", {"orderNo": " HJ1"}) == [("CU1107", "orderNo")]
    assert found("CEB303", {"orderNo": "HJ1\n"}) == [("CU1107", "orderNo")]
    assert found("CEB303", {"note": " 请当日发货 "}) == []


@pytest.mark.parametrize("type", TYPES)
def test_every_finding_names_its_field_and_says_what_to_do_in_both_languages(type):
    spec = MESSAGES[type]
    worst = {one.element: "\u3000" for one in spec.head_fields}
    said = checked(type, spoilt(type, worst))
    assert len(said) >= len([one for one in spec.head_fields if one.required])
    for one in said:
        assert one.message.zh.rstrip().endswith("。")
        assert one.message.en.rstrip().endswith(".")
        assert one.pointer.startswith(f"/{spec.element}/0")


@given(st.text(max_size=120), st.sampled_from(fields()))
def test_no_text_in_any_field_breaks_the_checks(text, field):
    type, element = field
    value = "".join(c for c in text if c.isprintable())
    assert all(one.message.zh for one in checked(type, spoilt(type, {element: value})))
