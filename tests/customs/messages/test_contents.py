"""What the fields of one document say together: sums, numbers, pairs, modes, times."""

from __future__ import annotations

import json
from datetime import UTC, timedelta

import pytest

from customs.messages.checking import check_document
from customs.messages.fields import MESSAGES
from customs.messages.reading import read_json
from customs.messages.writing import NewDocument
from tests.customs.messages.papers import AT, CODES, FAULTLESS, ON, checked, rules_at, spoilt


def found(type, head=None, lines=None, **others):
    """What is found in the faultless document with the changes, as (rule, element)."""
    return rules_at(checked(type, spoilt(type, head, lines), **others))


def of(type, lines):
    """What is found in the faultless document with other lines."""
    return rules_at(checked(type, NewDocument(FAULTLESS[type].head, lines)))


# --- when it is filed


def test_a_filing_time_may_lie_fifteen_minutes_ahead_and_not_a_second_more():
    assert found("CEB303", {"appTime": "20261124101500"}) == []
    assert found("CEB303", {"appTime": "20261124101501"}) == [("CU1201", "appTime")]


def test_a_filing_time_may_lie_as_far_back_as_the_zone_allows():
    past = {"appTime": f"{AT - timedelta(days=30):%Y%m%d%H%M%S}"}
    older = {"appTime": f"{AT - timedelta(days=30, seconds=1):%Y%m%d%H%M%S}"}
    assert found("CEB303", past, days=30) == []
    assert found("CEB303", older, days=30) == [("CU1202", "appTime")]
    assert found("CEB303", {"appTime": "20180701000000"}) == []


def test_a_filing_time_is_china_time_whatever_zone_receipt_is_told_in():
    assert found("CEB303", {"appTime": "20261124101500"}, at=AT.astimezone(UTC)) == []


# --- numbers


def test_numbers_that_customs_gives_are_not_filled_in_by_the_firm():
    assert found("CEB603", {"preNo": "B20261124000000001"}) == [("CU1203", "preNo")]
    assert found("CEB603", {"invtNo": "60212026E000000001"}) == [("CU1204", "invtNo")]
    change = {"appType": "2", "preNo": "B20261124000000001", "invtNo": "60212026E000000001"}
    assert found("CEB603", change) == []


@pytest.mark.parametrize("type", ["CEB303", "CEB507", "CEB603", "CEB607"])
@pytest.mark.parametrize("second", ["1", "3", "0", "20"])
def test_line_numbers_run_from_one_without_gaps(type, second):
    assert found(type, lines={1: {"gnum": second}}) == [("CU1205", "gnum")]


def test_the_first_line_is_number_one():
    assert found("CEB303", lines={0: {"gnum": "2"}}) == [("CU1205", "gnum")]
    assert found("CEB303", lines={0: {"gnum": "01"}}) == []


def test_a_return_names_lines_of_the_checklist_in_any_order_but_none_twice():
    line = dict(FAULTLESS["CEB213"].lines[0])
    assert of("CEB213", [line | {"gnum": "7"}, line | {"gnum": "2"}]) == []
    assert of("CEB213", [line | {"gnum": "7"}, line | {"gnum": "7"}]) == [("CU1206", "gnum")]


@pytest.mark.parametrize("type", ["CEB507", "CEB509", "CEB607", "CEB701"])
def test_message_numbers_lie_within_the_total(type):
    assert found(type, {"msgCount": "3", "msgSeqNo": "3"}) == []
    assert found(type, {"msgCount": "3", "msgSeqNo": "4"}) == [("CU1207", "msgSeqNo")]
    assert found(type, {"msgCount": "1", "msgSeqNo": "0"}) == [("CU1207", "msgSeqNo")]


def test_a_deleted_master_list_may_be_number_zero_of_zero():
    assert found("CEB607", {"appType": "3", "msgCount": "0", "msgSeqNo": "0"}) == []
    assert found("CEB607", {"msgCount": "0", "msgSeqNo": "0"}) == [("CU1207", "msgSeqNo")]


# --- sums


def test_the_goods_value_is_the_sum_of_the_lines_to_the_last_digit():
    assert found("CEB303", {"goodsValue": "152.5"}) == []
    assert found("CEB303", {"goodsValue": "152.50000"}) == []
    assert found("CEB303", {"goodsValue": "152.50001"}) == [("CU1208", "goodsValue")]


def test_a_line_that_cannot_be_read_does_not_make_a_second_finding_of_the_sum():
    assert found("CEB303", lines={0: {"totalPrice": "x"}}) == [("CU1104", "totalPrice")]


@pytest.mark.parametrize(
    "qty, price, total, holds",
    [
        ("3", "3.3333", "10.00", True),
        ("3", "3.3333", "9.99", True),
        ("3", "3.33", "10", True),
        ("3", "3.33", "9", True),
        ("3", "3.33", "11", False),
        ("4", "30.50", "122.01", True),
        ("4", "30.50", "122.02", False),
        ("4", "30.50", "121.98", False),
        ("1", "0.12345", "0.12345", True),
        ("1", "0.12345", "0.13345", True),
        ("1", "0.12345", "0.13346", False),
        ("0.5", "1999.99", "1000.0", True),
        ("0.5", "1999.99", "1000.2", False),
    ],
)
def test_the_total_is_quantity_times_price_within_one_of_its_last_decimal(qty, price, total, holds):
    """One unit of the last decimal written in totalPrice, and at least 0.01."""
    line = {"qty": qty, "price": price, "totalPrice": total}
    said = [one for one in found("CEB303", lines={0: line}) if one[0] == "CU1209"]
    assert said == ([] if holds else [("CU1209", "totalPrice")])


def test_a_gift_is_pointed_out_and_not_refused():
    said = checked("CEB303", spoilt("CEB303", {"goodsValue": "30.5"}, {0: {"price": "0", "totalPrice": "0"}}))
    assert rules_at(said) == [("CU1210", "price"), ("CU1210", "totalPrice")]
    assert {one.severity for one in said} == {"warning"}


def test_one_document_has_one_currency():
    assert found("CEB303", lines={1: {"currency": "502"}}) == [("CU1211", "currency")]
    assert found("CEB303", {"currency": "502"}) == [("CU1211", "currency")] * 2
    assert found("CEB603", lines={1: {"currency": "502"}}) == [("CU1211", "currency")]
    both = {0: {"currency": "502"}, 1: {"currency": "502"}}
    assert found("CEB603", lines=both) == []


# --- weights and units


def test_net_weight_is_not_above_gross_weight():
    assert found("CEB603", {"netWeight": "2.4", "grossWeight": "2.40"}) == []
    assert found("CEB603", {"netWeight": "2.40001"}) == [("CU1212", "netWeight")]


def test_second_unit_and_quantity_stand_together():
    assert found("CEB603", lines={0: {"unit2": "007", "qty2": "4"}}) == []
    assert found("CEB603", lines={0: {"unit2": "007"}}) == [("CU1213", "qty2")]
    assert found("CEB603", lines={0: {"qty2": "4"}}) == [("CU1213", "unit2")]


def test_the_same_unit_means_the_same_quantity():
    assert found("CEB603", lines={0: {"unit1": "011", "qty1": "4"}}) == []
    assert found("CEB603", lines={0: {"unit1": "011", "qty1": "5"}}) == [("CU1214", "qty1")]
    assert found("CEB603", lines={0: {"unit2": "011", "qty2": "3"}}) == [("CU1214", "qty2")]


# --- modes and flags


BONDED = {"tradeMode": "1210", "iacCode": "442196D016", "iacName": "潮州韩江陶瓷", "emsNo": "T6021W000001"}
RECORDS = {0: {"itemRecordNo": "BA-1"}, 1: {"itemRecordNo": "BA-2"}}


def test_a_bonded_export_names_firm_book_and_records():
    assert found("CEB603", BONDED, RECORDS) == []


@pytest.mark.parametrize("element", ["iacCode", "iacName", "emsNo"])
def test_a_bonded_export_without_one_of_them_is_said(element):
    assert found("CEB603", BONDED | {element: None}, RECORDS) == [("CU1215", element)]
    assert ("CU1215", element) in found("CEB603", BONDED | {element: ""}, RECORDS)


def test_each_line_of_a_bonded_export_has_its_record():
    assert found("CEB603", BONDED, {0: {"itemRecordNo": "BA-1"}}) == [("CU1215", "itemRecordNo")]
    assert found("CEB603") == []


def test_a_simplified_declaration_has_no_licence():
    assert found("CEB603", {"statisticsFlag": "A", "licenseNo": "26-AA-100001"}) == [("CU1217", "licenseNo")]
    assert found("CEB603", {"statisticsFlag": "B", "licenseNo": "26-AA-100001"}) == []


@pytest.mark.parametrize("mode", ["9610", "1210"])
def test_kind_b_of_retail_takes_full_codes(mode):
    head = {"tradeMode": mode} if mode == "9610" else BONDED
    lines = {n: {"gcode": "6911000000", **(RECORDS[n] if mode == "1210" else {})} for n in (0, 1)}
    assert found("CEB603", head, lines) == [("CU1218", "gcode")] * 2
    assert found("CEB603", head | {"statisticsFlag": "A"}, lines) == []


def test_a_full_code_that_ends_in_six_zeros_is_not_taken_for_a_heading():
    lines = {0: {"gcode": "0501000000"}, 1: {"gcode": "0501000000"}}
    assert found("CEB603", {"statisticsFlag": "B"}, lines) == []


def test_goods_leave_for_abroad():
    assert found("CEB603", {"country": "142"}) == [("CU1219", "country")]
    assert found("CEB603", lines={1: {"country": "142"}}) == [("CU1219", "country")]
    assert found("CEB603", {"country": "110"}) == []
    assert found("CEB213", {"country": "142"}) == [("CU1219", "country")]


# --- payments


def test_a_payment_institution_is_named_by_code_and_number():
    assert found("CEB403", {"payCode": None}) == [("CU1220", "payCode")]
    assert found("CEB403", {"payNo": None}) == [("CU1221", "payNo")]
    assert found("CEB403", {"payName": "现金支付", "payCode": None, "payNo": None}) == []
    assert found("CEB403", {"payName": "现金支付"}) == [("CU1222", "payCode")]


# --- movement


@pytest.mark.parametrize("type", ["CEB507", "CEB509", "CEB607"])
def test_no_waybill_stands_twice_in_one_list(type):
    number = "YB20261124000001"
    lines = [{"gnum": str(n), "logisticsNo": number} for n in (1, 2, 3)]
    assert of(type, lines) == [("CU1223", "logisticsNo")] * 2


def test_transport_may_be_left_out_for_mail_only():
    bare = {"trafName": None, "voyageNo": None, "billNo": None}
    assert found("CEB509", bare) == [("CU1224", "trafName"), ("CU1224", "voyageNo"), ("CU1224", "billNo")]
    assert found("CEB509", bare | {"trafMode": "6"}) == []


def test_an_arrival_may_name_no_waybill_and_a_departure_may_not():
    assert of("CEB507", []) == []
    assert of("CEB509", []) == [("CU1041", "DepartureList")]


@pytest.mark.parametrize("type, most", [("CEB303", 100), ("CEB603", 100)])
def test_orders_and_checklists_have_at_most_a_hundred_lines(type, most):
    line = dict(FAULTLESS[type].lines[0]) | {"price": "1", "qty": "1", "totalPrice": "1"}
    lines = [line | {"gnum": str(n)} for n in range(1, most + 2)]
    head = FAULTLESS[type].head | ({"goodsValue": str(most + 1)} if type == "CEB303" else {})
    assert rules_at(checked(type, NewDocument(head, lines))) == [("CU1042", str(most))]


def test_a_master_list_may_be_long():
    lines = [{"gnum": str(n), "logisticsNo": f"YB{n:014d}"} for n in range(1, 1501)]
    assert of("CEB607", lines) == []


def test_a_summary_names_a_period_or_checklists():
    period = {"startTime": "20261101000000", "endTime": "20261130235959"}
    assert rules_at(checked("CEB701", NewDocument(FAULTLESS["CEB701"].head | period, []))) == []
    assert of("CEB701", []) == [("CU1226", "startTime")]
    assert found("CEB701", {"startTime": "20261101000000"}) == [("CU1225", "endTime")]
    backwards = {"startTime": "20261130000000", "endTime": "20261101000000"}
    assert ("CU1225", "endTime") in found("CEB701", backwards)


def weighed(weight):
    """What is found in an arrival notice of the JSON form that gives this weight."""
    head, lines = FAULTLESS["CEB507"].head, [dict(line) for line in FAULTLESS["CEB507"].lines]
    lines[0]["weighed_gross"] = weight
    raw = json.dumps({"type": "CEB507", "documents": [{"head": dict(head), "lines": lines}]}).encode()
    read = read_json(raw, AT).documents[0]
    return rules_at([*read.findings, *check_document(MESSAGES["CEB507"], read, CODES, ON, AT)])


@pytest.mark.parametrize(
    "weight, holds", [("2.41", True), ("0.00001", True), ("0", False), ("-1", False), ("2.4kg", False)]
)
def test_a_weighed_gross_is_a_positive_weight(weight, holds):
    assert weighed(weight) == ([] if holds else [("CU1227", "weighed_gross")])


def test_all_findings_of_a_document_come_at_once():
    said = found(
        "CEB603",
        {"country": "142", "netWeight": "9", "ieDate": "20260230", "ebcCode": "x", "note": "长" * 1001},
        {0: {"gnum": "5", "unit": "zzz", "totalPrice": "1"}, 1: {"currency": "502"}},
    )
    assert {rule for rule, _ in said} == {
        "CU1219", "CU1212", "CU1109", "CU1114", "CU1103", "CU1205", "CU1111", "CU1209", "CU1211",
    }  # fmt: skip
